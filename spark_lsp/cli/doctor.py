"""`spark-lsp doctor`: what is configured, reachable and how fast; what to do about what is not."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

    from spark_lsp.features.checkup import Checkup

_DONE, _FAILED = 0, 1
_MARKS: Final = {"good": ("✓", "green"), "note": ("·", "dim"), "problem": ("✗", "bold red")}
_CONCLUSIONS: Final = {True: "Edits would work.", False: "Edits would not work: see ✗ under Endpoints."}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    parser.epilog = "The exit status is 0 if an edit would work, and 1 if not."
    parser.add_argument(
        "--workspace", type=Path, default=Path(), metavar="DIR", help="the workspace (the current folder)"
    )
    parser.add_argument(
        "--no-request", action="store_true", help="send nothing: without it, each endpoint gets one tiny request"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print to stdout; return the exit status."""
    import asyncio  # noqa: PLC0415 (all that is heavy is imported when it runs)

    if not arguments.workspace.is_dir():
        sys.stderr.write(f"{arguments.workspace} is not a folder\n")
        return _FAILED
    return asyncio.run(_examine(arguments.workspace.absolute(), ask=not arguments.no_request))


async def _examine(workspace: Path, *, ask: bool) -> int:
    from spark_lsp.endpoints.catalog import EndpointCatalog  # noqa: PLC0415
    from spark_lsp.endpoints.model_client import ModelClient  # noqa: PLC0415
    from spark_lsp.endpoints.transport import EndpointClient  # noqa: PLC0415
    from spark_lsp.features.bookkeeping import Bookkeeping  # noqa: PLC0415
    from spark_lsp.features.checkup import Checkup  # noqa: PLC0415
    from spark_lsp.session import Session  # noqa: PLC0415
    from spark_lsp.settings.files import file_layers, state_folder  # noqa: PLC0415
    from spark_lsp.settings.layers import resolve  # noqa: PLC0415

    layers = file_layers(workspace, os.environ)
    resolved = resolve(layers)
    client = EndpointClient()
    book = Bookkeeping(Session(settings=resolved.settings), state_folder())
    models = ModelClient(client, book)
    try:
        checkup = Checkup(layers, resolved, EndpointCatalog(os.environ), models, os.environ, ask=ask)
        await _print(checkup)
    finally:
        await client.aclose()
        book.close()
    return _DONE if checkup.edits_work else _FAILED


async def _print(checkup: Checkup) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    # A line that goes into a file or a bug report is not broken at the width of nothing.
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    console.print(_introduction(), markup=False)
    topic = None
    with console.status("Asking the endpoints …") if sys.stdout.isatty() else nullcontext():
        async for finding in checkup.findings():
            if finding.topic != topic:
                topic = finding.topic
                console.print(f"\n[bold]{topic}[/]")
            mark, style = _MARKS[finding.level]
            if sys.stdout.isatty():
                line = Table.grid(padding=(0, 1, 0, 0))
                line.add_row(Text(f"  {mark}", style), Text(finding.text))
                console.print(line)
            else:
                console.print(f"  {mark} {finding.text}", markup=False)
    console.print(f"\n{_CONCLUSIONS[checkup.edits_work]}")


def _introduction() -> str:
    import platform  # noqa: PLC0415

    from spark_lsp import __version__  # noqa: PLC0415

    return f"spark-lsp {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
