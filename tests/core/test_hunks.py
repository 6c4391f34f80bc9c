from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.core.edits import apply
from spark_lsp.core.hunks import HunkMaker, LineHunk
from spark_lsp.core.refine import blocks
from spark_lsp.core.text import Text, split_lines
from support.texts import contents

_LINES = st.lists(st.sampled_from(["", "}", "a", "b", "c", "d", "e", "f"]), max_size=14)


def _hunks(old: list[str], new: list[str]) -> list[tuple[int, LineHunk]]:
    """Each hunk with the number of new lines after which it was final."""
    maker = HunkMaker(old)
    found = [(count, hunk) for count, line in enumerate(new, 1) if (hunk := maker.feed(line))]
    if last := maker.finish():
        found.append((len(new), last))
    return found


@given(_LINES, _LINES)
def test_the_hunks_give_the_new_lines(old: list[str], new: list[str]) -> None:
    result: list[str] = []
    at = 0
    for _, hunk in _hunks(old, new):
        assert at <= hunk.start <= hunk.end
        result += [*old[at : hunk.start], *hunk.new]
        at = hunk.end
    assert result + old[at:] == new


@given(_LINES, _LINES, _LINES)
def test_a_hunk_depends_on_no_line_that_is_still_to_come(old: list[str], new: list[str], other: list[str]) -> None:
    for count, hunk in _hunks(old, new):
        if count < len(new):
            assert (count, hunk) in _hunks(old, new[:count] + other)


def test_a_changed_line_is_final_after_two_lines_that_agree() -> None:
    old = ["def f():", "    a = 1", "    b = 2", "    c = 3", "    return a"]
    new = ["def f():", "    a = 10", "    b = 2", "    c = 3", "    return a"]
    assert _hunks(old, new) == [(4, LineHunk(1, 2, ("    a = 10",)))]


def test_brackets_and_blank_lines_prove_little() -> None:
    old = ["a", "}", "", "b", "}", "", "c"]
    new = ["x", "}", "", "b", "}", "", "c"]
    assert _hunks(old, new)[0][0] == 4


def test_lines_left_at_the_end_are_deleted_only_when_the_text_is_complete() -> None:
    maker = HunkMaker(["a", "b", "c"])
    assert maker.feed("a") is None
    assert maker.finish() == LineHunk(1, 3, ())


@given(contents(40), contents(40))
def test_blocks_do_exactly_the_hunk_and_never_cut_a_line_ending(old: str, new: str) -> None:
    lines = split_lines(old)
    maker = HunkMaker(lines)
    found = [hunk for line in split_lines(new) if (hunk := maker.feed(line))]
    if last := maker.finish():
        found.append(last)
    edits = tuple(edit for hunk in found for block in blocks(lines, hunk) for edit in block.edits)
    text = Text.of(old)
    assert str(apply(text, edits)) == new
    for edit in edits:
        assert text.clamp(edit.start) == edit.start
        assert text.clamp(edit.end) == edit.end
