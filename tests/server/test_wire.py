from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from spark_lsp.core.edits import Edit
from spark_lsp.core.text import ORIGIN, Position, Text
from spark_lsp.server import wire
from support.peer import offset_of, position_of, units
from support.texts import edits, positions, texts

ENCODINGS = st.sampled_from(["utf-8", "utf-16", "utf-32"])


@given(st.data(), ENCODINGS)
def test_positions_go_out_and_come_back(data: st.DataObject, encoding: str) -> None:
    text = data.draw(texts())
    position = data.draw(positions(text))
    sent = wire.from_position(text, position, encoding)
    assert wire.to_position(text, sent, encoding) == position
    assert sent.character == units(text.lines[position.line][: position.column], encoding)


@given(texts(), st.integers(0, 40), st.integers(0, 40), ENCODINGS)
def test_what_is_out_of_range_is_clamped(text: Text, line: int, character: int, encoding: str) -> None:
    position = wire.to_position(text, types.Position(line, character), encoding)
    assert text.clamp(position) == position
    offset = offset_of(str(text), {"line": line, "character": character}, encoding)
    assert len(text.slice(ORIGIN, position)) == offset, "as an editor that shares no code with us counts"


@given(st.data(), ENCODINGS)
def test_edits_go_out_and_come_back(data: st.DataObject, encoding: str) -> None:
    text = data.draw(texts())
    edit = data.draw(edits(text))
    (sent,) = wire.from_edits(text, (edit,), encoding)
    assert wire.to_edit(text, types.TextDocumentContentChangePartial(sent.range, sent.new_text), encoding) == edit


@pytest.mark.parametrize(
    ("encoding", "character", "column"),
    [("utf-16", 1, 1), ("utf-16", 2, 1), ("utf-16", 3, 2), ("utf-8", 2, 1), ("utf-8", 5, 2), ("utf-32", 2, 2)],
)
def test_inside_a_character_means_before_it(encoding: str, character: int, column: int) -> None:
    text = Text.of("a😀b\n")
    assert wire.to_position(text, types.Position(0, character), encoding) == Position(0, column)


def test_a_change_without_a_range_is_the_whole_text() -> None:
    text = Text.of("a\nb")
    change = types.TextDocumentContentChangeWholeDocument("c")
    assert wire.to_edit(text, change, "utf-16") == Edit(ORIGIN, Position(1, 1), "c")


def test_a_range_the_wrong_way_round_is_turned() -> None:
    text = Text.of("abc")
    span = types.Range(types.Position(0, 2), types.Position(0, 1))
    assert wire.to_range(text, span, "utf-16").start == Position(0, 1)


@given(texts(), st.integers(0, 60))
def test_the_peer_of_the_tests_counts_back_and_forth(text: Text, offset: int) -> None:
    content = str(text)
    offset = min(offset, len(content))
    if content[offset - 1 : offset + 1] != "\r\n":
        assert offset_of(content, position_of(content, offset, "utf-16"), "utf-16") == offset
