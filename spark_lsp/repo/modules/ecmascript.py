"""JavaScript and TypeScript: relative paths, tsconfig's `baseUrl` and `paths`, and packages of the same workspace."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spark_lsp.repo.project import Project

_SUFFIXES: Final = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mts", ".cts", ".mjs", ".cjs")
_WRITTEN_AS: Final = {".js": (".ts", ".tsx", ".jsx"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
"""What a file may be that an import names by what it compiles to."""

_CONFIGURATIONS: Final = ("tsconfig.json", "jsconfig.json", "tsconfig.base.json")


def find(project: Project, importer: str, module: str) -> tuple[str, ...]:
    """The file of a module; the importer itself for a module without a name."""
    if not module:
        return (importer,)
    if module.startswith("."):
        return _file(project, posixpath.join(posixpath.dirname(importer), module))
    if module.startswith("/"):
        return _file(project, module[1:])
    for path in _by_configuration(project, importer, module):
        if found := _file(project, path):
            return found
    return _by_package(project, importer, module)


def _file(project: Project, path: str) -> tuple[str, ...]:
    path = posixpath.normpath(path)
    if path.startswith("../"):
        return ()
    return project.first(_candidates("" if path == "." else path))


def _candidates(path: str) -> Iterator[str]:
    if path:
        yield path
        stem, suffix = posixpath.splitext(path)
        for other in _WRITTEN_AS.get(suffix, ()):
            yield f"{stem}{other}"
        for other in _SUFFIXES:
            yield f"{path}{other}"
    for other in _SUFFIXES:
        yield posixpath.join(path, f"index{other}")


def _by_configuration(project: Project, importer: str, module: str) -> Iterator[str]:
    """Where the nearest tsconfig.json that says something about paths would look."""
    folder = posixpath.dirname(importer)
    while True:
        for kind in _CONFIGURATIONS:
            manifest = project.manifests.get(posixpath.join(folder, kind))
            if manifest is None:
                continue
            base = posixpath.join(folder, manifest.base)
            for pattern, targets in manifest.paths:
                before, star, after = pattern.partition("*")
                if star and module.startswith(before) and module.endswith(after):
                    middle = module[len(before) : len(module) - len(after)]
                    yield from (posixpath.join(base, target.replace("*", middle, 1)) for target in targets)
                elif module == pattern:
                    yield from (posixpath.join(base, target) for target in targets)
            if manifest.base:
                yield posixpath.join(base, module)
        if not folder:
            return
        folder = posixpath.dirname(folder)


def _by_package(project: Project, importer: str, module: str) -> tuple[str, ...]:
    """A package of the workspace by its name, or `@/` and `~/` for the sources of the importer's own."""
    parts = module.split("/")
    length = 2 if module.startswith("@") and parts[0] != "@" else 1
    name, inner = "/".join(parts[:length]), "/".join(parts[length:])
    places: list[str] = []
    if name in ("@", "~"):
        own = project.nearest_manifest(importer, ("package.json",))
        folder = own[0] if own else ""
        places = [posixpath.join(folder, "src", inner), posixpath.join(folder, inner)]
    else:
        for folder, manifest in project.manifests_of("package.json"):
            if manifest.name == name:
                if inner:
                    places += [posixpath.join(folder, inner), posixpath.join(folder, "src", inner)]
                else:
                    entry = [posixpath.join(folder, manifest.base)] if manifest.base else []
                    places += [*entry, posixpath.join(folder, "src"), folder, posixpath.join(folder, "lib")]
    return next((found for place in places if (found := _file(project, place))), ())
