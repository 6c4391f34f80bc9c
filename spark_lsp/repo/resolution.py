"""From a name in a file to what it names: through imports, re-exports and star imports to definitions.

As far as syntax goes: what an instance is of nobody knows here. A search takes a bounded number of steps, whatever the
imports of a workspace do (they may go in circles, and one file may be imported by all).
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from spark_lsp.core.symbols import Symbol
from spark_lsp.repo.file_table import CONTAINER
from spark_lsp.repo.languages import language_of
from spark_lsp.repo.locations import Location
from spark_lsp.repo.modules.golang import package_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from spark_lsp.core.symbols import Import
    from spark_lsp.repo.file_table import FileTable
    from spark_lsp.repo.graph import Graph

_STEPS: Final = 250
_DEEPEST: Final = 12
_MOST: Final = 20
_OWN: Final = frozenset({"self", "this", "cls", "Self", "static", "$this"})
_PARENT: Final = frozenset({"super", "super()"})
_PARENTS: Final = {"csharp": frozenset({"base"}), "php": frozenset({"parent"}), "rust": frozenset[str]()}
OWN_NAMES: Final = _OWN | _PARENT | {"base", "parent"}
"""What an instance calls itself, its class and the class's base."""

_CLASSES: Final = frozenset({"class", "interface", "enum", "module", "type"})
_SEPARATOR: Final = re.compile(r"\.|::|->|\\|\?\.|:")


