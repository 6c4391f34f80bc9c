"""Figures as words, for the tables and the page of `spark-lsp stats`. What is not known is a dash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from spark_lsp.ledger.figures import Figures

UNKNOWN: Final = "–"
_THOUSANDS: Final = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def printable(name: str) -> str:
    """A name from outside, without what steers a terminal or turns text around."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in name)


def count(number: int) -> str:
    return f"{number:,}"


def milliseconds(number: float | None) -> str:
    """With a unit that fits: `85 ms`, `1.2 s`."""
    if number is None:
        return UNKNOWN
    return f"{number:.0f} ms" if number < 999.5 else f"{number / 1000:,.1f} s"


def share(number: float | None) -> str:
    return UNKNOWN if number is None else f"{number:.0%}"


def short(number: float) -> str:
    """Three digits and a letter for thousands: `980`, `1.2k`, `35M`."""
    for size, letter in _THOUSANDS:
        if number >= size * 0.9995:
            return f"{number / size:.3g}{letter}" if number < size * 999.5 else f"{number / size:,.0f}{letter}"
    return f"{number:.3g}"


def dollars(number: float) -> str:
    """With as many digits as it takes to see something."""
    if number == 0:
        return "$0.00"
    return f"${number:,.2f}" if number >= 1 else f"${number:.2g}" if number < 0.01 else f"${number:.3f}"


def cost(figures: Figures) -> str:
    """In USD, with `+` if there is more whose price nobody knows and `~` if tokens were estimated."""
    if not figures.priced_requests:
        return UNKNOWN
    return f"{'~' if figures.estimated_usd else ''}{dollars(figures.usd)}{'+' if figures.unpriced_requests else ''}"


def speed(figures: Figures) -> str:
    """In tokens a second, with `~` if tokens were estimated."""
    if figures.tokens_per_second is None:
        return UNKNOWN
    return f"{'~' if figures.estimated_requests else ''}{short(figures.tokens_per_second)}"


def tokens(number: int, figures: Figures) -> str:
    """With `~` if some were estimated."""
    return f"{'~' if figures.estimated_requests else ''}{short(number)}"


def counted(amounts: Mapping[str, float]) -> str:
    """Names with their amounts: `3 TooSlow, 1 RateLimited`."""
    return ", ".join(f"{short(amount)} {printable(name)}" for name, amount in amounts.items())


def notes(figures: Figures) -> Iterator[str]:
    """What went wrong, what is estimated or not known, and how the figures are to be read."""
    if figures.failures:
        yield f"Failures: {counted(figures.failures)}."
    if figures.units:
        yield f"Charged in units of the providers' own: {counted(figures.units)}."
    if figures.estimated_requests:
        yield (
            f"~ Estimated, in full or in part: the endpoint did not say how many tokens it took in "
            f"{_requests(figures.estimated_requests)}."
        )
    if figures.unpriced_requests:
        plus = "+ " if figures.priced_requests else ""
        yield (
            f"{plus}Without {_requests(figures.unpriced_requests)} whose price is not known: "
            "set price at the endpoint, 0 if it is free."
        )
    yield (
        "First token: of all requests that got one. Total and tokens/s: of those that ended well; tokens/s is the "
        "median."
    )


def _requests(number: int) -> str:
    return "1 request" if number == 1 else f"{number:,} requests"
