"""What was changed in a document last, as a few hunks of lines.

Invariant: hunks do not touch each other; where a change meets some, they become one. Their lines are those of the
newest text, and what they replaced is that of the text before the first of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spark_lsp.core.edits import Edit
    from spark_lsp.core.text import Text

MOST_HUNKS: Final = 8
LARGEST_HUNK: Final = 60
"""Lines on one side. A larger change is no longer a hint at what somebody is about."""


@dataclass(frozen=True, slots=True)
class ChangedLines:
    """Lines [line, end) of a text, and what stood there before."""

    line: int
    end: int
    old: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EditHistory:
    """The last changes of one document, the latest last."""

    hunks: tuple[ChangedLines, ...] = ()

    def changed(self, before: Text, edit: Edit, after: Text) -> EditHistory:
        """The history after one more edit of `before` that gave `after`. Costs what the hunks cost."""
        first, last = edit.start.line, edit.end.line + 1
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
