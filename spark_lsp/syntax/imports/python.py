"""Python's imports. ``from m import a as a`` and ``from .m import *`` are what hands names on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.core.symbols import Import

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node


def read(node: Node, text: Callable[[Node], str]) -> Iterator[Import]:
    if node.type == "future_import_statement":
        return
    source = node.child_by_field_name("module_name")
    module = "" if source is None else "".join(text(source).split())
    for child in node.named_children:
        line = child.start_point[0]
        if child.type == "wildcard_import":
            yield Import(module, "*", None, line, exported=module.startswith("."))
    for child in node.children_by_field_name("name"):
        line = child.start_point[0]
        alias = None
        name: Node | None = child
        if child.type == "aliased_import":
            name, alias_node = child.child_by_field_name("name"), child.child_by_field_name("alias")
            alias = None if alias_node is None else text(alias_node)
        if name is None:
            continue
        taken = "".join(text(name).split())
        if source is None:
            yield Import(taken, None, alias, line, exported=alias == taken)
        else:
            yield Import(module, taken, alias, line, exported=alias == taken)
