from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.core.text import ORIGIN, Position, Text, extent, line_content, line_ending, split_lines
from support.texts import contents, edits, positions, texts


@given(contents())
def test_a_text_is_its_string(content: str) -> None:
    text = Text.of(content)
    assert str(text) == content
    assert text.end == extent(content)
    assert all(line_ending(line) for line in text.lines[:-1])
    assert not line_ending(text.lines[-1])


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ("", ("",)),
        ("a", ("a",)),
        ("a\n", ("a\n", "")),
        ("a\r\nb", ("a\r\n", "b")),
        ("a\rb\n\n", ("a\r", "b\n", "\n", "")),
        ("a\r\r\nb", ("a\r", "\r\n", "b")),
        ("a\fb\u2028c\u2029d\x85e\x0bf\x1cg", ("a\fb\u2028c\u2029d\x85e\x0bf\x1cg",)),
    ],
)
def test_only_the_three_line_endings_end_a_line(content: str, lines: tuple[str, ...]) -> None:
    assert Text.of(content).lines == lines


@given(contents())
def test_splitting_loses_nothing(content: str) -> None:
    lines = split_lines(content)
    assert "".join(lines) == content
    assert all(line_content(line) + line_ending(line) == line for line in lines)


@given(st.data())
def test_a_splice_is_the_same_as_on_the_string(data: st.DataObject) -> None:
    text = data.draw(texts())
    start, end = sorted((data.draw(positions(text)), data.draw(positions(text))))
    new = data.draw(contents(8))
    expected = text.slice(ORIGIN, start) + new + text.slice(end, text.end)
    spliced = text.splice(start, end, new)
    assert str(spliced) == expected
    assert spliced == Text.of(expected), "the lines are those of a fresh split"


@given(st.data())
def test_extents_add_up(data: st.DataObject) -> None:
    text = data.draw(texts())
    start, end = sorted((data.draw(positions(text)), data.draw(positions(text))))
    assert start + (end - start) == end
    assert start + extent(text.slice(start, end)) == end


@given(st.data())
def test_the_end_of_an_aligned_edit_is_a_position_of_the_new_text(data: st.DataObject) -> None:
    text = data.draw(texts())
    edit = data.draw(edits(text))
    after = text.splice(edit.start, edit.end, edit.new)
    assert after.slice(edit.start, edit.new_end) == edit.new


@given(texts(), st.integers(-2, 40), st.integers(-2, 40))
def test_clamping_gives_a_position_outside_line_endings(text: Text, line: int, column: int) -> None:
    clamped = text.clamp(Position(line, column))
    assert ORIGIN <= clamped <= text.end
    assert clamped.column <= text.line_length(clamped.line)
    assert text.clamp(clamped) == clamped
