"""Reads the hunks of a unified diff out of a model's reply, however it is dressed up.

Format: GNU diffutils' manual, "Detailed Description of Unified Format", and git's headers (git-diff, "Generating patch
text with -p"). Models get parts of it wrong, so nothing is required that can be done without: the lines with `---` and
`+++`, the numbers behind `@@` and the space before an unchanged line may be missing or wrong, and the diff may stand in
a fence, between words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from spark_lsp.formats.fences import fence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spark_lsp.formats.fences import Fence

Sign: TypeAlias = Literal[" ", "-", "+"]

_HUNK: Final = re.compile(r"@@(?: *-(\d{1,9})(?:,(\d{1,9}))? +\+\d{1,9}(?:,(\d{1,9}))?(?=[ @]|$))?")
_HEADER_OF_A_FILE: Final = ("diff --git ", "Index: ", "*** ")
_DIFF_LANGUAGES: Final = frozenset({"diff", "patch", "udiff"})
_NO_FILE: Final = "/dev/null"
_QUOTED: Final = re.compile(r"\\([0-7]{3}|.)|([^\\]+)")
_ESCAPED: Final = {"a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r"}


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a hunk, without its line ending."""

    sign: Sign
    text: str
    ends: bool = True
    """False for the last line of a text that has no final line ending (`\\ No newline at end of file`)."""
    marked: bool = True
    """It began with its sign, and was not merely taken for an unchanged line."""


@dataclass(frozen=True, slots=True)
class DiffHunk:
    """One hunk, as it is said."""

    lines: tuple[DiffLine, ...]
    path: str | None
    """The file that it changes, as a header names it; None if none does."""
    start: int | None
    """Before how many lines of the file it says to stand, None if it does not say."""

    @property
    def old(self) -> list[str]:
        """The lines that it was made for."""
        return [line.text for line in self.lines if line.sign != "+"]

    @property
    def changed(self) -> range:
        """The lines from its first change to its last; empty if it changes nothing."""
        found = [number for number, line in enumerate(self.lines) if line.sign != " "]
        return range(found[0], found[-1] + 1) if found else range(0)

    def without_talk(self) -> DiffHunk | None:
        """The hunk without what may be words behind it, None if there is nothing that may be: no change is left out."""
        for number in range(self.changed.stop, len(self.lines)):
            if not self.lines[number].marked:
                return replace(self, lines=self.lines[:number])
        return None

    def without_signs(self) -> DiffHunk:
        """The hunk if its unchanged lines lack the space before them, and what looks like it is their own."""
        lines = (
            replace(line, text=f" {line.text}") if line.sign == " " and line.marked else line for line in self.lines
        )
        return replace(self, lines=tuple(lines))


