"""Edits to a text as values: apply, invert, compose, and rebase one set over another.

A set of edits is a tuple of `Edit` in the coordinates of one text, sorted and disjoint: each ends no later than
the next starts, and no two insertions share a place. The algebra works on extents, never on whole texts, so that
it costs what the edits cost. It is the delta algebra of operational transformation (Ellis and Gibbs, 1989) with
(line, column) in place of offsets.

Positions can name only places outside a line ending, so an edit must never make or part a ``\\r\\n`` at its
border: `align` widens one that would. Everything here expects aligned edits.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from dataclasses import dataclass
from itertools import takewhile
from operator import attrgetter
from typing import TYPE_CHECKING

from spark_lsp.core.text import ORIGIN, Position, Text, extent, split_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace what is between two positions of a text; start <= end."""

    start: Position
    end: Position
    new: str

    @property
    def new_end(self) -> Position:
        """Where the new text ends, in the text after this edit alone."""
        return self.start + extent(self.new)


Edits = tuple[Edit, ...]


def align(text: Text, edit: Edit) -> Edit:
    """The edit of the same effect whose borders make and part no ``\\r\\n``: both ends can be named afterwards."""
    start, end, new = edit.start, edit.end, edit.new
    before = start.line - 1
    head = new or text.slice(end, _after(text, end))
    if start.column == 0 and before >= 0 and text.lines[before].endswith("\r") and head.startswith("\n"):
        start = Position(before, text.line_length(before))
        new = "\r" + new
    if new.endswith("\r") and text.slice(end, _after(text, end)).startswith("\n"):
        end = Position(end.line + 1, 0)
        new += "\n"
    return Edit(start, end, new)


def _after(text: Text, position: Position) -> Position:
    """The start of the next line, or the end of the text: enough to see what follows a position."""
    return Position(position.line + 1, 0) if position.line + 1 < len(text.lines) else text.end


def apply(text: Text, edits: Edits) -> Text:
    """The text with all edits done."""
    for edit in reversed(edits):
        text = text.splice(edit.start, edit.end, edit.new)
    return text


def shift(edits: Iterable[Edit]) -> Iterator[tuple[Edit, Position]]:
    """Each edit with the position at which its new text starts once all edits are done."""
    old, new = ORIGIN, ORIGIN
    for edit in edits:
        start = new + (edit.start - old)
        yield edit, start
        old, new = edit.end, start + extent(edit.new)


def invert(text: Text, edits: Edits) -> Edits:
    """The edits that lead from ``apply(text, edits)`` back to the text."""
    return tuple(
        Edit(start, start + extent(edit.new), text.slice(edit.start, edit.end)) for edit, start in shift(edits)
    )


@dataclass(frozen=True, slots=True)
class _Keep:
    """Leave so much as it is."""

    size: Position


@dataclass(frozen=True, slots=True)
class _Delete:
    """Drop so much of the old text."""

    size: Position


_Step = _Keep | _Delete | str
_ENDLESS = Position(1 << 60, 0)


def _steps(edits: Edits) -> deque[_Step]:
    """Edits as a walk over the old text: keep, delete, insert; after them everything is kept."""
    steps: deque[_Step] = deque()
    at = ORIGIN
    for edit in edits:
        if edit.start != at:
            steps.append(_Keep(edit.start - at))
        if edit.new:
            steps.append(edit.new)
        if edit.end != edit.start:
            steps.append(_Delete(edit.end - edit.start))
        at = edit.end
    steps.append(_Keep(_ENDLESS))
    return steps


def _edits(steps: Iterable[_Step]) -> Edits:
    """A walk as sorted, disjoint edits; neighbouring steps melt into one edit."""
    edits: list[Edit] = []
    start = at = ORIGIN
    new: list[str] = []

    def flush() -> None:
        if new or start != at:
            edits.append(Edit(start, at, "".join(new)))

    for step in steps:
        match step:
            case _Keep(size):
                flush()
                start = at = at + size
                new = []
            case _Delete(size):
                at += size
            case inserted:
                new.append(inserted)
    flush()
    return tuple(edits)


def _size(step: _Step) -> Position:
    return extent(step) if isinstance(step, str) else step.size


