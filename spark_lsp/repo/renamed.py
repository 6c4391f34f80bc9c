"""Where a definition that was renamed still goes by its old name: a question to the graph, which knows the new one.

Precision comes first. A use counts where nothing else of that name is left in the workspace and the file can reach the
definition; or, where others have that name, if it is imported from the definition's own file.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from spark_lsp.repo.languages import language_of
from spark_lsp.repo.meaning import is_telling
from spark_lsp.repo.relations import distance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spark_lsp.core.symbols import Import
    from spark_lsp.repo.file_table import FileTable
    from spark_lsp.repo.graph import Graph
    from spark_lsp.repo.locations import Location

MOST_FILES: Final = 200
"""That use the name and are looked at."""
_MOST_SORTED: Final = 1_000
_MOST_USES: Final = 50
"""In a file."""

Form: TypeAlias = Literal["import", "plain", "qualified"]
"""How a name stands in a line: imported, by itself, or behind something else and a dot."""


@dataclass(frozen=True, slots=True)
class OldUses:
    """The lines of a file in which a definition goes by its old name, and how."""

    path: str
    forms: dict[int, set[Form]]
    """By line, in no order."""


def old_uses(graph: Graph, place: Location, old: str) -> Iterator[OldUses | None]:
    """The files that still use the old name of a definition, the nearest first. Yields None after every step."""
    search = _Search(graph, place, old, not graph.files_defining(old), graph.names_of_file(place.path))
    if place.symbol.container and not (search.is_gone and is_telling(old)):
        return
    paths = dict.fromkeys((*graph.files_importing_name(old), *graph.files_referencing(old)))
    near = sorted(islice(paths, _MOST_SORTED), key=lambda path: distance(path, place.path))
    yield None
    reached: list[tuple[str, set[Form]]] = []
    for path in near[:MOST_FILES]:
        forms = search.forms(path)
        if forms:
            reached.append((path, forms))
        yield None
    for path, forms in sorted(reached, key=lambda one: one[0] != place.path):
        uses = search.uses(path, forms)
        yield OldUses(path, uses) if uses else None


@dataclass(frozen=True, slots=True)
class _Search:
    graph: Graph
    place: Location
    old: str
    is_gone: bool
    """Nothing is defined by the old name any more."""
    modules: set[str]
    """What imports call the definition's file."""

    def forms(self, path: str) -> set[Form]:
        """How a file can mean the definition by its old name; nothing if it cannot."""
        table = self.graph.table(path)
        if table is None:
            return set()
        is_member = bool(self.place.symbol.container)
        if path == self.place.path:
            return {"plain", "qualified"} if self.is_gone else set()
        imports = table.all_imports()
        found: set[Form] = set()
        for one in imports:
            files = self.graph.find_module(path, one.module)
            if one.name == self.old and (self.place.path in files or (files and self.is_gone)):
                found |= {"import"} if one.alias and one.alias != self.old else {"import", "plain"}
            elif self.is_gone and self._reaches(path, one, files):
                # By its new name, too: the import was done already.
                is_plain = one.name == "*" or one.local_name == self.place.symbol.name
                found |= {"plain", "qualified"} if is_plain else {"qualified"}
        if self.is_gone and self._shares(path, table):
            found |= {"plain", "qualified"}
        return found & {"qualified"} if is_member else found

    def uses(self, path: str, forms: set[Form]) -> dict[int, set[Form]]:
        """The lines where a file uses the old name in one of these forms."""
        table = self.graph.table(path)
        if table is None:
            return {}
        found: dict[int, set[Form]] = {}
        if "import" in forms:
            for one in table.all_imports():
                if one.name == self.old:
                    found.setdefault(one.line, set()).add("import")
        number = self.graph.names.find(self.old)
        for index in islice(table.references_to(number), _MOST_USES) if number is not None else ():
            reference = table.reference(index)
            form: Form = "qualified" if reference.qualifier else "plain"
            if form in forms:
                found.setdefault(reference.line, set()).add(form)
        return found

    def _reaches(self, path: str, one: Import, files: tuple[str, ...]) -> bool:
        """An import is of the definition's file, or of something in it."""
        if self.place.path in files:
            return True
        if one.name is not None and one.name not in self.modules:
            return False
        return any(at.path == self.place.path for at in self.graph.resolve_import(path, one))

    def _shares(self, path: str, table: FileTable) -> bool:
        """The language knows the definition in a file without an import."""
        there = self.graph.table(self.place.path)
        if there is None or there.language != table.language:
            return False
        match language_of(table.language).shares:
            case "folder":
                return posixpath.dirname(path) == posixpath.dirname(self.place.path)
            case "package":
                return table.package == there.package
            case "everything":
                return True
            case _:
                return False
