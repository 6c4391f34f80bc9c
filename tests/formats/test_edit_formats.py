"""Both formats for instructed edits, from the reply's chunks to the document's text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.core.edits import apply, merged
from spark_lsp.core.prompt import EditContext, Region
from spark_lsp.core.text import ORIGIN, Text
from spark_lsp.formats.edit_formats import REWRITE, REWRITTEN_LINES, SEARCH_REPLACE, EditFormat, edit_format
from spark_lsp.formats.reply import ReplyError


def context(region: str, language: str, ending: str) -> EditContext:
    return EditContext("a.py", language, "do it", Region(Text.of(region), ORIGIN), ending, "", "")


def edited(edit_format: EditFormat, region: str, reply: str, size: int = 1 << 30, ending: str | None = None) -> str:
    """What a region becomes by a reply that comes in chunks of a size."""
    parser = edit_format.parser(context(region, "python", ending or ("\r\n" if "\r\n" in region else "\n")))
    found = [block for at in range(0, len(reply), size) for block in parser.feed(reply[at : at + size])]
    found += parser.finish()
    return str(apply(Text.of(region), merged(block.edits for block in found)))


def replaced(*pairs: tuple[str, str]) -> str:
    return "".join(f"<<<<<<< SEARCH\n{search}=======\n{new}>>>>>>> REPLACE\n" for search, new in pairs)


_CODE_LINES = st.lists(
    st.sampled_from(["", "}", "a = 1", "    b = 2", "    c = 3", "d = 4", "\te = '😀'", "f = '\u2028\f'"]), max_size=12
)


@given(_CODE_LINES, _CODE_LINES, st.integers(1, 9), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_a_rewrite_gives_the_reply_with_the_documents_endings(
    old: list[str], new: list[str], size: int, ending: str, final: bool
) -> None:
    # The first line stays, so that there is no doubt about the indentation.
    old, new = ["first", *old, "end"], ["first", *new, "last"]
    region = ending.join(old) + (ending if final else "")
    expected = ending.join(new) + (ending if final else "")
    assert edited(REWRITE, region, "\n".join(new), size, ending) == expected
    assert edited(REWRITE, region, "```\n" + "\n".join(new) + "\n```", size, ending) == expected


def test_lines_keep_their_own_endings_where_they_are_mixed() -> None:
    assert edited(REWRITE, "a\r\nb\nc\r\nd\n", "a\nB\nc\nx\nd\n") == "a\r\nB\nc\r\nx\r\nd\n"


def test_an_empty_document_is_written() -> None:
    assert edited(REWRITE, "", "a = 1\nb = 2") == "a = 1\nb = 2\n"


@pytest.mark.parametrize("reply", ["", "\n\n", "```\n```", "```python\n\n```"])
def test_an_empty_reply_is_no_edit(reply: str) -> None:
    with pytest.raises(ReplyError, match="empty"):
        edited(REWRITE, "a = 1\n", reply)


@pytest.mark.parametrize(
    ("region", "reply", "expected"),
    [
        ("    a = 1\n    b = 2\n", "a = 1\nb = 3\n", "    a = 1\n    b = 3\n"),
        ("    def f():\n        x\n", "def f():\n    y\n\n    z\n", "    def f():\n        y\n\n        z\n"),
        ("a = 1\nb = 2\n", "    a = 1\n    b = 3\n", "a = 1\nb = 3\n"),
        ("\tx()\n", "y()\n", "\ty()\n"),
        ("    a = 1\n    b = 2\n", "    a = 1\nb = 2\n", "    a = 1\nb = 2\n"),
    ],
)
def test_uniformly_wrong_indentation_is_repaired(region: str, reply: str, expected: str) -> None:
    for size in (1, 5, 1000):
        assert edited(REWRITE, region, reply, size) == expected


@pytest.mark.parametrize(
    ("region", "search", "new", "expected"),
    [
        ("a\nb\nc\n", "b\n", "B\n", "a\nB\nc\n"),
        ("a\nb \nc\n", "a\nb\n", "a\nB\n", "a\nB\nc\n"),
        ("  a\n    b\n", "a\n  b\n", "a\n  B\n    C\n", "  a\n    B\n      C\n"),
        (
            "\tif x:\n\t\ty()\n",
            "    if x:\n        y()\n",
            "    if x:\n        z()\n            w()\n",
            "\tif x:\n\t\tz()\n\t\t\tw()\n",
        ),
        ("a\r\nb\r\nc", "c\n", "C\nD\n", "a\r\nb\r\nC\r\nD"),
        ("a\nb\nc\n", "b\n", "", "a\nc\n"),
        ("b \nb\n", "b\n", "B\n", "b \nB\n"),
    ],
)
def test_a_search_is_found_with_tolerance(region: str, search: str, new: str, expected: str) -> None:
    for size in (1, 7, 1000):
        assert edited(SEARCH_REPLACE, region, replaced((search, new)), size) == expected


def test_blocks_may_come_in_any_order_and_in_a_fence() -> None:
    reply = "I will change two places.\n```\n" + replaced(("c\n", "C\n"), ("a\n", "A\nA\n")) + "```\nDone."
    assert edited(SEARCH_REPLACE, "a\nb\nc\n", reply) == "A\nA\nb\nC\n"


def test_a_block_may_search_again_what_an_earlier_one_did_not_take() -> None:
    assert edited(SEARCH_REPLACE, "x\ny\nx\n", replaced(("x\ny\n", "1\n"), ("x\n", "2\n"))) == "1\n2\n"


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (replaced(("z\n", "y\n")), "is not in the region"),
        (replaced(("a\n", "b\n")), "fits 2 places"),
        (replaced(("", "b\n")), "searches for nothing"),
        ("<<<<<<< SEARCH\na\nb\n=======\nb\n", "ended inside"),
        ("<<<<<<< SEARCH\na\n", "ended inside"),
        ("a\n", "no SEARCH/REPLACE block"),
        ("", "no SEARCH/REPLACE block"),
    ],
)
def test_a_block_without_one_place_fails(reply: str, message: str) -> None:
    with pytest.raises(ReplyError, match=message) as failure:
        edited(SEARCH_REPLACE, "a\nb\na\n", reply)
    assert "\n" not in str(failure.value)


def test_the_format_follows_from_the_size_unless_it_is_named() -> None:
    small, large = Text.of("x\n" * REWRITTEN_LINES), Text.of("x\n" * (REWRITTEN_LINES + 2))
    assert edit_format("auto", small, "chat") is REWRITE
    assert edit_format("auto", large, "chat") is SEARCH_REPLACE
    assert edit_format("auto", Text.of("y" * 20_000), "chat") is SEARCH_REPLACE
    assert edit_format("auto", Text.of("Title\n=======\n" + "x\n" * 1000), "chat") is REWRITE
    assert edit_format("rewrite", large, "chat") is REWRITE
    assert edit_format("search-replace", small, "chat") is SEARCH_REPLACE
