"""Fetches a Neovim with inline completion into the cache; `scripts/get-neovim` runs it.

It comes as packages from Debian's unstable suite, off the mirror that this machine's apt uses, and is unpacked beside
the system with the libraries that it needs: nothing is installed. Needs apt-get and dpkg-deb, and no root.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from support.cache_filling import CannotMake, fill, log_of, run_step, say
from support.neovim_cache import OLDEST, SUITE, neovim_cache

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_CACHE = neovim_cache()
_STARTER = """#!/bin/sh
here=$(dirname "$(readlink -f "$0")")/root
lib=$here/{libraries}
export VIMRUNTIME="$here/usr/share/nvim/runtime"
export LUA_PATH="$here/usr/share/lua/5.1/?.lua;;" LUA_CPATH="$lib/lua/5.1/?.so;;"
exec "$here/{loader}" --library-path "$lib" "$here/usr/bin/nvim" "$@"
"""


def _fetch(work: Path) -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise CannotMake(f"Neovim {_version()} cannot be fetched: that needs Debian's apt-get and dpkg-deb.")
    if not KEYRING.exists():
        raise CannotMake(
            f"Neovim {_version()} cannot be fetched: there are no keys to check it with"
            " (apt install debian-archive-keyring)."
        )
    mirror = _mirror(work)
    say(_CACHE, "Fetching Neovim and its libraries (23 MB) ...")
    apt = _apt(work, mirror)
    _run("the list of packages cannot be had", *apt, "update")
    install = ("--yes", "--no-install-recommends", "--download-only", "install", "neovim")
    _run("the packages cannot be had", *apt, *install)
    unpacked = work / "unpacked"
    unpacked.mkdir()
    for package in sorted((work / "cache" / "archives").glob("*.deb")):
        _run("a package cannot be unpacked", "dpkg-deb", "--extract", package, unpacked / "root")
    program = _starter(unpacked)
    _, said = run_step(log_of(_CACHE), program, "--version")
    version = said.decode(errors="replace").partition("\n")[0]
    if not version.startswith("NVIM v") or _numbers(version) < OLDEST:
        raise CannotMake(f"Neovim {_version()} cannot be fetched: what came says {version!r} of itself.")
    shutil.rmtree(_CACHE.unpacked, ignore_errors=True)
    unpacked.rename(_CACHE.unpacked)
    say(_CACHE, f"Fetched {version}.")


def _mirror(work: Path) -> str:
    """The address of the mirror of Debian that this machine's apt is set to."""
    lists = work / "system-lists"
    (lists / "partial").mkdir(parents=True)
    own_lists = ("-o", f"Dir::State::Lists={lists}", "-o", "APT::Sandbox::User=")
    # Only what has been updated is told; in a fresh container nothing has.
    for options in ((), own_lists):
        if options:
            run_step(log_of(_CACHE), "apt-get", "--quiet", *options, "update")
        told = subprocess.run(
            ("apt-get", "indextargets", *options, "--format", "$(REPO_URI)", "Created-By: Packages"),
            capture_output=True,
            text=True,
            check=False,
        )
        for address in told.stdout.split():
            if urlsplit(address).path.rstrip("/").endswith("/debian"):
                return address
    raise CannotMake(f"Neovim {_version()} cannot be fetched: this machine's apt knows no mirror of Debian.")


def _apt(work: Path, mirror: str) -> tuple[str | Path, ...]:
    """The command of an apt that knows this one suite, and that believes that nothing at all is installed."""
    for folder in ("lists/partial", "cache/archives/partial"):
        (work / folder).mkdir(parents=True)
    (work / "status").touch()
    sources = work / "suite.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {mirror} {SUITE} main\n", encoding="utf-8")
    options = {
        "Dir::Etc::SourceList": sources,
        "Dir::Etc::SourceParts": "-",
        "Dir::State::Lists": work / "lists",
        "Dir::State::Status": work / "status",
        "Dir::Cache": work / "cache",
        "APT::Sandbox::User": "",  # where root's files cannot be read by others
        "Acquire::Languages": "none",
        "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",  # where icons of programs are wanted
        "Acquire::Retries": 3,
    }
    return ("apt-get", "--quiet", *(part for name, value in options.items() for part in ("-o", f"{name}={value}")))


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


def _run(problem: str, *command: str | Path) -> None:
    status, _ = run_step(log_of(_CACHE), *command)
    if status:
        raise CannotMake(f"Neovim {_version()} cannot be fetched: {problem}; {log_of(_CACHE)} tells why.")


def _version() -> str:
    return ".".join(map(str, OLDEST))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.removeprefix("NVIM v").split(".")[:2]))


if __name__ == "__main__":
    try:
        sys.exit(fill(_CACHE, _fetch))
    except KeyboardInterrupt:
        sys.exit(130)
