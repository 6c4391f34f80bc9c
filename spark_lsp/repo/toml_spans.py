"""Where tables and arrays stand in a TOML text: for edits that leave everything else as it is. Pure.

Reads as much of TOML as that needs, on a text that a real parser has accepted, and finds nothing where it is unsure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\r\n]|\\.)*"|\'[^\'\r\n]*\'|#[^\r\n]*|\r\n|[\n\[\]{},=]'
    r"|[ \t]+|[^\s\[\]{},=#\"']+|.",
    re.DOTALL,
)
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class TomlArray:
    """An array: [start, end) with its brackets. `items` are where its strings are; None if it has anything else."""

    start: int
    end: int
    items: tuple[tuple[int, int], ...] | None
    comma_end: int | None
    """Behind the comma after the last item, if it has one."""


@dataclass(frozen=True, slots=True)
class TomlTable:
    """A table with a header of its own. All offsets are in code points."""

    name: str
    header_end: int
    """Behind the last character of the header's line, its line ending not counted."""
    last_end: int
    """The same for its last entry, or its header if it has none."""
    arrays: tuple[tuple[str, TomlArray], ...]
    """By plain keys."""

    def array(self, key: str) -> TomlArray | None:
        return next((array for name, array in self.arrays if name == key), None)


def toml_tables(text: str) -> list[TomlTable]:
    """The tables of a text with their headers, in order. Those in arrays of tables are left out."""
    found: list[TomlTable] = []
    current: tuple[str, int] | None = None
    last_end = 0
    arrays: list[tuple[str, TomlArray]] = []
    for entry in _entries(text):
        words = [text[start:end] for start, end in entry if text[start:end].strip(" \t")]
        line_end = entry[-1][1]
        if words[0] == "[":
            if current is not None:
                found.append(TomlTable(*current, last_end, tuple(arrays)))
            plain = len(words) == 3 and words[2] == "]"
            current, last_end, arrays = ((words[1], line_end) if plain else None), line_end, []
        elif words[0][0] != "#":
            last_end = line_end
            if len(words) > 3 and words[1:3] == ["=", "["] and _BARE.fullmatch(words[0]):
                arrays.append((words[0], _array(text, entry)))
    if current is not None:
        found.append(TomlTable(*current, last_end, tuple(arrays)))
    return found


def _entries(text: str) -> Iterator[list[tuple[int, int]]]:
    """The tokens of each header, entry and comment, without those between them."""
    tokens: list[tuple[int, int]] = []
    depth = 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in ("\n", "\r\n") and not depth:
            if any(text[start:end].strip(" \t") for start, end in tokens):
                yield tokens
            tokens = []
            continue
        depth += (token in ("[", "{")) - (token in ("]", "}"))
        tokens.append(match.span())
    if any(text[start:end].strip(" \t") for start, end in tokens):
        yield tokens


def _array(text: str, entry: list[tuple[int, int]]) -> TomlArray:
    """The array in an entry of a plain key, an equals sign and an array."""
    opening = next(index for index, (start, end) in enumerate(entry) if text[start:end] == "[")
    items: list[tuple[int, int]] = []
    only_strings, depth, at = True, 0, entry[opening][0]
    comma: int | None = None
    for start, end in entry[opening:]:
        part = text[start:end]
        depth += (part in ("[", "{")) - (part in ("]", "}"))
        at = end
        if depth == 0:
            break
        if part == ",":
            comma = end
        elif part[0] in "\"'":
            items.append((start, end))
            comma = None
        elif part.strip() and part[0] != "#" and start != entry[opening][0]:
            only_strings = False
    return TomlArray(entry[opening][0], at, tuple(items) if only_strings else None, comma)
