"""Where the editors for the tests lie that come from Debian's packages. A folder appears whole."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.cache_filling import cache_folder

if TYPE_CHECKING:
    from pathlib import Path

SUITE = "sid"
"""The suite of Debian whose packages are unpacked."""


@dataclass(frozen=True, slots=True)
class EditorCache:
    """The places of one editor in the cache folder. `name` is also the program's."""

    folder: Path
    name: str
    edition: str
    """What is in it: another edition has a folder of its own."""

    @property
    def unpacked(self) -> Path:
        return self.folder / f"{self.name}-{self.edition}-{SUITE}-{platform.machine()}"

    @property
    def made(self) -> Path:
        """The program: a script that starts it with the libraries that came with it."""
        return self.unpacked / self.name

    @property
    def reason(self) -> Path:
        """The file that says in one sentence why it could not be had."""
        return self.folder / f"why-there-is-no-{self.name}.txt"

    @property
    def complete(self) -> bool:
        return os.access(self.made, os.X_OK)


def emacs_cache() -> EditorCache:
    """Emacs, with lsp-mode beside its own eglot."""
    return EditorCache(cache_folder(), "emacs", "30-lsp-mode")


def helix_cache() -> EditorCache:
    return EditorCache(cache_folder(), "helix", "25")
