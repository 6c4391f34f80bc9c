"""What the graph has to know of each language, by the name of its grammar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from spark_lsp.repo.modules import ecmascript, golang, included, packages, python, rust

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.core.symbols import Import
    from spark_lsp.repo.project import Project

Shared: TypeAlias = Literal["nothing", "folder", "package", "everything"]


def _no_module(project: Project, importer: str, module: str) -> tuple[str, ...]:
    del project, importer, module
    return ()


def _last(module: str) -> str:
    return module.replace("\\", ".").replace("::", ".").rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Language:
    """How names get from file to file."""

    find: Callable[[Project, str, str], tuple[str, ...]] = _no_module
    """The files of a module, from a project, the importing file and the module as it is written."""
    local_name: Callable[[str], str] = str
    """What a module is called in a file that imports it without a name of its own."""
    inside: Callable[[str, str], str] | None = None
    """What a name in a module is called, if it is a module itself."""
    hands_on: bool = False
    """What a file imports can be imported from it, whether or not it says so."""
    shares: Shared = "nothing"
    """Which other files' names are known without an import."""
    nests: bool = False
    """What a file hands out may be in its namespace, or in the class or the table that the file is about."""
    spread: bool = False
    """What a class has may be in several files."""


_ECMASCRIPT: Final = Language(ecmascript.find)

LANGUAGES: Final = {
    "c": Language(included.find_header, hands_on=True, shares="everything"),
    "cpp": Language(included.find_header, hands_on=True, shares="everything", spread=True, nests=True),
    "csharp": Language(packages.find, _last, shares="package", spread=True, nests=True),
    "go": Language(golang.find, golang.local_name, shares="folder", spread=True),
    "java": Language(packages.find, _last, shares="package", nests=True),
    "javascript": _ECMASCRIPT,
    "lua": Language(included.find_lua, _last, shares="everything", nests=True),
    "php": Language(packages.find, _last, shares="package", nests=True),
    "python": Language(python.find, inside=python.inside, hands_on=True),
    "ruby": Language(included.find_ruby, hands_on=True, shares="everything", spread=True, nests=True),
    "rust": Language(rust.find, _last, inside=lambda module, name: f"{module}::{name}", spread=True, nests=True),
    "tsx": _ECMASCRIPT,
    "typescript": _ECMASCRIPT,
}


def local_name(one: Import, language: Language) -> str:
    """What a file calls what it imports."""
    if one.alias or one.name is not None:
        return one.local_name
    return language.local_name(one.module)


_PLAIN: Final = Language()


def language_of(name: str) -> Language:
    """One that knows of no modules for those that are not known here."""
    return LANGUAGES.get(name, _PLAIN)
