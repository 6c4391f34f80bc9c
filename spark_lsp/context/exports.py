"""What modules hand out, as light values: a module may have thousands of names, of which few are looked at closely."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from spark_lsp.repo.file_table import CONTAINER, KIND, LINE, NAME, SYMBOL_KINDS, SYMBOL_WIDTH
from spark_lsp.repo.locations import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spark_lsp.core.symbols import Symbol, SymbolKind
    from spark_lsp.repo.file_table import FileTable
    from spark_lsp.repo.graph import Graph

MOST_EXPORTS: Final = 4_000
_MOST_KEPT: Final = 400
_DEEPEST: Final = 4
_EXPORTED: Final = 0x100
_CLASSES: Final = frozenset({"class", "interface", "enum", "type"})
_ONLY_TYPES: Final = frozenset({"interface", "type", "module"})

Key: TypeAlias = "tuple[str, str, str, bool]"
"""Path, container, name, and whether it is only a type: overloads are one definition, a value and its type are two."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition that is only looked up when it is chosen."""

    path: str
    container: str
    name: str
    kind: SymbolKind
    line: int
    exported: bool
    index: int
    """Its number in the table of its file; -1 if the symbol is known."""
    symbol: Symbol | None = None

    @classmethod
    def of(cls, location: Location) -> Definition:
        """One that was looked up already."""
        symbol = location.symbol
        return cls(location.path, symbol.container, symbol.name, symbol.kind, symbol.line, symbol.exported, -1, symbol)

    @property
    def key(self) -> Key:
        return self.path, self.container, self.name, self.kind in _ONLY_TYPES

    @property
    def is_class(self) -> bool:
        return self.kind in _CLASSES

    def location(self, graph: Graph) -> Location | None:
        """The definition itself; None if its file has changed under it."""
        if self.symbol is not None:
            return Location(self.path, self.symbol)
        table = graph.table(self.path)
        if table is None or self.index >= table.symbol_count():
            return None
        symbol = table.symbol(self.index)
        return Location(self.path, symbol) if symbol.name == self.name else None


def key_of(location: Location) -> Key:
    """The key of a definition."""
    symbol = location.symbol
    return location.path, symbol.container, symbol.name, symbol.kind in _ONLY_TYPES


def definitions_at_top(graph: Graph, path: str) -> Iterator[Definition]:
    """What a file defines in no class and no function."""
    table = graph.table(path)
    if table is None:
        return
    symbols = table.symbols
    for index in table.indexes(CONTAINER, "")[:MOST_EXPORTS]:
        at = index * SYMBOL_WIDTH
        kind = symbols[at + KIND]
        name = table.text(symbols[at + NAME])
        yield Definition(path, "", name, SYMBOL_KINDS[kind & 0xFF], symbols[at + LINE], kind >= _EXPORTED, index)


@dataclass(frozen=True, slots=True)
class _Known:
    """The names of a module, and the tables that they were read from."""

    names: list[tuple[str, Definition]]
    tables: dict[str, FileTable | None]


@dataclass(slots=True)
class Exports:
    """What modules hand out, for as long as their files stay as they are; of those that were asked for last."""

    graph: Graph
    _known: dict[str, _Known] = field(default_factory=dict)
    _running: set[str] = field(default_factory=set)

    def of(self, path: str, depth: int = 0) -> Iterator[list[tuple[str, Definition]] | None]:
        """Names and definitions; yields None after every step, and the list as the last thing."""
        known = self._known.pop(path, None)
        if known is not None and all(self.graph.table(file) is table for file, table in known.tables.items()):
            self._known[path] = known
            yield known.names
            return
        if path in self._running or depth > _DEEPEST:
            yield []
            return
        self._running.add(path)
        try:
            yield from self._find(path, depth)
        finally:
            self._running.discard(path)

    def _find(self, path: str, depth: int) -> Iterator[list[tuple[str, Definition]] | None]:
        graph, table = self.graph, self.graph.table(path)
        tables: dict[str, FileTable | None] = {path: table}
        found: dict[tuple[str, Key], tuple[str, Definition]] = {}
        for one in definitions_at_top(graph, path):
            if one.exported:
                found[one.name, one.key] = (one.name, one)
        yield None
        # What a module of Python imports can be imported from it; in a package's own file it is meant to.
        hands_on = posixpath.basename(path) == "__init__.py"
        for one_import in table.all_imports() if table is not None else ():
            if len(found) >= MOST_EXPORTS:
                break
            if not (one_import.exported or hands_on):
                continue
            if one_import.name == "*" and not one_import.alias:
                for file in graph.find_module(path, one_import.module)[:4]:
                    tables[file] = graph.table(file)
                    for step in self.of(file, depth + 1):
                        if step is None:
                            yield None
                            continue
                        for name, one in step:
                            found.setdefault((name, one.key), (name, one))
                            tables.setdefault(one.path, graph.table(one.path))
            elif one_import.name is not None:
                for location in graph.resolve_import(path, one_import):
                    if not location.is_file:
                        name, one = one_import.local_name, Definition.of(location)
                        found[name, one.key] = (name, one)
                        tables.setdefault(one.path, graph.table(one.path))
                yield None
        names = list(found.values())[:MOST_EXPORTS]
        self._known[path] = _Known(names, tables)
        while len(self._known) > _MOST_KEPT:
            del self._known[next(iter(self._known))]
        yield names
