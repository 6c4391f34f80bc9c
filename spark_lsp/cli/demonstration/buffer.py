"""The text of a file as the demo's editor has it: what the server knows of it, and what is shown of its changes.

Offsets are code points from the start of the text. Positions of LSP are in UTF-16 units. Lines end in line feeds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class Mark(Enum):
    """What has happened to a line."""

    PLAIN = auto()
    ADDED = auto()
    """By the server."""
    TYPED = auto()
    """By the user."""
    REMOVED = auto()
    """Not in the text any more, and still shown for a moment."""


@dataclass(slots=True, eq=False)
class Row:
    """A line as it is shown."""

    text: str
    mark: Mark = Mark.PLAIN
    since: float = 0.0
    """When it got its mark, in seconds on the loop's clock."""
    underline: tuple[int, int] | None = None
    """Columns of a diagnostic."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """Some of the text becomes another."""

    start: int
    end: int
    new: str


@dataclass(slots=True, eq=False)
class Buffer:
    """An open file. `rows` without those that are removed are always the lines of the text."""

    uri: str
    name: str
    language: str
    text: str
    version: int = 1
    rows: list[Row] = field(default_factory=list)
    cursors: dict[str, int] = field(default_factory=dict)
    """Places by name, which stay with the text around them."""
    caret: str | None = None
    """The cursor where the user is."""
    attention: Row | None = None
    """What happened last happened here."""

    def __post_init__(self) -> None:
        self.rows = [Row(line) for line in self.text.split("\n")]

    def replace(self, replacements: Iterable[Replacement], mark: Mark, now: float) -> int:
        """Do replacements that do not overlap, in the coordinates of the text before them all.

        Returns how many blocks of neighbouring lines have changed.
        """
        for replacement in sorted(replacements, key=lambda one: (one.start, one.end), reverse=True):
            start, end, new = replacement.start, replacement.end, replacement.new
            self.text = self.text[:start] + new + self.text[end:]
            self.cursors = {name: _moved(cursor, replacement) for name, cursor in self.cursors.items()}
        self.version += 1
        return self._show(mark, now)

    def type(self, cursor: str, text: str, now: float) -> Replacement:
        """The user types at a cursor, which ends up behind what was typed."""
        at = self.cursors[cursor]
        typed = Replacement(at, at, text)
        self.replace([typed], Mark.TYPED, now)
        self.cursors[cursor] = at + len(text)
        return typed

    def forget_removed(self, before: float) -> bool:
        """Show no more what was removed before then; True if some removed line is still shown."""
        self.rows = [row for row in self.rows if row.mark is not Mark.REMOVED or row.since >= before]
        return any(row.mark is Mark.REMOVED for row in self.rows)

    def row_of(self, offset: int) -> Row:
        line = self.text.count("\n", 0, offset)
        return [row for row in self.rows if row.mark is not Mark.REMOVED][line]

    def _show(self, mark: Mark, now: float) -> int:
        """Bring the rows up to date with the text."""
        lines = self.text.split("\n")
        ghosts: list[list[Row]] = [[]]
        old: list[Row] = []
        for row in self.rows:
            if row.mark is Mark.REMOVED:
                ghosts[-1].append(row)
            else:
                old.append(row)
                ghosts.append([])
        rows: list[Row] = []
        blocks = 0
        matcher = SequenceMatcher(None, [row.text for row in old], lines, autojunk=False)
        for what, start, end, new_start, new_end in matcher.get_opcodes():
            for index in range(start, end):
                rows += ghosts[index]
                if what == "equal":
                    rows.append(old[index])
                elif mark is not Mark.TYPED:
                    rows.append(Row(old[index].text, Mark.REMOVED, now))
            if what != "equal":
                blocks += 1
                rows += [Row(line, mark, now) for line in lines[new_start:new_end]]
                # Whoever types wants to see where, and not what happens elsewhere.
                if mark is Mark.TYPED or self.caret is None:
                    self.attention = rows[-1] if rows else None
        self.rows = rows + ghosts[-1]
        return blocks


def offset_of(text: str, position: Any) -> int:
    """The offset of a position of LSP, which must exist."""
    start = 0
    for _ in range(position["line"]):
        start = text.index("\n", start) + 1
    units, offset = position["character"], start
    while units > 0:
        units -= _units(text[offset])
        offset += 1
    return offset


def position_of(text: str, offset: int) -> dict[str, int]:
    """The position of LSP of an offset."""
    start = text.rfind("\n", 0, offset) + 1
    return {"line": text.count("\n", 0, start), "character": sum(map(_units, text[start:offset]))}


def span_of(text: str, replacement: Replacement) -> dict[str, dict[str, int]]:
    """The range of LSP that a replacement replaces."""
    return {"start": position_of(text, replacement.start), "end": position_of(text, replacement.end)}


def _units(character: str) -> int:
    return 2 if ord(character) > 0xFFFF else 1


def _moved(cursor: int, over: Replacement) -> int:
    """A cursor after a replacement. What is inserted right at it comes behind it."""
    if over.start >= cursor:
        return cursor
    if over.end <= cursor:
        return cursor + len(over.new) - (over.end - over.start)
    return over.start + min(cursor - over.start, len(over.new))
