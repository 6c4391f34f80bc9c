"""`spark-lsp edit`: one edit from the shell, by the same feature that serves editors.

The diff goes to stdout and everything that is said about it to stderr, so that it can be piped.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, Literal

from spark_lsp.cli.location import Lines, parse_lines
from spark_lsp.cli.waiting import waiting

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from rich.status import Status

    from spark_lsp.cli.local_session import OpenFile
    from spark_lsp.core.text import Range
    from spark_lsp.features.edit_result import EditResult

_DONE, _FAILED, _INTERRUPTED = 0, 1, 130
_EXIT_STATUS: Final = {"applied": _DONE, "unchanged": _DONE, "cancelled": _INTERRUPTED}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    parser.usage = "spark-lsp edit FILE[:LINE[-LINE]] -m TEXT [--write]"
    parser.add_argument(
        "where",
        type=parse_lines,
        metavar="FILE",
        help="what may be changed: the whole file, what encloses a line (a function, say), or whole lines",
    )
    parser.add_argument("-m", "--message", required=True, metavar="TEXT", help="what is to be done")
    parser.add_argument("--write", action="store_true", help="write the file instead of printing a unified diff")
    parser.add_argument(
        "--deep", action="store_true", help="ask the endpoint of routes.deep, for more thought than speed"
    )


def run(arguments: argparse.Namespace) -> int:
    """Do the edit; return the exit status."""
    import asyncio  # noqa: PLC0415 (all that is heavy is imported when it runs)

    from spark_lsp.cli.local_session import open_file  # noqa: PLC0415
    from spark_lsp.cli.text_file import FileProblem, write_text_file  # noqa: PLC0415

    try:
        opened = open_file(arguments.where.file)
        span = _range(opened, arguments.where)
        result = asyncio.run(_edit(opened, span, arguments.message, "deep" if arguments.deep else "edit"))
        if result.message:
            sys.stderr.write(f"{result.message}\n")
        if result.status == "applied":
            text = str(opened.document.text)
            if arguments.write:
                write_text_file(opened.file, text)
                sys.stderr.write(f"{opened.file.name}: {_what_was_done(result)}.\n")
            else:
                _print_diff(opened, text)
    except FileProblem as problem:
        sys.stderr.write(f"{problem}\n")
        return _FAILED
    return _EXIT_STATUS.get(result.status, _FAILED)


def _range(opened: OpenFile, lines: Lines) -> Range:
    """The lines as a range; a single line is an empty range, which stands for what encloses it."""
    from spark_lsp.cli.local_session import check_line, line_count  # noqa: PLC0415
    from spark_lsp.core.text import ORIGIN, Position, Range  # noqa: PLC0415

    end = opened.document.text.end
    if lines.first is None:
        return Range(ORIGIN, end)
    check_line(opened, lines.last or lines.first)
    start = Position(lines.first - 1, 0)
    if lines.last is None:
        return Range(start, start)
    return Range(start, Position(lines.last, 0) if lines.last < line_count(opened.document) else end)


async def _edit(opened: OpenFile, span: Range, instruction: str, task: Literal["edit", "deep"]) -> EditResult:
    import os  # noqa: PLC0415

    from spark_lsp.cli.local_editor import LocalEditor  # noqa: PLC0415
    from spark_lsp.cli.local_repository import FOR_AN_EDIT, repository_around  # noqa: PLC0415
    from spark_lsp.endpoints.catalog import EndpointCatalog  # noqa: PLC0415
    from spark_lsp.endpoints.model_client import ModelClient  # noqa: PLC0415
    from spark_lsp.endpoints.transport import EndpointClient  # noqa: PLC0415
    from spark_lsp.features.bookkeeping import Bookkeeping  # noqa: PLC0415
    from spark_lsp.features.edit import run_edit  # noqa: PLC0415
    from spark_lsp.features.edit_request import EditRequest  # noqa: PLC0415
    from spark_lsp.features.services import Services  # noqa: PLC0415
    from spark_lsp.features.status import Activity  # noqa: PLC0415
    from spark_lsp.settings.files import state_folder  # noqa: PLC0415

    endpoints = EndpointClient()
    book = Bookkeeping(opened.session, state_folder(os.environ))
    try:
        async with repository_around(opened, FOR_AN_EDIT) as around:
            with waiting("Asking the model …") as status:
                editor = LocalEditor(opened.document, _counter(status))
                models, catalog = ModelClient(endpoints, book), EndpointCatalog(os.environ)
                services = Services(
                    opened.session, editor, models, Activity(), catalog, book, context_of=lambda _: around
                )
                # Whatever the settings say on applying edits is for editors, where somebody looks on.
                return await run_edit(
                    services, EditRequest(opened.document.uri, span, instruction, apply="stream", task=task)
                )
    finally:
        opened.session.close(opened.document.uri)  # settles for the ledger what became of the edit
        await endpoints.aclose()
        book.close()


def _counter(status: Status | None) -> Callable[[], None]:
    """What is to be called for each batch of edits."""
    batches = 0

    def count() -> None:
        nonlocal batches
        batches += 1
        if status is not None:
            status.update(f"Edits come in ({batches}) …")

    return count


def _what_was_done(result: EditResult) -> str:
    hunks = "1 hunk" if len(result.hunks) == 1 else f"{len(result.hunks)} hunks"
    added, removed = sum(hunk.added for hunk in result.hunks), sum(hunk.removed for hunk in result.hunks)
    done = f"{hunks} written, +{added} −{removed} lines"
    return done if result.timings.total is None else f"{done}, {result.timings.total * 1000:,.0f} ms"


def _print_diff(opened: OpenFile, text: str) -> None:
    """Write bytes, since the line endings in a diff are the file's."""
    from spark_lsp.cli.unified_diff import unified_diff  # noqa: PLC0415

    mark = opened.file.byte_order_mark
    lines = unified_diff(opened.file.name, mark + opened.file.text, mark + text)
    sys.stdout.flush()
    sys.stdout.buffer.writelines(line.encode("utf-8", "replace") for line in lines)
    sys.stdout.buffer.flush()
