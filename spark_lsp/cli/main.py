"""The command line: finds the command that is asked for and imports that one alone.

Every command is a module of this folder with ``add_arguments(parser)`` and ``run(arguments) -> int``; without a
command it is `serve`. The modules must be cheap to import: what is heavy they import when they run.
Exit status: 0 done, 1 failed, 2 usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import errno
import importlib
import io
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from spark_lsp import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS: Final = {
    "demo": "the main job, live in a terminal",
    "doctor": "what is configured, reachable and how fast; what to do about what is not",
    "edit": "one edit from the shell",
    "prompt": "the exact request that would be sent, and its timing",
    "stats": "how fast, how good and how dear the last days were",
    "simulate": "a scripted endpoint, for demos and tests",
    "config": "the settings in force, or their JSON schema",
}
"""The commands, with what `spark-lsp --help` says of each. Each is the module of that name in this folder."""

_DONE, _FAILED, _USAGE, _INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line, by default this process's, and give the exit status. Never raises SystemExit."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _write_utf8()
    try:
        status = _run(arguments)
        if sys.stdout is not None and not sys.stdout.closed:
            sys.stdout.flush()
    except SystemExit as exit_:  # argparse has said what there is to say: help, or what is wrong
        return exit_.code if isinstance(exit_.code, int) else _DONE
    except KeyboardInterrupt:
        return _INTERRUPTED
    except OSError as error:
        if not _is_closed_pipe(error):
            raise
        _let_go_of_stdout()
        return _FAILED
    return status


def _run(arguments: list[str]) -> int:
    command, rest = "serve", arguments
    if arguments and not arguments[0].startswith("-"):
        command, rest = arguments[0], arguments[1:]
        if command not in COMMANDS:
            return _unknown(command)
    elif "--version" in arguments:
        sys.stdout.write(f"spark-lsp {__version__}\n")
        return _DONE
    module = importlib.import_module(f"spark_lsp.cli.{command}")
    parser = _server_parser() if command == "serve" else _command_parser(command)
    module.add_arguments(parser)
    status: int = module.run(parser.parse_args(rest))
    return status


def _server_parser() -> argparse.ArgumentParser:
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {what}" for name, what in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="spark-lsp",
        description="A language server for instant AI edits in any editor. Without a command, the server itself.",
        epilog=f"commands:\n{commands}\n\nspark-lsp COMMAND --help tells more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    return parser


def _command_parser(command: str) -> argparse.ArgumentParser:
    what = COMMANDS[command]
    return argparse.ArgumentParser(
        prog=f"spark-lsp {command}", description=f"{what[0].upper()}{what[1:]}.", allow_abbrev=False
    )


def _unknown(command: str) -> int:
    from difflib import get_close_matches  # noqa: PLC0415 (only for a mistake)

    close = get_close_matches(command, COMMANDS, n=1)
    hint = f"; did you mean {close[0]}?" if close else f"; the commands are {', '.join(COMMANDS)}"
    sys.stderr.write("usage: spark-lsp [COMMAND] [options]\n")
    sys.stderr.write(f"spark-lsp: error: there is no command {command!a}{hint}\n")
    return _USAGE


def _write_utf8() -> None:
    """Code holds any character, and a Windows console's own encoding holds few."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            with suppress(OSError, ValueError):
                stream.reconfigure(encoding="utf-8", errors="replace")


def _is_closed_pipe(error: OSError) -> bool:
    """Windows calls it an invalid argument."""
    return isinstance(error, BrokenPipeError) or (sys.platform == "win32" and error.errno == errno.EINVAL)


def _let_go_of_stdout() -> None:
    """Whoever read our output has enough. Python flushes stdout once more at exit, which must not fail."""
    with suppress(OSError, ValueError):
        stdout = sys.stdout.fileno()
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, stdout)
        os.close(nothing)
