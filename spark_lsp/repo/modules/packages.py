"""Java, C# and PHP: files say which package or namespace they belong to."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from spark_lsp.repo.project import dotted

if TYPE_CHECKING:
    from spark_lsp.repo.project import Project


def find(project: Project, importer: str, module: str) -> tuple[str, ...]:
    """The files of a package; or of a class, where the name is that of one."""
    if module.endswith(".php"):
        return project.first((posixpath.normpath(posixpath.join(posixpath.dirname(importer), module.lstrip("/"))),))
    name = dotted(module).removesuffix(".*")
    if files := project.in_package(name):
        return files
    # The name of a class, or of something in one.
    package, _, last = name.rpartition(".")
    while package:
        files = project.in_package(package)
        if files:
            own = tuple(path for path in files if posixpath.splitext(posixpath.basename(path))[0] == last)
            return own or files
        package, _, last = package.rpartition(".")
    return ()
