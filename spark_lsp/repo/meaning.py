"""What a use of a name is of, as a value that is the same for every use of the same thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from spark_lsp.core.symbols import Reference
    from spark_lsp.repo.graph import Graph

Meaning: TypeAlias = tuple[str, str]
"""A file of the workspace and what it defines, or a module from outside and what is imported from it."""

_TELLING: Final = 8
"""A method's name of so many letters is no common word."""


def meaning(graph: Graph, path: str, use: Reference) -> Meaning | None:
    """What a name is of that a file uses; None if that cannot be told. A few lookups in the graph."""
    places = [one for one in graph.resolve(path, use.name, use.qualifier, use.line) if not one.is_file]
    if places:
        return places[0].path, places[0].symbol.qualified_name
    imports = graph.imports_of(path)
    parts = [*use.qualifier.split("."), use.name] if use.qualifier else [use.name]
    for length in range(len(parts), 0, -1):
        for one in imports.called(".".join(parts[:length])):
            if graph.find_module(path, one.module):
                return None
            return f"\n{one.module}", ".".join((one.name or "", *parts[length:]))
    if use.qualifier and is_telling(use.name):
        members = graph.definitions(use.name, limit=2)
        if len(members) == 1 and members[0].symbol.container:
            return members[0].path, members[0].symbol.qualified_name
    return None


def is_telling(name: str) -> bool:
    """A name that somebody made, and not a word that everything has a method of."""
    return "_" in name.strip("_") or name.lower() != name or len(name) >= _TELLING
