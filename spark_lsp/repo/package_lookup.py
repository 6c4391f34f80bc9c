"""The manifests above a file, and the modules near it: what a disk is asked to tell an undeclared package.

Meant for a thread: reads folders and small files, at most those of the folders from a file's up to its workspace's.
What manifests say is kept until they change. Text of open documents comes before what is on the disk.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spark_lsp.core.text import Text
from spark_lsp.repo.package_manifests import Declared, Ecosystem, declared_packages, ecosystem_of_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LARGEST_MANIFEST: Final = 1_000_000  # bytes
_MOST_FOLDERS: Final = 40
_MOST_BESIDE: Final = 200  # folders of a workspace that are looked into for packages of its own
_SOURCE_FOLDERS: Final = ("", "src", "lib", "python", "app")
_HOLD_PROJECTS: Final = frozenset({"packages", "libs", "apps", "projects", "services", "crates", "modules", "plugins"})
_NOT_OURS: Final = frozenset({"node_modules", "vendor", "target", "dist", "build", "venv", "env", "site-packages"})
_ALIAS: Final = re.compile(r'"([^"\\\s]+)"\s*:\s*\[')
_ENDINGS: Final = {
    "python": ("", ".py", ".pyi"),
    "rust": ("", ".rs"),
    "node": ("", ".js", ".ts", ".tsx", ".jsx"),
    "go": (),
}
_FIRST: Final = ("pyproject.toml", "setup.cfg", "requirements.txt", "requirements.in")
"""Of several manifests in a folder, in which to add something."""


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """A manifest as it was when it was read."""

    path: str
    text: Text
    declared: Declared | None
    stamp: tuple[int, int] | None
    """What `stamp_of` gave; None for the text of an open document."""


def stamp_of(path: str) -> tuple[int, int] | None:
    """What changes when a file does; None if it is not there."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


class PackageLookup:
    """Reads manifests, and keeps what they say."""

    def __init__(self) -> None:
        self._kept: dict[str, ManifestFile] = {}

    def manifests(
        self, path: str, root: str | None, ecosystem: Ecosystem, opened: Mapping[str, Text]
    ) -> list[ManifestFile]:
        """The manifests that may speak for a file, the nearest first. Paths have forward slashes."""
        found = []
        for folder in folders_above(path, root):
            names = [name for name in _names(folder) if ecosystem_of_manifest(f"{folder}/{name}") == ecosystem]
            if ecosystem == "python" and Path(folder, "requirements").is_dir():
                names += [
                    f"requirements/{name}"
                    for name in _names(f"{folder}/requirements")
                    if name.endswith((".txt", ".in"))
                ]
            for open_path in opened:
                name = posixpath.basename(open_path)
                if (
                    posixpath.dirname(open_path) == folder
                    and ecosystem_of_manifest(open_path) == ecosystem
                    and name not in names
                ):
                    names.append(name)
            names.sort(key=lambda name: (_FIRST.index(name) if name in _FIRST else len(_FIRST), name))
            read = (self._read(f"{folder}/{name}", opened) for name in names)
            found += [manifest for manifest in read if manifest is not None]
        return found

    def _read(self, path: str, opened: Mapping[str, Text]) -> ManifestFile | None:
        kept = self._kept.get(path)
        if (text := opened.get(path)) is not None:
            if kept is None or kept.stamp is not None or kept.text is not text:
                kept = ManifestFile(path, text, declared_packages(path, str(text)), None)
        else:
            stamp = stamp_of(path)
            if stamp is None:
                self._kept.pop(path, None)
                return None
            if kept is None or kept.stamp != stamp:
                text = _text(path) if stamp[1] <= LARGEST_MANIFEST else None
                declared = None if text is None else declared_packages(path, str(text))
                kept = ManifestFile(path, text or Text.of(""), declared, stamp)
        self._kept[path] = kept
        return kept


def folders_above(path: str, root: str | None) -> Iterator[str]:
    """The folder of a file and those above it, up to its workspace's; only its own if it is in none."""
    folder = posixpath.dirname(path)
    for _ in range(_MOST_FOLDERS):
        yield folder
        if root is None or folder == root or posixpath.dirname(folder) == folder:
            return
        folder = posixpath.dirname(folder)


def is_of_workspace(module: str, path: str, root: str | None, ecosystem: Ecosystem) -> bool:
    """Whether a module may be the workspace's own: something near the file, or at its top, goes by the first part."""
    name = re.split(r"[./:]", module, maxsplit=1)[0] if ecosystem != "node" else module.split("/", maxsplit=1)[0]
    folders = [*folders_above(path, root)]
    if ecosystem == "node" and any(_is_alias(module, folder) for folder in folders):
        return True
    if ecosystem == "rust":
        folders.append(posixpath.splitext(path)[0])
    elif ecosystem == "python" and root is not None:
        folders += _projects_in(root)
    return any(
        Path(folder, source, f"{name}{ending}").exists()
        for folder in folders
        for source in _SOURCE_FOLDERS
        for ending in _ENDINGS[ecosystem]
    )


def _is_alias(specifier: str, folder: str) -> bool:
    """Whether a file of paths for TypeScript stands for what an import says; comments in it do no harm."""
    for name in ("tsconfig.json", "jsconfig.json", "tsconfig.base.json"):
        text = _text(f"{folder}/{name}")
        if text is not None:
            patterns = _ALIAS.findall(str(text))
            if any(specifier == key or ("*" in key and specifier.startswith(key.split("*")[0])) for key in patterns):
                return True
    return False


def _projects_in(root: str) -> list[str]:
    """The folders in which a workspace of several projects may keep them."""
    found = [f"{root}/{name}" for name in _names(root) if not name.startswith(".") and name not in _NOT_OURS]
    for holder in _HOLD_PROJECTS:
        found += [f"{root}/{holder}/{name}" for name in _names(f"{root}/{holder}") if not name.startswith(".")]
    return found[:_MOST_BESIDE]


def _names(folder: str) -> list[str]:
    try:
        return sorted(entry.name for entry in Path(folder).iterdir())
    except OSError:
        return []


def _text(path: str) -> Text | None:
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            return Text.of(file.read(LARGEST_MANIFEST + 1))
    except (OSError, ValueError):
        return None
