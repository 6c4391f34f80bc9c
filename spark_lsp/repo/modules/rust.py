"""Rust: modules are files below the crate's root, by `mod.rs` or their own names."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spark_lsp.repo.project import Project

_ROOTS: Final = ("lib.rs", "main.rs", "mod.rs")


def find(project: Project, importer: str, module: str) -> tuple[str, ...]:
    """The file in which a path ends, as far as its parts are files: what is left of it are names in that file."""
    parts = [part for part in module.split("::") if part]
    if not parts:
        return ()
    first = parts[0]
    if first == "crate":
        root = _root_of(project, importer)
        return _descend(project, root, parts[1:]) if root else ()
    if first in ("self", "super"):
        place = importer
        while parts and parts[0] in ("self", "super"):
            if parts.pop(0) == "super":
                place = _parent(project, place)
        return _descend(project, place, parts) if place else ()
    for folder, manifest in project.manifests_of("Cargo.toml"):
        if manifest.name == first:
            root = _first(project, (manifest.base, "src/lib.rs", "src/main.rs"), folder)
            if root:
                return _descend(project, root, parts[1:])
    inner = _descend(project, importer, parts)
    return inner if inner != (importer,) else ()


def _root_of(project: Project, path: str) -> str:
    """The root of the crate that a file is in."""
    found = project.nearest_manifest(path, ("Cargo.toml",))
    folder, base = (found[0], found[1].base) if found else ("", "")
    return _first(project, (base, "src/lib.rs", "src/main.rs", "lib.rs", "main.rs"), folder)


def _first(project: Project, names: tuple[str, ...], folder: str) -> str:
    return next((path for name in names if name and project.has(path := posixpath.join(folder, name))), "")


def _folder(path: str) -> str:
    """Where the modules in a file are."""
    folder, name = posixpath.split(path)
    return folder if name in _ROOTS else posixpath.join(folder, posixpath.splitext(name)[0])


def _parent(project: Project, path: str) -> str:
    """The file of the module around a file's own."""
    folder, name = posixpath.split(path)
    if name in _ROOTS:
        folder = posixpath.dirname(folder)
    beside = [posixpath.join(folder, root) for root in _ROOTS]
    return next((other for other in (*beside, f"{folder}.rs") if project.has(other)), "")


def _descend(project: Project, path: str, parts: list[str]) -> tuple[str, ...]:
    for part in parts:
        folder = _folder(path)
        inner = _first(project, (f"{part}.rs", f"{part}/mod.rs"), folder)
        if not inner:
            break
        path = inner
    return (path,)
