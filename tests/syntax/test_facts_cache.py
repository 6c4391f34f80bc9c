from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.core.edits import Edit, align
from spark_lsp.core.symbols import FileFacts
from spark_lsp.core.text import Position, Text
from spark_lsp.syntax import facts_cache
from spark_lsp.syntax.facts import facts_of
from spark_lsp.syntax.facts_cache import LARGEST_PART, FactsCache
from spark_lsp.syntax.tree import SyntaxTree
from syntax.fact_cases import LANGUAGES, source_of

_TYPED = [
    *("x", "\n", "\n\n", " ", "    ", "é", '"', "'", '"""', "{", "}", "(", ")", ";", ":", ",", ".", "/*", "*/", "`"),
    *("# c\n", "// c\n", "-- c\n", "@d\n", "class A:\n", "class A {\n", "def f(x):\n", "}\n", "end\n", "private:\n"),
    *("import a\n", "<", "T", "self.", "return ", "\r\n"),
]


def _still() -> float:
    return 0.0


class _Document:
    """A text with its tree and the cache under test, which is never read from before it has caught up."""

    def __init__(self, language: str, source: str) -> None:
        self.text = Text.of(source)
        self.tree = SyntaxTree(language, self.text)
        self.cache = FactsCache()
        self.reads = 0

    def edit(self, edit: Edit) -> None:
        edit = align(self.text, Edit(self.text.clamp(edit.start), self.text.clamp(edit.end), edit.new))
        self.text = self.text.splice(edit.start, edit.end, edit.new)
        self.tree.edited(edit, self.text)

    def catch_up(self) -> None:
        while not self.tree.advance(_still, 1.0):
            pass
        self.cache.take(self.tree.snapshot())
        self.reads = 0
        while not self.cache.advance(_still, 0.0):
            self.reads += 1

    def state(self) -> str:
        if self.cache.text is not self.text:
            return "nothing" if self.cache.text is None else "old"
        return "stuck" if self.cache.stuck else "current"

    def is_broken(self) -> bool:
        tree = self.tree.snapshot().tree
        return tree is not None and tree.root_node.has_error

    def fresh(self) -> FileFacts:
        snapshot = self.tree.snapshot()
        assert snapshot.grammar is not None
        assert snapshot.tree is not None
        return facts_of(snapshot.grammar, snapshot.tree, snapshot.text)


def _random_edit(text: Text, choose: random.Random) -> Edit:
    line = choose.randrange(len(text.lines))
    start = Position(line, choose.randint(0, text.line_length(line)))
    kind = choose.random()
    if kind < 0.5:
        return Edit(start, start, choose.choice(_TYPED))
    if kind < 0.75:
        return Edit(Position(line, 0), Position(line + choose.randint(1, 4), 0), "")
    if kind < 0.9:
        source = choose.randrange(len(text.lines))
        return Edit(Position(line, 0), Position(line, 0), "".join(text.lines[source : source + choose.randint(1, 9)]))
    return Edit(start, Position(line, start.column + choose.randint(0, 5)), choose.choice(["", "name", "x.y"]))


