from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_lsp.core.edits import Edit
from spark_lsp.core.text import Position, Range, Text
from spark_lsp.syntax.scopes import enclosing_block, enclosing_scope, paragraph
from spark_lsp.syntax.tree import SyntaxSnapshot, SyntaxTree
from support.texts import edits, positions
from syntax.scope_cases import LANGUAGES, ScopeCase, scope_cases


def _parsed(language_id: str, text: Text) -> SyntaxSnapshot:
    tree = SyntaxTree(language_id, text)
    while not tree.advance(lambda: 0.0, 1.0):
        pass
    return tree.snapshot()


def _rows(text: Text, found: Range) -> tuple[int, int]:
    """The first and the last line of a range of whole lines."""
    assert found.start.column == 0
    if found.end == text.end and found.end.column:
        return found.start.line, found.end.line
    if found.end == text.end and not found.end.column and found.start.line == found.end.line:
        return found.start.line, found.end.line
    assert found.end.column == 0
    return found.start.line, found.end.line - 1


@pytest.mark.parametrize(
    ("language_id", "case"),
    [
        pytest.param(language, case, id=f"{language}: {case.title}")
        for language in LANGUAGES
        for case in scope_cases(language)
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_scopes(language_id: str, case: ScopeCase, ending: str) -> None:
    text = Text.of(str(case.text).replace("\n", ending))
    syntax = _parsed(language_id, text)
    found = enclosing_block(syntax, case.cursor)
    assert _rows(text, found) == (case.first, case.last)
    assert (enclosing_scope(syntax, case.cursor) is None) == case.is_paragraph


def test_columns_are_code_points() -> None:
    text = Text.of("😀 = 'ééé'; a = lambda: 1\nfunction = 2\n".replace("😀", "x"))
    javascript = Text.of("/* 漢😀 */ function a() { } function b() {\n}\n")
    syntax = _parsed("javascript", javascript)
    in_a = javascript.lines[0].index("{") + 1
    in_b = javascript.lines[0].rindex("{") + 1
    assert _rows(javascript, enclosing_block(syntax, Position(0, in_a))) == (0, 0)
    assert _rows(javascript, enclosing_block(syntax, Position(0, in_b))) == (0, 1)
    assert enclosing_scope(_parsed("python", text), Position(0, 3)) is None


def test_the_last_line_of_a_text_needs_no_line_ending() -> None:
    text = Text.of("def f():\n    return 1")
    assert enclosing_scope(_parsed("python", text), Position(1, 6)) == Range(Position(0, 0), Position(1, 12))


def test_a_tree_that_was_never_parsed_gives_the_paragraph() -> None:
    text = Text.of("def f():\n    x = 1\n\n    return x\n")
    syntax = SyntaxTree("python", text).snapshot()
    assert enclosing_scope(syntax, Position(1, 4)) is None
    assert enclosing_block(syntax, Position(1, 4)) == Range(Position(0, 0), Position(2, 0))


def test_a_tree_one_edit_old_still_serves() -> None:
    text = Text.of("x = 1\n\n\ndef f():\n    return 1\n")
    tree = SyntaxTree("python", text)
    while not tree.advance(lambda: 0.0, 1.0):
        pass
    edit = Edit(Position(0, 0), Position(0, 0), "# one\n# two\n")
    tree.edited(edit, text.splice(edit.start, edit.end, edit.new))
    syntax = tree.snapshot()
    assert not syntax.current
    assert enclosing_scope(syntax, Position(6, 4)) == Range(Position(5, 0), Position(7, 0))


def test_a_paragraph_has_a_limit() -> None:
    text = Text.of("data\n" * 1000)
    assert paragraph(text, Position(500, 0)) == Range(Position(460, 0), Position(541, 0))
    assert paragraph(Text.of("\n" * 1000), Position(500, 0)) == Range(Position(460, 0), Position(541, 0))


def test_positions_out_of_the_text_are_clamped() -> None:
    text = Text.of("def f():\n    return 1\n")
    syntax = _parsed("python", text)
    assert enclosing_scope(syntax, Position(1, 999)) == Range(Position(0, 0), Position(2, 0))
    assert enclosing_block(syntax, Position(999, 0)).end == text.end


@settings(derandomize=True)
@given(st.data(), st.sampled_from(LANGUAGES))
def test_the_block_has_the_position_whatever_state_the_text_is_in(data: st.DataObject, language_id: str) -> None:
    text = data.draw(st.sampled_from(scope_cases(language_id))).text
    tree = SyntaxTree(language_id, text)
    while not tree.advance(lambda: 0.0, 1.0):
        pass
    for _ in range(data.draw(st.integers(0, 3))):
        edit = data.draw(edits(text))
        text = text.splice(edit.start, edit.end, edit.new)
        tree.edited(edit, text)
    if data.draw(st.booleans()):
        tree.advance(lambda: 0.0, 1.0)
    position = data.draw(positions(text))
    found = enclosing_block(tree.snapshot(), position)
    assert position in found
    assert found.start.column == 0
    assert found.end.column == 0 or found.end == text.end
    assert text.clamp(found.end) == found.end
