"""The packages that a file needs, from what it imports."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.repo.package_names import (
    go_declared,
    go_module,
    go_package,
    node_declared,
    node_package,
    normal_crate,
    normal_distribution,
    python_declared,
    python_package,
    rust_package,
)
from spark_lsp.syntax.facts import facts_of_source
from spark_lsp.syntax.grammars import grammar_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spark_lsp.core.symbols import FileFacts
    from spark_lsp.core.text import Text
    from spark_lsp.repo.package_manifests import Declared, Ecosystem

MOST_LINES: Final = 1_000
"""Lines of a file that are looked at. Imports stand at its top, and more would hold up the loop, thread or not."""

_ECOSYSTEMS: Final[dict[str, Ecosystem]] = {
    "python": "python",
    "javascript": "node",
    "typescript": "node",
    "tsx": "node",
    "rust": "rust",
    "go": "go",
}
_IMPORTS: Final[dict[Ecosystem, re.Pattern[str]]] = {
    "python": re.compile(r"\b(?:from|import)\b"),
    "node": re.compile(r"\b(?:from|import|require|export)\b"),
    "rust": re.compile(r"\b(?:use|extern)\b|::"),
    "go": re.compile(r"\""),
}
_RUST_PATH: Final = re.compile(r"(?<![\w:.>])([a-z][a-z0-9_]*)\s*::")


@dataclass(frozen=True, slots=True)
class Needed:
    """A package that a file needs, where it says so first."""

    package: str
    """As it is declared; for Go the import path."""
    module: str
    """As it is imported."""
    line: int


def ecosystem_of(language_id: str) -> Ecosystem | None:
    """Where a language's packages come from; None if it is not one that is known here."""
    grammar = grammar_of(language_id)
    return None if grammar is None else _ECOSYSTEMS.get(grammar.name)


def may_import(ecosystem: Ecosystem, before: Text, after: Text) -> bool:
    """Whether a text has lines that the one before had not and that may import something; cheap."""
    pattern = _IMPORTS[ecosystem]
    return any(pattern.search(line) for line in set(after.lines).difference(before.lines))


def needed_packages(language_id: str, text: Text) -> list[Needed]:
    """What a text needs, each package once. Parses: meant for a thread."""
    grammar, ecosystem = grammar_of(language_id), ecosystem_of(language_id)
    if grammar is None or ecosystem is None:
        return []
    lines = text.lines[:MOST_LINES]
    facts = facts_of_source(grammar.name, "".join(lines))
    found: dict[str, Needed] = {}
    for needed in _needed(ecosystem, facts, lines):
        found.setdefault(needed.package, needed)
    return list(found.values())


def _needed(ecosystem: Ecosystem, facts: FileFacts, lines: tuple[str, ...]) -> Iterator[Needed]:
    package_of = {"python": python_package, "node": node_package, "rust": rust_package, "go": go_package}[ecosystem]
    own: set[str] = set()
    if ecosystem == "rust":
        own = {symbol.name for symbol in facts.symbols}
        own |= {one.local_name for one in facts.imports if one.name is not None or one.module.startswith("self::")}
    for one in facts.imports:
        package = package_of(one.module)
        if package is not None and (ecosystem != "rust" or _first(one.module) not in own):
            yield Needed(package, one.module, one.line)
    if ecosystem == "rust" and not any(one.name == "*" for one in facts.imports):
        own |= {one.local_name for one in facts.imports}
        yield from _rust_paths(facts, lines, own)


def _rust_paths(facts: FileFacts, lines: tuple[str, ...], own: set[str]) -> Iterator[Needed]:
    """Crates that code names without importing them. With everything of some module imported, nobody can tell."""
    for reference in facts.references:
        first = _first(reference.qualifier)
        package = rust_package(first)
        if package is None or first in own or reference.line >= len(lines):
            continue
        if first in _RUST_PATH.findall(lines[reference.line]):
            yield Needed(package, first, reference.line)


def _first(path: str) -> str:
    return re.split(r"::|\.", path.removeprefix("::"), maxsplit=1)[0]


def is_declared(ecosystem: Ecosystem, needed: Needed, declared: Declared) -> bool:
    """Whether a manifest declares a package, or is the package's own."""
    names = declared.names.union(declared.own)
    match ecosystem:
        case "python":
            return python_declared(needed.module, names) or normal_distribution(needed.package) in names
        case "node":
            return node_declared(needed.package, names)
        case "rust":
            return normal_crate(needed.package) in names
        case "go":
            return go_declared(needed.package, names)


def name_to_declare(ecosystem: Ecosystem, needed: Needed) -> str | None:
    """What to write into a manifest; None if that is not certain."""
    return go_module(needed.package) if ecosystem == "go" else needed.package
