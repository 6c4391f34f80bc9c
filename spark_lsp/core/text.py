"""Immutable text documents made of lines, and positions in them.

A position is (line, code point), both from 0. Only the three line endings of the Language Server Protocol end
a line: ``\\n``, ``\\r\\n`` and ``\\r``. A form feed, U+0085, U+2028 and the rest of what ``str.splitlines`` knows
are ordinary characters, as they are in every editor.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


@total_ordering
@dataclass(frozen=True, slots=True)
class Position:
    """A place between two code points. Also serves as an extent: so many lines on, then so many code points.

    As extents, positions add up: ``a + b`` is where a text of extent ``b`` ends that starts at ``a``, and
    ``b - a`` is the extent between two positions, so that ``a + (b - a) == b`` for ``a <= b``.
    """

    line: int
    column: int

    def __lt__(self, other: Position) -> bool:
        return self.line < other.line or (self.line == other.line and self.column < other.column)

    def __add__(self, extent: Position) -> Position:
        if extent.line:
            return Position(self.line + extent.line, extent.column)
        return Position(self.line, self.column + extent.column)

    def __sub__(self, start: Position) -> Position:
        if self.line == start.line:
            return Position(0, self.column - start.column)
        return Position(self.line - start.line, self.column)


ORIGIN = Position(0, 0)


@dataclass(frozen=True, slots=True)
class Range:
    """The text from start up to, and not including, end; start <= end."""

    start: Position
    end: Position

    @property
    def empty(self) -> bool:
        return self.start == self.end

    def __contains__(self, position: Position) -> bool:
        """True between start and end, both borders included."""
        return self.start <= position <= self.end


def split_lines(text: str) -> list[str]:
    """Cut text after every line ending. Each line keeps its ending; only the last may be without one.

    The text after a final line ending is no line here: ``"a\\n"`` gives one line and ``""`` none.
    """
    return _LINE.findall(text)


def line_ending(line: str) -> str:
    """The line ending that a line carries: ``"\\r\\n"``, ``"\\n"``, ``"\\r"`` or, for none, ``""``."""
    if line.endswith("\r\n"):
        return "\r\n"
    return line[-1] if line.endswith(("\n", "\r")) else ""


def line_content(line: str) -> str:
    """A line without its line ending."""
    if line.endswith("\r\n"):
        return line[:-2]
    return line[:-1] if line.endswith(("\n", "\r")) else line


def extent(text: str) -> Position:
    """How far a text reaches: its line endings, and the code points after the last of them."""
    if "\n" not in text and "\r" not in text:
        return Position(0, len(text))
    lines = split_lines(text)
    if line_ending(lines[-1]):
        return Position(len(lines), 0)
    return Position(len(lines) - 1, len(lines[-1]))


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """An immutable document.

    Invariants: there is at least one line; every line but the last ends in its line ending and the last in none
    (it is empty after a final line ending); no line ends in ``\\r`` where the next begins with ``\\n``.
    """

    lines: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Text:
        """Cut a string into lines."""
        return cls.from_lines(split_lines(text))

    @classmethod
    def from_lines(cls, lines: Iterable[str]) -> Text:
        """Take lines as `split_lines` makes them."""
        lines = tuple(lines)
        if not lines or line_ending(lines[-1]):
            lines += ("",)
        return cls(lines)

    def __str__(self) -> str:
        return "".join(self.lines)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self.lines == other.lines

    def __hash__(self) -> int:
        return hash(self.lines)

    @property
    def end(self) -> Position:
        return Position(len(self.lines) - 1, len(self.lines[-1]))

    def line_length(self, line: int) -> int:
        """Code points in a line, its line ending not counted."""
        return len(line_content(self.lines[line]))

    def clamp(self, position: Position) -> Position:
        """The nearest position that exists, as the protocol wants it: never inside a line ending."""
        if position.line < 0:
            return ORIGIN
        if position.line >= len(self.lines):
            return self.end
        return Position(position.line, min(max(position.column, 0), self.line_length(position.line)))

    def slice(self, start: Position, end: Position) -> str:
        """The text between two positions. An end at column 0 takes the line ending before it along."""
        if start.line == end.line:
            return self.lines[start.line][start.column : end.column]
        first = self.lines[start.line][start.column :]
        middle = self.lines[start.line + 1 : end.line]
        return "".join((first, *middle, self.lines[end.line][: end.column]))

    def splice(self, start: Position, end: Position, new: str) -> Text:
        """Replace what is between two positions of this text.

        Where the new text meets a lone ``\\r`` before it or a ``\\n`` after it, the two become one line ending,
        as they do in a file; `edits.align` widens an edit so that this is part of it.
        """
        first, last = start.line, end.line
        joined = self.lines[first][: start.column] + new + self.lines[last][end.column :]
        if first and joined.startswith("\n") and self.lines[first - 1].endswith("\r"):
            first -= 1
            joined = self.lines[first] + joined
        if last + 1 < len(self.lines) and joined.endswith("\r") and self.lines[last + 1].startswith("\n"):
            last += 1
            joined += self.lines[last]
        middle = split_lines(joined)
        if last + 1 == len(self.lines) and (not middle or line_ending(middle[-1])):
            middle.append("")
        return Text((*self.lines[:first], *middle, *self.lines[last + 1 :]))
