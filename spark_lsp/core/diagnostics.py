"""What the tools of an editor say of a document, as far as the client told when it asked for code actions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from spark_lsp.core.text import Position, Range, line_content

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spark_lsp.core.edits import Edit
    from spark_lsp.core.text import Text

MOST_DIAGNOSTICS: Final = 64
"""Of one document, the last that were told."""
_LONGEST_MESSAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A problem that another server or the editor found."""

    range: Range
    message: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """Those of one document that still hold, the last told last.

    Invariant: since it was told, no line of a diagnostic has changed; its range is that of the newest text.
    """

    known: tuple[Diagnostic, ...] = ()

    def told(self, where: Range, found: Iterable[Diagnostic]) -> Diagnostics:
        """The client says what there is in a range: what was known of it before is no more."""
        new = [replace(one, message=one.message[:_LONGEST_MESSAGE]) for one in found]
        kept = [one for one in self.known if one not in new and not _meet(one.range, where)]
        return Diagnostics((*kept, *dict.fromkeys(new))[-MOST_DIAGNOSTICS:])

    def changed(self, before: Text, edit: Edit, after: Text) -> Diagnostics:
        """Those that an edit of `before` that gave `after` leaves. Costs what the edit has lines, if any are known."""
        if not self.known:
            return self
        delta = len(after.lines) - len(before.lines)
        first, end = _changed_lines(before, edit, after, delta)
        kept = []
        for one in self.known:
            if one.range.end.line < first:
                kept.append(one)
            elif one.range.start.line >= end:
                kept.append(replace(one, range=Range(_down(one.range.start, delta), _down(one.range.end, delta))))
        return Diagnostics(tuple(kept))


def _changed_lines(before: Text, edit: Edit, after: Text, delta: int) -> tuple[int, int]:
    """The lines [first, end) of the text before that are not in the text after."""
    first, end = edit.start.line, edit.end.line + 1
    old = [line_content(line) for line in before.lines[first:end]]
    new = [line_content(line) for line in after.lines[first : end + delta]]
    shorter = min(len(old), len(new))
    same = 0
    while same < shorter and old[same] == new[same]:
        same += 1
    below = 0
    while below < shorter - same and old[-1 - below] == new[-1 - below]:
        below += 1
    return first + same, end - below


def _meet(one: Range, other: Range) -> bool:
    return one.start <= other.end and other.start <= one.end


def _down(position: Position, lines: int) -> Position:
    return Position(position.line + lines, position.column)
