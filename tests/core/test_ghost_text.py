"""What of a model's text is shown at the cursor: cases as people meet them, and that more text only ever adds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.core.ghost_text import Hole, Shaped, shape
from spark_lsp.core.text import Position, Text

FUNCTION = "def f(a):\n    |\n\n\ndef g():\n    pass\n"
METHOD = "class A:\n    def f(self):\n        |\n\n    def g(self):\n        return 3\n"
CLASS = "class A:\n    x = 1\n\n    |\n"
BRANCHES = "if a:\n        b()\n    else:\n        c()"
WHOLE = "def f(self):\n        a()\n\n        b()"
BRACE = "if (x) {\n    y();\n  }"
BRACES = "function f() {\n  if (x) {\n    |\n  }\n}\n"


def hole(document: str, most_lines: int = 24) -> Hole:
    """The hole at the mark ``|``."""
    before, _, after = document.partition("|")
    position = Position(before.count("\n"), len(before) - before.rfind("\n") - 1)
    return Hole.at(Text.of(before + after), position, most_lines)


def shown(document: str, said: str, most_lines: int = 24) -> str:
    return shape(said, hole(document, most_lines), whole=True).text


@pytest.mark.parametrize(
    ("document", "said", "expected"),
    [
        pytest.param(FUNCTION, "return a", "return a", id="as it is"),
        pytest.param(FUNCTION, "return a\n", "return a", id="without a last line ending"),
        pytest.param(
            FUNCTION, "b = a\n    return b\n\n\ndef h():\n    pass\n", "b = a\n    return b", id="the next function"
        ),
        pytest.param(FUNCTION, "return a\n\n\ndef g():\n    pass", "return a", id="what follows comes again"),
        pytest.param(FUNCTION, "b = a\n\n    return b", "b = a\n\n    return b", id="a paragraph of the block"),
        pytest.param(FUNCTION, BRANCHES, BRANCHES, id="else"),
        pytest.param(FUNCTION, "    return a", "return a", id="indented once more than it is"),
        pytest.param(FUNCTION, "b = a\nreturn b", "b = a\n    return b", id="the indentation is lost"),
        pytest.param(FUNCTION, "if a:\n    b()\nc()", "if a:\n        b()\n    c()", id="lost in a deeper block"),
        pytest.param(FUNCTION, "b = a\n        return b", "b = a\n    return b", id="indented too deep"),
        pytest.param(FUNCTION, "b = a\n\treturn b", "b = a\n    return b", id="tabs for spaces"),
        pytest.param("def f():\n\t|\n\nx = 1\n", "b = a\n    return b", "b = a\n\treturn b", id="spaces for tabs"),
        pytest.param(METHOD, "return 1\n\n    def h(self):\n        pass", "return 1", id="the next method"),
        pytest.param(CLASS, f"{WHOLE}\n\n    def g(self):\n        a()", WHOLE, id="one method"),
        pytest.param(BRACES, "return 1;\n  }\n  return 2;\n}\n", "return 1;", id="a closing brace that stands there"),
        pytest.param("function f() {\n  |\n", f"{BRACE}\n}}\n\ng();", BRACE, id="a brace of its own"),
        pytest.param("function f() {\n|\n}\n", "  return 1;\n}\n", "  return 1;", id="an empty line without blanks"),
        pytest.param("def f(a):|\n\nx = 1\n", "\n    return a\n\nx = 1", "\n    return a", id="behind a colon"),
        pytest.param("    return a|\n\nx = 1\n", "\n\n\ndef g():\n    pass", "", id="nothing more in the block"),
        pytest.param("x = foo(|)\n", "a, b)\nprint()", "a, b", id="a bracket of the editor's"),
        pytest.param("foo(a|, y)\n", "bc, y)", "bc", id="the rest of the line comes again"),
        pytest.param("foo(a|, y)\n", "bc", "bc", id="the rest of the line does not come again"),
        pytest.param('print("|")\n', 'hello")', "hello", id="a quotation mark of the editor's"),
        pytest.param("bar(|)\n", "foo(a)", "foo(a)", id="a bracket that only looks like the editor's"),
        pytest.param("x = [|\n", "\n    1,\n]\ny = 2", "\n    1,\n]", id="a statement of several lines"),
        pytest.param("x = |\n", "a.b()\n    .c()\ny = 2", "a.b()\n    .c()", id="a chain"),
        pytest.param("x = |\n", "1\ny = 2", "1", id="the rest of a statement"),
        pytest.param("a()\n|\nb()\n", "c()\n\nd()", "c()", id="in the middle of a block, up to the blank line"),
        pytest.param("def f\n  |\nend\n", "if a\n    b\n  end\nend\n", "if a\n    b\n  end", id="end of ruby"),
        pytest.param(FUNCTION, "a\r\n    b\r\n", "a\n    b", id="other line endings"),
        pytest.param(FUNCTION, "  \n\n", "", id="nothing but blanks"),
        pytest.param(FUNCTION, "", "", id="nothing"),
    ],
)  # fmt: skip
def test_what_is_shown(document: str, said: str, expected: str) -> None:
    assert shown(document, said) == expected


def test_a_text_with_the_editors_bracket_in_its_middle_takes_its_place() -> None:
    shaped = shape("a, b):\n    return a", hole("def f(|)\n"), whole=True)
    assert shaped == Shaped("a, b):\n    return a", ended=True, replaced=1)
    assert shape("a) + g(b", hole("x = f(|)\n"), whole=True).replaced == 0


def test_it_ends_as_soon_as_it_is_known_to() -> None:
    place = hole(FUNCTION)
    assert not shape("return a\n", place, whole=False).ended
    assert shape("return a\n\n\ndef h():\n", place, whole=False).ended
    assert shape("a, b)\n", hole("foo(|)\n"), whole=False).ended


def test_a_long_text_is_cut_where_a_statement_ends() -> None:
    said = "\n".join(["if a:", *["        b()"] * 6, "    c()", "    if d:", *["        e()"] * 9])
    assert shown(FUNCTION, said, most_lines=10).endswith("c()")


LINES = st.lists(
    st.sampled_from(
        [
            "",
            "    ",
            "a",
            "    b()",
            "        c(",
            "        )",
            "  }",
            "}",
            "def f():",
            "end",
            "\tx",
            "x = [",
            "else:",
            'y="',
        ]
    ),
    max_size=12,
)


@given(LINES, LINES, st.integers(0, 200), st.data())
def test_more_text_only_adds(document: list[str], said: list[str], at: int, data: st.DataObject) -> None:
    text = Text.of("\n".join(document))
    line = at % len(text.lines)
    place = Hole.at(text, Position(line, data.draw(st.integers(0, text.line_length(line)))), 6)
    raw = "\n".join(said)
    before = Shaped("", ended=False)
    for size in range(len(raw) + 1):
        now = shape(raw[:size], place, whole=False)
        assert now.text.startswith(before.text) or now.ended
        assert now == before or not before.ended
        before = now
    last = shape(raw, place, whole=True)
    assert last.ended
    assert last.text.startswith(before.text.rstrip())
    assert last.text.count("\n") < 6
    assert 0 <= last.replaced <= len(place.rest)
