"""The format `hole`: the prompt to the byte, and the text to insert in whatever a chat model replies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.core.prompt import InlineContext, Prompt, RelatedCode
from spark_lsp.formats.hole import HoleParser, mark_of, render
from support.texts import contents

SIZES = (1, 2, 3, 7, 1 << 30)


def inserted(before: str, reply: str, language: str = "python", size: int = 1 << 30) -> str:
    """The text to insert, of a reply that comes in chunks of a size."""
    parser = HoleParser(InlineContext("a.py", language, before, ""))
    text = "".join(parser.feed(reply[at : at + size]) for at in range(0, len(reply), size))
    return text + parser.finish()


def in_any_chunking(before: str, reply: str, language: str = "python") -> str:
    (text,) = {inserted(before, reply, language, size) for size in SIZES}
    return text


def user_text(prompt: Prompt) -> str:
    assert [message.role for message in prompt.messages] == ["system", "user"]
    return prompt.messages[1].content


def test_the_prompt_has_what_changes_last_at_its_end() -> None:
    related = (
        RelatedCode("manifest", "Declared dependencies:", "httpx", is_code=False),
        RelatedCode("file", "lib/b.py", "y = 1\n"),
        RelatedCode("skeleton", "From the rest of this file, in excerpts:", "class A: ...\n"),
    )
    prompt = render(InlineContext("src/a.py", "python", "def f():\n    retu", "\n\nf()\n", related))
    assert user_text(prompt) == (
        "Declared dependencies: httpx\n\n"
        "From lib/b.py:\n```\ny = 1\n```\n\n"
        "From the rest of this file, in excerpts:\n```\nclass A: ...\n```\n\n"
        "File: src/a.py (python)\n\n"
        "Code behind the cursor:\n```python\n\n\nf()\n```\n\n"
        "Code before the cursor:\n```python\ndef f():\n    retu<CURSOR>\n```"
    )


def test_two_keystrokes_have_the_same_front() -> None:
    one, two = (user_text(render(InlineContext("a.py", "python", f"x = {end}", "\ny\n"))) for end in ("", "1"))
    assert one.removesuffix("<CURSOR>\n```") == two.removesuffix("1<CURSOR>\n```")


def test_an_empty_file_of_no_language() -> None:
    assert user_text(render(InlineContext("a", "", "", ""))) == (
        "File: a\n\nCode before the cursor:\n```\n<CURSOR>\n```"
    )


def test_neither_mark_nor_fence_is_in_the_context() -> None:
    context = InlineContext("a.md", "markdown", "<CURSOR>\n```\n", "<CURSOR1>", (RelatedCode("x", "", "<CURSOR2>"),))
    assert mark_of(context) == "<CURSOR3>"
    assert user_text(render(context)).endswith("````markdown\n<CURSOR>\n```\n<CURSOR3>\n````")


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("5", "5"),
        ("5\n", "5"),
        ("```python\n5\n```", "5"),
        ("```\n5\n```\nThis sets x to 5.", "5"),
        ("~~~~\n5\n~~~~", "5"),
        ("```python\n5", "5"),
        ("Sure! Here is the code:\n```python\n5\n```", "5"),
        ("To finish the line:\n\n```python\n5\n```", "5"),
        ("Here is the rest:\n5", "5"),
        ("<think>\nAn x.\n```\nno\n```\n</think>\n\n```\n5\n```", "5"),
        ("<think>5?</think>\n5", "5"),
        ("```\nf(\n    1,\n)\n```", "f(\n    1,\n)"),
        ("f(\n    1,\n)\n\n", "f(\n    1,\n)\n"),
        ("```\n5\r\n```\r\n", "5"),
        ("x = 5", "5"),
        ("```\nx = 5\n```", "5"),
        ("x =5", "5"),
        (" 5", "5"),
        ("<CURSOR>5", "5"),
        ("x = <CURSOR>5", "5"),
        ("5<CURSOR>", "5"),
        ("<CURSOR>", ""),
        ("", ""),
        ("\n\n", ""),
        ("```\n```", ""),
        ("```python\n\n```", ""),
        ("I cannot complete this.", ""),
        ("I'm sorry:\nI cannot complete this.", ""),
    ],
)
def test_what_is_inserted_behind_the_beginning_of_a_line(reply: str, expected: str) -> None:
    assert in_any_chunking("import a\n\nx = ", reply) == expected


@pytest.mark.parametrize(
    ("before", "reply", "expected"),
    [
        # Words are text where words are to be expected.
        ("# ", "I am not sure.", "I am not sure."),
        ('f("', "Note: it works", "Note: it works"),
        # A sentence before code is code, if no fence follows.
        ("", "Foo bar baz.\nx", "Foo bar baz.\nx"),
        # A block in the text, with fences.
        ("", '```\n"""\n```python\nf()\n```\n"""\n```', '"""\n```python\nf()\n```\n"""'),
        # Fences that are none to the block.
        ("", "````\n```\n````", "```"),
        ("", "```\n~~~\n```", "~~~"),
        # Blank lines are meant, but not behind an indentation.
        ("a\n", "\nb", "\nb"),
        ("def f():", "\n    pass", "\n    pass"),
        ("def f():\n    ", "\n    pass", "pass"),
    ],
)
def test_what_is_text_and_what_is_not(before: str, reply: str, expected: str) -> None:
    assert in_any_chunking(before, reply) == expected


@pytest.mark.parametrize(
    ("before", "reply", "expected"),
    [
        # The indentation before the cursor.
        ("def f():\n    ", "    return 1", "return 1"),
        ("def f():\n    ", "        return 1", "    return 1"),
        ("def f():\n\t", "    return 1", "return 1"),
        ("def f():\n        ", "    return 1", "return 1"),
        ("def f():\n    ", "a = 1\n    return a", "a = 1\n    return a"),
        # The line at the cursor.
        ("def f():\n    return ", "    return 1", "1"),
        ("def f():\n    return ", "return 1", "1"),
        ("def f():\n    return ", "return", ""),
        ("    x", "    xyz = 1", "yz = 1"),
        ("    x = fo", "x = foo(1)", "o(1)"),
        ("foo ", "foobar", "foobar"),
        # Too little to say that it is meant once.
        ("f(", "f(1))", "f(1))"),
        ("}", "}", "}"),
        ("});", "});", "});"),
        # The line at the cursor with those above it, or the lines above alone.
        ("first_value = 1\nsecond_value = 2\nif x", "second_value = 2\nif x:\n    y", ":\n    y"),
        ("first_value = 1\nsecond_value = 2\nif x", "first_value = 1\nsecond_value = 2\nif x:\n    y", ":\n    y"),
        ("def f():\n    ", "def f():\n    return 1", "return 1"),
        ("first_value = 1\n", "first_value = 1\nsecond_value = 2", "second_value = 2"),
        ("first_value = 1\n\n", "first_value = 1\n\nsecond_value = 2", "second_value = 2"),
        ("first_value = 1\n", "first_value = 1", ""),
        ("one(1)\ntwo(2)\none(1)\ntwo(2)\n", "one(1)\ntwo(2)\nthree(3)", "three(3)"),
        # A repetition that goes on differently is none.
        ("first_value = 1\nsecond_value = 2\n", "first_value = 1\nc_value = 2", "first_value = 1\nc_value = 2"),
        # Behind the beginning of a line, what stands above can be meant again.
        ("sorted(values)\nx = ", "sorted(values)", "sorted(values)"),
        # A short line can be meant again.
        ("if a:\n  if b:\n    x\n  end\n", "end", "end"),
        ("i++;\n", "i++;\nj++;", "i++;\nj++;"),
        # A repetition that lost its indentation, with what follows.
        ("class A:\n    def f(self):\n        if a", "if a:\n    b()\nc()", ":\n            b()\n        c()"),
        ("class A:\n    def f(self):\n        ", "def f(self):\n    return 1", "return 1"),
        ("class A:\n    def f(self):\n    ", "def f(self):\n    return 1", "    return 1"),
        # A block that lost its indentation.
        ("def f():\n    ", "if a:\n    b()\nelse:\n    c()", "if a:\n        b()\n    else:\n        c()"),
        ("f() {\n    ", "if (a) {\n}", "if (a) {\n    }"),
        ("def f():\n    ", "if a:\n        b()\n    else:\n        c()", "if a:\n        b()\n    else:\n        c()"),
        ("f() {\n    ", "g({\n    })\n}", "g({\n    })\n}"),
        # A line of its own, whose beginning was left out.
        ("def f():", "    return 1", "\n    return 1"),
        ("def f():", "def f():\n    return 1", "\n    return 1"),
        ("    a = 1", "    b = 2", "\n    b = 2"),
        ("x = 1", "  # one", "  # one"),
        ("x = 1", " + 2", " + 2"),
    ],
)
def test_what_stands_before_the_cursor_is_not_inserted_again(before: str, reply: str, expected: str) -> None:
    assert in_any_chunking(before, reply) == expected
    assert in_any_chunking(before, f"```python\n{reply}\n```") == expected
    assert in_any_chunking(before, f"Here you are:\n\n```python\n{reply}\n```\nDone.") == expected


def test_lines_come_as_soon_as_they_are_certain() -> None:
    parser = HoleParser(InlineContext("a.py", "python", "def f():\n    retu", ""))
    pieces = ["```python\n    return", " g(\n", "        1", ",\n", "    )\n``", "`", "\nThis calls g.", "\n"]
    assert [parser.feed(piece) for piece in pieces] == ["", "rn g(", "", "\n        1,", "\n    )", "", "", ""]
    assert parser.ended
    assert parser.finish() == ""


def test_words_are_text_in_a_text() -> None:
    assert in_any_chunking("", "I am not sure.", "markdown") == "I am not sure."


def test_words_are_not_held_for_ever() -> None:
    parser = HoleParser(InlineContext("a.md", "markdown", "", ""))
    assert parser.feed("This is a sentence.\n" * 12) == "\n".join(["This is a sentence."] * 12)


def test_only_a_closed_block_ends_the_reply() -> None:
    parser = HoleParser(InlineContext("a.py", "python", "", ""))
    assert parser.feed("a\n```\nb\n") == "a\n```\nb"
    assert not parser.ended


_PIECES = st.sampled_from(
    [
        "```\n",
        "```python\n",
        "Here is it:\n",
        "<think>",
        "</think>",
        "def f():\n",
        "    ",
        "return",
        " 1",
        "\n",
        "<CURSOR>",
    ]
)
_CODE = st.lists(st.sampled_from(["def f():", "    return 1", "first_value = 2", "", "\tb", "end"]), max_size=5)


@given(_CODE, st.lists(_PIECES, max_size=12), st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_chunking_makes_no_difference(before: list[str], pieces: list[str], sizes: list[int]) -> None:
    reply = "".join(pieces)
    parser = HoleParser(InlineContext("a.py", "python", "\n".join(before), ""))
    text, at, turn = "", 0, 0
    while at < len(reply):
        size = sizes[turn % len(sizes)]
        text += parser.feed(reply[at : at + size])
        at, turn = at + size, turn + 1
    assert text + parser.finish() == inserted("\n".join(before), reply)


@given(_CODE, contents(), contents(), st.integers(1, 9))
def test_any_reply_can_be_read(before: list[str], one: str, two: str, size: int) -> None:
    context = "\n".join([*before, one]).replace("\r\n", "\n").replace("\r", "\n")  # as a context is
    text = inserted(context, one + two, size=size)
    assert "\r" not in text.replace("\r\n", "")


@given(st.lists(st.sampled_from(["new(1)", "    new(2)", "", "    }", "end", "😀"]), max_size=6), st.booleans())
def test_what_is_new_comes_to_the_letter(lines: list[str], fenced: bool) -> None:
    new = "\n".join(["begin", *lines, "last"])
    reply = f"```\n{new}\n```" if fenced else new
    assert in_any_chunking("import a\n\nx_value = ", reply) == new
    repeated = f"```\nx_value = {new}\n```" if fenced else f"x_value = {new}"
    assert in_any_chunking("import a\n\nx_value = ", repeated) == new
