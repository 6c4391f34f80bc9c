"""Fetches a Neovim with inline completion into the cache; `scripts/get-neovim` runs it.

It comes as packages from Debian's unstable suite, with the libraries that it needs.
"""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from support.cache_filling import fill, log_of, run_step, say
from support.debian_packages import DebianPackages
from support.neovim_cache import OLDEST, SUITE, neovim_cache

if TYPE_CHECKING:
    from pathlib import Path

_CACHE = neovim_cache()
_STARTER = """#!/bin/sh
here=$(dirname "$(readlink -f "$0")")/root
lib=$here/{libraries}
export VIMRUNTIME="$here/usr/share/nvim/runtime"
export LUA_PATH="$here/usr/share/lua/5.1/?.lua;;" LUA_CPATH="$lib/lua/5.1/?.so;;"
exec "$here/{loader}" --library-path "$lib" "$here/usr/bin/nvim" "$@"
"""


def _fetch(work: Path) -> None:
    debian = DebianPackages(_CACHE, f"Neovim {'.'.join(map(str, OLDEST))}", SUITE)
    debian.check()
    say(_CACHE, "Fetching Neovim and its libraries (23 MB) ...")
    unpacked = work / "unpacked"
    debian.unpack(["neovim"], work, unpacked / "root")
    program = _starter(unpacked)
    _, said = run_step(log_of(_CACHE), program, "--version")
    version = said.decode(errors="replace").partition("\n")[0]
    if not version.startswith("NVIM v") or _numbers(version) < OLDEST:
        raise debian.cannot(f"what came says {version!r} of itself.")
    shutil.rmtree(_CACHE.unpacked, ignore_errors=True)
    unpacked.rename(_CACHE.unpacked)
    say(_CACHE, f"Fetched {version}.")


def _starter(unpacked: Path) -> Path:
    """Write the script that starts it: by the loader of its own C library, since the system's may be too old."""
    root = unpacked / "root"
    loader = next(path for path in sorted(root.glob("usr/lib/*/ld-linux*.so.*")))
    libraries = loader.parent.relative_to(root)
    program = unpacked / "nvim"
    starter = _STARTER.format(libraries=libraries, loader=loader.relative_to(root))
    program.write_text(starter, encoding="utf-8")
    program.chmod(0o755)
    return program


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.removeprefix("NVIM v").split(".")[:2]))


if __name__ == "__main__":
    try:
        sys.exit(fill(_CACHE, _fetch))
    except KeyboardInterrupt:
        sys.exit(130)
