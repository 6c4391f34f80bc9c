"""What is said in a language's own way: how it imports, and what other files can use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from spark_lsp.syntax.imports import c, csharp, ecmascript, go, java, lua, php, python, ruby, rust

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tree_sitter import Node

    from spark_lsp.core.symbols import Import

CLASSES: Final = frozenset({"class", "interface", "enum"})


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition, for the question whether other files can use it."""

    name: str
    kind: str
    around: str
    """What it is defined in: a kind, "container", or "root" for the file."""
    modifiers: tuple[str, ...]
    section: str
    wrapped: bool
    """It stands in an export."""


ReadImports: TypeAlias = "Callable[[Node, Callable[[Node], str]], Iterable[Import]]"


@dataclass(frozen=True, slots=True)
class Rules:
    """The facts queries of a grammar, which together are one, and its rules."""

    queries: tuple[str, ...]
    read_imports: ReadImports
    exported: Callable[[Definition], bool]
    plain_name: Callable[[str], str] = str
    separators: frozenset[str] = frozenset({".", "::"})
    """What stands between a name and its qualifier: of ".", "::", "->", ":" and the backslash."""
    containers: frozenset[str] = frozenset()
    """Nodes that can be read in parts, one after the other: what is in them says nothing of them."""
    bases_in_body: bool = False
    """A class says in its body, too, what it is made of."""
    scripts: bool = False
    """A file that neither imports nor exports hands out all that it defines."""


def _python(definition: Definition) -> bool:
    name = definition.name
    return definition.around not in {"function", "method"} and (
        not name.startswith("_") or (name.startswith("__") and name.endswith("__"))
    )


def _ecmascript(definition: Definition) -> bool:
    if definition.around in CLASSES | {"constant", "variable", "type"} or definition.kind == "method":
        return not {"private", "protected"} & set(definition.modifiers) and not definition.name.startswith("#")
    return definition.wrapped


def _go(definition: Definition) -> bool:
    return definition.name[:1].isupper()


def _rust(definition: Definition) -> bool:
    if definition.modifiers or definition.around in {"interface", "enum"}:
        return True
    return definition.around == "class" and definition.kind in {"method", "type", "constant"}  # of a trait for a type


def _java(definition: Definition) -> bool:
    return "private" not in definition.modifiers


def _c(definition: Definition) -> bool:
    if definition.around == "class":
        return definition.section not in {"class", "private", "protected"}
    return "static" not in definition.modifiers


def _csharp(definition: Definition) -> bool:
    if definition.around == "class" and definition.kind not in CLASSES:
        return bool({"public", "internal"} & set(definition.modifiers)) or definition.section == "record"
    return "private" not in definition.modifiers


def _ruby(definition: Definition) -> bool:
    return definition.section not in {"private", "protected"}


def _php(definition: Definition) -> bool:
    return not {"private", "protected"} & set(definition.modifiers)


def _lua(definition: Definition) -> bool:
    return "local" not in definition.modifiers and not definition.name.startswith("_")


def _without_quotes(name: str) -> str:
    return name.strip("\"'`")


def _without_sigil(name: str) -> str:
    return name.lstrip(":@$")


def _ecmascript_rules(*queries: str) -> Rules:
    return Rules(
        ("ecmascript", *queries),
        ecmascript.read,
        _ecmascript,
        _without_quotes,
        containers=_nodes("class_declaration abstract_class_declaration class_body export_statement"),
        scripts=True,
    )


def _nodes(names: str) -> frozenset[str]:
    return frozenset(names.split())


_ARROWS: Final = frozenset({".", "::", "->"})

_C: Final = _nodes("preproc_ifdef preproc_if")
_CSHARP: Final = _nodes("namespace_declaration class_declaration struct_declaration declaration_list")

RULES: Final = {
    "c": Rules(("c",), c.read, _c, separators=_ARROWS, containers=_C),
    "cpp": Rules(
        ("c", "cpp"), c.read, _c, separators=_ARROWS, containers=_C | _nodes("namespace_definition declaration_list")
    ),
    "csharp": Rules(("csharp",), csharp.read, _csharp, containers=_CSHARP),
    "go": Rules(("go",), go.read, _go, bases_in_body=True),
    "java": Rules(("java",), java.read, _java, containers=_nodes("class_declaration class_body")),
    "javascript": _ecmascript_rules("javascript", "jsx"),
    "lua": Rules(("lua",), lua.read, _lua, separators=frozenset({".", ":"})),
    "php": Rules(("php",), php.read, _php, separators=frozenset({"::", "->", "\\"}), bases_in_body=True),
    "python": Rules(
        ("python",), python.read, _python, containers=_nodes("class_definition block decorated_definition")
    ),
    "ruby": Rules(("ruby",), ruby.read, _ruby, _without_sigil, bases_in_body=True),
    "rust": Rules(("rust",), rust.read, _rust, containers=_nodes("impl_item mod_item trait_item declaration_list")),
    "tsx": _ecmascript_rules("typescript", "jsx"),
    "typescript": _ecmascript_rules("typescript"),
}
"""By the name of the grammar."""
