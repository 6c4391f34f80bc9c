"""`spark-lsp stats`: how fast, how good and how dear the requests of the last days were."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spark_lsp.ledger.report import Report

_DONE, _FAILED = 0, 1
_MOST_DAYS: Final = 400


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    parser.add_argument("--days", type=_days, default=30, metavar="N", help="how many days, with today (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with plots, that needs nothing else")


def run(arguments: argparse.Namespace) -> int:
    """Print the report; return the exit status."""
    from spark_lsp.ledger.database import LEDGER_FILE  # noqa: PLC0415 (all that is heavy is imported when it runs)
    from spark_lsp.ledger.history import UnreadableLedgerError  # noqa: PLC0415
    from spark_lsp.settings.files import state_folder  # noqa: PLC0415

    path = state_folder() / LEDGER_FILE
    try:
        report = _report(path, arguments.days)
    except UnreadableLedgerError as error:
        sys.stderr.write(f"spark-lsp stats: {error}\n")
        return _FAILED
    if arguments.html is not None and not _write_page(arguments.html, report, path):
        return _FAILED
    if arguments.json:
        from spark_lsp.cli.stats_json import as_json  # noqa: PLC0415

        sys.stdout.write(as_json(report, path))
    elif not (report.total.requests or report.total.shown):
        sys.stdout.write(_nothing_yet(report, path))
    elif arguments.html is None:
        from spark_lsp.cli.stats_tables import print_tables  # noqa: PLC0415

        print_tables(report, path)
    if arguments.html is not None and not arguments.json:
        sys.stdout.write(f"The page is {arguments.html}\n")
    return _DONE


def _report(path: Path, days: int) -> Report:
    from datetime import timedelta  # noqa: PLC0415

    from spark_lsp.ledger.days import local_day, midnight  # noqa: PLC0415
    from spark_lsp.ledger.history import read_history  # noqa: PLC0415
    from spark_lsp.ledger.report import report  # noqa: PLC0415

    until = local_day(time.time())
    since = until - timedelta(days=days - 1)
    history = read_history(path, midnight(since))
    return report(history.requests, history.verdicts, since, until)


def _write_page(file: Path, report: Report, path: Path) -> bool:
    from spark_lsp.cli.stats_page.page import page  # noqa: PLC0415

    try:
        file.write_text(page(report, str(path)), encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        sys.stderr.write(f"spark-lsp stats: {file} cannot be written ({reason}): choose another --html FILE.\n")
        return False
    return True


def _nothing_yet(report: Report, path: Path) -> str:
    days = (report.until - report.since).days + 1
    when = "today" if days == 1 else f"in the last {days} days"
    return (
        f"Nothing was asked for {when}: ask for an edit in your editor and look again (while ledger.enabled is true, "
        f"it goes into {path}).\n"
    )


def _days(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:9]) <= _MOST_DAYS:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to {_MOST_DAYS}")
    return int(text)
