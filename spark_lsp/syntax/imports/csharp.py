"""C#'s usings: all of a namespace, all of a class (static), or an alias of either."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.core.symbols import Import

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node


def read(node: Node, text: Callable[[Node], str]) -> Iterator[Import]:
    if not node.named_children:
        return
    exported = text(node).startswith("global")
    alias = node.child_by_field_name("name")
    module = "".join(text(node.named_children[-1]).split())
    if alias is None:
        yield Import(module, "*", None, node.start_point[0], exported=exported)
    else:
        yield Import(module, None, text(alias), node.start_point[0], exported=exported)
