"""PHP's uses, of one name each, and its includes, which take all of a file ("." for the folder of the file)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from spark_lsp.core.symbols import Import

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    Spell = Callable[[Node], str]

_QUOTED: Final = re.compile(r"""["']([^"'\n]+)["']""")


def read(node: Node, text: Spell) -> Iterator[Import]:
    if node.type != "namespace_use_declaration":
        said = text(node)
        path = _QUOTED.search(said)
        if path is not None:
            here = "." if "__DIR__" in said or "__FILE__" in said else ""
            yield Import(here + path[1], "*", None, node.start_point[0])
        return
    prefix = next((text(child) for child in node.named_children if child.type == "namespace_name"), "")
    for child in node.named_children:
        clauses = child.named_children if child.type == "namespace_use_group" else [child]
        for clause in clauses:
            if clause.type == "namespace_use_clause" and clause.named_children:
                alias = clause.child_by_field_name("alias")
                path_of = text(clause.named_children[0]).strip("\\")
                module, _, name = (f"{prefix}\\{path_of}" if prefix else path_of).rpartition("\\")
                called = None if alias is None else text(alias)
                line = clause.start_point[0]
                yield Import(module, name, called, line) if module else Import(name, None, called, line)
