"""The files of a workspace by their names, folders and packages, with its manifests: what modules are found with."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spark_lsp.repo.manifests import Manifest

_EVERYWHERE: Final = frozenset({"__init__.py", "__init__.pyi", "init.lua"})


class Project:
    """Indexed files. `generation` changes whenever a module might be found elsewhere than before."""

    def __init__(self) -> None:
        self.generation = 0
        self.manifests: dict[str, Manifest] = {}
        """By the paths of their files."""
        self._packages_of: dict[str, tuple[str, ...]] = {}
        self._by_name: dict[str, set[str]] = {}
        self._by_folder: dict[str, set[str]] = {}
        self._by_package: dict[str, set[str]] = {}

    def add(self, path: str, packages: Iterable[str]) -> None:
        """A file is there, and says which packages it belongs to."""
        before = self._packages_of.get(path)
        packages = tuple(dict.fromkeys(map(dotted, packages)))
        if before == packages:
            return
        if before is not None:
            self.remove(path)
        self.generation += 1
        self._packages_of[path] = packages
        folder = posixpath.dirname(path)
        self._by_name.setdefault(_key(path), set()).add(path)
        self._by_folder.setdefault(folder, set()).add(path)
        for package in packages:
            self._by_package.setdefault(package, set()).add(path)

    def remove(self, path: str) -> None:
        """A file is gone."""
        packages = self._packages_of.pop(path, None)
        if packages is None:
            return
        self.generation += 1
        folder = posixpath.dirname(path)
        in_packages = ((self._by_package, package) for package in packages)
        for table, key in ((self._by_name, _key(path)), (self._by_folder, folder), *in_packages):
            found = table.get(key)
            if found is not None:
                found.discard(path)
                if not found:
                    del table[key]

    def set_manifest(self, path: str, manifest: Manifest | None) -> None:
        """A manifest is there, or gone."""
        if self.manifests.get(path) == manifest:
            return
        self.generation += 1
        if manifest is None:
            del self.manifests[path]
        else:
            self.manifests[path] = manifest

    def has(self, path: str) -> bool:
        return path in self._packages_of

    def first(self, paths: Iterable[str]) -> tuple[str, ...]:
        """The first of some paths that is there, if one is."""
        return next(((path,) for path in paths if path in self._packages_of), ())

    def in_folder(self, folder: str) -> tuple[str, ...]:
        """The files right in a folder, in the order of their names."""
        return tuple(sorted(self._by_folder.get(folder, ())))

    def in_package(self, package: str) -> tuple[str, ...]:
        """The files that say they belong to a package or a namespace, with dots between its parts."""
        return tuple(sorted(self._by_package.get(package, ())))

    def packages_of(self, path: str) -> tuple[str, ...]:
        return self._packages_of.get(path, ())

    def ending(self, ending: str, near: str) -> list[str]:
        """The files whose paths end with some names, those that are nearest to a file first."""
        found = self._by_name.get(_key(ending), ())
        matching = (path for path in found if path == ending or path.endswith(f"/{ending}"))
        return sorted(matching, key=lambda path: (-_common_folders(path, near), path.count("/"), path))

    def nearest_manifest(self, path: str, kinds: Iterable[str]) -> tuple[str, Manifest] | None:
        """The folder and the content of the manifest that a file belongs to."""
        kinds = tuple(kinds)
        folder = posixpath.dirname(path)
        while True:
            for kind in kinds:
                manifest = self.manifests.get(posixpath.join(folder, kind))
                if manifest is not None:
                    return folder, manifest
            if not folder:
                return None
            folder = posixpath.dirname(folder)

    def manifests_of(self, kind: str) -> list[tuple[str, Manifest]]:
        """All manifests of a kind, with their folders."""
        return [(posixpath.dirname(path), found) for path, found in self.manifests.items() if found.kind == kind]


def dotted(package: str) -> str:
    """A package's name with dots between its parts, however its language writes them."""
    return package.replace("::", ".").replace("\\", ".").strip(".")


def _key(path: str) -> str:
    """What a file is looked up by: its name, with its folder's if so many have that name."""
    folder, name = posixpath.split(path)
    return f"{posixpath.basename(folder)}/{name}" if name in _EVERYWHERE else name


def _common_folders(one: str, other: str) -> int:
    pairs = zip(one.split("/")[:-1], other.split("/")[:-1], strict=False)
    count = 0
    for left, right in pairs:
        if left != right:
            break
        count += 1
    return count
