"""Builds llama-server and its models into the cache; `scripts/get-llama-server` runs it.

Tools come from `requirements/llama-server.txt` into an environment of their own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import time
import venv
from typing import TYPE_CHECKING

from support.cache_filling import TESTS, CannotMake, fill, log_of, run_step, say
from support.llama_cache import CMAKE_OPTIONS, PROGRAM, SHA256, VERSION, llama_cache

if TYPE_CHECKING:
    from pathlib import Path

REQUIREMENTS = TESTS.parent / "requirements" / "llama-server.txt"
_CACHE = llama_cache()


def _make_what_is_missing(work: Path) -> None:
    python = _tools(work / "tools")
    if not _CACHE.server.exists():
        begun = time.monotonic()
        _build_server(python, work)
        (work / "server").rename(_CACHE.server)
        say(_CACHE, f"Built llama-server in {time.monotonic() - begun:.0f} s.")
    if not _CACHE.models.exists():
        models = work / "models"
        models.mkdir()
        _run("The models cannot be made", python, "-m", "support.tiny_models", models)
        models.rename(_CACHE.models)


def _tools(folder: Path) -> Path:
    """The Python of an environment with everything that is needed for the build."""
    say(_CACHE, "Installing what llama-server is built with ...")
    try:
        venv.create(folder, with_pip=True)
    except subprocess.CalledProcessError:
        raise CannotMake("llama-server cannot be built: Python's venv module does not work here.") from None
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = (*_pip(python, "install"), "--only-binary", ":all:", "--require-hashes", "-r", REQUIREMENTS)
    _run("The tools cannot be installed", *install)
    return python


def _build_server(python: Path, work: Path) -> None:
    say(_CACHE, "Downloading the source of llama-server (77 MB) ...")
    wanted = work / "source.txt"
    wanted.write_text(f"llama-cpp-python=={VERSION} --hash=sha256:{SHA256}\n", encoding="utf-8")
    download = (*_pip(python, "download"), "--no-deps", "--no-binary", ":all:", "--no-build-isolation")
    _run("The source cannot be downloaded", *download, "--require-hashes", "-r", wanted, "-d", work)
    with tarfile.open(next(work.glob("llama_cpp_python-*.tar.gz"))) as source:
        source.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.4 and later
        source.extractall(work / "source")
    [llama] = (work / "source").glob("*/vendor/llama.cpp")
    say(_CACHE, "Building llama-server: about ten minutes on two cores ...")
    cmake, build = python.with_name("cmake.exe" if os.name == "nt" else "cmake"), work / "build"
    # Visual Studio's compiler is found by its own generator only.
    ninja = () if os.name == "nt" else ("-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={python.with_name('ninja')}")
    _run("cmake cannot prepare the build", cmake, "-S", llama, "-B", build, *ninja, *CMAKE_OPTIONS)
    jobs = str(os.cpu_count() or 1)
    compile_it = (cmake, "--build", build, "--config", "Release", "--target", "llama-server", "-j", jobs)
    _run("The compiler fails", *compile_it)
    program = next(path for path in (build / "bin").rglob(PROGRAM) if path.is_file())
    _run("The built server does not run", program, "--version")
    (work / "server").mkdir()
    shutil.copy2(program, work / "server" / PROGRAM)


def _pip(python: Path, command: str) -> tuple[str | Path, ...]:
    return (python, "-m", "pip", command, "--quiet", "--disable-pip-version-check")


def _run(problem: str, *command: str | Path) -> None:
    """Run one step; a failure tells its reason."""
    status, said = run_step(log_of(_CACHE), *command)
    if not status:
        return
    if b"CMAKE_CXX_COMPILER" in said or b"CMAKE_C_COMPILER" in said:
        raise CannotMake("llama-server cannot be built: there is no C++ compiler (Debian, Ubuntu: apt install g++).")
    problem = f"{problem[0].lower()}{problem[1:]}"
    raise CannotMake(f"llama-server cannot be built: {problem}; {log_of(_CACHE)} tells why.")


if __name__ == "__main__":
    try:
        sys.exit(fill(_CACHE, _make_what_is_missing))
    except KeyboardInterrupt:
        sys.exit(130)
