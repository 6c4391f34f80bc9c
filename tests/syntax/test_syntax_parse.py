from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tree_sitter import Language, Point, Tree

from spark_lsp.core.text import Text
from spark_lsp.syntax import parse
from spark_lsp.syntax.grammars import GRAMMARS, load
from spark_lsp.syntax.offsets import LineOffsets
from spark_lsp.syntax.parse import LineReader, Parse
from support.texts import texts


def _python() -> Language:
    language = load(GRAMMARS["python"])
    assert language is not None
    return language


@settings(derandomize=True)
@given(texts(), st.integers(1, 8), st.sampled_from([4, 5, 8]), st.data())
def test_the_reader_gives_every_byte_in_any_order(text: Text, chunk: int, largest: int, data: st.DataObject) -> None:
    whole = str(text).replace("\r\n", "\0\n").replace("\r", "\n").replace("\0\n", "\r\n").encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parse, "_CHUNK", largest + chunk)
        patch.setattr(parse, "_LARGEST_WINDOW", largest)
        patch.setattr(parse, "_WINDOWS", tuple((size, bytearray(size)) for size in (largest, 4, 3, 2, 1)))
        reader = LineReader(text)
        for offset, point in data.draw(st.permutations(_places(whole))):
            window = bytes(reader(offset, point))
            assert whole.startswith(window, offset)
            assert len(window) >= min(len(whole) - offset, 4)  # no character is longer


def test_the_reader_hands_out_the_same_buffers_again() -> None:
    """tree-sitter keeps what it is given; anew each time, that would be a leak of every file with every key."""
    given = []
    for number in range(100):
        reader = LineReader(Text.of(f"{number}é\n" * 1_000))
        given += [reader(0, Point(0, 0)), reader(9, Point(1, 2)), reader(10**6, Point(1_000, 0))]
    assert len({id(window) for window in given}) <= len(parse._WINDOWS) + 1


def _places(whole: bytes) -> list[tuple[int, Point]]:
    """Every offset with its row and column as tree-sitter counts them."""
    return [
        (offset, Point(whole.count(b"\n", 0, offset), offset - (whole.rfind(b"\n", 0, offset) + 1)))
        for offset in range(len(whole) + 1)
    ]


def test_rows_are_lines_whatever_ends_them() -> None:
    text = Text.of('a = 1\rb = 2\r\nc = 3\nd\x0c = 4\nf = "\u2028"\ne = 5')
    tree = Parse(_python(), text, None).run(lambda: False)
    assert tree is not None
    rows = [node.start_point.row for node in tree.root_node.children if node.type == "expression_statement"]
    assert rows == [0, 1, 2, 3, 4, 5]
    assert tree.root_node.end_byte == LineOffsets.of(text).total


def test_a_parse_that_is_paused_at_every_step_gives_the_same_tree() -> None:
    text = Text.of("def f(x):\n    return {x: [1, 2, 3]}\n\n" * 200)
    paused = Parse(_python(), text, None)
    pauses = 0
    while (tree := paused.run(lambda: True)) is None:
        pauses += 1
    whole = Parse(_python(), text, None).run(lambda: False)
    assert whole is not None
    assert pauses > 20
    assert str(tree.root_node) == str(whole.root_node)


def test_parses_can_take_turns() -> None:
    """They share the buffers that they read through."""
    texts = [Text.of(f"def f{name}(x):\n    return {{x: [é, 2, {name}]}}\n\n" * 100) for name in ("a", "bb", "ccc")]
    parses = [Parse(_python(), text, None) for text in texts]
    trees: list[Tree | None] = [None] * len(parses)
    while None in trees:
        trees = [tree or running.run(lambda: True) for running, tree in zip(parses, trees, strict=True)]
    for text, tree in zip(texts, trees, strict=True):
        assert tree is not None
        assert not tree.root_node.has_error
        assert tree.root_node.end_byte == LineOffsets.of(text).total
        assert tree.root_node.named_child_count == 100


def test_errors_are_known_before_the_end() -> None:
    source = "def f(x):\n    return {x: [1, 2, 3]}\n\n" * 200
    sound = Parse(_python(), Text.of(source), None)
    assert sound.run(lambda: sound.in_error) is not None
    broken = Parse(_python(), Text.of("x = {\n" + source), None)
    assert broken.run(lambda: broken.in_error) is None