def _cut(step: _Step, size: Position) -> tuple[_Step, _Step]:
    """A step cut in two, the first of the given size."""
    if isinstance(step, str):
        lines = split_lines(step)
        head = sum(len(line) for line in lines[: size.line]) + size.column
        return step[:head], step[head:]
    kind = type(step)
    return kind(size), kind(step.size - size)


def _take(steps: deque[_Step], size: Position) -> _Step:
    """Take a step of exactly this size from the front, which holds at least so much."""
    step = steps.popleft()
    if _size(step) == size:
        return step
    taken, rest = _cut(step, size)
    steps.appendleft(rest)
    return taken


def compose(first: Edits, second: Edits) -> Edits:
    """One set for two: ``apply(t, compose(a, b)) == apply(apply(t, a), b)``."""
    one, two = _steps(first), _steps(second)
    steps: list[_Step] = []
    while one and two:
        if isinstance(one[0], _Delete):
            steps.append(one.popleft())
        elif isinstance(two[0], str):
            steps.append(two.popleft())
        else:
            size = min(_size(one[0]), _size(two[0]))
            old, new = _take(one, size), _take(two, size)
            if isinstance(new, _Keep):
                steps.append(old)
            elif isinstance(old, _Keep):
                steps.append(new)
    return _edits(steps)


def rebase(edits: Edits, over: Edits, *, after: bool = False) -> Edits:
    """The edits in the coordinates of the text after `over`. Nothing that `over` inserted is ever deleted.

    Both are in the coordinates of one text. A deletion is split around what `over` inserted inside it; what both
    delete is deleted once; of two insertions at one place, ours comes first, or last with `after`. The two ways
    meet: ``apply(apply(t, o), rebase(e, o)) == apply(apply(t, e), rebase(o, e, after=True))``.
    """
    ours, theirs = _steps(edits), _steps(over)
    steps: list[_Step] = []
    while ours and theirs:
        mine, other = ours[0], theirs[0]
        if isinstance(mine, str) and not (after and isinstance(other, str)):
            steps.append(mine)
            ours.popleft()
        elif isinstance(other, str):
            steps.append(_Keep(extent(other)))
            theirs.popleft()
        else:
            size = min(_size(mine), _size(other))
            mine, other = _take(ours, size), _take(theirs, size)
            if isinstance(other, _Keep):
                steps.append(mine)
    return _edits(steps)


def merged(sets: Iterable[Edits]) -> Edits:
    """Several sets on one text as one. Insertions at one place join in the order of the sets."""
    union: list[Edit] = []
    for edit in sorted((edit for edits in sets for edit in edits), key=attrgetter("start", "end")):
        last = union[-1] if union else None
        if last and last.start == edit.start:
            union[-1] = Edit(last.start, edit.end, last.new + edit.new)
        else:
            union.append(edit)
    return tuple(union)


def overlaps(edits: Edits, others: Edits) -> bool:
    """True where the merge of two sets on one text is open to doubt.

    That is where one touches text that the other replaces, or where both insert at the same place. An insertion
    at the border of the other's deletion is in no doubt.
    """
    for edit in edits:
        first = bisect_left(others, edit.start, key=attrgetter("end"))
        for other in takewhile(lambda other, end=edit.end: other.start <= end, others[first:]):  # type: ignore[misc]
            if edit.start < other.end and other.start < edit.end:
                return True
            if edit.new and other.new and _insert_at_one_place(edit, other):
                return True
    return False


def _insert_at_one_place(edit: Edit, other: Edit) -> bool:
    """True if of two edits that share no text both put theirs at one border."""
    if edit.start == other.start:
        return True
    return edit.start == edit.end == other.end or other.start == other.end == edit.end


def move(position: Position, over: Edits, *, after: bool = True) -> Position:
    """Where a position lies once `over` is done; where text was inserted just there, behind it unless told.

    A position inside replaced text goes to the border of the new text.
    """
    old, new = ORIGIN, ORIGIN
    for edit in over:
        if edit.start > position or (edit.start == position and (edit.end > position or not after)):
            break
        start = new + (edit.start - old)
        if edit.end > position:
            return start + extent(edit.new) if after else start
        old, new = edit.end, start + extent(edit.new)
    return new + (position - old)
