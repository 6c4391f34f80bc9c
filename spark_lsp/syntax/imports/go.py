"""Go's imports: paths of packages. A dot takes all names of a package; "_" is an alias that names nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.core.symbols import Import

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node


def read(node: Node, text: Callable[[Node], str]) -> Iterator[Import]:
    for child in node.named_children:
        if child.type == "import_spec_list":
            yield from read(child, text)
        path = child.child_by_field_name("path") if child.type == "import_spec" else None
        if path is None:
            continue
        name = child.child_by_field_name("name")
        alias = None if name is None else text(name)
        module, line = text(path).strip('"`'), child.start_point[0]
        yield Import(module, "*", None, line) if alias == "." else Import(module, None, alias, line)
