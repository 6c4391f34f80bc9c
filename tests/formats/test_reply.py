from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.formats.reply import LineSplitter, ReplyError, ReplyLines
from support.texts import contents


def read(reply: str, region: str = "", language: str = "python", sizes: list[int] | None = None) -> list[str]:
    """The lines of code in a reply that comes in chunks of the given sizes, again and again."""
    lines = ReplyLines(region.split("\n"), language)
    found: list[str] = []
    at, turn = 0, 0
    while at < len(reply):
        size = sizes[turn % len(sizes)] if sizes else len(reply)
        found += lines.feed(reply[at : at + size])
        at, turn = at + size, turn + 1
    return found + lines.finish()


@pytest.mark.parametrize(
    "reply",
    [
        "a = 1\nb = 2",
        "a = 1\nb = 2\n",
        "```\na = 1\nb = 2\n```",
        "```python\na = 1\nb = 2\n```\n",
        "~~~py\na = 1\nb = 2\n~~~",
        "Here is the code:\n\n```python\na = 1\nb = 2\n```\n\nI changed nothing else.",
        "Certainly!\n```\na = 1\nb = 2",
        "Here's the updated code:\na = 1\nb = 2",
        "<think>\nwhat now\n```\nno\n```\n</think>\n\n```python\na = 1\nb = 2\n```",
        "\n\n```python\r\na = 1\r\nb = 2\r\n```",
    ],
)
def test_code_is_found_in_whatever_is_said_around_it(reply: str) -> None:
    assert read(reply) == ["a = 1", "b = 2"]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("I'm sorry, I cannot do that.", "I'm sorry"),
        ("Sure, I can help!\nCertainly.", "Sure"),
        ("The updated function would need more context.", "The updated"),
    ],
)
def test_words_alone_are_no_code(reply: str, said: str) -> None:
    with pytest.raises(ReplyError, match=said):
        read(reply)


def test_words_are_text_in_a_document_of_words() -> None:
    assert read("Here is a sentence.", language="markdown") == ["Here is a sentence."]


def test_words_that_stand_in_the_region_are_its_text() -> None:
    assert read("Sure thing\nx", region="Sure thing\ny", language="python") == ["Sure thing", "x"]


@pytest.mark.parametrize(
    "line",
    ["# ... existing code ...", "// ... rest of the function", "/* ... unchanged ... */", "# rest of the code here"],
)
def test_a_placeholder_for_code_is_refused(line: str) -> None:
    with pytest.raises(ReplyError, match="left code out"):
        read(f"a = 1\n{line}\n")
    assert read(f"a = 1\n{line}\n", region=line) == ["a = 1", line]


def test_an_ellipsis_is_code() -> None:
    assert read("def f(self): ...\n...\n# ...\n") == ["def f(self): ...", "...", "# ..."]


@pytest.mark.parametrize(
    ("reply", "lines"),
    [
        ("````md\n# A\n```sh\nls\n```\n````", ["# A", "```sh", "ls", "```"]),
        ("```md\n# A\n```sh\nls\n```\nend\n```", ["# A", "```sh", "ls", "```", "end"]),
        ("```md\n# A\n```\nls\n```\nend\n```", ["# A", "```", "ls", "```", "end"]),
        ("```md\n# A\n```\nThat is all.", ["# A"]),
        ("# A\n```sh\nls\n```\n", ["# A", "```sh", "ls", "```"]),
    ],
)
def test_fences_in_a_document_of_fences(reply: str, lines: list[str]) -> None:
    assert read(reply, region="# A\n```sh\nls\n```", language="markdown") == lines


@given(contents(40), st.lists(st.integers(1, 7), min_size=1))
def test_chunks_make_no_difference(content: str, sizes: list[int]) -> None:
    reply = f"```\n{content}\n```"
    assert read(reply, sizes=sizes) == read(reply)


@given(contents(40), st.lists(st.integers(1, 3), min_size=1))
def test_lines_end_where_the_protocol_ends_them(content: str, sizes: list[int]) -> None:
    splitter = LineSplitter()
    lines: list[str] = []
    at = turn = 0
    while at < len(content):
        size = sizes[turn % len(sizes)]
        lines += splitter.feed(content[at : at + size])
        at, turn = at + size, turn + 1
    lines += splitter.finish()
    plain = content.replace("\r\n", "\n").replace("\r", "\n")
    assert lines == plain.removesuffix("\n").split("\n") if plain else not lines
