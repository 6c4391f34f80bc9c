"""What varies between the places of a change, told from one or two examples, and how a walk goes on.

Each example is a text, the changes that somebody makes in it, and the text after the next edit, or after all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prediction.test_transformations import change, document, following
from spark_lsp.core.text import Position
from spark_lsp.prediction.pattern import pattern_of
from spark_lsp.prediction.prediction import edits_of, predicted, walk_from
from spark_lsp.prediction.rules import word_rules

if TYPE_CHECKING:
    from spark_lsp.session import Document


def walked(changed: Document, at: Position) -> str:
    """The text after all next edits, accepted one after another."""
    walk = None
    for _ in range(20):
        candidate = predicted(changed.text, changed.history, at, walk=walk)
        if candidate is None:
            break
        walk = walk or walk_from(changed.text, changed.history)
        changed.change(edits_of(changed.text, candidate), changed.version + 1)
        at = Position(candidate.line + len(candidate.new) - 1, 0)
    return str(changed.text)


CLAMPS = """\
def first(a):
    low = clamp(a, a.low)
    return low

def second(b):
    low = clamp(b, b.low)
    return low

def third(c):
    low = clamp(c, c.low)
    return low

def fourth(c, d):
    low = clamp(c, d.low)
    return low
"""
LABELS = """\
field(name)
field(size)
field(owner)
"""
QUOTED = '''\
def get():
    """Sends a GET request."""

def put():
    """Sends a PUT request."""

def post():
    """Sends a POST request."""
'''
VARIED = {
    "an argument that the call repeats": (
        CLAMPS,
        [("clamp(a, a.low)", "clamp_low(a)"), ("clamp(b, b.low)", "clamp_low(b)")],
        ("clamp(c, c.low)", "clamp_low(c)"),
    ),
    "an argument made of another": (
        LABELS,
        [("field(name)", "field(name, label=name)"), ("field(size)", "field(size, label=size)")],
        ("field(owner)", "field(owner, label=owner)"),
    ),
    "a letter in front of sentences that differ": (
        QUOTED,
        [('    """Sends a GET', '    r"""Sends a GET')],
        ('    """Sends a PUT', '    r"""Sends a PUT'),
    ),
}


@pytest.mark.parametrize("name", VARIED)
def test_what_varies(name: str) -> None:
    text, changes, (old, new) = VARIED[name]
    changed, at = document(text), Position(0, 0)
    for one in changes:
        at = change(changed, *one)
    expected = document(str(changed.text))
    change(expected, old, new)
    assert following(changed, at) == str(expected.text), name


def test_a_pattern_has_the_words_that_tell_where_it_applies() -> None:
    rules = list(word_rules(["size = clamp(a, a.low)\n"], ["size = clamp_low(a)\n"]))
    whole = next(rule for rule in rules if rule.is_whole)
    pattern = pattern_of(whole)
    assert pattern is not None
    assert pattern.free == {"a"}
    texts = ("^", "x", "=", "clamp", "(", "b", ",", "b", ".", "low", ")", "$")
    assert pattern.binding(texts, 3) == {"a": "b"}
    assert pattern.binding((*texts[:7], "c", *texts[8:]), 3) is None


def test_a_local_name_is_followed_in_its_function_first() -> None:
    text = """\
def first():
    conn = connect()
    conn.send(1)
    conn.close()

def second(conn):
    conn.send(2)
"""
    changed = document(text)
    at = change(changed, "conn = connect()", "client = connect()")
    expected = text.replace("conn = ", "client = ").replace("conn.send(1)", "client.send(1)")
    assert following(changed, at) == expected.replace("conn.close()", "client.close()")


def test_an_imported_name_is_changed_wherever_it_is_used() -> None:
    text = """\
from shapes import encode

def one(value):
    return encode(value)

def two(value):
    print(value)
    data = encode(value, 2)
    return data
"""
    changed = document(text)
    at = change(changed, "import encode", "import encode_shape")
    assert walked(changed, at) == text.replace("encode", "encode_shape")


def test_all_of_a_change_is_done_where_all_of_it_fits() -> None:
    text = """\
app.get("/users", function(req, res, next) {
});
app.get("/repos", function(req, res, next) {
});
"""
    changed = document(text)
    old, new = "function(req, res, next)", "function (req, res)"
    at = change(changed, old, new)
    assert following(changed, at) == text.replace(old, new)


def test_a_change_of_two_lines_is_done_again_as_one() -> None:
    text = "".join(f"part_{number}:\n    open('a' + one)\n    read('b' + two)\n\n" for number in range(4))
    old, new = "    open('a' + one)\n    read('b' + two)\n", "    open(f'a{one}')\n    read(f'b{two}')\n"
    changed = document(text)
    change(changed, old, new)
    at = change(changed, old, new)
    assert following(changed, at) == text.replace(old, new, 3)


def test_a_walk_ends_with_what_is_not_like_the_examples() -> None:
    text = """\
one = Params.new(store, first)
two = Params.new(store, second)
three = Params.new(store, third)
other = Shape.new(1)
four = Params.new(store, fourth)
"""
    changed = document(text)
    change(changed, "Params.new", "Params.of")
    at = change(changed, "Params.new", "Params.of")
    assert walked(changed, at) == text.replace("Params.new", "Params.of")


def test_a_walk_takes_up_what_the_first_step_was_not_sure_of() -> None:
    """Two of a kind make the third likely, and the third the rest."""
    text = "".join(f"@slow\nclass Case{number}(Base):\n    name = 'case'\n\n" for number in range(6))
    changed = document(text)
    change(changed, "(Base)", "(Case, Base)")
    at = change(changed, "(Base)", "(Case, Base)")
    assert walked(changed, at) == text.replace("(Base)", "(Case, Base)")
