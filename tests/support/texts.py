"""Strategies for texts, positions and edits: every line ending, odd separators, characters of every width."""

from __future__ import annotations

from hypothesis import strategies as st

from spark_lsp.core.edits import Edit, Edits, align, merged
from spark_lsp.core.text import Position, Text

ALPHABET = "ab( \t)\n\n\r\f\u2028é漢😀"


def contents(max_size: int = 30) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from([*ALPHABET, "\r\n", "\r\n", "x = 1\n"]), max_size=max_size).map("".join)


def texts(max_size: int = 30) -> st.SearchStrategy[Text]:
    return contents(max_size).map(Text.of)


@st.composite
def positions(draw: st.DrawFn, text: Text) -> Position:
    line = draw(st.integers(0, len(text.lines) - 1))
    return Position(line, draw(st.integers(0, text.line_length(line))))


@st.composite
def edits(draw: st.DrawFn, text: Text, new: st.SearchStrategy[str] | None = None) -> Edit:
    """One aligned edit of a text."""
    start, end = sorted((draw(positions(text)), draw(positions(text))))
    return align(text, Edit(start, end, draw(contents(6) if new is None else new)))


@st.composite
def edit_sets(draw: st.DrawFn, text: Text, max_size: int = 4) -> Edits:
    """Sorted, disjoint, aligned edits of a text, none of them without effect on positions."""
    found: list[Edit] = []
    for edit in sorted(draw(st.lists(edits(text), max_size=max_size)), key=lambda edit: (edit.start, edit.end)):
        if edit.start == edit.end and not edit.new:
            continue
        if not found or found[-1].end < edit.start:
            found.append(edit)
    return merged([tuple(found)])
