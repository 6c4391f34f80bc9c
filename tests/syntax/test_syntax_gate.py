from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_lsp.core.edits import Edit, apply
from spark_lsp.core.text import Position, Text
from spark_lsp.syntax import gate
from spark_lsp.syntax.gate import GATE_SECONDS, error_count, fits_its_definition
from spark_lsp.syntax.grammars import GRAMMARS
from spark_lsp.syntax.parse import Parse
from spark_lsp.syntax.tree import SLICE_SECONDS, SyntaxTree
from support.texts import edit_sets
from syntax.scope_cases import LANGUAGES, scope_cases

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.core.edits import Edits
    from spark_lsp.syntax.tree import SyntaxSnapshot

_SOUND = "def f(x):\n    return (1)\n\n\ndef g():\n    return 2\n"
_BROKEN = "def f(x):\n    return (1\n\n\ndef g():\n    return 2\n"


def _still() -> float:
    return 0.0


def parses_no_worse(
    before: SyntaxSnapshot, edits: Edits, clock: Callable[[], float], seconds: float = GATE_SECONDS
) -> bool | None:
    return asyncio.run(gate.parses_no_worse(before, edits, clock, seconds))


def _opened(language_id: str, text: Text) -> SyntaxTree:
    tree = SyntaxTree(language_id, text)
    while not tree.advance(_still, 1.0):
        pass
    return tree


def _edit(text: Text, old: str, new: str) -> Edit:
    """Replace the only place of some text within a line."""
    (line,) = (number for number, content in enumerate(text.lines) if old in content)
    column = text.lines[line].index(old)
    return Edit(Position(line, column), Position(line, column + len(old)), new)


def _verdict(language_id: str, source: str, *changes: tuple[str, str]) -> bool | None:
    text = Text.of(source)
    edits = tuple(_edit(text, old, new) for old, new in changes)
    return parses_no_worse(_opened(language_id, text).snapshot(), edits, _still)


@pytest.mark.parametrize(
    ("source", "changes", "verdict"),
    [
        pytest.param(_SOUND, [("(1)", "(1 + x)")], True, id="sound stays sound"),
        pytest.param(_SOUND, [("(1)", "(1")], False, id="a bracket is lost"),
        pytest.param(_SOUND, [("(1)", "'é😀")], False, id="a quote is not closed"),
        pytest.param(_SOUND, [("return 2", "return 2)")], False, id="a bracket too many"),
        pytest.param(_SOUND, [("g()", "h(a, b)"), ("return 2", "return a")], True, id="two edits, both sound"),
        pytest.param(_SOUND, [("(1)", "[1"), ("return 2", "return 2]")], False, id="two edits, both broken"),
        pytest.param(_SOUND, [], True, id="no edits"),
        pytest.param(_BROKEN, [("return 2", "return 3")], True, id="broken elsewhere"),
        pytest.param(_BROKEN, [("(1", "(1)")], True, id="repaired"),
        pytest.param(_BROKEN, [("(1", "[1")], True, id="as broken as before"),
        pytest.param("x = )\n\n\ny = 2\n", [("y = 2", "y = ) 2 + (")], False, id="broken once more"),
    ],
)
def test_verdicts(source: str, changes: list[tuple[str, str]], verdict: bool) -> None:
    assert _verdict("python", source, *changes) is verdict


def test_edits_apart_from_each_other_are_judged_together() -> None:
    assert _verdict("json", '[\n1,\n"é😀"\n]\n', ("[", "{"), ("1,", '"a":'), ("]", "}")) is True
    assert _verdict("json", '[\n1,\n"é😀"\n]\n', ("[", "{"), ("1,", '"a":')) is False


def test_plain_text_is_unknown() -> None:
    assert _verdict("plaintext", "Once (upon a time\n", ("upon", ")")) is None


def test_a_text_that_was_never_parsed_is_unknown() -> None:
    text = Text.of(_SOUND)
    assert parses_no_worse(SyntaxTree("python", text).snapshot(), (_edit(text, "(1)", "(1"),), _still) is None


def test_a_tree_some_edits_old_is_caught_up_first() -> None:
    text = Text.of(_SOUND)
    tree = _opened("python", text)
    typed = _edit(text, "(1)", "(1")
    text = text.splice(typed.start, typed.end, typed.new)
    tree.edited(typed, text)
    assert parses_no_worse(tree.snapshot(), (_edit(text, "(1", "(1)"),), _still) is True
    assert parses_no_worse(tree.snapshot(), (_edit(text, "return 2", "return 3"),), _still) is True
    assert not tree.snapshot().current


def test_without_time_the_verdict_is_unknown() -> None:
    source = "# sound\n" + _SOUND * 200
    text = Text.of(source)
    syntax = _opened("python", text).snapshot()
    everything = Edit(Position(0, 0), text.end, "# other\n" + source.replace("x", "y"))
    assert parses_no_worse(syntax, (everything,), _still, seconds=0.0) is None
    assert parses_no_worse(syntax, (everything,), _still) is True


