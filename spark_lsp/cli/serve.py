"""`spark-lsp` without a command: the language server."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

LEVELS = ("debug", "info", "warning", "error")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stdio", action="store_true", help="speak over stdin and stdout; the default")
    parser.add_argument("--tcp", action="store_true", help="listen for one editor on a TCP port instead")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=2087, help="the port to listen on (default: %(default)s)")
    parser.add_argument("--log-file", help="log to this file instead of stderr")
    parser.add_argument("--log-level", choices=LEVELS, help="how much to log, until the settings say otherwise")


def run(arguments: argparse.Namespace) -> int:
    try:
        _log_to(arguments.log_file, arguments.log_level or "info")
    except OSError as error:
        sys.stderr.write(f"spark-lsp: cannot log to {arguments.log_file}: {error.strerror}\n")
        return 1
    from spark_lsp.server.handlers import make_server  # noqa: PLC0415 (a second to import)
    from spark_lsp.settings.files import state_folder  # noqa: PLC0415

    server = make_server(ledger_folder=state_folder())
    if not arguments.tcp:
        return server.serve_stdio()
    try:
        return server.serve_tcp(arguments.host, arguments.port)
    except OSError as error:
        sys.stderr.write(
            f"spark-lsp: cannot listen on {arguments.host}:{arguments.port}: {error.strerror}; choose another --port\n"
        )
        return 1


def _log_to(file: str | None, level: str) -> None:
    """Log to a file or to stderr, never to stdout: that is the protocol's."""
    from spark_lsp.logs import WithoutCode  # noqa: PLC0415

    handler = logging.FileHandler(file, encoding="utf-8") if file else logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("spark_lsp").setLevel(level.upper())
    handler.addFilter(WithoutCode())
