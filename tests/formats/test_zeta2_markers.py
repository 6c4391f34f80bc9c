"""The format of zeta 2.1, whose replies say between which markers they belong."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.next_edit_contexts import CONTEXT
from spark_lsp.core.hunks import LineHunk
from spark_lsp.core.prompt import NextEditContext, RelatedCode, TextPrompt
from spark_lsp.core.text import Position
from spark_lsp.formats.next_edit_formats import ZETA_2_1, can_hold, read_reply
from spark_lsp.formats.zeta2_markers import borders

BODY = ("    1", "    2", "    3", "    4", "    5")
BLOCKS = ("def a():", *BODY, "", "def b():", *BODY)
LONG = replace(CONTEXT, window=BLOCKS, cursor=Position(8, 4), history=(), related=())


def read(reply: str, context: NextEditContext = LONG, *, whole: bool = True) -> tuple[LineHunk, ...]:
    return read_reply(ZETA_2_1, context, reply, whole=whole)


def test_the_prompt() -> None:
    assert ZETA_2_1.render(LONG) == TextPrompt(
        "<[fim-suffix]>\nprint(cost(1))\n<[fim-prefix]><filename>shop.py\nimport tax\ndef cost(item, count):\n"
        "<|marker_1|>def a():\n    1\n    2\n    3\n    4\n    5\n\n"
        "<|marker_2|>def b():\n    <|user_cursor|>1\n    2\n    3\n    4\n    5\n"
        "<|marker_3|>\n<[fim-middle]>"
    )
    assert can_hold(ZETA_2_1, LONG)
    assert not can_hold(ZETA_2_1, replace(LONG, related=(RelatedCode("file", "a.py", "<|marker_1|>"),)))


def test_blocks_begin_behind_blank_lines_and_are_not_too_long() -> None:
    assert borders(["x"]) == [0, 1]
    assert borders([*"abcde", "", *"ABCDE"]) == [0, 11], "five lines would be left"
    assert borders([*"abcde", "", *"ABCDEF"]) == [0, 6, 12]
    assert borders([*"abcd", "", *"ABCDEFG"]) == [0, 12], "five lines would be cut off"
    assert borders(list("abcdefghijklmnopqrstuvwxyz")) == [0, 16, 26]
    assert borders([*"abcde", "", "}", "  return;", *"ABCDEFG"]) == [0, 8, 15], "no block begins with an end"
    assert borders([*"abcde", "", *"})]}]", *"ABCDEF"]) == [0, 6, 17], "if there is a beginning near by"


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("<|marker_2|>def c():\n    1\n    2\n    3\n    4\n    5\n<|marker_3|>", (LineHunk(9, 10, ("def c():",)),)),
        ("<|marker_2|>def c<|user_cursor|>():\n<|marker_3|>\n", (LineHunk(9, 15, ("def c():",)),)),
        ("<|marker_1|>x\n\n<|marker_2|>", (LineHunk(2, 8, ("x",)),)),
        ("<|marker_1|>x\n<|marker_2|>y\n<|marker_3|>", (LineHunk(2, 15, ("x", "y")),)),
        ("<|marker_1|><|marker_2|>", (LineHunk(2, 9, ()),)),
        ("<|marker_2|><|marker_2|>", ()),
        ("<|marker_1|>\n".join(("", "".join(f"{line}\n" for line in BLOCKS))), ()),
        ("", ()),
        ("x\n", ()),
        ("<|marker_1|>x\n", ()),
        ("<|marker_2|>x\n<|marker_1|>", ()),
        ("<|marker_0|>x\n<|marker_1|>", ()),
        ("<|marker_2|>x\n<|marker_4|>", ()),
        ("<|marker_1|>x <|marker_x|>\n<|marker_2|>", ()),
    ],
)
def test_replies(reply: str, expected: tuple[LineHunk, ...]) -> None:
    assert read(reply) == expected


def test_a_cut_reply_counts_up_to_its_last_marker() -> None:
    reply = "<|marker_1|>x\n\n<|marker_2|>def c():\n    "
    assert read(reply, whole=False) == (LineHunk(2, 8, ("x",)),)
    assert read("<|marker_1|>x\n\n<|mark", whole=False) == ()


LINES = st.lists(st.sampled_from(("", "a", "b = 1", "    c()", "}", "return;")), min_size=1, max_size=60)


@given(LINES)
def test_blocks_are_all_of_the_window(lines: list[str]) -> None:
    found = borders(lines)
    assert (found[0], found[-1]) == (0, len(lines))
    assert all(one < other <= one + 16 + 4 for one, other in pairwise(found))
    prompt = ZETA_2_1.render(replace(LONG, window=tuple(lines), cursor=Position(0, 0)))
    assert prompt.texts[0].count("<|marker_") == len(found)