@dataclass(slots=True)
class _Open:
    """A hunk that is being read."""

    path: str | None
    start: int | None
    old_left: int | None
    """How many of its lines are still to come, by its header; None if that does not say."""
    new_left: int | None
    lines: list[DiffLine] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Its header asks for no more lines."""
        return (self.old_left or 0) <= 0 and (self.new_left or 0) <= 0

    def add(self, line: DiffLine) -> None:
        self.lines.append(line)
        if self.old_left is not None and line.sign != "+":
            self.old_left -= 1
        if self.new_left is not None and line.sign != "-":
            self.new_left -= 1


class _Reader:
    """Goes through the lines of a reply once."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._fence: Fence | None = None
        self._path: str | None = None
        self._hunk: _Open | None = None
        self._headed = False  # a hunk may begin without @@
        self.hunks: list[DiffHunk] = []

    def read(self) -> None:
        number = 0
        while number < len(self._lines):
            if self._is_header(number):
                self._end_hunk()
                old, new = (_path(line) for line in self._lines[number : number + 2])
                self._path, self._headed = (old if new == _NO_FILE else new) or None, True
                number += 1
            else:
                self._take(self._lines[number])
            number += 1
        self._end_hunk()

    def _take(self, line: str) -> None:
        found = fence(line) if line[:1] in ("`", "~") else None
        if found is not None:
            self._take_fence(found)
        elif line.startswith("@@"):
            self._end_hunk()
            self._hunk = self._opened(line)
        elif line.startswith(_HEADER_OF_A_FILE):
            self._end_hunk()
            self._path, self._headed = _path_of_file_header(line), False
        elif self._hunk is not None:
            self._take_in_hunk(self._hunk, line)
        elif self._headed and line[:1] in (" ", "+", "-"):
            self._hunk = _Open(self._path, None, None, None)
            self._take_in_hunk(self._hunk, line)

    def _take_fence(self, found: Fence) -> None:
        self._end_hunk()
        if self._fence is None:
            self._fence = found
            self._headed = self._headed or found.info.lower() in _DIFF_LANGUAGES
        else:
            self._fence, self._headed = None, False

    def _take_in_hunk(self, hunk: _Open, line: str) -> None:
        sign, text = line[:1], line[1:]
        match sign:
            case " " | "+" | "-":
                hunk.add(DiffLine(sign, text))
            case "\\":
                if hunk.lines:
                    hunk.lines[-1] = replace(hunk.lines[-1], ends=False)
            case _ if not line or self._fence is not None or not hunk.complete:
                hunk.add(DiffLine(" ", line, marked=False))
            case _:
                self._end_hunk()
                self._headed = False

    def _opened(self, line: str) -> _Open:
        match = _HUNK.match(line)
        if match is None or match[1] is None:
            return _Open(self._path, None, None, None)
        first = int(match[1])
        old, new = (1 if count is None else int(count) for count in match.group(2, 3))
        return _Open(self._path, max(0, first - 1) if old else first, old, new)

    def _end_hunk(self) -> None:
        hunk, self._hunk = self._hunk, None
        if hunk is None:
            return
        while hunk.lines and not hunk.lines[-1].marked and not hunk.lines[-1].text:
            hunk.lines.pop()
        if hunk.lines:
            self.hunks.append(DiffHunk(tuple(hunk.lines), hunk.path, hunk.start))

    def _is_header(self, number: int) -> bool:
        """Whether the lines from here on name a file: inside a hunk, `--- x` may be a line `-- x` that goes."""
        if not self._lines[number].startswith("--- "):
            return False
        lines = [*self._lines[number : number + 3], "", ""]
        if not lines[1].startswith("+++ "):
            return False
        if self._hunk is None:
            return True
        return lines[2].startswith("@@") and (self._hunk.complete or _bare(_path(lines[0])) == _bare(_path(lines[1])))


def read_hunks(lines: Sequence[str]) -> list[DiffHunk]:
    """All hunks of all files, in the order that they come. The lines are without their endings."""
    reader = _Reader(lines)
    reader.read()
    return reader.hunks


def is_same_file(said: str, path: str) -> bool:
    """Whether a header's name can mean this file: either may have folders before it that the other does not know."""
    names = path.replace("\\", "/").split("/")
    return any(
        _ends_with(parts, names) or _ends_with(names, parts)
        for parts in ([part for part in form.split("/") if part not in ("", ".")] for form in (said, _bare(said)))
        if parts
    )


def _ends_with(longer: list[str], shorter: list[str]) -> bool:
    return len(longer) >= len(shorter) and longer[len(longer) - len(shorter) :] == shorter


def _bare(path: str) -> str:
    """A path without the letter that git puts before it."""
    return path[2:] if re.match(r"[abciow]/", path) else path


def _path(line: str) -> str:
    """The name in a line with `---` or `+++`: without a time behind a tab, and out of git's quotes."""
    name = line[4:].strip()
    if not name.startswith('"'):
        return name.partition("\t")[0].rstrip().replace("\\", "/")
    return b"".join(map(_unquoted, _QUOTED.finditer(name[1:].rpartition('"')[0]))).decode("utf-8", "replace")


def _unquoted(match: re.Match[str]) -> bytes:
    escaped, plain = match.groups()
    if escaped is None:
        return plain.encode("utf-8", "replace")
    return bytes([int(escaped, 8) & 0xFF]) if len(escaped) == 3 else _ESCAPED.get(escaped, escaped).encode()


def _path_of_file_header(line: str) -> str | None:
    """The name in a line that comes before `---` and `+++`, or instead of them."""
    if line.startswith("Index: "):
        return line[7:].strip() or None
    return line.rpartition(" b/")[2].strip() or None if line.startswith("diff ") and " b/" in line else None
