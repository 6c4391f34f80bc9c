"""Fetches Emacs or Helix into the cache; `scripts/get-emacs` and `scripts/get-helix` run it.

They come as packages from Debian's unstable suite, with the libraries that they need.
"""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from support.cache_filling import fill, log_of, run_step, say
from support.debian_editors import SUITE, EditorCache, emacs_cache, helix_cache
from support.debian_packages import DebianPackages

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_HERE = """#!/bin/sh
here=$(dirname "$(readlink -f "$0")")/root
"""
_EMACS = """share=$here/{share}
export EMACSLOADPATH="$share/lisp" EMACSDATA="$share/etc" EMACSDOC="$share/etc" EMACSPATH="$here/{programs}"
exec "$here/{loader}" --library-path "$here/{libraries}" "$here/usr/bin/emacs-nox" --dump-file="$here/{dump}" "$@"
"""
_HELIX = """export HELIX_RUNTIME="${{HELIX_RUNTIME:-$here/usr/lib/hx/runtime}}"
exec "$here/{loader}" --library-path "$here/{libraries}" "$here/usr/bin/hx" "$@"
"""
_NOT_NEEDED = ("emacs-el", "binutils", "binutils-common", "binutils-x86-64-linux-gnu", "libc6-dev", "linux-libc-dev")
"""The sources of Emacs, and what its compiler would need: nothing is compiled here."""


def _fetch_emacs(work: Path) -> None:
    cache = emacs_cache()
    root = _unpacked(cache, "Emacs 30", 80, ("emacs-nox", "elpa-lsp-mode"), work)
    dump = next(root.glob("usr/libexec/emacs/*/*/*.pdmp"))
    share = next(path for path in root.glob("usr/share/emacs/*") if (path / "lisp").is_dir())
    places = {"share": share, "dump": dump, "programs": dump.parent}
    _keep(cache, root, _EMACS, "GNU Emacs", **{name: path.relative_to(root) for name, path in places.items()})


def _fetch_helix(work: Path) -> None:
    cache = helix_cache()
    _keep(cache, _unpacked(cache, "Helix", 12, ("hx",), work), _HELIX, "helix")


def _unpacked(cache: EditorCache, what: str, megabytes: int, packages: Collection[str], work: Path) -> Path:
    debian = DebianPackages(cache, what, SUITE)
    debian.check()
    say(cache, f"Fetching {what} and its libraries ({megabytes} MB) ...")
    root = work / "unpacked" / "root"
    debian.unpack(packages, work, root, _NOT_NEEDED)
    return root


def _keep(cache: EditorCache, root: Path, starter: str, says: str, **places: Path) -> None:
    """Write the script that starts it, see that it does, and put it into its place.

    It is started by the loader of its own C library, since the system's may be too old.
    """
    loader = next(path for path in sorted(root.glob("usr/lib/*/ld-linux*.so.*")))
    found = {"loader": loader.relative_to(root), "libraries": loader.parent.relative_to(root), **places}
    program = root.parent / cache.name
    program.write_text(_HERE + starter.format(**found), encoding="utf-8")
    program.chmod(0o755)
    _, said = run_step(log_of(cache), program, "--version")
    version = said.decode(errors="replace").partition("\n")[0]
    if not version.startswith(says):
        raise DebianPackages(cache, cache.name.capitalize(), SUITE).cannot(f"what came says {version!r} of itself.")
    shutil.rmtree(cache.unpacked, ignore_errors=True)
    root.parent.rename(cache.unpacked)
    say(cache, f"Fetched {version}.")


if __name__ == "__main__":
    try:
        if sys.argv[1:] == ["emacs"]:
            sys.exit(fill(emacs_cache(), _fetch_emacs))
        if sys.argv[1:] == ["helix"]:
            sys.exit(fill(helix_cache(), _fetch_helix))
        sys.exit("Say which: emacs or helix.")
    except KeyboardInterrupt:
        sys.exit(130)
