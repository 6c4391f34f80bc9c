from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.core import diff
from spark_lsp.core.diff import Change, changes

_SEQUENCES = st.lists(st.integers(0, 3), max_size=12)


def _longest_common_subsequence(old: list[int], new: list[int]) -> int:
    """The textbook table."""
    row = [0] * (len(new) + 1)
    for element in old:
        diagonal = 0
        for index, other in enumerate(new, 1):
            diagonal, row[index] = row[index], diagonal + 1 if element == other else max(row[index], row[index - 1])
    return row[-1]


def _applied(old: list[int], new: list[int], found: list[Change]) -> list[int]:
    result, at = [], 0
    for change in found:
        result += old[at : change.old_start] + new[change.new_start : change.new_end]
        at = change.old_end
    return result + old[at:]


@given(_SEQUENCES, _SEQUENCES)
def test_the_changes_are_right_and_the_fewest(old: list[int], new: list[int]) -> None:
    found = changes(old, new)
    assert _applied(old, new, found) == new
    touched = sum(change.old_end - change.old_start + change.new_end - change.new_start for change in found)
    assert touched == len(old) + len(new) - 2 * _longest_common_subsequence(old, new)


@given(_SEQUENCES, _SEQUENCES)
def test_changes_do_not_touch(old: list[int], new: list[int]) -> None:
    found = changes(old, new)
    assert all(one.old_end < other.old_start for one, other in itertools.pairwise(found))


def test_what_is_too_large_to_compare_is_one_change() -> None:
    old = list(range(10_000))
    new = [-1, *(element + 1_000_000 for element in old), 9_999]
    assert len(old) * len(new) > diff.MAXIMUM_CELLS
    assert changes(old, new) == [Change(0, 9_999, 0, 10_001)]
