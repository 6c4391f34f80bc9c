"""Which names the functions of a file use: what a function that is not written yet will use is guessed from others."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.repo.file_table import CALLABLE, CONTAINER, END, KIND, NAME, SIGNATURE_END, START, SYMBOL_WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spark_lsp.repo.file_table import FileTable

_LINE_SHIFT: Final = 2
"""A reference's line stands behind the two bits of its kind."""
_PAIR_SHIFT: Final = 32
_STEP: Final = 100


def pair(name: int, qualifier: int) -> int:
    """The number of a name behind another one and a dot, or behind nothing. Never that of a name by itself."""
    return (name << _PAIR_SHIFT | qualifier) + (1 << 2 * _PAIR_SHIFT)


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method that is in no other one."""

    symbol: int
    """Its number in the file's table."""
    name: str
    container: str
    start: int
    end: int
    used: frozenset[int]
    """The numbers of the names that are used in it, by themselves and as pairs; functions inside of it included."""


@dataclass(frozen=True, slots=True)
class FileUses:
    """The functions of a file in their order."""

    functions: tuple[Function, ...]
    counts: dict[int, int]
    """In how many of the functions something is used, by its number."""
    everywhere: frozenset[int]
    """All names that the file uses."""

    def share(self, name: int) -> float:
        """The share of the file's functions that use a name."""
        return self.counts.get(name, 0) / len(self.functions) if self.functions else 0.0


def file_uses(table: FileTable) -> Iterator[FileUses | None]:
    """Read them from a file's table; yields None after every step. About 1 ms for 1,000 lines."""
    strings, names, qualifiers, lines = table.strings, table.reference_names, table.qualifiers, table.reference_lines
    found: list[Function] = []
    counts: dict[int, int] = {}
    border = -1
    symbols = table.symbols
    for index, at in enumerate(range(0, len(symbols), SYMBOL_WIDTH)):
        start, end = symbols[at + START], symbols[at + END]
        if symbols[at + KIND] & 0xFF not in CALLABLE or start < border:
            continue
        first = bisect_left(lines, start << _LINE_SHIFT)
        last = bisect_left(lines, end << _LINE_SHIFT)
        both = set(zip(names[first:last], qualifiers[first:last], strict=True))
        if not both and symbols[at + SIGNATURE_END] == end:
            # Only declared here, as overloads are.
            continue
        border = end
        used = frozenset(
            [strings[name] for name, _ in both]
            + [strings[before] for _, before in both]
            + [pair(strings[name], strings[before]) for name, before in both]
        )
        for name in used:
            counts[name] = counts.get(name, 0) + 1
        called, container = table.text(symbols[at + NAME]), table.text(symbols[at + CONTAINER])
        found.append(Function(index, called, container, start, end, used))
        if len(found) % _STEP == 0:
            yield None
    everywhere = frozenset([strings[local] for local in {*names, *qualifiers}])
    yield FileUses(tuple(found), counts, everywhere)
