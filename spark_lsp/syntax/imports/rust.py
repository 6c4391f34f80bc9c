"""Rust's ``use`` trees, one import for each of their leaves, ``extern crate``, and ``mod name;``, which is a file.

A module's name is as it is written, with "::" between its parts. ``mod name;`` is an import of "self::name".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.core.symbols import Import

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    Spell = Callable[[Node], str]


def read(node: Node, text: Spell) -> Iterator[Import]:
    exported = any(child.type == "visibility_modifier" for child in node.named_children)
    name, argument = node.child_by_field_name("name"), node.child_by_field_name("argument")
    line = node.start_point[0]
    if node.type == "mod_item" and name is not None:
        yield Import(f"self::{text(name)}", None, text(name), line, exported=exported)
    elif name is not None:
        alias = node.child_by_field_name("alias")
        yield Import(text(name), None, None if alias is None else text(alias), line, exported=exported)
    elif argument is not None:
        for path, called, at in _leaves(argument, "", text):
            module, _, last = path.rpartition("::")
            if last == "self" and module:
                yield Import(module, None, called or module.rpartition("::")[2], at, exported=exported)
            else:
                yield Import(module or last, last if module else None, called, at, exported=exported)


def _leaves(node: Node, prefix: str, text: Spell) -> Iterator[tuple[str, str | None, int]]:
    """(path, alias, line) of all that a tree takes."""
    kind = node.type
    if kind in {"scoped_use_list", "use_list"}:
        path, inner = node.child_by_field_name("path"), node.child_by_field_name("list")
        deeper = prefix if path is None else _joined(prefix, _path(path, text))
        for child in (node if inner is None else inner).named_children:
            if "comment" not in child.type:
                yield from _leaves(child, deeper, text)
    elif kind == "use_as_clause":
        path, alias = node.child_by_field_name("path"), node.child_by_field_name("alias")
        if path is not None and alias is not None:
            yield _joined(prefix, _path(path, text)), text(alias), node.start_point[0]
    elif kind == "use_wildcard":
        inside = _path(node, text).rstrip("*").rstrip(":")
        yield _joined(_joined(prefix, inside), "*"), None, node.start_point[0]
    else:
        yield _joined(prefix, _path(node, text)), None, node.start_point[0]


def _path(node: Node, text: Spell) -> str:
    return "".join(text(node).split()).removeprefix("::")


def _joined(first: str, second: str) -> str:
    return f"{first}::{second}" if first and second else first or second
