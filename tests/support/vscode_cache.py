"""Where the VS Code and the Chromium for the tests lie once they are fetched. Each folder appears whole."""

from __future__ import annotations

import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from support.cache_filling import cache_folder

VERSION = "1.139.1"
"""Of VS Code. The npm package code-server counts it as 4.139.1."""
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True, slots=True)
class VsCodeCache:
    """The places in one cache folder."""

    folder: Path
    name: str = "vscode"

    @property
    def unpacked(self) -> Path:
        return self.folder / f"vscode-{VERSION}-{platform.machine()}"

    @property
    def made(self) -> Path:
        """The program: a script that starts VS Code's server, with the Node.js that came with it."""
        return self.unpacked / "code-server"

    @property
    def reason(self) -> Path:
        """The file that says in one sentence why it could not be had."""
        return self.folder / "why-there-is-no-vscode.txt"

    @property
    def complete(self) -> bool:
        return os.access(self.made, os.X_OK)


@dataclass(frozen=True, slots=True)
class ChromiumCache:
    """The places in one cache folder. A browser on the PATH is taken instead."""

    folder: Path
    name: str = "chromium"

    @property
    def unpacked(self) -> Path:
        return self.folder / f"chromium-{platform.machine()}"

    @property
    def fetched(self) -> Path:
        """The program: a script that starts it with the libraries that came with it."""
        return self.unpacked / "chromium"

    @property
    def made(self) -> Path:
        installed = next(filter(None, map(shutil.which, _BROWSERS)), None)
        return Path(installed) if installed else self.fetched

    @property
    def reason(self) -> Path:
        """The file that says in one sentence why it could not be had."""
        return self.folder / "why-there-is-no-chromium.txt"

    @property
    def complete(self) -> bool:
        return os.access(self.made, os.X_OK)


def vscode_cache() -> VsCodeCache:
    return VsCodeCache(cache_folder())


def chromium_cache() -> ChromiumCache:
    return ChromiumCache(cache_folder())
