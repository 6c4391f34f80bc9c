"""What was changed in a document last, as a few hunks of lines.

Invariant: hunks do not touch each other; where a change meets some, they become one. Their lines are those of the
newest text, and what they replaced is that of the text before the first of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spark_lsp.core.edits import Edit, Edits
    from spark_lsp.core.text import Text

MOST_HUNKS: Final = 8
MOST_AT_ONCE: Final = 8
"""Edits of one message. More are the work of a tool."""
LARGEST_HUNK: Final = 60
"""Lines on one side. A larger change is no longer a hint at what somebody is about."""


@dataclass(frozen=True, slots=True)
class ChangedLines:
    """Lines [line, end) of a text, and what stood there before."""

    line: int
    end: int
    old: tuple[str, ...]
    alone: bool = True
    """It did not come along with many others, as a formatter's changes do."""


@dataclass(frozen=True, slots=True)
class EditHistory:
    """The last changes of one document, the latest last."""

    hunks: tuple[ChangedLines, ...] = ()

    def after(self, text: Text, edits: Edits) -> tuple[EditHistory, Text]:
        """The history once some sorted, disjoint edits of a text are done, and the text that they give."""
        history = self
        for edit in reversed(edits):
            before, text = text, text.splice(edit.start, edit.end, edit.new)
            history = history.changed(before, edit, text)
        return history, text

    def changed(self, before: Text, edit: Edit, after: Text) -> EditHistory:
        """The history after one more edit of `before` that gave `after`. Costs what the hunks cost."""
        first, last = _without_common(before, after, edit.start.line, edit.end.line + 1)
        delta = len(after.lines) - len(before.lines)
        meeting = [hunk for hunk in self.hunks if hunk.line <= last and first <= hunk.end]
        old: list[str] = []
        start, end = (min([first, *(hunk.line for hunk in meeting)]), max([last, *(hunk.end for hunk in meeting)]))
        at = start
        for hunk in sorted(meeting, key=lambda hunk: hunk.line):
            old += (*before.lines[at : hunk.line], *hunk.old)
            at = hunk.end
        old += before.lines[at:end]
        kept = [
            replace(hunk, line=hunk.line + delta, end=hunk.end + delta) if hunk.line >= last else hunk
            for hunk in self.hunks
            if hunk not in meeting
        ]
        if max(len(old), end + delta - start) <= LARGEST_HUNK and tuple(old) != after.lines[start : end + delta]:
            kept.append(ChangedLines(start, end + delta, tuple(old)))
        return EditHistory(tuple(kept[-MOST_HUNKS:]))

    def together(self, since: EditHistory) -> EditHistory:
        """The same where what was changed since then came all at once."""
        return EditHistory(tuple(hunk if hunk in since.hunks else replace(hunk, alone=False) for hunk in self.hunks))


def _without_common(before: Text, after: Text, first: int, last: int) -> tuple[int, int]:
    """The lines [first, last) that an edit replaced, without those that it left as they were if they are many.

    Some clients send the whole document for each key.
    """
    if last - first <= LARGEST_HUNK:
        return first, last
    old, new = before.lines, after.lines
    end = last + len(new) - len(old)
    while first < min(last, end) and old[first] == new[first]:
        first += 1
    while last > first and end > first and old[last - 1] == new[end - 1]:
        last, end = last - 1, end - 1
    return first, last