@given(st.sampled_from(LANGUAGES), st.integers(min_value=0), st.integers(1, 12))
def test_after_any_edits_the_facts_are_those_of_a_fresh_read(language: str, seed: int, edits: int) -> None:
    choose = random.Random(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(facts_cache, "_PART", choose.choice([1, 3, 10]))
        document = _Document(language, source_of(language))
        document.catch_up()
        for _ in range(edits):
            for _ in range(choose.choice([1, 1, 3])):
                document.edit(_random_edit(document.text, choose))
            document.catch_up()
            _assert_alike(document.cache.facts(), document.fresh(), broken=document.is_broken())


def _assert_alike(cached: FileFacts, fresh: FileFacts, *, broken: bool) -> None:
    """The same; but while a file is broken, a chain of names that seems to reach into the part above is cut there."""
    if broken:
        unknown = {at for at, one in enumerate(cached.references) if one.qualifier.startswith("?")}
        cached, fresh = (
            replace(
                facts,
                references=tuple(
                    replace(one, qualifier="?") if at in unknown else one for at, one in enumerate(facts.references)
                ),
            )
            for facts in (cached, fresh)
        )
    assert cached == fresh


def _many_functions(count: int) -> str:
    return "import lib\n\n" + "".join(f"def f{n}(x: T{n}):\n    return lib.g{n}(x)\n\n" for n in range(count))


def test_a_key_reads_one_part_again_and_moves_the_rest() -> None:
    document = _Document("python", _many_functions(1000))
    document.catch_up()
    assert document.reads > 50
    for typed in ["a", "\n", "b"]:
        document.edit(Edit(Position(1500, 11), Position(1500, 11), typed))
        document.catch_up()
        assert document.reads <= 1
        assert document.cache.facts() == document.fresh()


def test_a_key_in_a_class_of_thousands_of_lines_reads_one_part_again() -> None:
    body = "".join(f"    def f{n}(self):\n        return self.g{n}()\n\n" for n in range(1000))
    document = _Document("python", f"class A(B):\n    x = 1\n\n{body}")
    document.catch_up()
    document.edit(Edit(Position(1503, 0), Position(1503, 0), "\n\n"))
    document.catch_up()
    assert document.reads <= 1
    facts = document.cache.facts()
    assert facts == document.fresh()
    assert facts.symbols[0].end == len(document.text.lines) - 2  # the class has grown


def test_facts_are_placed_in_small_steps() -> None:
    document = _Document("python", _many_functions(300))
    document.catch_up()
    document.edit(Edit(Position(0, 0), Position(0, 0), "# one line more\n"))
    document.catch_up()
    steps = 0
    while not document.cache.place(_still, 0.0):
        steps += 1
    assert steps > 20
    assert document.cache.facts() == document.fresh()


def test_what_cannot_be_read_in_small_steps_is_not_read() -> None:
    long = "def long():\n" + "    x = f()\n" * LARGEST_PART
    document = _Document("python", _many_functions(100) + long)
    document.catch_up()
    assert document.state() == "stuck"
    document.edit(Edit(Position(320, 0), Position(400, 0), ""))
    document.catch_up()
    assert document.state() == "current"
    assert document.cache.facts() == document.fresh()
    # An error may swallow all that follows.
    document.edit(Edit(Position(0, 0), Position(0, 0), '"""'))
    document.catch_up()
    document.edit(Edit(Position(0, 0), Position(0, 3), ""))
    document.catch_up()
    assert document.cache.facts() == document.fresh()


def test_a_text_of_too_many_lines_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts_cache, "MOST_LINES", 100)
    document = _Document("python", "x = f()\n" * 99)
    document.catch_up()
    assert document.state() == "current"
    document.edit(Edit(Position(0, 0), Position(0, 0), "x = f()\n"))
    document.catch_up()
    assert document.state() == "nothing"
    document.edit(Edit(Position(0, 0), Position(1, 0), ""))
    document.catch_up()
    assert document.cache.facts() == document.fresh()


def test_edits_while_the_first_read_goes_on() -> None:
    document = _Document("python", _many_functions(300))
    while not document.tree.advance(_still, 1.0):
        pass
    for line in (10, 700, 300):
        document.cache.take(document.tree.snapshot())
        document.cache.advance(_still, 0.0)
        document.edit(Edit(Position(line, 0), Position(line, 0), "x = 1\n"))
        while not document.tree.advance(_still, 1.0):
            pass
    assert not document.cache.current
    document.catch_up()
    assert document.cache.facts() == document.fresh()


def test_a_tree_that_has_not_caught_up_changes_nothing() -> None:
    document = _Document("python", "def f(): pass\n")
    assert document.cache.facts() == FileFacts("")
    document.catch_up()
    before = document.cache.facts()
    document.edit(Edit(Position(0, 4), Position(0, 5), "g"))
    document.cache.take(document.tree.snapshot())
    assert document.cache.current
    assert document.state() == "old"
    assert document.cache.facts() == before


def test_plain_text_has_no_facts() -> None:
    for language in ("plaintext", "json"):
        document = _Document(language, "{}\n")
        document.catch_up()
        assert document.cache.facts() == FileFacts("")
