"""Suggestions are found again by the text around them, and only where it reads as it did."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.core.suggestions import Place, Suggestion, Suggestions, agreement
from spark_lsp.core.text import Position, Text, extent

CHARACTERS = st.text(st.sampled_from("ab( 𝒳é\n"), max_size=12)


def suggestion(text: Text, position: Position, said: str, *, complete: bool = True) -> Suggestion:
    return Suggestion(Place.at(text, position), 24, text=said, complete=complete)


def place_in(document: str) -> tuple[Text, Position]:
    """A text and the position at its mark ``|``."""
    before, _, after = document.partition("|")
    return Text.of(before + after), extent(before)


def remainder(said: str, asked: str, now: str, *, complete: bool = True) -> str | None:
    """What is left to show in one document of what was said in another; None if that disagrees."""
    found = agreement(suggestion(*place_in(asked), said, complete=complete), *place_in(now))
    return None if found is None or found.early else found.remainder


@given(CHARACTERS, CHARACTERS, CHARACTERS, st.sampled_from(["\n", "\r\n"]), st.data())
def test_typing_along(above: str, below: str, said: str, ending: str, data: st.DataObject) -> None:
    """Whatever was typed of it, the rest is what is left; whatever else was typed, there is none."""
    text = Text.of((above + below).replace("\n", ending))
    position = extent(above.replace("\n", ending))
    known = suggestion(text, position, said)
    typed = data.draw(st.sampled_from([said[:size] for size in range(len(said) + 1)]))
    written = typed.replace("\n", ending)
    now = text.splice(position, position, written)
    found = agreement(known, now, position + extent(written))
    assert found is not None
    assert found.remainder == said[len(typed) :]
    assert not found.replaced
    other = data.draw(st.text("xyz", min_size=1, max_size=2))
    wrong = now.splice(position + extent(written), position + extent(written), other)
    assert agreement(known, wrong, position + extent(written) + extent(other)) is None


@given(CHARACTERS, CHARACTERS, CHARACTERS, CHARACTERS, st.integers(0, 20), st.integers(0, 20))
def test_it_is_what_the_model_said_less_what_was_typed_or_nothing(
    before: str, after: str, said: str, new: str, line: int, column: int
) -> None:
    """Whatever the document has become: what is shown makes of it what the model meant, where that was asked for."""
    asked = Text.of(before + after)
    position = extent(before)
    known = suggestion(asked, position, said)
    now = Text.of(new)
    cursor = now.clamp(Position(line % len(now.lines), column))
    found = agreement(known, now, cursor)
    if found is None or found.early:
        return
    up = known.whole.count("\n")
    starts = [Position(at, 0) for at in range(max(0, cursor.line - up), cursor.line + 1)]
    made = [now.slice(start, cursor) + found.remainder for start in starts]
    assert any(one.lstrip(" ") == known.whole.lstrip(" ") for one in made)
    assert found.replaced <= now.line_length(cursor.line) - cursor.column


@pytest.mark.parametrize(
    ("asked", "said", "now", "expected"),
    [
        pytest.param("x = |\n", "foo()", "x = f|\n", "oo()", id="a key"),
        pytest.param("x = |\n", "foo()", "x = |\n", "foo()", id="deleted again"),
        pytest.param("x = |\n", "foo()", "x =|\n", None, id="more deleted than was typed"),
        pytest.param("x = |\n", "foo()", "x = b|\n", None, id="another key"),
        pytest.param("x = |\n", "foo()", "y\nx = fo|\n", None, id="another line above it"),
        pytest.param("a\nb\nc\nd\nx = |\n", "foo()", "e\nf\na\nb\nc\nd\nx = fo|\n", "o()", id="moved"),
        pytest.param("x = |\n", "foo(a)", "x = foo(|)\n", "a", id="a bracket that the editor closed"),
        pytest.param("x = |\n", "foo('a')", "x = foo('|')\n", "a", id="a bracket and a quotation mark"),
        pytest.param("x = |\n", "foo(a) + 1", "x = foo(|)\n", "a) + 1", id="more behind the editor's bracket"),
        pytest.param("x = |\n", "foo(a)", "x = foo(|]\n", None, id="something else behind the cursor"),
        pytest.param("if a:|\n", "\n    b()\n    c()", "if a:\n    |\n", "b()\n    c()", id="a new line"),
        pytest.param("if a:|\n", "\n    b()\n    c()", "if a:\n    b()\n  |\n", "  c()", id="two new lines"),
        pytest.param("        els|\n", "e:", "    else|\n", ":", id="indented anew by the editor"),
        pytest.param("        els|\n", "e:\n            a", "    else|\n", None, id="anew, with lines to come"),
    ],
)
def test_agreement(asked: str, said: str, now: str, expected: str | None) -> None:
    assert remainder(said, asked, now) == expected


def test_while_it_comes_it_may_still_agree() -> None:
    asked, now = place_in("x = |\n"), place_in("x = foo|\n")
    growing = suggestion(*asked, "", complete=False)
    found = agreement(growing, *now)
    assert found is not None
    assert found.ahead
    growing.text = "fo"
    assert (found := agreement(growing, *now)) is not None
    assert found.ahead
    growing.text = "fa"
    assert agreement(growing, *now) is None


def test_the_newest_that_says_something_is_found() -> None:
    text, position = place_in("x = |\n")
    known = Suggestions()
    assert known.find(text, position) is None
    for said in ("first", "second", ""):
        known.add(suggestion(text, position, said))
    found = known.find(text, position)
    assert found is not None
    assert found.remainder == "second"


def test_that_there_is_nothing_to_say_is_known_too() -> None:
    text, position = place_in("x = |\n")
    known = Suggestions()
    known.add(suggestion(text, position, ""))
    found = known.find(text, position)
    assert found is not None
    assert not found.remainder
    assert known.find(*place_in("x = f|\n")) is None


def test_what_follows_a_suggestion_comes_when_that_is_accepted() -> None:
    text, position = place_in("x = |\n")
    follows = Suggestion(Place.at(text, position), 24, lead="foo()", text="\ny = 1", complete=True)
    known = Suggestions()
    known.add(follows)
    assert known.find(*place_in("x = fo|\n")) is None
    found = known.find(*place_in("x = foo()|\n"))
    assert found is not None
    assert found.remainder == "\ny = 1"


def test_only_so_many_are_kept() -> None:
    text, position = place_in("x = |\n")
    known = Suggestions()
    for number in range(100):
        known.add(suggestion(text, position, f"{number}"))
    assert known.find(*place_in("x = 9|\n")) is not None
    assert known.find(*place_in("x = 12|\n")) is None
