"""C and C++, Ruby and Lua: modules are paths of files, from where they are named or from somewhere on a search path."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spark_lsp.repo.project import Project

_SOURCES = (".c", ".cc", ".cpp", ".cxx", ".c++")


def find_header(project: Project, importer: str, module: str) -> tuple[str, ...]:
    """The header of an include, and the source of the same name that most likely defines what it declares."""
    found = _beside_or_below(project, importer, module.strip('<>"'), ("",))
    if not found:
        return ()
    header = found[0]
    stem = posixpath.splitext(header)[0]
    source = project.first(f"{stem}{suffix}" for suffix in _SOURCES)
    if not source:
        name = posixpath.basename(stem)
        source = next(((path,) for suffix in _SOURCES for path in project.ending(f"{name}{suffix}", header)), ())
    return (header,) if source in ((importer,), (header,)) else (header, *source)


def find_ruby(project: Project, importer: str, module: str) -> tuple[str, ...]:
    return _beside_or_below(project, importer, module, (".rb", ""))


def find_lua(project: Project, importer: str, module: str) -> tuple[str, ...]:
    return _beside_or_below(project, importer, module.replace(".", "/"), (".lua", "/init.lua"))


def _beside_or_below(project: Project, importer: str, module: str, endings: Iterable[str]) -> tuple[str, ...]:
    endings = tuple(endings)
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(importer), module))
    if found := project.first(f"{beside}{ending}" for ending in endings):
        return found
    plain = posixpath.normpath(module)
    if plain.startswith((".", "/")):
        return ()
    return next(((path,) for ending in endings for path in project.ending(f"{plain}{ending}", importer)), ())
