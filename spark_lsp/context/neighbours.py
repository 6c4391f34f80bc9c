"""The files that are like a file: in its folder, importing what it imports, called like it."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.context.words import words_of
from spark_lsp.repo.file_table import ALIAS, IMPORT_WIDTH, IMPORTED, MODULE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spark_lsp.repo.file_table import FileTable
    from spark_lsp.repo.graph import Graph

MOST_NEIGHBOURS: Final = 12
_MOST_LOOKED_AT: Final = 240
_MOST_MODULES: Final = 12


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A file, and how much it is like another, from 0 to 1."""

    path: str
    likeness: float


def neighbours(graph: Graph, path: str) -> Iterator[list[Neighbour] | None]:
    """The files most like a file, the best first. Yields None after every step, and the list as the last thing."""
    table = graph.table(path)
    if table is None:
        yield []
        return
    own = _imported(table)
    folder, name = posixpath.split(path)
    ending = posixpath.splitext(name)[1]
    others = [other for other in graph.project.in_folder(folder) if other.endswith(ending)]
    near = sorted(others, key=lambda other: -_same_beginning(other, path))[: _MOST_LOOKED_AT // 2]
    found = dict.fromkeys(near)
    yield None
    modules = [file for one in table.all_imports() for file in graph.find_module(path, one.module)[:1]]
    for file in list(dict.fromkeys(modules))[:_MOST_MODULES]:
        if len(found) < _MOST_LOOKED_AT:
            found.update(dict.fromkeys(graph.importers(file, 40)))
        yield None
    ranked: list[Neighbour] = []
    for count, other in enumerate(found):
        table_there = graph.table(other)
        if other == path or table_there is None or table_there.language != table.language:
            continue
        ranked.append(Neighbour(other, _likeness(path, other, own, _imported(table_there))))
        if count % 20 == 0:
            yield None
    ranked.sort(key=lambda one: (-one.likeness, one.path))
    yield ranked[:MOST_NEIGHBOURS]


def _imported(table: FileTable) -> frozenset[int]:
    """The modules and names that a file imports, by their numbers."""
    imports, strings = table.imports, table.strings
    modules = {strings[local] for local in imports[MODULE::IMPORT_WIDTH]}
    names = {strings[local - 1] for place in (IMPORTED, ALIAS) for local in imports[place::IMPORT_WIDTH] if local}
    return frozenset(modules | names)


def _likeness(one: str, other: str, own: frozenset[int], its: frozenset[int]) -> float:
    shared = len(own & its) / max(1, len(own | its))
    there = posixpath.dirname(one) == posixpath.dirname(other)
    mine, theirs = words_of(_stem(one)), words_of(_stem(other))
    alike = len(mine & theirs) / max(1, len(mine | theirs))
    same_kind = is_test(one) == is_test(other)
    return 0.5 * shared + 0.2 * there + 0.2 * alike + 0.1 * same_kind


def is_test(path: str) -> bool:
    """Whether a file's name says that it is a test."""
    folder, name = posixpath.split(path.lower())
    stem = name.partition(".")[0]
    in_tests = any(part in ("test", "tests", "__tests__", "spec", "testing") for part in folder.split("/"))
    return (
        in_tests
        or stem.startswith("test_")
        or stem.endswith(("_test", "_spec"))
        or ".test." in name
        or ".spec." in name
    )


def _stem(path: str) -> str:
    return posixpath.basename(path).partition(".")[0]


def _same_beginning(one: str, other: str) -> int:
    return len(posixpath.commonprefix((posixpath.basename(one), posixpath.basename(other))))
