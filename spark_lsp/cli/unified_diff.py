"""A change of one file as `patch -p1` and `git apply` take it, byte for byte.

Lines end where those programs end them, at a line feed and nowhere else.
"""

from __future__ import annotations

import difflib
import os.path
import posixpath
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
_NO_NEWLINE: Final = "\n\\ No newline at end of file\n"
_ESCAPES: Final = {"\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", '"': '"', "\\": "\\"}
_NEEDS_QUOTES: Final = re.compile(r'[\x00-\x1f\x7f"\\]')


def unified_diff(name: str, before: str, after: str) -> Iterator[str]:
    """The lines of a unified diff, each with its line ending; none if nothing differs. `name` is a path."""
    path = _path(name)
    lines = difflib.unified_diff(
        _LINE.findall(before), _LINE.findall(after), _quoted(f"a/{path}"), _quoted(f"b/{path}")
    )
    for line in lines:
        yield line if line.endswith("\n") else line + _NO_NEWLINE


def _path(name: str) -> str:
    """A path with slashes, without detours and without a root: `git apply` takes no other."""
    drive, rest = os.path.splitdrive(name)
    return posixpath.normpath(f"{drive}{rest}".replace(os.sep, "/")).lstrip("/")


def _quoted(name: str) -> str:
    """A name as git writes it: in quotes with C's escapes where it must be, else with a tab to mark its end."""
    if _NEEDS_QUOTES.search(name):
        return '"' + _NEEDS_QUOTES.sub(_escaped, name) + '"'
    return f"{name}\t" if " " in name else name


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    return f"\\{_ESCAPES.get(character) or format(ord(character), '03o')}"
