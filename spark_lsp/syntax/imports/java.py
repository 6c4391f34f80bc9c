"""Java's imports: a class of a package, a member of a class (static), or all of either."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.core.symbols import Import

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node


def read(node: Node, text: Callable[[Node], str]) -> Iterator[Import]:
    path, name = "", None
    for child in node.named_children:
        if child.type in {"scoped_identifier", "identifier"}:
            path = "".join(text(child).split())
        elif child.type == "asterisk":
            name = "*"
    if not path:
        return
    if name is None:
        path, _, name = path.rpartition(".")
    yield Import(path, name, None, node.start_point[0])
