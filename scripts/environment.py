"""Makes the virtual environment that the other scripts run in, and brings it up to date; needs only Python and pip.

The environment is `.venv` in the checkout. What is in it is pinned, with hashes, in `requirements/`.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv"
OLDEST_PYTHON = (3, 11)


def prepare(requirements: str) -> Path:
    """The environment's Python, once everything in `requirements/<requirements>.txt` is installed."""
    if sys.version_info < OLDEST_PYTHON:
        stop(f"Python {'.'.join(map(str, OLDEST_PYTHON))} or later is needed; this is {sys.version.split()[0]}.")
    python = FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wanted = ROOT / "requirements" / f"{requirements}.txt"
    stamp = FOLDER / f"{requirements}.stamp"
    current = hashlib.sha256(wanted.read_bytes() + sys.version.encode()).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == current:
        return python
    print(f"Preparing {FOLDER.name} ({requirements}) ...", file=sys.stderr, flush=True)
    try:
        venv.create(FOLDER, with_pip=True, clear=not python.exists())
    except subprocess.CalledProcessError:
        stop("Python's venv module does not work here; on Debian and Ubuntu: apt install python3-venv")
    install: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
        "-r",
        wanted,
    ]
    if subprocess.run(install, check=False).returncode:
        stop("Installing the dependencies failed; see above.")
    site_packages = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    Path(site_packages, "spark_lsp_checkout.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    stamp.write_text(current)
    return python


def run(*command: str | Path, check: bool = True) -> int:
    """Run a command in the checkout; end this script with its status if it fails and `check` is set."""
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    if status and check:
        sys.exit(status)
    return status


def stop(message: str) -> NoReturn:
    sys.exit(f"{Path(sys.argv[0]).name}: {message}")
