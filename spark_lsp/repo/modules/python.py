"""Python: relative modules by folders, absolute ones below whatever folder may be on the path (the root, `src`)."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spark_lsp.repo.project import Project

_FILES = (".py", ".pyi", "/__init__.py", "/__init__.pyi")


def find(project: Project, importer: str, module: str) -> tuple[str, ...]:
    """The file of a module, as far as the workspace has it."""
    name = module.lstrip(".")
    level = len(module) - len(name)
    inner = name.replace(".", "/")
    if level:
        folder = posixpath.dirname(importer)
        for _ in range(level - 1):
            if not folder:
                return ()
            folder = posixpath.dirname(folder)
        if not inner:
            return project.first(posixpath.join(folder, file[1:]) for file in _FILES[2:])
        return project.first(posixpath.join(folder, f"{inner}{file}") for file in _FILES)
    found = [path for file in _FILES for path in project.ending(f"{inner}{file}", importer)]
    # The import system starts in folders that are no packages themselves; a script may start in its own.
    outside = [path for path in found if not _is_package(project, _above(path, inner))]
    beside = [path for path in found if _above(path, inner) == posixpath.dirname(importer)]
    return tuple((outside or beside)[:1])


def inside(module: str, name: str) -> str:
    """What a name in a package is called if it is a module itself."""
    return f"{module}{name}" if module.endswith(".") else f"{module}.{name}"


def _above(path: str, inner: str) -> str:
    """The folder in which the import system would start, to find a path by a module's name."""
    stem = posixpath.splitext(path)[0].removesuffix("/__init__")
    return stem[: -len(inner)].rstrip("/")


def _is_package(project: Project, folder: str) -> bool:
    return bool(folder) and project.has(f"{folder}/__init__.py")
