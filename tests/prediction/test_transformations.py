"""Kinds of changes, each as a text, what somebody changes in it, and the line that is suggested next."""

from __future__ import annotations

from itertools import count

import pytest

from spark_lsp.core.edits import Edit, apply
from spark_lsp.core.text import Position, Text, extent
from spark_lsp.prediction.prediction import MOST_LINES, edits_of, predicted, predicted_elsewhere
from spark_lsp.session import Document


def document(text: str) -> Document:
    return Document("file:///project/a.py", "python", 1, Text.of(text), count(1))


def change(changed: Document, old: str, new: str, nth: int = 0) -> Position:
    """Replace an occurrence of a text; give where the cursor is then."""
    whole, at = str(changed.text), -1
    for _ in range(nth + 1):
        at = whole.index(old, at + 1)
    start = Position(0, 0) + extent(whole[:at])
    changed.change((Edit(start, start + extent(old), new),), changed.version + 1)
    return start


def following(changed: Document, at: Position) -> str | None:
    """The text after the next edit."""
    candidate = predicted(changed.text, changed.history, at)
    return None if candidate is None else str(apply(changed.text, edits_of(changed.text, candidate)))


CALLS = """\
import store

def load(key):
    return store.fetch_all(key)

def save(key, value):
    store.fetch_all(key)
    return value

def drop(key):
    print("nothing")
    store.fetch_all(key)
"""

LIKE = """\
def load(key):
    print("load")
    store.fetch_all(key)

def save(key, value):
    store.fetch_all(key)
    return value

def drop(other):
    print("drop")
    store.fetch_all(key)
"""
DECORATED = """\
@pytest.mark.slow
def test_one():
    pass

@pytest.mark.slow
def test_two():
    pass

@pytest.mark.slow
def test_three():
    pass
"""
TYPES = "a: Optional[int] = None\nb: str = ''\nc: Optional[int] = None\n"
STEPS = """\
def first():
    begin()
    log.debug(state)

def second():
    log.debug(state)
    go_on()

def third():
    log.debug(state)
    end()
"""
TWO_LINES = """\
class A:
    def f(self):
        value = make(1)
        return value

    if debug:
        def g(self):
            value = make(1)
            return value
"""

KINDS = {
    "a method is replaced": (CALLS, "fetch_all", "fetch_one", 1),
    "an argument comes first": (
        CALLS.replace("key)", "key, 1)"),
        "store.fetch_all(key, 1)",
        "store.fetch_all(context, key, 1)",
        1,
    ),
    "an argument comes last": (LIKE, "fetch_all(key)", "fetch_all(key, True)", 2),
    "an argument goes": (LIKE.replace("key)", "key, 1)"), "fetch_all(key, 1)", "fetch_all(key)", 1),
    "arguments change places": (LIKE.replace("key)", "key, 1)"), "fetch_all(key, 1)", "fetch_all(1, key)", 1),
    "an expression is wrapped": (LIKE, "    store.fetch_all(key)", "    list(store.fetch_all(key))", 2),
    "a modifier comes": (LIKE, "    store.fetch_all(key)", "    await store.fetch_all(key)", 2),
    "a decorator comes": (DECORATED, "@pytest.mark.slow\ndef", "@pytest.mark.slow\n@needs_network\ndef", 2),
    "an expression is unwrapped": (
        LIKE.replace("store.fetch_all(key)", "list(store.fetch_all(key))"),
        "list(store.fetch_all(key))",
        "store.fetch_all(key)",
        2,
    ),
    "a type is replaced": (TYPES, "Optional[int]", "int | None", 1),
    "a line is deleted": (STEPS, "    log.debug(state)\n", "", 2),
    "two lines become one": (
        TWO_LINES,
        "value = make(1)\n        return value\n",
        "return make(1)\n",
        1,
    ),
}
"""By kind: a text, what becomes what in it, and how often the user does it before it is to be suggested."""


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_done_is_suggested_again(kind: str) -> None:
    text, old, new, examples = KINDS[kind]
    changed, at = document(text), Position(0, 0)
    for _ in range(examples):
        at = change(changed, old, new)
    expected = document(str(changed.text))
    if kind == "two lines become one":
        old, new = "value = make(1)\n            return value\n", "return make(1)\n"
    change(expected, old, new)
    assert following(changed, at) == str(expected.text)


def test_neighbouring_lines_are_one_edit() -> None:
    text = CALLS.replace("    return value\n", "    return store.fetch_all(value)\n")
    changed = document(text)
    at = change(changed, "store.fetch_all", "store.fetch_one")
    assert following(changed, at) == text.replace("store.fetch_all", "store.fetch_one", 3)


def test_what_was_undone_is_no_example() -> None:
    changed = document(CALLS)
    change(changed, "fetch_all", "fetch_one")
    at = change(changed, "fetch_one", "fetch_all")
    assert following(changed, at) is None


def test_places_that_were_passed_are_left_alone() -> None:
    changed = document(CALLS)
    at = change(changed, "fetch_all", "fetch_one", nth=2)
    assert following(changed, at) is None


def test_it_goes_on_upwards_if_the_user_does() -> None:
    changed = document(CALLS)
    change(changed, "fetch_all", "fetch_one", nth=2)
    at = change(changed, "fetch_all", "fetch_one", nth=1)
    assert following(changed, at) == CALLS.replace("fetch_all", "fetch_one")


def test_what_a_tool_did_all_over_a_text_is_no_example() -> None:
    lines = [f"value_{number} = old_name({number})\n\n" for number in range(20)]
    changed = document("".join(lines))
    edits = [Edit(Position(2 * row, 0), Position(2 * row, 5), "amount") for row in range(10)]
    changed.change(edits, 2)
    assert following(changed, Position(18, 0)) is None


def test_a_client_that_sends_whole_texts_gives_the_same_example() -> None:
    text = CALLS + "\n".join(f"x_{number} = {number}" for number in range(100)) + "\n"
    changed = document(text)
    changed.replace(text.replace("fetch_all", "fetch_one", 1), 2)
    assert following(changed, Position(3, 0)) == text.replace("fetch_all", "fetch_one", 2)


def test_another_text_is_told_from_this_one() -> None:
    changed = document(CALLS)
    change(changed, "store.fetch_all", "store.fetch_one")
    other = Text.of("import store\n\n\ndef count(key):\n    return store.fetch_all(key)\n")
    found = predicted_elsewhere(other, changed.text, changed.history)
    assert found is not None
    assert str(apply(other, edits_of(other, found))) == str(other).replace("fetch_all", "fetch_one")


def test_of_a_long_text_the_lines_around_the_newest_change_are_looked_at() -> None:
    filling = "".join(f"x_{number} = {number}\n" for number in range(MOST_LINES))
    changed = document(CALLS + filling + CALLS + filling)
    at = change(changed, "store.fetch_all", "store.fetch_one", nth=3)
    assert following(changed, at) == CALLS + filling + CALLS.replace("fetch_all", "fetch_one", 2) + filling
