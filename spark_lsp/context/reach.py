"""What a file can use of the rest of the workspace, through its imports, its package and its classes' bases.

Worked out in small steps: whoever runs them on the event loop can stop after any of them.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from spark_lsp.context.exports import Definition, Exports, definitions_at_top, key_of
from spark_lsp.context.neighbours import is_test
from spark_lsp.repo.languages import language_of, local_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from spark_lsp.context.exports import Key
    from spark_lsp.core.symbols import Import
    from spark_lsp.repo.file_table import FileTable
    from spark_lsp.repo.graph import Graph
    from spark_lsp.repo.locations import Location

Way: TypeAlias = Literal["name", "module", "package", "use", "member", "near"]
"""Imported by its name; behind a module's name; known without an import; already used; in a class that is at hand; in a
file that something else is imported from, or that lies beside."""

_MOST_CANDIDATES: Final = 12_000
_MOST_MEMBERS: Final = 1_500
_MOST_NEAR: Final = 40
_STEP: Final = 20


@dataclass(slots=True)
class Candidate:
    """A definition that the code at hand may need."""

    definition: Definition
    way: Way
    names: set[str]
    """What it may be called where it is used."""
    modules: set[str] = field(default_factory=set)
    """What may stand before its name and a dot."""
    imported: bool = False
    """By its name, on a line of its own."""


@dataclass(slots=True)
class Reach:
    """What one file can use. Complete once all of `steps` are done."""

    graph: Graph
    path: str
    exports: Exports
    candidates: dict[Key, Candidate] = field(default_factory=dict)
    members_of: dict[Key, list[Key]] = field(default_factory=dict)
    classes_named: dict[str, list[Key]] = field(default_factory=dict)
    """The classes at hand by what they are called in this file."""

    def steps(self) -> Iterator[None]:
        """Find it all, a step at a time."""
        table = self.graph.table(self.path)
        if table is None:
            return
        language = language_of(table.language)
        for one in table.all_imports():
            yield from self._imported(table, one, local_name(one, language))
        if language.shares in ("folder", "package"):
            yield from self._package(table.package, shares=language.shares)
        yield from self._used(table)
        yield from self._near(table.language)
        for key, candidate in self.candidates.items():
            if candidate.definition.is_class:
                for name in candidate.names:
                    self.classes_named.setdefault(name, []).append(key)

    def _imported(self, table: FileTable, one: Import, name: str) -> Iterator[None]:
        found = self.graph.resolve_import(self.path, one)
        yield
        for location in found:
            if not location.is_file:
                definition = Definition.of(location)
                self._add(definition, Candidate(definition, "name", {name, definition.name}, imported=True))
        files = [location.path for location in found if location.is_file]
        if files and one.name in (None, "*"):
            # A package of Go has many files.
            files = list(self.graph.find_module(self.path, one.module))
        module = "" if one.name == "*" and not one.alias else name
        yield from self._exported(files, module)
        head, _, rest = one.module.partition(".")
        if rest and head and not one.alias and one.name is None and table.language == "python":
            # `import a.b` makes `a` known.
            yield from self._exported(self.graph.find_module(self.path, head), head)

    def _exported(self, files: Iterable[str], module: str) -> Iterator[None]:
        """What files hand out, behind the name of a module or, if there is none, by itself."""
        for file in files:
            for step in self.exports.of(file):
                if step is None:
                    yield
                    continue
                for name, definition in step:
                    way: Way = "module" if module else "package"
                    modules = {module} if module else set()
                    self._add(definition, Candidate(definition, way, {name, definition.name}, modules))

    def _package(self, package: str, *, shares: str) -> Iterator[None]:
        project = self.graph.project
        folder = posixpath.dirname(self.path)
        paths: Iterable[str] = project.in_folder(folder) if shares == "folder" else project.in_package(package)
        ending = posixpath.splitext(self.path)[1]
        for path in paths:
            if path == self.path or not path.endswith(ending) or len(self.candidates) > _MOST_CANDIDATES:
                continue
            if path.endswith("_test.go") and not self.path.endswith("_test.go"):
                continue
            for definition in definitions_at_top(self.graph, path):
                self._add(definition, Candidate(definition, "package", {definition.name}))
            yield

    def _used(self, table: FileTable) -> Iterator[None]:
        """What the file uses already, by whatever way."""
        seen: set[tuple[int, int]] = set()
        for index, both in enumerate(zip(table.reference_names, table.qualifiers, strict=True)):
            if both in seen:
                continue
            seen.add(both)
            reference = table.reference(index)
            for location in self.graph.resolve(self.path, reference.name, reference.qualifier, reference.line):
                if not location.is_file and location.path != self.path:
                    definition = Definition.of(location)
                    modules = {reference.qualifier} if reference.qualifier else set()
                    self._add(definition, Candidate(definition, "use", {reference.name, definition.name}, modules))
            yield

    def _near(self, language: str) -> Iterator[None]:
        """What would take an import, from where there are imports from already, or from beside."""
        project = self.graph.project
        sources = [key[0] for key, one in self.candidates.items() if one.imported]
        beside = [path for path in project.in_folder(posixpath.dirname(self.path)) if path != self.path]
        for path in list(dict.fromkeys((*sources, *beside)))[:_MOST_NEAR]:
            table = self.graph.table(path)
            if table is None or table.language != language or len(self.candidates) > _MOST_CANDIDATES:
                continue
            if is_test(path) and not is_test(self.path):
                continue
            for definition in definitions_at_top(self.graph, path):
                if definition.exported and definition.kind != "variable":
                    self._add(definition, Candidate(definition, "near", {definition.name}))
            yield

    def add_class(self, place: Location, names: Iterable[str]) -> list[Key]:
        """A class whose members are at hand. Those that are in the file itself are not counted."""
        key = key_of(place)
        for name in names:
            keys = self.classes_named.setdefault(name, [])
            if key not in keys:
                keys.append(key)
        if key not in self.members_of:
            found: dict[Key, None] = {}
            for member in self.graph.members(place)[:_MOST_MEMBERS]:
                if member.path != self.path and member.symbol.container:
                    definition = Definition.of(member)
                    self._add(definition, Candidate(definition, "member", {definition.name}))
                    found[key_of(member)] = None
            self.members_of[key] = list(found)
        return self.members_of[key]

    def _add(self, definition: Definition, candidate: Candidate) -> None:
        if definition.path == self.path:
            return
        known = self.candidates.get(definition.key)
        if known is None:
            self.candidates[definition.key] = candidate
            return
        known.names |= candidate.names
        known.modules |= candidate.modules
        known.imported = known.imported or candidate.imported
        if definition.line > known.definition.line:
            # Of overloads the last one is the one with a body.
            known.definition = definition
