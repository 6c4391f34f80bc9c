"""The code right before and behind a place, cut where definitions begin and end."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.core.text import Position

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spark_lsp.core.text import Text

_GRID: Final = 8
"""Where no definition begins in reach, code is cut at every eighth line, so that typing does not move the cut."""
_ROUND: Final = 512
_SHARE_BELOW: Final = 0.4
_SMALLEST_SHARE: Final = 0.5
"""Of what fits: less than that is not given up for a better border."""


@dataclass(frozen=True, slots=True)
class Window:
    """Code around a place: whole lines, but for those on which the place begins and ends."""

    before: str
    after: str
    first: int
    """The first line of `before`."""
    end: int
    """The line behind `after`."""


def window(text: Text, start: Position, end: Position, budget: int, borders: Sequence[int]) -> Window:
    """Cut out the code around [start, end) of a text, of so many code points at most.

    `borders` are the lines on which definitions begin, in order. What the code below does not need goes to that above.
    """
    head = text.slice(Position(start.line, 0), start)
    next_line = Position(end.line + 1, 0) if end.line + 1 < len(text.lines) else text.end
    tail = text.slice(end, next_line) if end.column else ""
    below_from = end.line + 1 if end.column else end.line
    # An endless line is left out rather than cut.
    if len(head) > budget // 2:
        head = ""
    if len(tail) > budget // 4:
        tail = ""
    # What is typed must not move the end of the code below: rounded.
    above = -(-(_length_above(text, start.line, budget) + len(head)) // _ROUND) * _ROUND
    below_end = _cut_below(text, below_from, max(int(budget * _SHARE_BELOW), budget - above) - len(tail), borders)
    budget -= len(head) + len(tail)
    used = sum(map(len, text.lines[below_from:below_end]))
    first = _cut_above(text, start.line, budget - used, borders)
    before = "".join((*text.lines[first : start.line], head))
    return Window(before, "".join((tail, *text.lines[below_from:below_end])), first, max(below_end, end.line))


def _length_above(text: Text, line: int, most: int) -> int:
    length = 0
    while line > 0 and length < most:
        line -= 1
        length += len(text.lines[line])
    return min(length, most)


def _cut_above(text: Text, line: int, budget: int, borders: Sequence[int]) -> int:
    """The first line of what is shown above a line."""
    lowest, left = line, budget
    sizes: list[int] = []
    while lowest > 0 and len(text.lines[lowest - 1]) <= left:
        lowest -= 1
        left -= len(text.lines[lowest])
        sizes.append(budget - left)
    if lowest == 0:
        return 0
    enough = _SMALLEST_SHARE * budget

    def shown(at: int) -> int:
        return sizes[line - at - 1] if at < line else 0

    index = bisect_left(borders, lowest)
    if index < len(borders) and borders[index] < line and shown(borders[index]) >= enough:
        return borders[index]
    grid = -(-lowest // _GRID) * _GRID
    return grid if grid < line else lowest


def _cut_below(text: Text, line: int, budget: int, borders: Sequence[int]) -> int:
    """The line behind what is shown from a line on."""
    last, left = line, budget
    while last < len(text.lines) and len(text.lines[last]) <= left:
        left -= len(text.lines[last])
        last += 1
    if last == len(text.lines):
        return last
    index = bisect_left(borders, last + 1) - 1
    if index >= 0 and borders[index] > line:
        size = sum(map(len, text.lines[line : borders[index]]))
        if size >= _SMALLEST_SHARE * budget:
            return borders[index]
    return last
