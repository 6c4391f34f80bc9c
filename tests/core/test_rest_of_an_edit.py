"""What is left of an edit that somebody is doing by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.core.edits import Edit, apply
from spark_lsp.core.next_edit import rest_of
from spark_lsp.core.refine import difference
from spark_lsp.core.text import ORIGIN, Position, Text

BEFORE = Text.of("one\n    return store.all(key)\nthree\n")
LINE = (Edit(Position(1, 0), Position(1, 25), "    return store.one(key, 1)"),)


@pytest.mark.parametrize(
    "line",
    ["store.al(key)", "store.(key)", "store.o(key)", "store.one(key)", "store.one(key, )", "store.one(key,)"],
)
def test_on_the_way(line: str) -> None:
    now = Text.of(f"one\n    return {line}\nthree\n")
    rest = rest_of(BEFORE, LINE, now)
    assert rest is not None
    assert apply(now, rest) == apply(BEFORE, LINE)


@pytest.mark.parametrize(
    "text",
    [
        "one\n    return stor.all(key)\nthree\n",
        "one\n    return store.two(key)\nthree\n",
        "two\n    return store.one(key)\nthree\n",
        "one\n    return store.one(key)\nthree\nfour\n",
        "one\n",
        "",
    ],
)
def test_something_else(text: str) -> None:
    """What the edit leaves alone is not to be brought back when the user deletes it."""
    assert rest_of(BEFORE, LINE, Text.of(text)) is None


TEXTS = st.text(st.sampled_from("ab\n"), max_size=8).map(Text.of)


@given(before=TEXTS, after=TEXTS, now=TEXTS)
def test_what_is_left_always_leads_to_the_same_text(before: Text, after: Text, now: Text) -> None:
    edits = difference(before, after)
    if edits and (rest := rest_of(before, edits, now)) is not None:
        assert apply(now, rest) == after


@given(before=TEXTS, start=st.integers(0, 8), end=st.integers(0, 8), new=st.text(st.sampled_from("xy\n"), max_size=6))
def test_every_step_by_hand_is_on_the_way(before: Text, start: int, end: int, new: str) -> None:
    """Deleting what goes from its end, and typing what comes from its beginning."""
    text = str(before)
    start, end = sorted((min(start, len(text)), min(end, len(text))))
    edits = difference(before, Text.of(text[:start] + new + text[end:]))
    if len(edits) != 1:
        return
    edit = edits[0]
    head, tail = before.slice(ORIGIN, edit.start), before.slice(edit.end, before.end)
    old = before.slice(edit.start, edit.end)
    steps = [old[:length] for length in range(len(old))[::-1]] + [
        edit.new[:length] for length in range(1, len(edit.new))
    ]
    for step in steps:
        now = Text.of(head + step + tail)
        rest = rest_of(before, edits, now)
        assert rest is not None
        assert apply(now, rest) == apply(before, edits)


@pytest.mark.parametrize(
    ("typed", "is_on_the_way"),
    [("f()", True), ("f(a, g([]))", True), ("f(a, g())", True), ("f(a])", False), ("f(x)", False), ("f(a, )x", False)],
)
def test_brackets_that_the_editor_adds_behind_the_cursor(typed: str, *, is_on_the_way: bool) -> None:
    before, wanted = Text.of("x = \ny\n"), Text.of("x = f(a, g([])) + 1\ny\n")
    rest = rest_of(before, difference(before, wanted), Text.of(f"x = {typed}\ny\n"))
    assert rest is None or apply(Text.of(f"x = {typed}\ny\n"), rest) == wanted
    assert (rest is not None) == is_on_the_way
