"""Whatever the text and its changes: a prediction is an edit of exactly its lines, and none of those just changed."""

from __future__ import annotations

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.core.edits import Edit, apply, overlaps, rebase
from spark_lsp.core.text import Position, Text, extent
from spark_lsp.features.next_edit_memory import key_of
from spark_lsp.prediction.engine import Candidate, candidates
from spark_lsp.prediction.finding import line_changes
from spark_lsp.prediction.prediction import edits_of
from spark_lsp.session import Document

WORDS = ("load", "save_all", "(", ")", ", ", " = ", "x", '"a"', "[0]", ".", " ", "1", "😀")
lines = st.lists(st.sampled_from(WORDS), max_size=7).map("".join)
endings = st.sampled_from(("\n", "\r\n"))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A document of few words, that some lines of were changed."""
    pool = draw(st.lists(lines, min_size=1, max_size=4))
    ending = draw(endings)
    rows = [f"{draw(st.sampled_from(('', '    ')))}{row}" for row in draw(st.lists(st.sampled_from(pool), max_size=14))]
    found = Document("file:///a.py", "python", 1, Text.of(ending.join(rows)), count(1))
    for _ in range(draw(st.integers(1, 3))):
        text = found.text
        first = draw(st.integers(0, len(text.lines) - 1))
        last = min(draw(st.integers(first, first + 2)), len(text.lines) - 1)
        new = ending.join(draw(st.lists(lines, max_size=3)))
        start, end = Position(first, 0), Position(last, text.line_length(last))
        found.change((Edit(start, end, new),), found.version + 1)
    return found


def first(document: Document) -> Candidate | None:
    """The first candidate, however likely it is."""
    lines = document.text.lines
    return next(iter(candidates(lines, line_changes(lines, document.history.hunks))), None)


@given(documents())
def test_a_candidate_is_exactly_its_lines(document: Document) -> None:
    text = document.text
    changed = line_changes(text.lines, document.history.hunks)
    for way in ("down", "up"):
        for one in candidates(text.lines, changed, way):
            after = apply(text, edits_of(text, one))
            assert "".join(after.lines) == "".join((*text.lines[: one.line], *one.new, *text.lines[one.end :]))
            assert 0 < one.confidence <= 1
            kept = [other for other in changed[-4:] if other.new]
            assert all(one.end <= other.line or other.end <= one.line for other in kept)


@given(documents(), documents())
def test_a_shown_edit_gives_what_was_predicted_or_is_withdrawn(document: Document, other: Document) -> None:
    text = document.text
    found = first(document)
    if found is None:
        return
    edits = edits_of(text, found)
    typed = Edit(text.clamp(Position(1, 2)), text.clamp(Position(2, 1)), str(other.text)[:9].replace("\r", ""))
    if typed.start > typed.end or overlaps(edits, (typed,)):
        return
    moved = rebase(edits, (typed,))
    both_ways = apply(apply(text, (typed,)), moved), apply(apply(text, edits), rebase((typed,), edits, after=True))
    assert both_ways[0] == both_ways[1]


@given(documents(), lines)
def test_the_key_of_an_edit_does_not_hang_on_lines_far_above(document: Document, line: str) -> None:
    text = document.text
    found = first(document)
    if found is None or found.line < 3:
        return
    edits = edits_of(text, found)
    above = Edit(Position(0, 0), Position(0, 0), f"{line}\n")
    lower = text.splice(above.start, above.end, above.new)
    step = extent(above.new).line
    moved = tuple(
        Edit(
            Position(edit.start.line + step, edit.start.column),
            Position(edit.end.line + step, edit.end.column),
            edit.new,
        )
        for edit in edits
    )
    assert key_of(lower, moved) == key_of(text, edits)
