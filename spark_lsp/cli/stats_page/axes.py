"""What the charts over days have in common: the frame, a scale with round numbers, and the dates. In SVG units."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.cli.stats_page.elements import element

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date
    from xml.etree.ElementTree import Element

WIDTH: Final = 720.0
_HEIGHT: Final = 240.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 68.0, 12.0, 12.0, 28.0
_MOST_DATES: Final = 8
_STEPS: Final = (1.0, 2.0, 5.0, 10.0)


def ticks(maximum: float, most: int = 6) -> list[float]:
    """Round numbers from 0 to one that is not below the maximum, `most` steps at most."""
    if not (math.isfinite(maximum) and maximum > 0):
        maximum = 1.0
    magnitude = 10.0 ** math.floor(math.log10(maximum / most))
    step = next(step * magnitude for step in _STEPS if step * magnitude * most >= maximum * (1 - 1e-9))
    return [step * number for number in range(math.ceil(maximum / step - 1e-9) + 1)]


@dataclass(frozen=True, slots=True)
class DayAxes:
    """A chart's plane: days from left to right, amounts from the bottom up."""

    days: Sequence[date]
    values: list[float]
    """Those that have a line."""

    @property
    def day_width(self) -> float:
        return (WIDTH - _LEFT - _RIGHT) / len(self.days)

    def x(self, index: int) -> float:
        """The middle of a day."""
        return _LEFT + (index + 0.5) * self.day_width

    def y(self, value: float) -> float:
        """The height of a value; 0 is at the bottom."""
        return _HEIGHT - _BOTTOM - value / self.values[-1] * (_HEIGHT - _TOP - _BOTTOM)

    def svg(self, label: str, unit: Callable[[float], str], marks: Iterator[Element]) -> Element:
        """The chart, with a label for people who cannot see it."""
        box = {"viewBox": f"0 0 {WIDTH:g} {_HEIGHT:g}", "role": "img", "aria-label": label}
        return element("svg", box, *self._lines(unit), *self._dates(), *marks)

    def _lines(self, unit: Callable[[float], str]) -> Iterator[Element]:
        for value in self.values:
            y = self.y(value)
            yield element("line", {"class": "grid", "x1": _LEFT, "x2": WIDTH - _RIGHT, "y1": y, "y2": y})
            yield element("text", {"x": _LEFT - 8, "y": y + 4, "text-anchor": "end"}, unit(value))

    def _dates(self) -> Iterator[Element]:
        every = math.ceil(len(self.days) / _MOST_DATES)
        # Counted from the right, so that the last day has its date.
        for index in reversed(range(len(self.days) - 1, -1, -every)):
            place = {"x": self.x(index), "y": _HEIGHT - 8, "text-anchor": "middle"}
            yield element("text", place, f"{self.days[index]:%m-%d}")
