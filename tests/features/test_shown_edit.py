"""A shown next edit under everything that can be typed: it leads to what was predicted, or it is withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import assume, given
from hypothesis import strategies as st

from spark_lsp.core.edits import apply, merged, rebase
from spark_lsp.core.next_edit import OFFLINE, NextEdit
from spark_lsp.core.text import Text
from spark_lsp.features.shown_edit import ShownEdit
from support.texts import edits

if TYPE_CHECKING:
    from spark_lsp.core.edits import Edits

NEW = st.text(st.sampled_from("ab(\n"), max_size=5)
"""Without the line endings that melt into others: those are the business of `align`."""
TEXTS = st.text(st.sampled_from("ab(é😀 \n"), max_size=20).map(Text.of)
URI = "file:///project/example.py"


@st.composite
def predictions(draw: st.DrawFn, text: Text) -> Edits:
    """What a next edit may be: one edit, or two that do not touch."""
    one, other = sorted((draw(edits(text, NEW)), draw(edits(text, NEW))), key=lambda edit: (edit.start, edit.end))
    found = (one, other) if one.end < other.start and draw(st.booleans()) else (one,)
    assume(apply(text, found) != text)
    return merged([found])


def shown(text: Text, found: Edits) -> ShownEdit:
    return ShownEdit("next-1", NextEdit(URI, 1, found, OFFLINE, 1.0), found, text, 1, ("", ""), "example.py", None)


@given(data=st.data())
def test_it_leads_to_what_was_predicted_over_what_was_typed(data: st.DataObject) -> None:
    text = data.draw(TEXTS)
    found = data.draw(predictions(text))
    item = shown(text, found)
    for version in range(2, 2 + data.draw(st.integers(1, 4))):
        change = data.draw(edits(item.text, NEW))
        before, was = item.edits, item.after
        now = apply(item.text, (change,))
        fate = item.follow((change,), now, version)
        assert item.version == version
        if fate == "withdrawn":
            return
        if fate == "accepted":
            assert now == was
            return
        assert item.text == now
        if fate == "begun":
            assert item.after == was
        else:
            assert item.after == apply(was, rebase((change,), before, after=True))


@given(data=st.data())
def test_changes_that_come_together(data: st.DataObject) -> None:
    """Each is in the coordinates of the text before it, as clients send them."""
    text = data.draw(TEXTS)
    found = data.draw(predictions(text))
    item = shown(text, found)
    one = data.draw(edits(text, NEW))
    between = apply(text, (one,))
    other = data.draw(edits(between, NEW))
    now = apply(between, (other,))
    fate = item.follow((one, other), now, 2)
    step = shown(text, found)
    if step.follow((one,), between, 2) == step.follow((other,), now, 3) == "moved":
        assert (fate, item.edits) == ("moved", step.edits)
    if fate in ("moved", "begun"):
        assert item.text == now
