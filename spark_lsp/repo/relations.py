"""Who uses a definition, who imports a file, and what is like a definition: questions across the whole graph."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from spark_lsp.repo.file_table import CONTAINER, NAME
from spark_lsp.repo.locations import Location, Use
from spark_lsp.repo.resolution import OWN_NAMES, Resolution

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from spark_lsp.core.symbols import Import
    from spark_lsp.repo.file_table import FileTable
    from spark_lsp.repo.graph import Graph

_MOST_FILES: Final = 20
_MOST_IN_A_FILE: Final = 6
_MOST_LOOKED_AT: Final = 20
_MOST_RESOLVED: Final = 40
_MOST_SORTED: Final = 400
_MOST_SIBLINGS: Final = 20
_MOST_BASES: Final = 8
_CLASSES: Final = frozenset({"class", "interface", "enum"})


@dataclass(slots=True)
class _Search:
    """A search for the uses of one definition. It asks what names mean a bounded number of times."""

    graph: Graph
    place: Location
    number: int
    """Of its name."""
    left: int = _MOST_RESOLVED

    def uses(self, path: str) -> list[Use]:
        """The uses in one file."""
        table, symbol = self.graph.table(path), self.place.symbol
        if table is None:
            return []
        known: dict[tuple[str, int], bool | None] = {}
        found: list[Use] = []
        for index in islice(table.references_to(self.number), _MOST_LOOKED_AT):
            reference = table.reference(index)
            if path == self.place.path and symbol.start <= reference.line < symbol.signature_end:
                continue
            qualifier = reference.qualifier
            # What `self` is depends on where it is.
            own = table.class_around(reference.line) if qualifier in OWN_NAMES else None
            key = (qualifier, -1 if own is None else own)
            if key not in known:
                known[key] = self._is_it(path, table, qualifier, reference.line)
            certain = known[key]
            if certain is None or (not certain and bool(symbol.container) != bool(qualifier)):
                continue
            around = table.around(reference.line)
            found.append(Use(path, reference.line, None if around is None else table.symbol(around), certain))
            if len(found) >= _MOST_IN_A_FILE:
                break
        return found

    def _is_it(self, path: str, table: FileTable, qualifier: str, line: int) -> bool | None:
        """Whether a use is of the definition; None if it is known to be of another of the same name."""
        if self.left <= 0:
            return False
        self.left -= 1
        name, line_of_name = self.place.symbol.name, self.place.symbol.line
        found = Resolution(self.graph).resolve(path, name, qualifier, line)
        if any(one.path == self.place.path and one.symbol.line == line_of_name for one in found):
            return True
        if any(not one.is_file for one in found):
            return None
        # What comes from an import that leads to nothing is not of the workspace.
        imports = self.graph.imports_of(path)
        parts = (qualifier or name).split(".")
        from_outside = any(imports.called(".".join(parts[:length])) for length in range(1, len(parts) + 1))
        return None if from_outside and table.language != "go" else False


def callers(graph: Graph, place: Location, limit: int) -> Iterator[list[Use] | None]:
    """Where a definition is used, certain uses first, and those near by before others. A bounded search.

    Yields None after every file, and the uses as the last thing.
    """
    number = graph.names.find(place.symbol.name)
    files = graph.files_referencing(place.symbol.name)
    if number is None or not files:
        yield []
        return
    if len(files) > _MOST_FILES:
        wanted = {place.path, *graph.importers(place.path, _MOST_FILES)}
        near = [path for path in files if path in wanted]
        others = [path for path in islice(files, _MOST_SORTED) if path not in wanted]
        others.sort(key=lambda path: -likeness(path, place.path))
        files = [*near, *others][:_MOST_FILES]
        yield None
    search = _Search(graph, place, number)
    certain: list[Use] = []
    guessed: list[Use] = []
    for path in sorted(files, key=lambda path: (-likeness(path, place.path), path)):
        for use in search.uses(path):
            (certain if use.certain else guessed).append(use)
        yield None
        if len(certain) >= limit or (len(certain) + len(guessed) >= limit and search.left <= 0):
            break
    yield [*certain, *guessed][:limit]


def importers(graph: Graph, path: str, limit: int) -> list[str]:
    """The files that import a file, as far as the workspace's modules are found."""
    found: list[str] = []
    names = graph.names_of_file(path)
    for other in islice(graph.files_importing(path), _MOST_SORTED):
        if other != path and any(_imports(graph, other, one, path, names) for one in graph.imports(other)):
            found.append(other)
            if len(found) >= limit:
                break
    return found


