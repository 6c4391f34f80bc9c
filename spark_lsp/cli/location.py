"""Places in files as people write them on a command line: ``FILE:10-20``, ``FILE:10:5``.

A name that is there as it stands is a file, whatever it looks like: names may hold colons, and so do Windows paths.
Lines and columns count from 1; columns are code points.
"""

from __future__ import annotations

import argparse
import os.path
import re
from dataclasses import dataclass
from typing import Final

_LINES: Final = re.compile(r"(?P<file>.+):(?P<first>[0-9]+)(?:-(?P<last>[0-9]+))?", re.DOTALL)
_CURSOR: Final = re.compile(r"(?P<file>.+):(?P<line>[0-9]+):(?P<column>[0-9]+)", re.DOTALL)
_MOST_DIGITS: Final = 9
"""Python turns no number of thousands of digits into an integer, and no file has so many lines."""


@dataclass(frozen=True, slots=True)
class Lines:
    """A file, one line of it (`first` alone), or whole lines from `first` to `last`, both included."""

    file: str
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two characters of a file."""

    file: str
    line: int
    column: int


def parse_lines(argument: str) -> Lines:
    """Read ``FILE[:LINE[-LINE]]``. Raises what argparse turns into a message on how to use the command."""
    if os.path.lexists(argument):
        return Lines(argument)
    match = _LINES.fullmatch(argument)
    if match is None or not os.path.lexists(match["file"]):
        _complain_about_what_follows(argument, "LINE or LINE-LINE")
        return Lines(match["file"] if match else argument)
    first = _number(match["first"])
    last = None if match["last"] is None else _number(match["last"])
    if last is not None and last < first:
        raise argparse.ArgumentTypeError(f"line {last} comes before line {first}")
    return Lines(match["file"], first, last)


def parse_cursor(argument: str) -> Cursor:
    """Read ``FILE:LINE:COL``. Raises what argparse turns into a message on how to use the command."""
    match = _CURSOR.fullmatch(argument)
    if match is None or not os.path.lexists(match["file"]):
        _complain_about_what_follows(argument, "LINE:COL")
    if match is None:
        raise argparse.ArgumentTypeError(f"“{argument}” does not end in :LINE:COL")
    return Cursor(match["file"], _number(match["line"]), _number(match["column"]))


def _number(digits: str) -> int:
    number = int(digits[:_MOST_DIGITS])
    if number == 0:
        raise argparse.ArgumentTypeError("lines and columns count from 1")
    return number


def _complain_about_what_follows(argument: str, expected: str) -> None:
    """Raise if a file is there by the first part of an argument: then the rest is what is wrong."""
    for colon in re.finditer(":", argument):
        file, rest = argument[: colon.start()], argument[colon.end() :]
        if os.path.isfile(file):  # noqa: PTH113 (a path that is none is no error here)
            raise argparse.ArgumentTypeError(f"what follows “{file}:” must be {expected}, not “{rest}”")
