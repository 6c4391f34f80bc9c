"""A chart of shares: one bar a row, all as wide as the chart, cut into pieces. Values in, SVG out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.cli.stats_page.axes import WIDTH
from spark_lsp.cli.stats_page.elements import element

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from xml.etree.ElementTree import Element

_ROW: Final = 44.0
_BAR: Final = 16.0
_LONGEST_NAME: Final = 56


@dataclass(frozen=True, slots=True)
class Piece:
    """What every bar is cut into."""

    name: str
    colour: int


@dataclass(frozen=True, slots=True)
class Shares:
    """One row."""

    name: str
    words: str
    """What is said about it, at the other end of its line."""
    amounts: Sequence[int]
    """One for each piece, 0 or more."""


def share_chart(label: str, pieces: Sequence[Piece], rows: Sequence[Shares]) -> Element:
    """A row for each of them. The label is for people who cannot see it."""
    box = {"viewBox": f"0 0 {WIDTH:g} {_ROW * len(rows):g}", "role": "img", "aria-label": label}
    return element("svg", box, *(mark for number, row in enumerate(rows) for mark in _row(row, pieces, _ROW * number)))


def _row(row: Shares, pieces: Sequence[Piece], top: float) -> Iterator[Element]:
    name = row.name if len(row.name) <= _LONGEST_NAME else f"{row.name[: _LONGEST_NAME - 1]}…"
    yield element("text", {"class": "name", "x": 0, "y": top + 16}, name, element("title", {}, row.name))
    yield element("text", {"x": WIDTH, "y": top + 16, "text-anchor": "end"}, row.words)
    total = sum(row.amounts)
    left = 0.0
    for piece, amount in zip(pieces, row.amounts, strict=True):
        if amount <= 0:
            continue
        width = WIDTH * amount / total
        size = {"x": left, "y": top + 22, "width": width, "height": _BAR}
        tooltip = element("title", {}, f"{row.name}, {piece.name}: {amount:,} ({amount / total:.0%})")
        yield element("rect", {"class": f"fill{piece.colour}", **size}, tooltip)
        left += width
