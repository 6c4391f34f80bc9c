"""The report of `spark-lsp stats` as tables in a terminal, or as plain text where there is none."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from spark_lsp.cli import stats_words as words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from spark_lsp.ledger.figures import Figures, Percentiles
    from spark_lsp.ledger.report import Report

_Row: TypeAlias = "tuple[str, Figures]"

_WIDTH_WITHOUT_A_TERMINAL: Final = 180
_NARROWEST_NAME: Final = 12
_GAP: Final = 2


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    value: Callable[[Figures], str]
    rank: int
    """Where the terminal is narrow, the columns with the highest go first."""


def _percentile(percentiles: Percentiles | None, name: str) -> str:
    return words.milliseconds(None if percentiles is None else getattr(percentiles, name))


def _answers(figures: Figures) -> str:
    """Of all that was asked for."""
    return words.share((figures.ok + figures.cached) / figures.requests if figures.requests else None)


_COLUMNS: Final = (
    _Column("requests", lambda figures: words.count(figures.requests), 0),
    _Column("answered", _answers, 3),
    _Column("failed", lambda figures: words.count(figures.failed), 4),
    _Column("cancelled", lambda figures: words.count(figures.cancelled), 8),
    _Column("from here", lambda figures: words.count(figures.cached), 9),
    _Column("first p50", lambda figures: _percentile(figures.first_token_ms, "p50"), 1),
    _Column("first p90", lambda figures: _percentile(figures.first_token_ms, "p90"), 5),
    _Column("first p99", lambda figures: _percentile(figures.first_token_ms, "p99"), 12),
    _Column("total p50", lambda figures: _percentile(figures.total_ms, "p50"), 7),
    _Column("total p90", lambda figures: _percentile(figures.total_ms, "p90"), 13),
    _Column("tokens/s", words.speed, 6),
    _Column("input", lambda figures: words.tokens(figures.input_tokens, figures), 10),
    _Column("cached", lambda figures: words.share(figures.cached_share), 14),
    _Column("output", lambda figures: words.tokens(figures.output_tokens, figures), 11),
    _Column("cost", words.cost, 2),
    _Column("accepted", lambda figures: words.share(figures.acceptance), 3),
    _Column("survived", lambda figures: words.share(figures.survival), 15),
)


def print_tables(report: Report, ledger: Path) -> None:
    """Print the report on stdout."""
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _WIDTH_WITHOUT_A_TERMINAL
    tables = {
        "Model": [(words.printable(f"{model.endpoint} {model.model}"), model.figures) for model in report.models],
        "Task": [(words.printable(task.task), task.figures) for task in report.tasks],
        "Day": [(day.day.isoformat(), day.figures) for day in report.days],
    }
    columns = _columns_that_fit(console.width, [row for rows in tables.values() for row in rows])
    _write(console, _headline(report))
    for title, rows in tables.items():
        console.print()
        console.print(_table(console.width, title, rows, columns))
    console.print()
    for note in words.notes(report.total):
        _write(console, note)
    _write(console, f"The ledger is {ledger}")


def _headline(report: Report) -> str:
    total = report.total
    parts = [
        f"{report.since} to {report.until}",
        "1 request" if total.requests == 1 else f"{total.requests:,} requests",
        f"cost {words.cost(total)}",
        f"first token {_percentile(total.first_token_ms, 'p50')} (median)",
        f"{words.speed(total)} tokens/s",
        f"{words.share(total.acceptance)} accepted",
    ]
    return "; ".join(part for part in parts if words.UNKNOWN not in part)


def _table(width: int, title: str, rows: Sequence[_Row], columns: Sequence[_Column]) -> Table:
    taken = sum(_GAP + _width(column, rows) for column in columns)
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    table.add_column(title, no_wrap=True, overflow="ellipsis", max_width=max(1, width - taken))
    for column in columns:
        table.add_column(column.title, justify="right", no_wrap=True, min_width=_width(column, rows))
    for name, figures in rows:
        table.add_row(Text(name), *(Text(column.value(figures)) for column in columns))
    return table


def _columns_that_fit(width: int, rows: Sequence[_Row]) -> list[_Column]:
    """The columns that lines have room for beside the names; the most important ones are taken first."""
    widest = max(cell_len(name) for name, _ in rows)
    room = width - min(widest, max(_NARROWEST_NAME, width // 3))
    shown = []
    for column in sorted(_COLUMNS, key=lambda column: column.rank):
        room -= _GAP + _width(column, rows)
        if room < 0:
            break
        shown.append(column)
    return [column for column in _COLUMNS if column in shown]


def _width(column: _Column, rows: Sequence[_Row]) -> int:
    return max(len(column.title), *(len(column.value(figures)) for _, figures in rows))


def _write(console: Console, line: str) -> None:
    """Prose; a narrow terminal wraps it, and a pipe gets it in one line."""
    if console.is_terminal:
        console.print(Text(line))
    else:
        sys.stdout.write(f"{line}\n")
