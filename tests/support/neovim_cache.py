"""Where the Neovim for the tests of ghost text lies once it is fetched. The folder appears whole."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.cache_filling import cache_folder

if TYPE_CHECKING:
    from pathlib import Path

OLDEST = (0, 12)
"""The first version that has `vim.lsp.inline_completion`."""
SUITE = "sid"
"""The suite of Debian whose packages are unpacked."""


@dataclass(frozen=True, slots=True)
class NeovimCache:
    """The places in one cache folder."""

    folder: Path
    name: str = "neovim"

    @property
    def unpacked(self) -> Path:
        return self.folder / f"neovim-{'.'.join(map(str, OLDEST))}-{SUITE}-{platform.machine()}"

    @property
    def made(self) -> Path:
        """The program: a script that starts it with the libraries that came with it."""
        return self.unpacked / "nvim"

    @property
    def reason(self) -> Path:
        """The file that says in one sentence why it could not be had."""
        return self.folder / "why-there-is-no-neovim.txt"

    @property
    def complete(self) -> bool:
        return os.access(self.made, os.X_OK)


def neovim_cache() -> NeovimCache:
    return NeovimCache(cache_folder())
