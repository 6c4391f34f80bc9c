"""The smallest difference between two sequences, exactly.

The longest common subsequence by bit vectors: one big-integer step a new element, so that windows of hundreds of
lines and lines of thousands of characters are compared in well under a millisecond in plain Python. Algorithm:
H. Hyyrö, "Bit-parallel LCS-length computation revisited" (2004); the rows are kept for walking back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

MAXIMUM_CELLS = 40_000_000
"""Old times new elements above which a difference is not looked into: about 5 MB of rows and some 20 ms."""


@dataclass(frozen=True, slots=True)
class Change:
    """Elements old_start..old_end of the old sequence became new_start..new_end of the new one (ends excluded)."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def changes(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Change]:
    """The changes that lead from old to new, in order, none touching the next.

    Deleted plus inserted elements are the fewest possible, unless the sequences are so large and so different
    that `MAXIMUM_CELLS` is passed after the common ends are taken off: then all between them is one change.
    """
    head = common_length(old, new)
    tail = common_length(old[head:][::-1], new[head:][::-1])
    old_end, new_end = len(old) - tail, len(new) - tail
    if head == old_end and head == new_end:
        return []
    if head in (old_end, new_end) or (old_end - head) * (new_end - head) > MAXIMUM_CELLS:
        return [Change(head, old_end, head, new_end)]
    found: list[Change] = []
    old_at, new_at = head, head
    for old_index, new_index in _matches(old[head:old_end], new[head:new_end]):
        if old_at < old_index + head or new_at < new_index + head:
            found.append(Change(old_at, old_index + head, new_at, new_index + head))
        old_at, new_at = old_index + head + 1, new_index + head + 1
    if old_at < old_end or new_at < new_end:
        found.append(Change(old_at, old_end, new_at, new_end))
    return found


def common_length(old: Sequence[Hashable], new: Sequence[Hashable]) -> int:
    """How many elements both begin with."""
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _matches(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Index pairs of a longest common subsequence, rising."""
    places: dict[Hashable, int] = {}
    for index, element in enumerate(old):
        places[element] = places.get(element, 0) | 1 << index
    everything = (1 << len(old)) - 1
    # After each new element, a zero bit i says: the subsequence grows by old element i.
    row = everything
    rows: list[int] = []
    for element in new:
        matching = row & places.get(element, 0)
        row = ((row + matching) | (row - matching)) & everything
        rows.append(row)
    pairs: list[tuple[int, int]] = []
    old_at, new_at = len(old), len(new)
    while old_at and new_at:
        bit = 1 << (old_at - 1)
        if rows[new_at - 1] & bit:
            old_at -= 1
        elif new_at > 1 and not rows[new_at - 2] & bit:
            new_at -= 1
        else:
            old_at -= 1
            new_at -= 1
            pairs.append((old_at, new_at))
    pairs.reverse()
    return pairs
