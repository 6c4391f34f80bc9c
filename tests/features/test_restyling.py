"""The guard against over-correction: which hunks stay, in any chunking, and which instructions are about style."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.core.edits import apply, merged
from spark_lsp.core.prompt import EditContext, Region
from spark_lsp.core.text import ORIGIN, Position, Range, Text
from spark_lsp.features.restyling import StyleGuard, is_about_style
from spark_lsp.formats.rewrite import RewriteParser
from spark_lsp.session import Snapshot
from spark_lsp.syntax.tree import SyntaxTree

NOTHING = Range(ORIGIN, ORIGIN)


def guard(text: Text, language: str, selected: Range = NOTHING, instruction: str = "Do it") -> StyleGuard:
    syntax = SyntaxTree(language, text)
    while not syntax.advance(lambda: 0.0, 1.0):
        pass
    snapshot = Snapshot("", language, 1, text, syntax.snapshot())
    return StyleGuard(snapshot, Region(text, ORIGIN), selected, instruction, lambda: 0.0)


def guarded(
    old: str, reply: str, language: str, size: int, selected: Range = NOTHING, instruction: str = "Do it"
) -> tuple[str, int]:
    """What an edit makes of a text when the reply comes in pieces of a size, and how many hunks were left out."""
    text = Text.of(old)
    parser = RewriteParser(EditContext("x", language, instruction, Region(text, ORIGIN), "\n", "", ""))
    style = guard(text, language, selected, instruction)
    pieces = [reply[start : start + size] for start in range(0, len(reply), size)]
    blocks = [block for piece in pieces for block in style.kept(parser.feed(piece))]
    blocks += style.kept(parser.finish())
    return str(apply(text, merged(block.edits for block in blocks))), style.left_out


STATEMENTS = {
    "python": [
        ("x{0} = f('a', b)\n", 'x{0} = f("a", b)\n', "x{0} = f('a', c)\n"),
        ("x{0} = [1, 2]\n", "x{0} = [\n    1,\n    2,\n]\n", "x{0} = [1, 2, 3]\n"),
        ("if (x{0}):\n    pass\n", "if x{0}:\n    pass\n", "if not x{0}:\n    pass\n"),
        ("x{0} = '''\n  a\n'''\n", 'x{0} = """\n  a\n"""\n', "x{0} = '''\n a\n'''\n"),
        ("# one two {0}\n", "#  one\n#  two {0}\n", "# one three {0}\n"),
    ],
    "javascript": [
        ("x{0} = f('a', b)\n", 'x{0} = f("a", b);\n', "x{0} = f('a', c)\n"),
        ("if (x{0}) {{\n    a{0}()\n}}\n", "if (x{0})\n{{\n  a{0}();\n}}\n", "if (!x{0}) {{\n    a{0}()\n}}\n"),
        ("x{0} = `\n  a`\n", "x{0} = `\n  a`;\n", "x{0} = `\n a`\n"),
        ("x{0} = {{ a: (b) }}\n", "x{0} = {{\n  a: b,\n}}\n", "x{0} = {{ a: (b), c }}\n"),
    ],
}
"""By language: a statement, the same in another style, and something else."""


@given(
    st.sampled_from(sorted(STATEMENTS)),
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from((0, 0, 1, 2)), st.integers(0, 3)), min_size=1, max_size=12),
    st.integers(1, 400),
)
def test_what_is_left_out_is_style_and_nothing_else_is(
    language: str, choices: list[tuple[int, int, int]], size: int
) -> None:
    """Of each statement there is a variant, and behind it some lines that stay."""
    old, new, expected = "", "", ""
    dropped = 0
    for number, (index, variant, lines) in enumerate(choices):
        forms = STATEMENTS[language][index % len(STATEMENTS[language])]
        before, after = forms[0].format(number), forms[variant].format(number)
        stay = "".join(f"stays{number}{line}()\n" for line in range(lines + 2))
        old, new = old + before + stay, new + after + stay
        expected += (after if variant == 2 else before) + stay
        dropped += variant == 1
    result, left_out = guarded(old, new, language, size)
    assert result == expected
    assert bool(left_out) == bool(dropped)


def test_style_next_to_a_change_belongs_to_it() -> None:
    old = "a = 'x'\nkeeps = 1\nb = 'y'\nalso = 1\nagain = 2\nc = 'z'\n"
    new = 'a = "x"\nkeeps = 1\nb = "other"\nalso = 1\nagain = 2\nc = "z"\n'
    assert guarded(old, new, "python", 5) == (new.replace('"z"', "'z'"), 1)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_what_is_wrapped_keeps_its_new_indentation(size: int) -> None:
    """The body of a new block is indented further, and its blank lines make several hunks of that."""
    body = "one(\n  1)\n\ntwo()\n\nthree()\nthen()\n\nfour()\n"
    indented = "".join(f"  {line}\n" if line else "\n" for line in body.splitlines())
    old = f"function f(a) {{\nstart()\n{body}stop()\n}}\n"
    new = f"function f(a) {{\nstart()\nif (a) {{\n{indented}}}\nstop()\n}}\n"
    assert guarded(old, new, "javascript", size) == (new, 0)
    assert guarded(new, old, "javascript", size) == (old, 0)


def test_comments_follow_what_they_stand_over() -> None:
    old = "def f():\n    a()\n    b()\n\n    # a comment\n\n    c()\n"
    new = "def f():\n    if x:\n        a()\n        b()\n\n        # a comment\n\n        c()\n"
    assert guarded(old, new, "python", 9) == (new, 0)


def test_a_string_that_the_reply_opens_is_content() -> None:
    old = "a = 1\nb = [\n   1]\nkeep()\nstay()\nc = 2\n"
    new = 'a = """\nb = [\n  1]\nkeep()\nstay()\nc = 2"""\n'
    assert guarded(old, new, "python", 4) == (new, 0)


OLD = "a = 'x'\nkeeps = 1\nstays = 2\nb = 'y'\n"
NEW = OLD.replace("'", '"')


@pytest.mark.parametrize(
    ("selected", "instruction", "result"),
    [
        pytest.param(Range(ORIGIN, Position(4, 0)), "Improve it", OLD, id="more is selected"),
        pytest.param(Range(ORIGIN, Position(1, 0)), "Improve it", NEW.replace('"y"', "'y'"), id="just this line"),
        pytest.param(
            Range(Position(3, 0), Position(3, 7)), "Improve it", NEW.replace('"x"', "'x'"), id="without its end"
        ),
        pytest.param(Range(ORIGIN, Position(1, 0)), "Rename foo_bar", OLD, id="something else is named"),
        pytest.param(
            NOTHING, "Fix this problem in line 4 of the file: bad", NEW.replace('"x"', "'x'"), id="the line is named"
        ),
        pytest.param(NOTHING, "Improve it", OLD, id="the cursor"),
    ],
)
def test_what_the_instruction_is_for_stays(selected: Range, instruction: str, result: str) -> None:
    assert guarded(OLD, NEW, "python", 3, selected, instruction)[0] == result


@pytest.mark.parametrize(
    "instruction",
    [
        "Format this",
        "reformat the code",
        "fix the indentation",
        "use double quotes",
        "Put it on one line",
        "wrap long lines",
        "wrap at 80 columns",
        "remove trailing whitespace",
        "make it PEP8 compliant",
        "PEP 8",
        "run black over it",
        "as prettier would do it",
        "Clean this up",
        "Simplify this code without changing what it does.",
        "fix E501",
        "Fix this problem in line 3 of the file (ruff): Missing trailing comma",
        "Fix this problem in line 3 of the file: Line too long (130 > 120)",
        "remove the unneeded parentheses",
        "one blank line between the functions",
        "follow our code style",
        "add semicolons",
        "make it more readable",
        "reflow the comments",
    ],
)
def test_about_style(instruction: str) -> None:
    assert is_about_style(instruction)


@pytest.mark.parametrize(
    "instruction",
    [
        "Rename x to y",
        "Wrap the call in a try block",
        "wrap it in try/except",
        "Handle the errors that can happen here in the way the rest of the file does. Keep what works as it is.",
        "Add precise type annotations wherever the language allows them. Change nothing else.",
        "Write the documentation comment that this code lacks, in the style of the file. Change no code.",
        "Use math.pi",
        "Fix the bug in the loop",
        "make it async",
        "print the stack trace",
        "add a table of contents",
    ],
)
def test_about_something_else(instruction: str) -> None:
    assert not is_about_style(instruction)
