"""The table at the end of the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from spark_lsp.cli.demonstration.findings import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from spark_lsp.cli.demonstration.findings import Finding, Report

# Of the colours that every terminal has, those that can be read on light and on dark grounds.
_STYLES = {Verdict.HELD: "green", Verdict.BROKEN: "bold red", Verdict.OPEN: "dim"}


def print_reports(console: Console, reports: Sequence[Report], remark: str) -> None:
    """Print what was measured, the remark, and the verdicts."""
    table = Table(box=box.SIMPLE, padding=(0, 1), pad_edge=False)
    table.add_column("")
    for heading in ("first\ntoken", "first\nhunk", "end", "hunks", "characters\nin edits", "in changed\nlines"):
        table.add_column(heading, justify="right", no_wrap=True)
    for number, report in enumerate(reports, start=1):
        table.add_row(
            f"{number}. {report.name}",
            _milliseconds(report.first_token),
            _milliseconds(report.first_hunk),
            _milliseconds(report.end),
            f"{report.hunks}",
            f"{report.sent:,}",
            f"{report.changed:,}",
        )
    console.print(table)
    for line in _lines(reports, remark):
        # Where nobody looks, a sentence stays on its line.
        console.print(line, soft_wrap=not console.is_terminal)


def _lines(reports: Sequence[Report], remark: str) -> Iterator[Text]:
    yield Text(remark)
    yield Text("First hunk: on the screen. End: of the edit, or of its being taken back. Times are from the request.")
    yield Text()
    for number, report in enumerate(reports, start=1):
        yield from (_verdict(number, found) for found in report.findings)


def _verdict(number: int, found: Finding) -> Text:
    return Text.assemble(f"{number}. ", (found.verdict.value, _STYLES[found.verdict]), f" {found.sentence}")


def _milliseconds(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds * 1000:,.0f} ms"
