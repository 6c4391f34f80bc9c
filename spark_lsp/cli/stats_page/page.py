"""The page: the report's headline, its plots, and the same figures as tables."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, tostring

from spark_lsp.cli import stats_words as words
from spark_lsp.cli.stats_page.elements import element
from spark_lsp.cli.stats_page.plots import (
    acceptance_by_task,
    cost_by_day,
    first_token_by_day,
    outcomes_by_model,
    speed_by_day,
)
from spark_lsp.cli.stats_page.style import style_sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from spark_lsp.ledger.figures import Figures
    from spark_lsp.ledger.report import Report

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_HEADINGS: Final = (
    *("requests", "failed", "first p50", "p90", "p99", "tokens/s", "input", "cached", "output", "cost", "accepted"),
)


def page(report: Report, ledger: str) -> str:
    """The whole page as HTML that is XML, too. `ledger` says where the figures are from."""
    title = f"spark-lsp, {report.since} to {report.until}"
    head = element(
        "head",
        {},
        element("meta", {"charset": "utf-8"}),
        element("meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY}),
        element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        element("title", {}, title),
        element("style", {}, style_sheet()),
    )
    html = element(
        "html", {"lang": "en"}, head, element("body", {}, element("main", {}, *_body(report, title, ledger)))
    )
    return f"<!DOCTYPE html>\n{tostring(html, encoding='unicode')}\n"


def _body(report: Report, title: str, ledger: str) -> Iterable[Element]:
    yield element("h1", {}, title)
    if not report.days:
        yield element("p", {}, "Nothing was asked for in these days.")
    else:
        days = _every_day(report.days[0].day, report.until)
        yield _tiles(report.total)
        yield first_token_by_day(report, days)
        yield speed_by_day(report, days)
        yield cost_by_day(report, days)
        yield outcomes_by_model(report)
        yield acceptance_by_task(report)
        yield from _tables(report)
    for note in (*words.notes(report.total), f"The figures are from the ledger {words.printable(ledger)}."):
        yield element("p", {"class": "dim"}, note)


def _every_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _tiles(total: Figures) -> Element:
    first = total.first_token_ms
    tiles = (
        (words.count(total.requests), "requests"),
        (words.milliseconds(first.p50 if first else None), "until the first token (median)"),
        (words.speed(total), "tokens a second (median)"),
        (words.cost(total), "cost"),
        (words.share(total.acceptance), "of what was shown accepted"),
    )
    items = (element("li", {}, element("b", {}, value), element("span", {}, what)) for value, what in tiles)
    return element("ul", {"class": "tiles"}, *items)


def _tables(report: Report) -> Iterable[Element]:
    models = [(f"{model.endpoint} {model.model}", model.figures) for model in report.models]
    tables = {
        "By model": models,
        "By task": [(task.task, task.figures) for task in report.tasks],
        "By day": [(day.day.isoformat(), day.figures) for day in report.days],
    }
    for title, rows in tables.items():
        attributes = {"open": "open"} if rows is models else {}
        table = element("div", {"class": "scroll"}, _table(rows))
        yield element("details", attributes, element("summary", {}, title), table)


def _table(rows: Sequence[tuple[str, Figures]]) -> Element:
    headings = (element("th", {"scope": "col"}, heading) for heading in ("name", *_HEADINGS))
    body = (
        element(
            "tr",
            {},
            element("th", {"scope": "row"}, words.printable(name)),
            *(element("td", {}, cell) for cell in _cells(figures)),
        )
        for name, figures in rows
    )
    return element("table", {}, element("thead", {}, element("tr", {}, *headings)), element("tbody", {}, *body))


def _cells(figures: Figures) -> Sequence[str]:
    """In the order of the headings."""
    first = figures.first_token_ms
    return (
        words.count(figures.requests),
        words.count(figures.failed),
        words.milliseconds(first.p50 if first else None),
        words.milliseconds(first.p90 if first else None),
        words.milliseconds(first.p99 if first else None),
        words.speed(figures),
        words.tokens(figures.input_tokens, figures),
        words.share(figures.cached_share),
        words.tokens(figures.output_tokens, figures),
        words.cost(figures),
        words.share(figures.acceptance),
    )
