"""The imports of JavaScript and TypeScript: modules, CommonJS, and what is handed on from elsewhere.

The default export of a module is its name "default". ``export { a as b }`` without a source is an import of "a" from
the module "", which is this file itself, handed on as "b".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.core.symbols import Import

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    Spell = Callable[[Node], str]


def read(node: Node, text: Spell) -> Iterator[Import]:
    kind = node.type
    if kind == "import_statement":
        yield from _import(node, text)
    elif kind == "export_statement":
        yield from _export(node, text)
    elif kind == "call_expression":
        module = _required(node, text)
        if module is not None:
            yield Import(module, None, None, node.start_point[0])
    else:
        for declarator in node.named_children:
            if declarator.type == "variable_declarator":
                yield from _declarator(declarator, text)


def _import(node: Node, text: Spell) -> Iterator[Import]:
    module = _module(node, text)
    bare = True
    for clause in node.named_children:
        if clause.type == "import_require_clause":
            bare = False
            name = next((child for child in clause.named_children if child.type == "identifier"), None)
            if name is not None:
                yield Import(_module(clause, text), None, text(name), name.start_point[0])
        if clause.type != "import_clause":
            continue
        bare = False
        for child in clause.named_children:
            line = child.start_point[0]
            if child.type == "identifier":
                yield Import(module, "default", text(child), line)
            elif child.type == "namespace_import":
                yield Import(module, None, text(child.named_children[-1]), line)
            else:
                yield from _specifiers(child, module, text, exported=False)
    if bare and module:
        yield Import(module, None, None, node.start_point[0])


def _export(node: Node, text: Spell) -> Iterator[Import]:
    module = _module(node, text)
    line = node.start_point[0]
    for child in node.named_children:
        if child.type == "namespace_export":
            yield Import(module, None, text(child.named_children[-1]), line, exported=True)
            return
        if child.type == "export_clause":
            yield from _specifiers(child, module, text, exported=True)
            return
    if module:
        yield Import(module, "*", None, line, exported=True)


def _specifiers(clause: Node, module: str, text: Spell, *, exported: bool) -> Iterator[Import]:
    for specifier in clause.named_children:
        name, alias = specifier.child_by_field_name("name"), specifier.child_by_field_name("alias")
        if name is not None:
            called = None if alias is None else text(alias).strip("\"'")
            yield Import(module, text(name).strip("\"'"), called, specifier.start_point[0], exported=exported)


def _declarator(node: Node, text: Spell) -> Iterator[Import]:
    """``const fs = require("fs")``, ``const { a, b: c } = require("m")``, ``const a = require("m").b``."""
    target, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    taken: str | None = None
    while value is not None and value.type != "call_expression":
        if value.type == "member_expression":
            name = value.child_by_field_name("property")
            taken = None if name is None else text(name)
            value = value.child_by_field_name("object")
        else:
            value = value.named_children[0] if value.type == "await_expression" and value.named_children else None
    if value is None or target is None:
        return
    module = _required(value, text)
    if module is None:  # require("m")(...)
        function = value.child_by_field_name("function")
        module = None if function is None else _required(function, text)
    if module is None:
        return
    line = node.start_point[0]
    if target.type == "identifier":
        called = text(target)
        yield Import(module, taken, None if called == taken else called, line)
        return
    for child in target.named_children:
        if child.type == "shorthand_property_identifier_pattern":
            yield Import(module, text(child), None, child.start_point[0])
        elif child.type == "pair_pattern":
            key, local = child.child_by_field_name("key"), child.child_by_field_name("value")
            if key is not None and local is not None:
                yield Import(module, text(key), text(local), child.start_point[0])


def _required(node: Node, text: Spell) -> str | None:
    """The module of ``require("m")`` and ``import("m")``."""
    arguments, function = node.child_by_field_name("arguments"), node.child_by_field_name("function")
    if arguments is None or function is None or text(function) not in {"require", "import"}:
        return None
    first = next(iter(arguments.named_children), None)
    return None if first is None or first.type != "string" else text(first).strip("\"'`")


def _module(node: Node, text: Spell) -> str:
    source = node.child_by_field_name("source")
    return "" if source is None else text(source).strip("\"'`")
