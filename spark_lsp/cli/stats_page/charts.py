"""Charts over days: lines, and bars that are stacked. Values in, SVG out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spark_lsp.cli.stats_page.axes import DayAxes, ticks
from spark_lsp.cli.stats_page.elements import element

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date
    from xml.etree.ElementTree import Element


@dataclass(frozen=True, slots=True)
class Series:
    """One value a day, or None where there is none."""

    name: str
    values: Sequence[float | None]
    colour: int


@dataclass(frozen=True, slots=True)
class DayChart:
    """What a chart over days shows."""

    label: str
    """For people who cannot see it."""
    days: Sequence[date]
    series: Sequence[Series]
    unit: Callable[[float], str]
    """A value in words."""

    def highest(self) -> float:
        return max((value for series in self.series for value in series.values if value is not None), default=0.0)

    def tooltip(self, series: Series, index: int) -> Element:
        value = series.values[index]
        assert value is not None
        return element("title", {}, f"{self.days[index]}, {series.name}: {self.unit(value)}")


def line_chart(chart: DayChart) -> Element:
    """A line for each series; it is broken where there is no value."""
    axes = DayAxes(chart.days, ticks(chart.highest()))
    marks = (mark for series in chart.series for mark in _line(chart, axes, series))
    return axes.svg(chart.label, chart.unit, marks)


def _line(chart: DayChart, axes: DayAxes, series: Series) -> Iterator[Element]:
    for run in _runs(series.values):
        path = " ".join(f"{axes.x(index):.1f},{axes.y(value):.1f}" for index, value in run)
        yield element("polyline", {"class": f"line dash{series.colour} stroke{series.colour}", "points": path})
    for index, value in (point for run in _runs(series.values) for point in run):
        place = {"cx": axes.x(index), "cy": axes.y(value)}
        yield element("circle", {"class": f"fill{series.colour}", **place, "r": 2.5})
        # What the pointer has to hit is larger than what is seen.
        yield element("circle", {"class": "target", **place, "r": 8}, chart.tooltip(series, index))


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """Values that follow each other without a gap, with their indices."""
    runs: list[list[tuple[int, float]]] = []
    for index, value in enumerate(values):
        if value is None:
            continue
        if runs and runs[-1][-1][0] == index - 1:
            runs[-1].append((index, value))
        else:
            runs.append([(index, value)])
    return runs


def stacked_chart(chart: DayChart) -> Element:
    """A bar for each day, of one piece for each series."""
    sums = [sum(series.values[index] or 0 for series in chart.series) for index in range(len(chart.days))]
    axes = DayAxes(chart.days, ticks(max(sums, default=0.0)))
    return axes.svg(chart.label, chart.unit, _bars(chart, axes))


def _bars(chart: DayChart, axes: DayAxes) -> Iterator[Element]:
    width = min(40.0, 0.8 * axes.day_width)
    for index in range(len(chart.days)):
        below = 0.0
        for series in chart.series:
            if not (value := series.values[index]):
                continue
            top = axes.y(below + value)
            size = {"x": axes.x(index) - width / 2, "y": top, "width": width, "height": axes.y(below) - top}
            yield element("rect", {"class": f"fill{series.colour}", **size}, chart.tooltip(series, index))
            below += value
