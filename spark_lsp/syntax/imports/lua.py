"""Lua's requires, and what their values are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.core.symbols import Import

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    Spell = Callable[[Node], str]


def read(node: Node, text: Spell) -> Iterator[Import]:
    line = node.start_point[0]
    if node.type == "function_call":
        module = _required(node, text)
        if module:
            yield Import(module, None, None, line)
        return
    names: list[str] = []
    values: list[Node] = []
    for child in (part for statement in node.named_children for part in statement.named_children):
        if child.type == "variable_list":
            names = [text(name) for name in child.named_children if name.type == "identifier"]
        elif child.type == "expression_list":
            values = child.named_children
    for name, value in zip(names, values, strict=False):
        taken: str | None = None
        call: Node | None = value
        if value.type == "dot_index_expression":
            field, call = value.child_by_field_name("field"), value.child_by_field_name("table")
            taken = None if field is None else text(field)
        module = "" if call is None or call.type != "function_call" else _required(call, text)
        if module:
            yield Import(module, taken, None if name == taken else name, line)


def _required(call: Node, text: Spell) -> str:
    name, arguments = call.child_by_field_name("name"), call.child_by_field_name("arguments")
    if name is None or arguments is None or text(name) != "require":
        return ""
    given = text(arguments).strip("() \t\r\n")
    return given.strip("\"'") if given[:1] in {'"', "'"} else given.removeprefix("[[").removesuffix("]]")