def _imports(graph: Graph, other: str, one: Import, path: str, names: set[str]) -> bool:
    """Whether an import of another file is of a file, or of something in it."""
    if one.name not in names and not any(name in one.module for name in names) and one.module.strip("./"):
        return False
    if path in graph.find_module(other, one.module):
        return True
    if one.name is None or one.name not in names:
        return False
    return any(at.is_file and at.path == path for at in Resolution(graph).follow(other, one))


def siblings(graph: Graph, place: Location) -> Iterator[list[Location] | None]:
    """What is like a definition: its neighbours in the same class or file, and what classes like its own have.

    For a method: methods of the same name in classes with the same base come first. For a class: those with its base.
    Yields None after every step, and the list as the last thing.
    """
    table = graph.table(place.path)
    if table is None:
        yield []
        return
    symbol = place.symbol
    found: list[Location] = []
    if symbol.kind in _CLASSES:
        for base in symbol.bases[:_MOST_BASES]:
            for step in _subclasses(graph, base, place):
                yield None
                found += step or ()
    elif symbol.container:
        around = [table.symbol(index) for index in table.indexes(NAME, symbol.container.rpartition(".")[2])]
        for outer in around:
            for base in outer.bases[:_MOST_BASES]:
                for step in _subclasses(graph, base, Location(place.path, outer)):
                    yield None
                    found += _methods(graph, step or (), symbol.name)
    near = [table.symbol(index) for index in table.indexes(CONTAINER, symbol.container)]
    alike = [one for one in near if one.kind == symbol.kind and one.line != symbol.line]
    alike.sort(key=lambda one: abs(one.line - symbol.line))
    found += [Location(place.path, one) for one in alike]
    yield list(dict.fromkeys(found))[:_MOST_SIBLINGS]


def _methods(graph: Graph, classes: Iterable[Location], name: str) -> Iterator[Location]:
    """The methods of a name that classes have."""
    for one in classes:
        table = graph.table(one.path)
        if table is not None:
            members = (table.symbol(index) for index in table.indexes(NAME, name))
            holder = one.symbol.qualified_name
            yield from (Location(one.path, member) for member in members if member.container == holder)


def _subclasses(graph: Graph, base: str, place: Location) -> Iterator[list[Location] | None]:
    """The other classes that name a base. Yields None after every file, and the list as the last thing."""
    name = base.replace("::", ".").rpartition(".")[2]
    found: list[Location] = []
    for path in sorted(graph.files_referencing(name), key=lambda path: (-likeness(path, place.path), path))[
        :_MOST_FILES
    ]:
        table = graph.table(path)
        if table is None:
            continue
        for index in table.classes():
            symbol = table.symbol(index)
            is_other = (path, symbol.line) != (place.path, place.symbol.line)
            if is_other and any(one.replace("::", ".").rpartition(".")[2] == name for one in symbol.bases):
                found.append(Location(path, symbol))
        yield None
        if len(found) >= _MOST_SIBLINGS:
            break
    yield found


def distance(one: str, other: str) -> tuple[int, int, str]:
    """What files are sorted by that are to be the nearest to another first."""
    return -likeness(one, other), one.count("/"), one


def likeness(one: str, other: str) -> int:
    """How near two files are: so many parts their paths begin with in common."""
    count = 0
    for left, right in zip(one.split("/"), other.split("/"), strict=False):
        if left != right:
            return count
        count += 1
    return count + 1
