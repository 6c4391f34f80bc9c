"""The VS Code extension as the other scripts need it: its packages installed, and packed."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from environment import ROOT

if TYPE_CHECKING:
    from pathlib import Path

VSCODE = ROOT / "editors" / "vscode"
PACKAGE = VSCODE / "spark-lsp.vsix"
OLDEST_NODE = 20


def prepare_extension(folder: Path = VSCODE) -> str | None:
    """Install what a folder's lock file says, unless it is there; npm. None without a Node.js that is new enough."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None or _major_version(node) < OLDEST_NODE:
        return None
    lock = (folder / "package-lock.json").read_bytes()
    current = hashlib.sha256(lock).hexdigest()
    stamp = folder / "node_modules" / ".lock-hash"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != current:
        print(f"Installing the packages of editors/{folder.name} ...", file=sys.stderr, flush=True)
        run_in(folder, npm, "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--silent")
        stamp.write_text(current, encoding="utf-8")
    return npm


def pack_extension(npm: str) -> None:
    """Make the file that VS Code installs, in PACKAGE; it is gone if that fails."""
    PACKAGE.unlink(missing_ok=True)
    run_in(VSCODE, npm, "run", "--silent", "package")


def run_in(folder: Path, *command: str) -> None:
    """Run a command in a folder; end this script with its status if it fails."""
    status = subprocess.run(command, cwd=folder, check=False).returncode
    if status:
        sys.exit(status)


def _major_version(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = answer.removeprefix("v").partition(".")[0]
    return int(major) if major.isdecimal() else 0
