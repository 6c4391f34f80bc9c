from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_lsp.core.edits import Edit
from spark_lsp.core.text import Position, Text
from spark_lsp.syntax import offsets
from spark_lsp.syntax.offsets import LineOffsets, byte_length, encode, point_of
from support.texts import edits, texts


def _offset(text: Text, position: Position) -> int:
    """The slow and plain way."""
    return len(encode(text.slice(Position(0, 0), position)))


@settings(derandomize=True)
@given(st.data(), st.sampled_from([1, 2, 3]))
def test_offsets_follow_every_edit(data: st.DataObject, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(offsets, "_BLOCK", block)  # so that small texts have many blocks
        text = data.draw(texts())
        measured = LineOffsets.of(text)
        for _ in range(data.draw(st.integers(0, 5))):
            edit = data.draw(edits(text))
            after = text.splice(edit.start, edit.end, edit.new)
            tree_edit = measured.tree_edit(text, edit)
            assert tree_edit.start_byte == _offset(text, edit.start)
            assert tree_edit.old_end_byte == _offset(text, edit.end)
            assert tree_edit.new_end_byte == _offset(after, edit.new_end)
            assert tree_edit.start_point == point_of(text, edit.start)
            assert tree_edit.old_end_point == point_of(text, edit.end)
            assert tree_edit.new_end_point == point_of(after, edit.new_end)
            measured, text = measured.edited(edit, after), after
            assert sum(measured.lines) == len(text.lines)
            assert measured.total == len(encode(str(text)))
            for line in range(len(text.lines)):
                assert measured.line_start(text, line) == _offset(text, Position(line, 0))


def test_typing_lines_does_not_wear_the_blocks_down() -> None:
    text = Text.of("")
    measured = LineOffsets.of(text)
    for line in range(2_000):
        edit = Edit(Position(line, 0), Position(line, 0), "x\n")
        text = text.splice(edit.start, edit.end, edit.new)
        measured = measured.edited(edit, text)
    assert len(measured.lines) <= 2_000 // 200
    assert max(measured.lines) < 2 * 256


def test_a_lone_surrogate_counts_as_what_it_is_encoded_to() -> None:
    text = Text.of("a\ud800é\n")
    assert encode(text.lines[0]) == b"a?\xc3\xa9\n"
    assert byte_length(text.lines[0]) == 5
    assert point_of(text, Position(0, 3)) == (0, 4)
