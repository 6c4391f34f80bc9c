from __future__ import annotations

import asyncio
import logging
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_lsp.core.edits import Edit, align, invert
from spark_lsp.core.text import Position, Text
from spark_lsp.syntax import tree as tree_module
from spark_lsp.syntax.grammars import GRAMMARS, Grammar, load
from spark_lsp.syntax.offsets import LineOffsets
from spark_lsp.syntax.parse import Parse
from spark_lsp.syntax.tree import SyntaxTree, catch_up
from support.texts import edit_sets, edits, positions, texts
from syntax.scope_cases import scope_cases

if TYPE_CHECKING:
    from tree_sitter import Tree

# Line endings in the style of every system, and code between them that an edit can tear apart.
_ENDINGS = st.sampled_from(["\n", "\r\n", "\r"])
_NEW = st.lists(
    st.sampled_from([*"ab1 \n\r\f\t\u2028é漢😀\0\ufeff\ud800(){}[]<>\"'`:;,#/=-", "\r\n", "return 1\n", "/*", "</a>"]),
    max_size=4,
).map("".join)


def _still() -> float:
    """A clock that stands: with no seconds to spend, a slice ends at the first chance, else never."""
    return 0.0


def _finish(tree: SyntaxTree, seconds: float = 1.0) -> int:
    """Parse until there is nothing more to do; the number of slices that it took."""
    return next(slices for slices in count(1) if tree.advance(_still, seconds))


def _opened(language_id: str, text: Text) -> SyntaxTree:
    tree = SyntaxTree(language_id, text)
    _finish(tree)
    return tree


def _fresh(language_id: str, text: Text) -> Tree:
    language = load(GRAMMARS[language_id])
    assert language is not None
    tree = Parse(language, text, None).run(lambda: False)
    assert tree is not None
    return tree


def _nodes(tree: Tree) -> list[tuple[object, ...]]:
    """All of a tree, with every position."""
    found: list[tuple[object, ...]] = []
    cursor = tree.walk()
    while (node := cursor.node) is not None:
        found.append((cursor.depth, node.type, node.is_missing, *node.byte_range, node.start_point, node.end_point))
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return found
    return found


def _assert_like_fresh(language_id: str, tree: SyntaxTree, text: Text) -> None:
    """The tree is that of the text.

    Where a text has errors, tree-sitter may choose another one of its equally bad readings when it parses over an
    old tree than when it starts anew. So there only what does not depend on that choice is compared.
    """
    snapshot, fresh = tree.snapshot(), _fresh(language_id, text)
    assert snapshot.tree is not None
    assert snapshot.text is text
    assert snapshot.current
    assert snapshot.offsets is not None
    assert sum(snapshot.offsets.lines) == len(text.lines)
    assert snapshot.offsets.total == LineOffsets.of(text).total
    if fresh.root_node.has_error:
        assert snapshot.tree.root_node.has_error
        assert snapshot.tree.root_node.end_byte == fresh.root_node.end_byte
        assert snapshot.tree.root_node.end_point == fresh.root_node.end_point
    else:
        assert str(snapshot.tree.root_node) == str(fresh.root_node)
        assert _nodes(snapshot.tree) == _nodes(fresh)


@st.composite
def _edits(draw: st.DrawFn, text: Text) -> Edit:
    """An edit that may tear anything apart."""
    start, end = sorted((draw(positions(text)), draw(positions(text))))
    return align(text, Edit(start, draw(st.sampled_from([start, start, end])), draw(_NEW)))


@st.composite
def _sources(draw: st.DrawFn, language_id: str) -> Text:
    """Sound code of a language, with any line endings."""
    case = draw(st.sampled_from(scope_cases(language_id)))
    ending = draw(_ENDINGS)
    return Text.of(str(case.text).replace("\n", ending))


