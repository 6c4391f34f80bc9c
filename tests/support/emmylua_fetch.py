"""Builds emmylua_check, which checks the types of Lua, into the cache; `scripts/get-emmylua-check` runs it.

It is a crate: that needs cargo, and some minutes the first time.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.cache_filling import CannotMake, cache_folder, fill, log_of, run_step, say

if TYPE_CHECKING:
    from pathlib import Path

VERSION = "0.25.1"


@dataclass(frozen=True, slots=True)
class EmmyluaCache:
    """The places in one cache folder."""

    folder: Path
    name: str = "emmylua-check"

    @property
    def installed(self) -> Path:
        return self.folder / f"emmylua-check-{VERSION}"

    @property
    def made(self) -> Path:
        """The program."""
        return self.installed / "bin" / ("emmylua_check.exe" if os.name == "nt" else "emmylua_check")

    @property
    def reason(self) -> Path:
        """The file that says in one sentence why it could not be had."""
        return self.folder / "why-there-is-no-emmylua-check.txt"

    @property
    def complete(self) -> bool:
        return os.access(self.made, os.X_OK)


_CACHE = EmmyluaCache(cache_folder())


def _build(work: Path) -> None:
    cargo = shutil.which("cargo")
    if cargo is None:
        raise CannotMake("emmylua_check cannot be built: that needs Rust's cargo (https://rustup.rs).")
    say(_CACHE, "Building emmylua_check, which takes some minutes ...")
    root = work / "root"
    options = ("--locked", "--version", VERSION, "--root", root, "--target-dir", work / "target")
    status, _ = run_step(log_of(_CACHE), cargo, "install", *options, "emmylua_check")
    if status:
        raise CannotMake(f"emmylua_check cannot be built: {log_of(_CACHE)} tells why.")
    shutil.rmtree(_CACHE.installed, ignore_errors=True)
    root.rename(_CACHE.installed)
    say(_CACHE, f"Built emmylua_check {VERSION}.")


if __name__ == "__main__":
    try:
        sys.exit(fill(_CACHE, _build))
    except KeyboardInterrupt:
        sys.exit(130)
