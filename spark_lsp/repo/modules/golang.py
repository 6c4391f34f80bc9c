"""Go: a package is a folder, found by the module path in go.mod."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spark_lsp.repo.project import Project


def find(project: Project, importer: str, module: str) -> tuple[str, ...]:
    """The files of a package, but for its tests."""
    if module.startswith("."):
        return package_files(project, posixpath.normpath(posixpath.join(posixpath.dirname(importer), module)))
    for folder, manifest in project.manifests_of("go.mod"):
        name = manifest.name
        if name and (module == name or module.startswith(f"{name}/")):
            files = package_files(project, posixpath.join(folder, module[len(name) + 1 :]).rstrip("/"))
            if files:
                return files
    return ()


def package_files(project: Project, folder: str) -> tuple[str, ...]:
    """The files of a folder that others can import."""
    files = project.in_folder("" if folder == "." else folder)
    return tuple(path for path in files if path.endswith(".go") and not path.endswith("_test.go"))


def local_name(module: str) -> str:
    """What a package is called in a file that imports it without a name: its last part that is no version."""
    parts = module.split("/")
    if len(parts) > 1 and parts[-1][:1] == "v" and parts[-1][1:].isdigit():
        parts.pop()
    return parts[-1].partition(".")[0]
