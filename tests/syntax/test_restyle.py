"""Which hunks only restyle: a table of cases by language, and what random restyling and real edits come to."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.core.edits import merged
from spark_lsp.core.hunks import LineHunk
from spark_lsp.core.refine import blocks
from spark_lsp.core.text import Text, split_lines
from spark_lsp.syntax.restyle import RestyleJudge
from spark_lsp.syntax.tree import SyntaxTree

if TYPE_CHECKING:
    from spark_lsp.core.edits import Edits


def judge(language: str, text: Text) -> RestyleJudge:
    syntax = SyntaxTree(language, text)
    while not syntax.advance(lambda: 0.0, 1.0):
        pass
    return RestyleJudge(syntax.snapshot(), language, (0, len(text.lines) - 1), lambda: 0.0)


def hunks(old: str, new: str) -> list[Edits]:
    lines = split_lines(old)
    return [block.edits for block in blocks(lines, LineHunk(0, len(lines), tuple(split_lines(new))))]


def verdict(language: str, old: str, new: str) -> bool:
    """Whether all that differs is one hunk that only restyles."""
    return judge(language, Text.of(old)).only_restyles(merged(hunks(old, new)))


RESTYLED = {
    "python": [
        ("spaces in a line", "x=foo( a,b )\n", "x = foo(a, b)\n"),
        ("wrapped in brackets", "x = foo(a, b)\n", "x = foo(\n    a,\n    b,\n)\n"),
        ("joined", "x = foo(\n    a,\n    b,\n)\n", "x = foo(a, b)\n"),
        ("comma with a comment behind it", "x = [\n    1  # one\n]\n", "x = [\n    1,  # one\n]\n"),
        ("a tuple of two", "x = (1, 2)\n", "x = (1, 2,)\n"),
        ("quotes", "x = 'a' + 'b'\n", 'x = "a" + "b"\n'),
        ("quotes with quotes inside", "x = 'it\\'s'\n", 'x = "it\'s"\n'),
        ("quotes of an f-string", "x = f'{a} b'\n", 'x = f"{a} b"\n'),
        ("quotes of a docstring", "def f():\n    '''Do.'''\n", 'def f():\n    """Do."""\n'),
        ("parentheses", "return_ = (a + b)\nif (x):\n    pass\n", "return_ = a + b\nif x:\n    pass\n"),
        ("a continued line", "x = a + \\\n    b\n", "x = (\n    a + b\n)\n"),
        ("blank lines", "a = 1\nb = 2\n", "a = 1\n\n\nb = 2\n"),
        (
            "blank lines go",
            "def f():\n    pass\n\n\n\n\ndef g():\n    pass\n",
            "def f():\n    pass\n\n\ndef g():\n    pass\n",
        ),
        ("white space at the end", "a = 1   \n", "a = 1\n"),
        ("a comment's space", "#a comment\nx = 1\n", "# a comment\nx = 1\n"),
        ("a comment is wrapped", "# one two three four\nx = 1\n", "# one two\n# three four\nx = 1\n"),
        ("an import is wrapped", "from a import b, c\n", "from a import b,  c\n"),
    ],
    "javascript": [
        ("semicolons", "const a = 1\nfoo()\n", "const a = 1;\nfoo();\n"),
        ("semicolons go", "const a = 1;\nfoo();\n", "const a = 1\nfoo()\n"),
        ("quotes", "const a = 'x'\n", 'const a = "x"\n'),
        ("quotes with quotes inside", "a('\\'')\n", 'a("\'")\n'),
        ("commas", "foo({a, b})\n", "foo({\n  a,\n  b,\n});\n"),
        ("parentheses", "const f = () => (a + b)\n", "const f = () => a + b\n"),
        ("a chain", "a.b().c()\n", "a\n  .b()\n  .c()\n"),
        ("indentation", "function f() {\n    return 1\n}\n", "function f() {\n  return 1\n}\n"),
        ("braces on their own line", "function f()\n{\n  g();\n}\n", "function f() {\n  g();\n}\n"),
        ("a block comment", "/* one two\n * three */\nf()\n", "/* one\n * two three */\nf()\n"),
    ],
    "typescript": [
        ("an interface", "interface I { a: string, }\n", "interface I { a: string,\n}\n"),
        ("members", "interface I { a: string; b: X }\n", "interface I {\n  a: string;\n  b: X;\n}\n"),
        ("an enum", "enum E { A, B }\n", "enum E {\n  A,\n  B,\n}\n"),
    ],
    "typescriptreact": [
        ("indentation", "const a = <div>\n      <b/>\n</div>\n", "const a = <div>\n  <b/>\n</div>\n"),
        ("semicolon outside", "const a = 1\nconst b = <b>x</b>;\n", "const a = 1;\nconst b = <b>x</b>;\n"),
    ],
    "go": [
        ("alignment", "type T struct {\n\ta int\n\tbcd string\n}\n", "type T struct {\n\ta   int\n\tbcd string\n}\n"),
        ("arguments", "package m\n\nvar x = f(a, b)\n", "package m\n\nvar x = f(\n\ta,\n\tb,\n)\n"),
    ],
    "rust": [
        ("arguments", "fn f() { g(a, b); }\n", "fn f() {\n    g(\n        a,\n        b,\n    );\n}\n"),
        ("a struct", "struct S { a: u8 }\n", "struct S {\n    a: u8,\n}\n"),
    ],
    "java": [("braces", "class A\n{\n  int a;\n}\n", "class A {\n    int a;\n}\n")],
    "c": [("a pointer", "int* a;\nint b = f( 1 );\n", "int *a;\nint b = f(1);\n")],
    "cpp": [("a list", "int a[] = {1, 2};\n", "int a[] = {\n  1,\n  2,\n};\n")],
    "csharp": [("braces", "class A\n{\n  int a;\n}\n", "class A {\n    int a;\n}\n")],
    "ruby": [("a list", "x = [1,2]\n", "x = [\n  1,\n  2,\n]\n")],
    "php": [("a list", "<?php\n$x = [1,2];\n", "<?php\n$x = [\n    1,\n    2,\n];\n")],
    "lua": [("a table", "local t = {1,2}\n", "local t = {\n  1,\n  2,\n}\n")],
    "shellscript": [("indentation", "if a; then\nb\nfi\n", "if a; then\n  b\nfi\n")],
    "json": [("wrapped", '{"a": 1, "b": [1, 2]}\n', '{\n  "a": 1,\n  "b": [1, 2]\n}\n')],
    "yaml": [("spaces", "a:   1\nb: [1,2]\n", "a: 1\nb: [1, 2]\n"), ("blank lines", "a: 1\nb: 2\n", "a: 1\n\nb: 2\n")],
    "toml": [("a list", "a = [1,2]\n", "a = [\n  1,\n  2,\n]\n")],
    "css": [("braces", "a { b: c; d: e }\n", "a {\n  b: c;\n  d: e\n}\n")],
    "kotlin": [("white space at the end", "val a = 1  \n", "val a = 1\n"), ("blank lines", "a\nb\n", "a\n\nb\n")],
}

CHANGED = {
    "python": [
        ("a name", "x = 1\n", "y = 1\n"),
        ("a line moves out of a block", "if a:\n    b()\n    c()\n", "if a:\n    b()\nc()\n"),
        ("a line that only the eye moves", "if a:\n    b()\n\n    c()\n", "if a:\n    b()\n\n        c()\n"),
        ("a tuple of one", "x = (1)\n", "x = (1,)\n"),
        ("a tuple without brackets", "x = 1\n", "x = 1,\n"),
        ("a subscript", "x: T[int]\n", "x: T[int,]\n"),
        ("parentheses that matter", "x = (a + b) * c\n", "x = a + b * c\n"),
        ("a comparison", "x = (a < b) < c\n", "x = a < b < c\n"),
        ("a string's white space", "x = 'a b'\n", "x = 'a  b'\n"),
        ("in a long string", 'x = """\na\n  b\n"""\n', 'x = """\na\nb\n"""\n'),
        ("a blank line in a long string", 'x = """\na\nb\n"""\n', 'x = """\na\n\nb\n"""\n'),
        ("a docstring", 'def f():\n    """A  b."""\n', 'def f():\n    """A b."""\n'),
        ("a raw string", "x = r'\\''\n", 'x = r"\'"\n'),
        ("an escape", "x = '\\\\'\n", "x = '\\\\\\\\'\n"),
        ("strings are joined", "x = 'a' 'b'\n", "x = 'ab'\n"),
        ("a prefix", "x = 'a'\n", "x = b'a'\n"),
        ("order of imports", "import b\nimport a\n", "import a\nimport b\n"),
        ("a comment for a tool", "x = 1  # noqa\ny = 2\n", "# noqa\nx = 1\ny = 2\n"),
        ("a comment's words", "# one\nx = 1\n", "# two\nx = 1\n"),
        ("a comment for the shell", "#!/bin/sh\nx = 1\n", "# !/bin/sh\nx = 1\n"),
        ("code becomes a comment", "x = 1\n", "# x = 1\n"),
        ("an operator", "x = a - b\n", "x = a * b\n"),
        ("a sign", "x = a\n", "x = -a\n"),
        ("broken", "x = (1)\n", "x = (1\n"),
        ("broken before", "x = (\n\n\ny =  2\n", "x = (\n\n\ny = 2\n"),
    ],
    "javascript": [
        ("a return and its value", "function f() {\n  return 1\n}\n", "function f() {\n  return\n  1\n}\n"),
        ("an optional chain", "x = (a?.b).c\n", "x = a?.b.c\n"),
        ("a sequence", "f((a, b))\n", "f(a, b)\n"),
        ("a hole", "x = [1]\n", "x = [1,,]\n"),
        ("a template", "x = `a b`\n", "x = `a  b`\n"),
        ("a template's indentation", "x = `a\n  b`\n", "x = `a\nb`\n"),
        ("quotes of a template", "x = 'a'\n", "x = `a`\n"),
        ("a loop's head", "for (;;) a()\n", "for (;) a()\n"),
        ("an empty body", "while (a) b()\n", "while (a); b()\n"),
        ("a directive", "('use strict')\n", "'use strict'\n"),
        ("a pattern", "x = /a b/\n", "x = /a  b/\n"),
        ("a function", "export default (function f() {})\n", "export default function f() {}\n"),
        ("a comment for a tool", "// eslint-disable-next-line\nf()\n", "f() // eslint-disable-next-line\n"),
    ],
    "javascriptreact": [
        ("a space between elements", "x = <p><b/> <i/></p>\n", "x = <p>\n  <b/>\n  <i/>\n</p>\n"),
        ("a text", "x = <p>a b</p>\n", "x = <p>a  b</p>\n"),
    ],
    "go": [("raw strings", "package m\n\nvar x = `a\n b`\n", "package m\n\nvar x = `a\nb`\n")],
    "rust": [
        ("a tuple of one", "fn f() { let a = (1); }\n", "fn f() { let a = (1,); }\n"),
        ("a macro", "fn f() { m!(a, b); }\n", "fn f() { m!(a, b,); }\n"),
        ("a value returned", "fn f() -> u8 { g() }\n", "fn f() -> u8 { g(); }\n"),
        ("a comment that documents", "// a\nfn f() {}\n", "/// a\nfn f() {}\n"),
    ],
    "c": [
        ("a macro's value", "#define A (1)\n", "#define A(1)\n"),
        ("a macro's lines", "#define A b \\\n  c\n", "#define A b\n"),
    ],
    "ruby": [("here", "x = <<~A\n  b\nA\n", "x = <<~A\n    b\nA\n")],
    "php": [("markup", "<p>a </p><?php f(); ?>\n", "<p>a</p><?php f(); ?>\n")],
    "shellscript": [
        ("a string", 'a="$b  $c"\n', 'a="$b $c"\n'),
        ("here", "cat <<E\n  a\nE\n", "cat <<E\na\nE\n"),
        ("words", "a b\n", "ab\n"),
    ],
    "json": [("a value", '{"a": "b c"}\n', '{"a": "b  c"}\n')],
    "yaml": [
        ("nesting", "a:\n  b: 1\n  c: 2\n", "a:\n  b: 1\nc: 2\n"),
        ("all of a block", "a:\n  b: 1\n", "a:\n    b: 1\n"),
        ("a text", "a: |\n  b\n  c\n", "a: |\n  b\n\n  c\n"),
        ("quotes", "a: '1'\n", "a: 1\n"),
    ],
    "css": [("a selector", "a :hover { b: c }\n", "a:hover { b: c }\n")],
    "html": [
        ("white space", "<p>a</p>\n<p>b</p>\n", "<p>a</p><p>b</p>\n"),
        ("blank lines", "<pre>\na\n", "<pre>\n\na\n"),
    ],
    "markdown": [("a line break", "a  \nb\n", "a\nb\n"), ("a paragraph", "a\nb\n", "a\n\nb\n")],
    "kotlin": [
        ("indentation", "  a\n", "a\n"),
        ("where a string may have begun", 'val a = """\nb\nc\n"""\n', 'val a = """\nb\n\nc\n"""\n'),
    ],
}


@pytest.mark.parametrize(
    ("language", "old", "new"),
    [
        pytest.param(language, old, new, id=f"{language}: {name}")
        for language, cases in RESTYLED.items()
        for name, old, new in cases
    ],
)
def test_style(language: str, old: str, new: str) -> None:
    assert verdict(language, old, new)
    assert verdict(language, new, old)


@pytest.mark.parametrize(
    ("language", "old", "new"),
    [
        pytest.param(language, old, new, id=f"{language}: {name}")
        for language, cases in CHANGED.items()
        for name, old, new in cases
    ],
)
def test_more_than_style(language: str, old: str, new: str) -> None:
    assert not verdict(language, old, new)
    assert not verdict(language, new, old)


PYTHON = '''\
import a, b
from c import (d, e)
@f(1)
class G(H, metaclass=I):
    """A  docstring's text."""
    x: int = (1)
    y = 'it\\'s', "z"
    def h(self, a=(1, 2), *b, **c):
        # a comment of
        # two lines
        if (a and b) or not (c):
            return [d for d in (e)], {f: g}
        elif a < b:
            del x[1], y
        else:
            x = """
              text ( a
            """ 'b'
        with (open(a)) as b, c: pass
        return -a - b ** (-c), (a,), f"{a!r} b"
for i in j: k(); l = m; print((yield), *n)
t = lambda x, y: (x, y); u = a if (b) else c
assert (v), (w)
'''


@given(st.data())
def test_style_of_python_is_what_its_parser_takes_for_the_same(data: st.DataObject) -> None:
    source = PYTHON
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(source) - 1))
        size = data.draw(st.sampled_from((0, 0, 1, 1, 2)))
        new = data.draw(st.text(" \n,;()'\"#*-/!", max_size=2))
        source = source[:start] + new + source[start + size :]
    if source != PYTHON and verdict("python", PYTHON, source):
        assert ast.dump(ast.parse(source)) == ast.dump(ast.parse(PYTHON))
