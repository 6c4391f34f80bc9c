"""From the captures of a facts query to plain lists: the first half of `facts`, close to tree-sitter.

The queries in ``queries/facts/`` say by these captures what there is in a file.

Definitions: a node with one of these captures, and the name in it as ``@name``.

- ``@function``, ``@method``, ``@class``, ``@interface``, ``@type``, ``@enum``, ``@constant``, ``@variable``,
  ``@field``, ``@module``: what it is. A function in a class is made a method, a variable in a class a field, one in
  capitals a constant, and a variable in a function is a local one.
- ``@member``: of an enum. ``@attribute``: a field of the class around it, however deep in its methods.
- ``@container``: defines nothing itself, but what is in it belongs to its ``@name`` (Rust's ``impl``).
- ``@body``: where the signature ends. ``@receiver``: the name of the class that a function outside of it belongs to.
- ``@self``: only for the predicates of an ``@attribute``.
- Of several patterns that find a definition with the same name in the same place, the first counts.

What belongs to the definitions:

- ``@wrapper``: around a definition that begins there (decorators); ``@exporter``: and it is exported;
  ``@statement``: and it is on the same line, or else one of several (Go's ``const (``).
- ``@comment`` and ``@annotation`` (Rust's attributes): belong to what is right below them.
- ``@doc``: documentation at the start of a body. ``@modifier``: ``public`` and the like, before the name.
- ``@section``: sets what the next definitions of the same class are (``private:``). One before the body counts only
  if it is the first.
- ``@base``: what a class inherits from. Also a reference to a type.
- ``@exports``: a name that the file hands out; ``@default``: the one that it hands out by default;
  ``@export_list``: names in quotes.
- ``@scope``: a function without a name. ``@package``: the name of the file's package or namespace.

Imports: ``@import`` is handed to the language's reader, and nothing else in it counts.

References: ``@call``, ``@type_name``, ``@reference``, ``@quoted_type`` (a string in the place of a type).
``@type_region`` makes all names in it types. ``@local`` is the name of a parameter or a local variable: neither a
reference where it stands nor where else it is used in the same function; ``@type_parameter`` the same for types.
``@skip`` is no reference. Where a name has several captures,
the later one in `_RANKS` counts.

No pattern may begin with the root of the tree or the body of a class: `facts_cache` looks at parts of these. Captures
whose names begin with an underscore are for predicates only. The predicates are our own, ``#text-is?`` and
``#text-is-not?`` with the texts, ``#component?`` and ``#not-component?``: tree-sitter's would have to read the text of
a tree that was parsed through a callback, and py-tree-sitter 0.26.1 crashes on that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from tree_sitter import QueryCursor

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node, Query

DEFINITIONS: Final = frozenset(
    {"function", "method", "class", "interface", "type", "enum", "constant", "variable", "field", "module"}
    | {"member", "attribute", "container"}
)
_MARKS: Final = frozenset(
    {
        "wrapper",
        "exporter",
        "statement",
        "doc",
        "modifier",
        "section",
        "exports",
        "default",
        "export_list",
        "scope",
        "package",
    }
    | {"import", "type_region"}
)
_END: Final = 1 << 62
_RANKS: Final = {
    role: rank
    for rank, role in enumerate(
        ("reference", "type_name", "call", "quoted_type", "base", "type_parameter", "local", "skip")
    )
}
_, TYPE_NAME, CALL, QUOTED_TYPE, BASE, TYPE_PARAMETER, LOCAL, SKIP = _RANKS.values()


@dataclass(frozen=True, slots=True)
class Mark:
    """A node that the sweep stops at. `name`, `body` and `receiver` are those of a definition."""

    role: str
    node: Node
    start: int  # byte
    end: int  # byte
    name: Node | None = None
    body: Node | None = None
    receiver: Node | None = None


@dataclass(slots=True)
class Captured:
    """What a query found. `names` has the references, and `ranks` what they are, by the byte that they begin at."""

    marks: list[Mark] = field(default_factory=list)
    names: dict[int, Node] = field(default_factory=dict)
    ranks: dict[int, int] = field(default_factory=dict)
    leading: list[Node] = field(default_factory=list)
    """Comments and annotations."""


def capture(query: Query, node: Node, text: Callable[[Node], str], within: tuple[int, int] | None = None) -> Captured:
    """Run a facts query over a node, or only over what begins between two bytes of it."""

    def holds(
        predicate: str,
        args: list[tuple[str, Literal["capture", "string"]]],
        pattern_index: int,  # noqa: ARG001 - the binding's interface
        captures: dict[str, list[Node]],
    ) -> bool:
        nodes = captures.get(args[0][0])
        if not nodes:
            return False
        said = text(nodes[0])
        if predicate == "text-is?":
            return any(said == value for value, _ in args[1:])
        if predicate == "text-is-not?":
            return all(said != value for value, _ in args[1:])
        return said[:1].islower() == (predicate == "not-component?")

    cursor = QueryCursor(query)
    first, last = within or (0, _END)
    if within is not None:
        cursor.set_byte_range(first, last)
    found = Captured()
    names, ranks = found.names, found.ranks
    defined: dict[int, tuple[int, Mark]] = {}
    for pattern, captures in cursor.matches(node, holds):
        if "name" in captures:
            mark = _definition(captures)
            name = captures["name"][0]
            start = name.start_byte
            if not first <= mark.start < last:
                continue
            if mark.role != "container":
                names[start], ranks[start] = name, SKIP
                if name.child_count:  # a qualified name: its parts are no references either
                    found.marks.append(Mark("name", name, start, name.end_byte))
            if start not in defined or defined[start][0] > pattern:
                defined[start] = (pattern, mark)
            continue
        for role, nodes in captures.items():
            rank = _RANKS.get(role)
            if rank is not None:
                for one in nodes:
                    start = one.start_byte
                    if rank >= ranks.get(start, 0) and first <= start < last:
                        names[start], ranks[start] = one, rank
            elif role in _MARKS:
                for one in nodes:
                    start = one.start_byte
                    if first <= start < last:
                        found.marks.append(Mark(role, one, start, one.end_byte))
            elif role in {"comment", "annotation"}:
                found.leading += [one for one in nodes if first <= one.start_byte < last]
    found.marks += [mark for _, mark in defined.values()]
    found.marks.sort(key=lambda mark: (mark.start, -mark.end))
    return found


def _definition(captures: dict[str, list[Node]]) -> Mark:
    role = next(role for role in captures if role in DEFINITIONS)
    node, name = captures[role][0], captures["name"][0]
    body, receiver = captures.get("body"), captures.get("receiver")
    return Mark(
        role, node, node.start_byte, node.end_byte, name, body[0] if body else None, receiver[0] if receiver else None
    )
