"""The plots of the page: which figures of the report each shows, and how it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spark_lsp.cli import stats_words as words
from spark_lsp.cli.stats_page.charts import DayChart, Series, line_chart, stacked_chart
from spark_lsp.cli.stats_page.elements import element
from spark_lsp.cli.stats_page.shares import Piece, Shares, share_chart
from spark_lsp.cli.stats_page.style import GREY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from xml.etree.ElementTree import Element

    from spark_lsp.ledger.figures import Figures
    from spark_lsp.ledger.report import ModelReport, Report

_OUTCOMES: Final = (
    Piece("answered", 0),
    Piece("answered from here", 4),
    Piece("cancelled", GREY),
    Piece("failed", 5),
)
_VERDICTS: Final = (
    Piece("accepted and kept", 2),
    Piece("accepted and changed soon", 4),
    Piece("rejected", 5),
    Piece("neither", GREY),
)
_PERCENTILES: Final = (("p50", "median"), ("p90", "90% are faster"), ("p99", "99% are faster"))
_MOST_MODELS: Final = GREY
"""Models with a colour of their own, the same in every plot."""


def first_token_by_day(report: Report, days: Sequence[date]) -> Element:
    """Latency percentiles."""
    found = {day.day: day.figures.first_token_ms for day in report.days}
    series = [
        Series(name, [getattr(found[day], field) if found.get(day) else None for day in days], number)
        for number, (field, name) in enumerate(_PERCENTILES)
    ]
    chart = DayChart("Time until the first token, by day", days, series, words.milliseconds)
    what = "From the request to the first visible token, of all requests that got one."
    return _figure(chart.label, what, _lines_of(series), line_chart(chart))


def speed_by_day(report: Report, days: Sequence[date]) -> Element:
    """Output speed of the models that are used most."""
    found = _by_day_and_model(report)
    series = [
        Series(
            _name(model),
            [figures.tokens_per_second if (figures := found.get((day, *_key(model)))) else None for day in days],
            number,
        )
        for number, model in enumerate(report.models[:_MOST_MODELS])
        if model.figures.tokens_per_second is not None
    ]
    chart = DayChart("Output tokens a second, by day and model", days, series, words.short)
    if not series:
        return _figure(chart.label, "No answer came in more than one piece.", (), None)
    what = "The median of answers that came in more than one piece, from the first visible token to the end."
    return _figure(chart.label, what, _lines_of(series), line_chart(chart))


def cost_by_day(report: Report, days: Sequence[date]) -> Element:
    """Cost, by model; those that are used least as one."""
    found = _by_day_and_model(report)

    def costs(model: ModelReport) -> list[float]:
        return [figures.usd if (figures := found.get((day, *_key(model)))) else 0.0 for day in days]

    series = [
        Series(_name(model), costs(model), number)
        for number, model in enumerate(report.models[:_MOST_MODELS])
        if model.figures.usd
    ]
    if rest := [costs(model) for model in report.models[_MOST_MODELS:] if model.figures.usd]:
        series.append(Series("others", [sum(day) for day in zip(*rest, strict=True)], GREY))
    chart = DayChart("Cost by day and model", days, series, words.dollars)
    if not series:
        return _figure(chart.label, "No request had a price that is known and above 0.", (), None)
    return _figure(chart.label, "Of requests whose price is known.", _areas_of(series), stacked_chart(chart))


def outcomes_by_model(report: Report) -> Element:
    """How requests ended."""
    rows = [
        Shares(
            _name(model),
            f"{words.count(model.figures.requests)} requests",
            (model.figures.ok, model.figures.cached, model.figures.cancelled, model.figures.failed),
        )
        for model in report.models
        if model.figures.requests
    ]
    label = "How requests ended, by model"
    what = "From here: the same had been asked before. Cancelled: you typed on, or said so."
    return _figure(label, what, _areas_of(_OUTCOMES), share_chart(label, _OUTCOMES, rows))


def acceptance_by_task(report: Report) -> Element:
    """What became of what was shown."""
    rows = [
        Shares(
            words.printable(task.task),
            f"{words.share(task.figures.acceptance)} of {words.count(task.figures.shown)} accepted, "
            f"{words.share(task.figures.survival)} of them kept",
            _verdicts(task.figures),
        )
        for task in report.tasks
        if task.figures.shown
    ]
    label = "What became of what was shown, by task"
    if not rows:
        return _figure(label, "Nothing was shown in these days.", (), None)
    return _figure(
        label, "Kept: still there after 30 seconds.", _areas_of(_VERDICTS), share_chart(label, _VERDICTS, rows)
    )


def _verdicts(figures: Figures) -> Sequence[int]:
    """In the order of `_VERDICTS`. What was shown on the day before may be judged in these days: never less than 0."""
    accepted = figures.accepted + figures.partly
    survived = min(figures.survived, accepted)
    return (
        survived,
        accepted - survived,
        figures.rejected,
        max(0, figures.shown - accepted - figures.rejected),
    )


def _by_day_and_model(report: Report) -> dict[tuple[date, str, str], Figures]:
    return {(day.day, *_key(model)): model.figures for day in report.days for model in day.models}


def _key(model: ModelReport) -> tuple[str, str]:
    return model.endpoint, model.model


def _name(model: ModelReport) -> str:
    return words.printable(f"{model.endpoint} {model.model}")


def _figure(title: str, what: str, legend: Iterable[Element], plot: Element | None) -> Element:
    caption = element("figcaption", {}, element("h2", {}, title), element("p", {}, what))
    if items := list(legend):
        caption.append(element("ul", {"class": "legend"}, *items))
    return element("figure", {}, caption, *([] if plot is None else [plot]))


def _lines_of(series: Iterable[Series]) -> Iterator[Element]:
    """The legend of a line chart."""
    for one in series:
        line = {"class": f"line dash{one.colour} stroke{one.colour}", "x1": 0, "x2": 24, "y1": 6, "y2": 6}
        yield _entry(one.name, element("line", line))


def _areas_of(parts: Iterable[Series | Piece]) -> Iterator[Element]:
    """The legend of bars."""
    for part in parts:
        yield _entry(part.name, element("rect", {"class": f"fill{part.colour}", "width": 24, "height": 12}))


def _entry(name: str, sample: Element) -> Element:
    box = {"viewBox": "0 0 24 12", "aria-hidden": "true"}
    return element("li", {}, element("svg", box, sample), name)
