"""Fetches a Chromium into the cache, where there is none on the PATH; `scripts/get-vscode` runs it.

It comes as packages of the release of Debian that this machine runs, with its libraries and a few fonts.
"""

from __future__ import annotations

import platform
import shutil
import sys
from typing import TYPE_CHECKING

from support.cache_filling import CannotMake, fill, log_of, run_step, say
from support.debian_packages import DebianPackages
from support.vscode_cache import chromium_cache

if TYPE_CHECKING:
    from pathlib import Path

_CACHE = chromium_cache()
_PACKAGES = ("chromium", "fonts-dejavu-core", "fonts-droid-fallback", "fonts-liberation", "fonts-noto-color-emoji")
_SYSTEMS_OWN = ("libc6", "libc-bin")
"""The C library and its loader belong together, and Chromium starts itself anew by the system's loader."""
_UNUSED = ("usr/share/doc", "usr/share/man", "usr/share/icons", "usr/share/perl", "usr/share/locale", "etc", "var")
_STARTER = """#!/bin/sh
here=$(dirname "$(readlink -f "$0")")/root
lib=$here/usr/lib/{libraries}
export LD_LIBRARY_PATH="$lib:$here/lib/{libraries}:$lib/nss:$lib/pulseaudio"
export FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/usr/lib/chromium/chromium" "$@"
"""
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
<dir prefix="relative">usr/share/fonts</dir>
<dir>/usr/share/fonts</dir>
<cachedir prefix="xdg">fontconfig</cachedir>
<alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
"""


def _fetch(work: Path) -> None:
    debian = DebianPackages(_CACHE, "A Chromium (or install one)", _release())
    debian.check()
    say(_CACHE, "Fetching Chromium and its libraries (235 MB) ...")
    unpacked = work / "unpacked"
    root = unpacked / "root"
    debian.unpack(_PACKAGES, work, root, _SYSTEMS_OWN)
    for folder in _UNUSED:
        shutil.rmtree(root / folder, ignore_errors=True)
    (root / "fonts.conf").write_text(_FONTS, encoding="utf-8")
    program = unpacked / "chromium"
    libraries = next(root.glob("usr/lib/*/libnss3.so")).parent.name
    program.write_text(_STARTER.format(libraries=libraries), encoding="utf-8")
    program.chmod(0o755)
    _, said = run_step(log_of(_CACHE), program, "--version")
    version = said.decode(errors="replace").strip()
    if not version.startswith("Chromium "):
        raise debian.cannot(f"what came says {version[:200]!r} of itself.")
    shutil.rmtree(_CACHE.unpacked, ignore_errors=True)
    unpacked.rename(_CACHE.unpacked)
    say(_CACHE, f"Fetched {version}.")


def _release() -> str:
    """The name of the release of Debian that this machine runs."""
    try:
        system = platform.freedesktop_os_release()
    except OSError:
        system = {}
    if system.get("ID") != "debian" or "VERSION_CODENAME" not in system:
        raise CannotMake("The tests in VS Code need a browser: install Chromium or Google Chrome.")
    return system["VERSION_CODENAME"]


if __name__ == "__main__":
    try:
        sys.exit(fill(_CACHE, _fetch))
    except KeyboardInterrupt:
        sys.exit(130)