def test_a_machine_that_stands_still_for_a_slice_at_every_look_opens_no_gate() -> None:
    text = Text.of(_SOUND * 20)
    syntax = _opened("python", text).snapshot()
    source = str(text).replace("x", "y")
    for new, verdict in ((source, True), (f"{source}(", False)):
        ticks = count()
        everything = Edit(Position(0, 0), text.end, new)
        assert parses_no_worse(syntax, (everything,), lambda: next(ticks) * SLICE_SECONDS, 1e9) is verdict  # noqa: B023


def test_the_first_error_of_a_sound_text_is_enough() -> None:
    """Recovering from it may take very long; it need not be waited for."""
    text = Text.of("x = 1\n" + "def f(x):\n    return {x: [1, 2, 3]}\n\n" * 200)
    edit = _edit(text, "x = 1", "x = {")
    syntax = _opened("python", text).snapshot()
    assert syntax.tree is not None
    ticks = count()
    assert parses_no_worse(syntax, (edit,), lambda: next(ticks) * 1e-9) is False
    needed = next(ticks)
    whole = Parse(syntax.tree.language, apply(text, (edit,)), None)
    assert whole.run(lambda: next(ticks) < 0) is not None
    assert needed < next(ticks) - needed


def test_a_text_with_endless_errors_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "_MOST_VISITS", 10)
    source = "x = )\n" * 20 + "y = 1\n"
    assert _verdict("python", source, ("y = 1", "y = 2")) is None


def test_errors_are_counted_wherever_they_are() -> None:
    def errors(source: str) -> int | None:
        tree = _opened("javascript", Text.of(source)).snapshot().tree
        assert tree is not None
        return error_count(tree)

    assert errors("a(1);\n") == 0
    assert errors("") == 0
    assert errors("function f() { if (a) { b( } }\nlet x = 1;\n") == 1  # a bracket is missing
    assert errors(")\nlet x = 1;\n" * 3) == 3


@pytest.mark.parametrize("language_id", GRAMMARS)
@settings(derandomize=True)
@given(data=st.data())
def test_the_verdict_is_that_of_a_parse_from_scratch(language_id: str, data: st.DataObject) -> None:
    """For sound texts, where there is no choice between bad readings; and asking changes nothing."""
    text = data.draw(st.sampled_from(scope_cases(language_id))).text
    syntax = _opened(language_id, text).snapshot()
    assert syntax.tree is not None
    assert not syntax.tree.root_node.has_changes
    edits = data.draw(edit_sets(text))
    fresh = _opened(language_id, apply(text, edits)).snapshot().tree
    assert fresh is not None
    assert parses_no_worse(syntax, edits, _still) is not fresh.root_node.has_error
    assert not syntax.tree.root_node.has_changes


@pytest.mark.parametrize(
    ("source", "new", "verdict"),
    [
        pytest.param("def f(x):\n    return |\n\n\ndef g(:\n", "x", True, id="broken elsewhere"),
        pytest.param("def f(x):\n    return |\n", "(x", False, id="a bracket is lost"),
        pytest.param("def f(x):\n    return (|\n", "x)", True, id="repaired"),
        pytest.param(
            "def f(x):\n    y = 1\n    |\n\n\ndef g():\n    pass\n", "return y", True, id="behind a definition"
        ),
        pytest.param("def f(x):\n    y = 1\n    |\n", "return )", False, id="broken behind a definition"),
        pytest.param("|\n\n\ndef g():\n    pass\n", "import a", True, id="in front of all"),
        pytest.param("|", "x = 1", True, id="an empty file"),
        pytest.param("|", "x = (1", False, id="an empty file, broken"),
        pytest.param("x = 1\n|", "y = '''", False, id="a string without an end"),
        pytest.param("x = 1\n\n\n|", "y = 2", True, id="at the end of the file"),
    ],
)
def test_one_edit_in_its_definition(source: str, new: str, verdict: bool) -> None:
    before, _, after = source.partition("|")
    syntax = _opened("python", Text.of(before + after)).snapshot()
    position = Position(before.count("\n"), len(before) - before.rfind("\n") - 1)
    assert asyncio.run(fits_its_definition(syntax, Edit(position, position, new), _still)) is verdict


@settings(deadline=None)
@given(st.sampled_from(LANGUAGES), st.data())
def test_what_breaks_its_definition_breaks_the_file(language: str, data: st.DataObject) -> None:
    """Wherever something is put in: nothing that is refused here would have passed as a whole."""
    text = data.draw(st.sampled_from(scope_cases(language))).text
    syntax = _opened(language, text).snapshot()
    line = data.draw(st.integers(0, len(text.lines) - 1))
    position = Position(line, data.draw(st.integers(0, text.line_length(line))))
    new = data.draw(st.sampled_from(["x", "x = 1", "(", ")", "'", "\n", "{", "foo()", " "]))
    edit = Edit(position, position, new)
    if asyncio.run(fits_its_definition(syntax, edit, _still)) is False:
        assert parses_no_worse(syntax, (edit,), _still) is False