@dataclass(slots=True)
class Resolution:
    """One search. Not to be used for another: it remembers where it has been."""

    graph: Graph
    _steps: int = field(default=_STEPS, init=False)
    _seen: set[tuple[str, str, str]] = field(default_factory=set, init=False)

    def resolve(self, path: str, name: str, qualifier: str, line: int | None) -> list[Location]:
        """What a name with what stands before it means in a file, at a line if that is known."""
        if not qualifier:
            return self.known_in(path, name, line)
        parts = [part for part in _SEPARATOR.split(qualifier) if part]
        if not parts:
            return self.known_in(path, name, line)
        table = self.graph.table(path)
        is_parent = parts[0] in _PARENTS.get(table.language if table else "", _PARENT)
        if parts[0] in _OWN or is_parent:
            around = self._class_around(path, line)
            if around is None:
                return []
            if is_parent:
                return _unique(found for base in self.bases(around) for found in self.attribute(base, name))
            places, rest = [around], list(parts[1:])
        else:
            places, rest = self._head(path, parts, line)
        for part in (*rest, name):
            places = _unique(found for place in places for found in self.attribute(place, part))
        return places

    def known_in(self, path: str, name: str, line: int | None = None) -> list[Location]:
        """What a name by itself means in a file."""
        table = self.graph.table(path)
        if table is None or not self._step("known", path, name):
            return []
        language = language_of(table.language)
        if own := self._own(path, table, name, line):
            return own
        if found := self._imported(path, name, only_exported=False):
            return found
        if found := self._shared(path, table, name):
            return found
        return self.graph.definitions(name, limit=_MOST) if language.shares == "everything" else []

    def exported_by(self, path: str, name: str, depth: int = 0) -> list[Location]:
        """What a name means to who imports it from a file."""
        table = self.graph.table(path)
        if table is None or depth > _DEEPEST or not self._step("exported", path, name):
            return []
        if found := self._top(path, name):
            return found
        if name == "default" and (found := self._default(path, table)):
            return found
        hands_on = language_of(table.language).hands_on
        return self._imported(path, name, only_exported=not hands_on, depth=depth + 1)

    def attribute(self, place: Location, name: str) -> list[Location]:
        """What a name means behind a definition and a dot."""
        if not self._step("attribute", f"{place.path}:{place.symbol.line}:{place.symbol.qualified_name}", name):
            return []
        if place.is_file and place.path.endswith(".go"):
            files = package_files(self.graph.project, posixpath.dirname(place.path))
            return [location for file in self._likely(files, name) for location in self._top(file, name)]
        if place.is_file:
            found = self.exported_by(place.path, name)
            return found or self._submodule(place.path, "", name)
        if place.symbol.kind in _CLASSES:
            return next(filter(None, (self.own_members(one, name) for one in self._lineage(place))), [])[:1]
        return []

    def follow(self, path: str, one: Import, depth: int = 0) -> list[Location]:
        """What an import names."""
        files = self.graph.find_module(path, one.module)
        if one.name is None or one.name == "*":
            found = [self.graph.file_location(file) for file in files[:_MOST]]
            # The name of a class in a package, or of something in a module: the last part of it may be no file.
            last = _SEPARATOR.split(one.module)[-1]
            table = self.graph.table(path)
            if one.name == "*" or table is None or not language_of(table.language).nests:
                # A package of many files is one place.
                return found[:1] if table is not None and table.language == "go" else found
            stems = {posixpath.splitext(posixpath.basename(file))[0] for file in files}
            inner = [location for file in self._likely(files, last) for location in self._top(file, last)]
            return inner if inner and (table.language not in ("rust", "lua") or last not in stems) else found
        if not one.module:
            return self.known_in(path, one.name)
        likely = self._likely(files, one.name)
        found = [location for file in likely for location in self.exported_by(file, one.name, depth)]
        return _unique(found) or self._submodule(path, one.module, one.name)

    def members(self, place: Location) -> list[Location]:
        """What a class has: its own, then what it inherits and does not have itself. A file's own top for a file."""
        if place.is_file:
            table = self.graph.table(place.path)
            return [] if table is None else self._at(place.path, table.indexes(CONTAINER, ""))
        found: dict[str, Location] = {}
        for one in self._lineage(place):
            for member in self.own_members(one):
                found.setdefault(member.symbol.name, member)
        return list(found.values())

    def own_members(self, place: Location, name: str | None = None) -> list[Location]:
        """What a class has itself, or what it has by one name."""
        table = self.graph.table(place.path)
        if table is None:
            return []
        container = place.symbol.qualified_name
        files = [place.path]
        if language_of(table.language).spread:
            files += self.graph.files_defining(place.symbol.name)[:_MOST]
        if table.language == "go":
            files += package_files(self.graph.project, posixpath.dirname(place.path))
        return _unique(
            location
            for file in dict.fromkeys(files)
            if (inner := self.graph.table(file)) is not None and inner.language == table.language
            for location in self._members_in(file, inner, container, name)
        )

    def _members_in(self, path: str, table: FileTable, container: str, name: str | None) -> list[Location]:
        if name is None:
            return self._at(path, table.indexes(CONTAINER, container))
        return self._at(path, [index for index in table.named(name) if table.container(index) == container])

    def _lineage(self, place: Location) -> Iterator[Location]:
        """A class, and what it inherits from, the nearest first."""
        waiting, seen = [place], {(place.path, place.symbol.line)}
        while waiting and self._steps > 0:
            self._steps -= 1
            current = waiting.pop(0)
            yield current
            for base in self.bases(current):
                if (base.path, base.symbol.line) not in seen:
                    seen.add((base.path, base.symbol.line))
                    waiting.append(base)

    def bases(self, place: Location) -> list[Location]:
        """The classes that a class names as its bases."""
        found: list[Location] = []
        for base in self._named_bases(place):
            *qualifier, name = [part for part in _SEPARATOR.split(base) if part] or [""]
            if name and (name != place.symbol.name or qualifier):
                candidates = self.resolve(place.path, name, ".".join(qualifier), None)
                found += [location for location in candidates if location.symbol.kind in _CLASSES]
        return _unique(found)

    def _named_bases(self, place: Location) -> list[str]:
        """The bases of a class as they are written; where it may be in parts, those of all parts in its file."""
        table = self.graph.table(place.path)
        if table is None or not language_of(table.language).spread:
            return list(place.symbol.bases)
        name = place.symbol.qualified_name
        parts = (table.symbol(index) for index in table.named(place.symbol.name))
        found = (base for part in parts if part.qualified_name == name for base in part.bases)
        return list(dict.fromkeys((*place.symbol.bases, *found)))

    # Parts of it

    def _likely(self, files: Sequence[str], name: str) -> Sequence[str]:
        """Of many files those that define a name, or else the first of them."""
        if len(files) <= 2:
            return files
        defining = set(self.graph.files_defining(name))
        return ([file for file in files if file in defining] or files)[:_MOST]

    def _default(self, path: str, table: FileTable) -> list[Location]:
        """What a module hands out by default: what it says, or else the one thing that it hands out at all."""
        if table.default_export:
            return self.known_in(path, table.default_export)
        top = [one for one in self._at(path, table.indexes(CONTAINER, "")) if one.symbol.exported]
        main = [one for one in top if one.symbol.kind in ("function", "class")]
        return main if len(main) == 1 else []

    def _head(self, path: str, parts: Sequence[str], line: int | None) -> tuple[list[Location], list[str]]:
        """What the longest beginning of a qualifier means that means anything, and the rest of it."""
        table = self.graph.table(path)
        if table is None:
            return [], []
        imports = self.graph.imports_of(path)
        for length in range(len(parts), 0, -1):
            local = ".".join(parts[:length])
            found = [location for one in imports.called(local) for location in self.follow(path, one)]
            if found:
                return _unique(found), list(parts[length:])
        if table.language == "rust":
            ways = [self.graph.find_module(path, "::".join(parts[:length])) for length in range(len(parts) + 1)]
            for length in range(len(parts), 0, -1):
                # As far as the parts of it are files.
                if ways[length] and ways[length] != ways[length - 1]:
                    return [self.graph.file_location(file) for file in ways[length]], list(parts[length:])
        return self.known_in(path, parts[0], line), list(parts[1:])

    def _own(self, path: str, table: FileTable, name: str, line: int | None) -> list[Location]:
        """What a file itself defines by a name: what is around a line first, and the top of the file before others."""
        indexes = table.named(name)
        if not indexes:
            return []
        top = [index for index in indexes if not table.container(index)]
        if line is not None and len(top) < len(indexes):
            inner = table.around(line)
            around = "" if inner is None else f"{table.symbol(inner).qualified_name}."
            inside = [index for index in indexes if (box := table.container(index)) and around.startswith(f"{box}.")]
            if inside and (not top or table.kind(inside[-1]) in ("function", "class")):
                return self._at(path, inside[-1:])
        return self._at(path, top[:_MOST])

    def _top(self, path: str, name: str) -> list[Location]:
        """What is defined by a name in a file, in no class or function. A namespace is not in the way."""
        table = self.graph.table(path)
        if table is None:
            return []
        indexes = table.named(name)
        outer = ("", table.package)
        top = self._at(path, [index for index in indexes if table.container(index) in outer])
        if not top and language_of(table.language).nests:
            found = self._at(path, indexes)
            top = [one for one in found if one.symbol.kind in _CLASSES or one.symbol.kind == "function"] or found
        return [one for one in top if one.symbol.exported] or top

    def _imported(self, path: str, name: str, *, only_exported: bool, depth: int = 0) -> list[Location]:
        if depth > _DEEPEST:
            return []
        imports = self.graph.imports_of(path)
        for one in imports.called(name):
            if (one.exported or not only_exported) and (found := self.follow(path, one, depth)):
                return found
        found = []
        for one in imports.stars:
            if only_exported and not one.exported:
                continue
            for file in self._likely(self.graph.find_module(path, one.module), name):
                found += self.exported_by(file, name, depth)
            if found:
                break
        return _unique(found)

    def _shared(self, path: str, table: FileTable, name: str) -> list[Location]:
        """What the files say that are one with a file."""
        shares = language_of(table.language).shares
        project = self.graph.project
        if shares not in ("folder", "package"):
            return []
        if shares == "folder":
            near = set(project.in_folder(posixpath.dirname(path)))
        else:
            defining = set(self.graph.files_defining(name))
            near = set()
            for own in project.packages_of(path):
                # What is in the namespaces around it is known too.
                package = own
                while package and not near & defining:
                    near |= set(project.in_package(package))
                    package = package.rpartition(".")[0] if table.language == "csharp" else ""
        files = [file for file in self.graph.files_defining(name) if file in near and file != path]
        return _unique(location for file in sorted(files)[:_MOST] for location in self._top(file, name))

    def _submodule(self, path: str, module: str, name: str) -> list[Location]:
        """A name in a package that is a module itself."""
        table = self.graph.table(path)
        inside = None if table is None else language_of(table.language).inside
        if inside is None:
            return []
        inner = inside(module, name) if module else f".{name}"
        return [
            self.graph.file_location(file)
            for file in self.graph.find_module(path, inner)
            if posixpath.splitext(file)[0].removesuffix("/__init__").removesuffix("/mod").endswith(name)
        ]

    def _class_around(self, path: str, line: int | None) -> Location | None:
        table = self.graph.table(path)
        if table is None or line is None:
            return None
        index = table.class_around(line)
        if index is not None:
            return Location(path, table.symbol(index))
        # Go's methods and C++'s are defined outside of their classes.
        inner = table.around(line)
        container = "" if inner is None else table.symbol(inner).container
        found = self.graph.definitions(container.rpartition(".")[2], limit=_MOST) if container else []
        return next((one for one in found if one.symbol.kind in _CLASSES), None)

    def _at(self, path: str, indexes: Iterable[int]) -> list[Location]:
        table = self.graph.table(path)
        return [] if table is None else [Location(path, table.symbol(index)) for index in indexes]

    def _step(self, what: str, where: str, name: str) -> bool:
        """Whether to go there: not twice, and not for ever."""
        self._steps -= 1
        key = (what, where, name)
        if self._steps < 0 or key in self._seen:
            return False
        self._seen.add(key)
        return True


def file_symbol(path: str) -> Symbol:
    """A whole file as a definition."""
    stem = posixpath.splitext(posixpath.basename(path))[0]
    return Symbol(stem, "module", "", 0, 0, 0, 0, 0)


def _unique(locations: Iterable[Location]) -> list[Location]:
    return list(dict.fromkeys(locations))
