"""The includes of C and C++, which take all of a file, and C++'s ``using``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.core.symbols import Import

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node


def read(node: Node, text: Callable[[Node], str]) -> Iterator[Import]:
    line = node.start_point[0]
    if node.type == "using_declaration":
        words = text(node).rstrip(";").split()
        whole = len(words) > 2 and words[1] == "namespace"
        path = words[-1]
        module, _, name = (path, "", "*") if whole else path.rpartition("::")
        if module:
            yield Import(module, name, None, line)
        return
    path_node = node.child_by_field_name("path")
    if path_node is not None:
        yield Import(text(path_node).strip('<>"'), "*", None, line)
