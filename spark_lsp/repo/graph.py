"""The repository's graph, in memory: what files define, import and use, and the questions that a prompt needs answered.

Belongs to the event loop's thread. Facts are kept as flat arrays and made into values when asked for; every question is
bounded, and takes well under a millisecond in most repositories. Paths are relative to the root, with slashes.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final, TypeVar

from spark_lsp.repo.file_table import FileTable, Names
from spark_lsp.repo.imports import imports_of
from spark_lsp.repo.languages import language_of
from spark_lsp.repo.locations import Location
from spark_lsp.repo.manifests import is_manifest, unpack_manifest
from spark_lsp.repo.postings import Postings
from spark_lsp.repo.project import Project
from spark_lsp.repo.relations import callers, importers, siblings
from spark_lsp.repo.renamed import old_uses
from spark_lsp.repo.resolution import Resolution, file_symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from spark_lsp.core.symbols import FileFacts, Import, Reference, Symbol
    from spark_lsp.repo.imports import Imports
    from spark_lsp.repo.locations import Use
    from spark_lsp.repo.manifests import Manifest
    from spark_lsp.repo.renamed import OldUses

T = TypeVar("T")

_MOST_MODULES_REMEMBERED: Final = 50_000
_MOST_IMPORTS_REMEMBERED: Final = 1_000


class Graph:
    """The graph of one workspace folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.names = Names()
        self.project = Project()
        self.growing = False
        """The folder is being looked through for the first time: files may be missing."""
        self.hashes: dict[str, str] = {}
        """The files that the index knows of, those without facts too, and the hashes of what they hold."""
        self._numbers: dict[str, int] = {}
        self._paths: list[str] = []
        self._tables: list[FileTable | None] = []
        self._defined = Postings()
        self._referenced = Postings()
        self._imported = Postings()
        self._under: dict[str, FileTable | None] = {}
        """What the disk says of documents that are open with a text of their own."""
        self._found: dict[tuple[str, str], tuple[str, ...]] = {}
        self._found_at = -1
        self._imports: dict[str, Imports] = {}

    # What the indexer tells

    def put(self, path: str, key: str, content: bytes) -> None:
        """A file's facts as bytes, or a manifest's; empty if it has none."""
        self.hashes[path] = key
        if is_manifest(path):
            self.project.set_manifest(path, unpack_manifest(content) if content else None)
            return
        table = FileTable(content, self.names) if content else None
        if path in self._under:
            self._under[path] = table
        else:
            self._set(path, table)

    def remove(self, path: str) -> None:
        """A file is gone, or not for the index any more. An open document's own text stays until it is closed."""
        self.hashes.pop(path, None)
        if is_manifest(path):
            self.project.set_manifest(path, None)
        elif path in self._under:
            self._under[path] = None
        else:
            self._set(path, None)

    def put_text(self, path: str, content: bytes) -> None:
        """The facts of an open document's text, which count before those of its file."""
        if path not in self._under:
            self._under[path] = self.table(path)
        self._set(path, FileTable(content, self.names) if content else None)

    def forget_text(self, path: str) -> None:
        """An open document is closed."""
        if path in self._under:
            self._set(path, self._under.pop(path))

    # Single files

    def table(self, path: str) -> FileTable | None:
        """A file's facts as they are kept."""
        number = self._numbers.get(path)
        return None if number is None else self._tables[number]

    def file(self, path: str) -> FileFacts | None:
        """All facts of a file. Costs what the file has: `symbols`, `imports` and `references` cost less."""
        table = self.table(path)
        return None if table is None else table.facts()

    def symbols(self, path: str) -> list[Symbol]:
        """What a file defines."""
        table = self.table(path)
        return [] if table is None else [table.symbol(index) for index in range(table.symbol_count())]

    def imports(self, path: str) -> Sequence[Import]:
        """What a file imports."""
        return self.imports_of(path).all

    def imports_of(self, path: str) -> Imports:
        """The same, by the names that the file gives them."""
        found = self._imports.get(path)
        if found is None:
            if len(self._imports) > _MOST_IMPORTS_REMEMBERED:
                self._imports.clear()
            found = self._imports[path] = imports_of(self.table(path))
        return found

    def references(self, path: str, start: int, end: int) -> list[Reference]:
        """What a file uses in lines [start, end)."""
        table = self.table(path)
        return [] if table is None else table.references_between(start, end)

    def files(self) -> list[str]:
        """The files that have facts."""
        return [path for path, number in self._numbers.items() if self._tables[number] is not None]

    def manifests(self) -> dict[str, Manifest]:
        """The manifests, by the paths of their files."""
        return self.project.manifests

    # Across files

    def definitions(self, name: str, *, limit: int = 100) -> list[Location]:
        """What is defined by a name, wherever that is."""
        found: list[Location] = []
        for path in self.files_defining(name):
            table = self.table(path)
            if table is not None:
                found += [Location(path, table.symbol(index)) for index in table.named(name)]
            if len(found) >= limit:
                break
        return found[:limit]

    def resolve(self, path: str, name: str, qualifier: str = "", line: int | None = None) -> list[Location]:
        """What a name in a file means, with what stands before it and a dot, through imports to its definition.

        The line is needed for names in classes and functions, and for `self`. Nothing for what is not in the workspace,
        and for a method of something whose class the syntax does not tell (see `definitions`).
        """
        return Resolution(self).resolve(path, name, qualifier, line)

    def resolve_import(self, path: str, one: Import) -> list[Location]:
        """What an import of a file names."""
        return Resolution(self).follow(path, one)

    def members(self, place: Location) -> list[Location]:
        """What a class has, with what it inherits from classes of the workspace; what is at the top of a file."""
        return Resolution(self).members(place)

    def bases(self, place: Location) -> list[Location]:
        """The classes of the workspace that a class inherits from directly."""
        return Resolution(self).bases(place)

    def callers(self, place: Location, limit: int = 10) -> list[Use]:
        """Where a definition is used, the best first."""
        return _last(self.callers_in_steps(place, limit))

    def callers_in_steps(self, place: Location, limit: int = 10) -> Iterator[list[Use] | None]:
        """The same; yields None after every step, and the uses as the last thing."""
        return callers(self, place, limit)

    def importers(self, path: str, limit: int = 100) -> list[str]:
        """The files that import a file."""
        return importers(self, path, limit)

    def old_uses(self, place: Location, old: str) -> Iterator[OldUses | None]:
        """Where a definition still goes by its old name; yields None after every step."""
        return old_uses(self, place, old)

    def siblings(self, place: Location) -> list[Location]:
        """What is like a definition, the most alike first."""
        return _last(self.siblings_in_steps(place))

    def siblings_in_steps(self, place: Location) -> Iterator[list[Location] | None]:
        """The same; yields None after every step, and the list as the last thing."""
        return siblings(self, place)

    # What the questions are answered with

    def find_module(self, path: str, module: str) -> tuple[str, ...]:
        """The files of a module that a file imports."""
        if self._found_at != self.project.generation or len(self._found) > _MOST_MODULES_REMEMBERED:
            self._found.clear()
            self._found_at = self.project.generation
        key = (path, module)
        found = self._found.get(key)
        if found is None:
            table = self.table(path)
            find = language_of(table.language if table else "").find
            found = self._found[key] = find(self.project, path, module)
        return found

    def file_location(self, path: str) -> Location:
        """A file as a place."""
        return Location(path, file_symbol(path))

    def files_defining(self, name: str) -> list[str]:
        """The files that define a name."""
        return self._named(self._defined.files(self.names.find(name)))

    def files_referencing(self, name: str) -> list[str]:
        """The files that use a name."""
        return self._named(self._referenced.files(self.names.find(name)))

    def files_importing_name(self, name: str) -> list[str]:
        """The files that import something by a name, from wherever."""
        return self._named(self._imported.files(self.names.find(f"\n{name}")))

    def files_importing(self, path: str) -> list[str]:
        """The files that may import a file: they import something of its name."""
        found: dict[int, None] = {}
        for stem in sorted(self.names_of_file(path)):
            found.update(dict.fromkeys(self._imported.files(self.names.find(f"\n{stem}"))))
        return self._named(tuple(found))

    def names_of_file(self, path: str) -> set[str]:
        """What an import of a file may call it, in one of its parts."""
        folder, name = posixpath.split(path)
        stems = {name, name.partition(".")[0], posixpath.splitext(name)[0], posixpath.basename(folder)}
        if own := self.project.nearest_manifest(path, ("package.json", "Cargo.toml", "go.mod")):
            stems.update(_parts(own[1].name)[-2:])
        packages = self.project.packages_of(path)
        return {stem for stem in (*stems, *(package.rpartition(".")[2] for package in packages)) if stem}

    def _named(self, numbers: Sequence[int]) -> list[str]:
        return [self._paths[number] for number in numbers]

    def _set(self, path: str, table: FileTable | None) -> None:
        number = self._numbers.get(path)
        if number is None:
            if table is None:
                return
            number = self._numbers[path] = len(self._paths)
            self._paths.append(path)
            self._tables.append(None)
        before = self._tables[number]
        self._imports.pop(path, None)
        self._tables[number] = table
        self._defined.replace(number, _defined(before), _defined(table))
        self._referenced.replace(number, _referenced(before), _referenced(table))
        self._imported.replace(number, self._imported_names(before), self._imported_names(table))
        if table is None:
            self.project.remove(path)
        else:
            self.project.add(path, table.packages())

    def _imported_names(self, table: FileTable | None) -> Iterable[int]:
        """The last parts of modules, and the names taken from them: any of these may be a file's."""
        if table is None:
            return ()
        stems: set[str] = set()
        for one in table.all_imports():
            parts = [part for part in _parts(one.module) if part]
            stems.update(parts[-2:])
            if one.name and one.name != "*":
                stems.add(one.name)
            if not parts and one.name == "*":
                stems.add("*")
        # A line ending is in no other name, so that these keep to themselves.
        return {self.names.number(f"\n{stem}") for stem in stems}


def _last(steps: Iterator[list[T] | None]) -> list[T]:
    """What comes of steps that nobody interrupts."""
    found: list[T] = []
    for step in steps:
        found = step or found
    return found


def _parts(module: str) -> list[str]:
    plain = module.replace("\\", "/").replace("::", "/").replace(":", "/")
    return plain.replace(".", "/").split("/") + plain.split("/")[-1:]


def _defined(table: FileTable | None) -> Iterable[int]:
    return () if table is None else table.symbol_numbers()


def _referenced(table: FileTable | None) -> Iterable[int]:
    return () if table is None else table.strings[: table.referenced]