@pytest.mark.parametrize("language_id", GRAMMARS)
@settings(derandomize=True)
@given(data=st.data())
def test_a_tree_is_that_of_the_text_after_any_edits(language_id: str, data: st.DataObject) -> None:
    """Edits come before, during and after parses; when they are undone, the tree is exactly the first one again."""
    text = first = data.draw(_sources(language_id))
    tree = SyntaxTree(language_id, text)
    undo: list[Edit] = []
    for _ in range(data.draw(st.integers(1, 4))):
        for _ in range(data.draw(st.integers(0, 5))):
            tree.advance(_still, data.draw(st.sampled_from([0.0, 1.0])))
        edit = data.draw(_edits(text))
        undo += invert(text, (edit,))
        text = text.splice(edit.start, edit.end, edit.new)
        tree.edited(edit, text)
    if data.draw(st.booleans()):
        _finish(tree, 0.0)
        _assert_like_fresh(language_id, tree, text)
    for edit in reversed(undo):
        text = text.splice(edit.start, edit.end, edit.new)
        tree.edited(edit, text)
    assert text == first
    _finish(tree)
    _assert_like_fresh(language_id, tree, text)


@settings(derandomize=True)
@given(st.data(), st.sampled_from(["html", "json", "php", "python", "yaml"]))
def test_any_text_at_all_has_a_tree(data: st.DataObject, language_id: str) -> None:
    text = data.draw(texts())
    tree = _opened(language_id, text)
    _assert_like_fresh(language_id, tree, text)
    edit = data.draw(edits(text))
    text = text.splice(edit.start, edit.end, edit.new)
    tree.edited(edit, text)
    _finish(tree)
    _assert_like_fresh(language_id, tree, text)


def test_an_edit_inside_a_line_ending_is_taken_as_it_is_meant() -> None:
    text = Text.of("a = 1\rb = 2\n")
    tree = _opened("python", text)
    edit = Edit(Position(1, 0), Position(1, 0), "\n")  # makes one \r\n of the \r before it
    text = text.splice(edit.start, edit.end, edit.new)
    assert text.lines == ("a = 1\r\n", "b = 2\n", "")
    tree.edited(edit, text)
    _finish(tree)
    _assert_like_fresh("python", tree, text)


def test_a_snapshot_does_not_change() -> None:
    text = Text.of("def f():\n    return 1\n")
    tree = _opened("python", text)
    snapshot = tree.snapshot()
    assert snapshot.tree is not None
    before = _nodes(snapshot.tree)
    edit = Edit(Position(0, 0), Position(1, 0), "😀\n\n")
    tree.edited(edit, text.splice(edit.start, edit.end, edit.new))
    assert not tree.snapshot().current
    assert _nodes(snapshot.tree) == before
    _finish(tree)
    assert _nodes(snapshot.tree) == before
    assert snapshot.text is text
    assert snapshot.current


@given(data=st.data())
def test_a_snapshot_of_what_edits_would_give(data: st.DataObject) -> None:
    """It is like that of the document that they were done to, and the document is as it was."""
    text = data.draw(_sources("python"))
    tree = _opened("python", text)
    before = tree.snapshot()
    done = data.draw(edit_sets(text))
    after = before.edited(done)
    for edit in reversed(done):
        text = text.splice(edit.start, edit.end, edit.new)
        tree.edited(edit, text)
    wanted = tree.snapshot()
    assert (after.text, after.offsets, after.current) == (wanted.text, wanted.offsets, wanted.current)
    assert after.tree is not None
    assert wanted.tree is not None
    assert _nodes(after.tree) == _nodes(wanted.tree)
    assert before.tree is not None
    assert _nodes(before.tree) == _nodes(_fresh("python", before.text))


def test_a_tree_moves_with_the_edits_before_it_is_parsed_again() -> None:
    text = Text.of("x = 1\n\n\ndef f():\n    return 1\n")
    tree = _opened("python", text)
    edit = Edit(Position(1, 0), Position(1, 0), "é\n\n")
    tree.edited(edit, text.splice(edit.start, edit.end, edit.new))
    snapshot = tree.snapshot()
    assert snapshot.tree is not None
    function = snapshot.tree.root_node.named_child(1)
    assert (function.type, function.start_point, function.start_byte) == ("function_definition", (5, 0), 12)


