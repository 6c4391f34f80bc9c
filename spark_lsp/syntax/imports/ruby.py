"""Ruby's requires. What is relative to the file begins with "."."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.core.symbols import Import

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node


def read(node: Node, text: Callable[[Node], str]) -> Iterator[Import]:
    method, arguments = node.child_by_field_name("method"), node.child_by_field_name("arguments")
    if method is None or arguments is None:
        return
    given = arguments.named_children
    path = next((text(one).strip("\"'") for one in given if one.type == "string"), "")
    if not path:
        return
    if text(method) == "require_relative" and not path.startswith("."):
        path = f"./{path}"
    name = next((text(one).lstrip(":") for one in given if one.type == "simple_symbol"), "*")
    yield Import(path, name, None, node.start_point[0])
