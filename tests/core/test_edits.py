from __future__ import annotations

import itertools

from hypothesis import assume, given
from hypothesis import strategies as st

from spark_lsp.core.edits import (
    Edit,
    Edits,
    align,
    apply,
    compose,
    invert,
    merged,
    move,
    overlaps,
    rebase,
)
from spark_lsp.core.refine import difference, smallest
from spark_lsp.core.text import Position, Text
from support.texts import edit_sets, edits, positions, texts

# Where two sets of edits meet, they can make a \r\n of a lone \r and a \n that neither of them made alone. A
# document of mixed endings in which two writers do that at one place is left to `align` at the borders; the laws
# below hold for everything else.
_ONE_ENDING = texts().map(lambda text: Text.of(str(text).replace("\r", "")))


def _without_returns(found: Edits) -> Edits:
    return tuple(Edit(edit.start, edit.end, edit.new.replace("\r", "")) for edit in found)


@given(st.data())
def test_aligning_changes_no_effect(data: st.DataObject) -> None:
    text = data.draw(texts())
    start, end = sorted((data.draw(positions(text)), data.draw(positions(text))))
    edit = Edit(start, end, data.draw(st.sampled_from(["", "\r", "\n", "a\r", "\nb", "\r\n"])))
    aligned = align(text, edit)
    assert apply(text, (aligned,)) == apply(text, (edit,))
    assert align(text, aligned) == aligned


@given(st.data())
def test_inverting_leads_back(data: st.DataObject) -> None:
    text = data.draw(_ONE_ENDING)
    found = _without_returns(data.draw(edit_sets(text)))
    after = apply(text, found)
    back = invert(text, found)
    assert apply(after, back) == text
    assert apply(text, invert(after, back)) == after


@given(st.data())
def test_composing_does_one_after_the_other(data: st.DataObject) -> None:
    text = data.draw(_ONE_ENDING)
    first = _without_returns(data.draw(edit_sets(text)))
    between = apply(text, first)
    second = _without_returns(data.draw(edit_sets(between)))
    composed = compose(first, second)
    assert apply(text, composed) == apply(between, second)
    assert all(one.end < other.start for one, other in itertools.pairwise(composed))


@given(st.data())
def test_rebasing_both_ways_meets(data: st.DataObject) -> None:
    text = data.draw(_ONE_ENDING)
    ours = _without_returns(data.draw(edit_sets(text)))
    theirs = _without_returns(data.draw(edit_sets(text)))
    ours_then = apply(apply(text, ours), rebase(theirs, ours, after=True))
    theirs_then = apply(apply(text, theirs), rebase(ours, theirs))
    assert ours_then == theirs_then


@given(st.data())
def test_rebasing_keeps_every_character_the_other_inserted(data: st.DataObject) -> None:
    text = data.draw(_ONE_ENDING)
    ours = _without_returns(data.draw(edit_sets(text)))
    theirs = data.draw(edit_sets(text))
    theirs = tuple(Edit(edit.start, edit.end, "«»" * len(edit.new)) for edit in theirs)
    merged_text = str(apply(apply(text, theirs), rebase(ours, theirs)))
    assert merged_text.count("«") == sum(len(edit.new) // 2 for edit in theirs)


@given(st.data())
def test_edits_that_do_not_overlap_merge_in_either_order(data: st.DataObject) -> None:
    text = data.draw(_ONE_ENDING)
    ours = _without_returns(data.draw(edit_sets(text)))
    theirs = _without_returns(data.draw(edit_sets(text)))
    assert overlaps(ours, theirs) == overlaps(theirs, ours)
    assume(not overlaps(ours, theirs))
    union = merged((ours, theirs))
    assert apply(text, union) == apply(apply(text, theirs), rebase(ours, theirs))
    assert apply(text, union) == apply(apply(text, ours), rebase(theirs, ours))


@given(st.data())
def test_overlap_is_found_by_comparing_all_with_all(data: st.DataObject) -> None:
    text = data.draw(_ONE_ENDING)
    ours, theirs = data.draw(edit_sets(text)), data.draw(edit_sets(text))
    assert overlaps(ours, theirs) == any(overlaps((one,), (other,)) for one in ours for other in theirs)


@given(st.data())
def test_a_moved_position_keeps_its_neighbours(data: st.DataObject) -> None:
    text = data.draw(_ONE_ENDING)
    found = _without_returns(data.draw(edit_sets(text)))
    position = data.draw(positions(text))
    behind, before = move(position, found), move(position, found, after=False)
    assert before <= behind <= apply(text, found).end
    if not any(edit.start <= position <= edit.end for edit in found):
        assert before == behind
        marked = apply(text, merged((found, (Edit(position, position, "▮"),))))
        assert marked.slice(behind, Position(behind.line, behind.column + 1)) == "▮"


def test_an_insertion_moves_the_position_it_meets_only_if_asked() -> None:
    here = Position(0, 3)
    inserted = (Edit(here, here, "xy"),)
    assert move(here, inserted) == Position(0, 5)
    assert move(here, inserted, after=False) == here


@given(st.data())
def test_the_smallest_edits_do_the_same(data: st.DataObject) -> None:
    text = data.draw(_ONE_ENDING)
    edit = data.draw(edits(text))
    edit = Edit(edit.start, edit.end, edit.new.replace("\r", ""))
    small = smallest(text, edit)
    assert apply(text, small) == apply(text, (edit,))
    assert sum(len(one.new) for one in small) <= len(edit.new)


@given(texts(), texts())
def test_the_difference_leads_from_one_text_to_the_other(old: Text, new: Text) -> None:
    assert str(apply(old, difference(old, new))) == str(new)