def test_edits_do_not_start_a_running_parse_over() -> None:
    """Else somebody who types without a pause would never have a tree."""
    text = Text.of("def f(x):\n    return {x: [1, 2, 3]}\n\n" * 200)
    tree = SyntaxTree("python", text)
    for slices in count(1):
        edit = Edit(Position(0, 0), Position(0, 0), "#\n")
        text = text.splice(edit.start, edit.end, edit.new)
        tree.edited(edit, text)
        tree.advance(_still, 0.0)
        if tree.snapshot().tree is not None:
            break
        assert slices < 1000
    assert slices > 20
    assert not tree.snapshot().current
    _finish(tree)
    _assert_like_fresh("python", tree, text)


def test_plain_text_has_nothing_to_parse() -> None:
    text = Text.of("Once upon a time\n")
    tree = SyntaxTree("plaintext", text)
    assert tree.advance(_still, 0.0)
    edit = Edit(Position(0, 0), Position(0, 1), "")
    text = text.splice(edit.start, edit.end, edit.new)
    tree.edited(edit, text)
    assert tree.advance(_still, 0.0)
    snapshot = tree.snapshot()
    assert (snapshot.text, snapshot.grammar, snapshot.tree) == (text, None, None)


def test_a_language_without_its_wheel_is_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def load_nothing(_: Grammar) -> None:
        return None

    monkeypatch.setattr(tree_module, "load", load_nothing)
    tree = SyntaxTree("python", Text.of("x = 1\n"))
    assert tree.advance(_still, 0.0)
    assert tree.snapshot().grammar is None


def test_a_text_that_is_too_large_has_no_tree_until_it_shrinks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_module, "LARGEST_TEXT", 10)
    text = Text.of("x = 1\ny = 2\n")
    tree = _opened("python", text)
    assert tree.snapshot().tree is None
    smaller = Edit(Position(0, 0), Position(1, 0), "")
    text = text.splice(smaller.start, smaller.end, smaller.new)
    tree.edited(smaller, text)
    _finish(tree)
    _assert_like_fresh("python", tree, text)
    larger = Edit(Position(0, 0), Position(0, 0), "xxxxxxxx")
    tree.edited(larger, text.splice(larger.start, larger.end, larger.new))
    _finish(tree)
    assert tree.snapshot().tree is None


def test_a_parse_that_takes_too_long_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    hours = count(step=3600.0)
    tree = SyntaxTree("python", Text.of("def f(x):\n    return {x: [1, 2, 3]}\n\n" * 100))
    with caplog.at_level(logging.WARNING):
        while not tree.advance(lambda: next(hours), 0.0):
            pass
    snapshot = tree.snapshot()
    assert (snapshot.grammar, snapshot.tree) == (None, None)
    assert len(caplog.records) == 1


def test_catching_up_lets_others_have_their_turn() -> None:
    text = Text.of("def f(x):\n    return {x: [1, 2, 3]}\n\n" * 200)
    tree = SyntaxTree("python", text)

    async def scenario() -> int:
        task = asyncio.create_task(catch_up(tree, 0.0))
        for turns in count():
            if task.done():
                return turns
            await asyncio.sleep(0)
        raise AssertionError

    assert asyncio.run(scenario()) > 20
    _assert_like_fresh("python", tree, text)


def test_catching_up_goes_on_where_it_was_cancelled() -> None:
    text = Text.of("def f(x):\n    return {x: [1, 2, 3]}\n\n" * 200)
    tree = SyntaxTree("python", text)

    async def scenario() -> int:
        for attempts in count(1):
            task = asyncio.create_task(catch_up(tree, 0.0))
            for _ in range(10):
                await asyncio.sleep(0)
            if task.done():
                return attempts
            task.cancel()
        raise AssertionError

    assert asyncio.run(scenario()) > 2
    _assert_like_fresh("python", tree, text)
