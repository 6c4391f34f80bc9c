"""Builds llama-server and its models into the cache; `scripts/get-llama-server` runs it.

Everything is made in one folder, under a lock, and moved to its place at the end: what is there is whole. Tools come
from `requirements/llama-server.txt` into an environment of their own. A build that is impossible here leaves its reason
in the cache, for the tests that are skipped because of it.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
import venv
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from support.llama_cache import CMAKE_OPTIONS, PROGRAM, SHA256, VERSION, LlamaCache, llama_cache

if TYPE_CHECKING:
    from collections.abc import Iterator

CANNOT_BUILD = 3
"""The exit status that says that this machine cannot."""
TESTS = Path(__file__).resolve().parents[1]
REQUIREMENTS = TESTS.parent / "requirements" / "llama-server.txt"
LOG = "build.log"
_WAIT = 3600.0  # seconds for somebody else's build


class CannotBuild(Exception):
    """The message is one sentence: what is missing, and what to do."""


def main() -> int:
    cache = llama_cache()
    if not cache.complete:
        cache.folder.mkdir(parents=True, exist_ok=True)
        if os.name != "nt":
            os.nice(10)
        try:
            with _alone(cache):
                if not cache.complete:  # somebody else may have been at it
                    _make_what_is_missing(cache)
        except CannotBuild as reason:
            cache.reason.write_text(str(reason), encoding="utf-8")
            _say(str(reason))
            return CANNOT_BUILD
    cache.reason.unlink(missing_ok=True)
    print(cache.folder)
    return 0


@contextmanager
def _alone(cache: LlamaCache) -> Iterator[None]:
    """Hold the cache's lock: a transaction, since a database file is a lock on every platform and dies with us."""
    lock = sqlite3.connect(cache.folder / "lock.sqlite", timeout=0, isolation_level=None)
    try:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            _say("Waiting for another build ...")
            lock.execute(f"PRAGMA busy_timeout = {_WAIT * 1000:.0f}")
            lock.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        lock.close()


def _make_what_is_missing(cache: LlamaCache) -> None:
    for left in cache.folder.glob("building-*"):  # by an interrupted build, whose compilers may still write there
        shutil.rmtree(left, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix="building-", dir=cache.folder))
    (cache.folder / LOG).unlink(missing_ok=True)
    try:
        python = _tools(work / "tools")
        if not cache.server.exists():
            begun = time.monotonic()
            _build_server(python, work)
            (work / "server").rename(cache.server)
            _say(f"Built llama-server in {time.monotonic() - begun:.0f} s.")
        if not cache.models.exists():
            models = work / "models"
            models.mkdir()
            _run("The models cannot be made", work, python, "-m", "support.tiny_models", models)
            models.rename(cache.models)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _tools(folder: Path) -> Path:
    """The Python of an environment with everything that is needed for the build."""
    _say("Installing what llama-server is built with ...")
    try:
        venv.create(folder, with_pip=True)
    except subprocess.CalledProcessError:
        raise CannotBuild("llama-server cannot be built: Python's venv module does not work here.") from None
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = (*_pip(python, "install"), "--only-binary", ":all:", "--require-hashes", "-r", REQUIREMENTS)
    _run("The tools cannot be installed", folder.parent, *install)
    return python


def _build_server(python: Path, work: Path) -> None:
    _say("Downloading the source of llama-server (77 MB) ...")
    wanted = work / "source.txt"
    wanted.write_text(f"llama-cpp-python=={VERSION} --hash=sha256:{SHA256}\n", encoding="utf-8")
    download = (*_pip(python, "download"), "--no-deps", "--no-binary", ":all:", "--no-build-isolation")
    _run("The source cannot be downloaded", work, *download, "--require-hashes", "-r", wanted, "-d", work)
    with tarfile.open(next(work.glob("llama_cpp_python-*.tar.gz"))) as source:
        source.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.4 and later
        source.extractall(work / "source")
    [llama] = (work / "source").glob("*/vendor/llama.cpp")
    _say("Building llama-server: about ten minutes on two cores ...")
    cmake, build = python.with_name("cmake.exe" if os.name == "nt" else "cmake"), work / "build"
    # Visual Studio's compiler is found by its own generator only.
    ninja = () if os.name == "nt" else ("-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={python.with_name('ninja')}")
    _run("cmake cannot prepare the build", work, cmake, "-S", llama, "-B", build, *ninja, *CMAKE_OPTIONS)
    jobs = str(os.cpu_count() or 1)
    compile_it = (cmake, "--build", build, "--config", "Release", "--target", "llama-server", "-j", jobs)
    _run("The compiler fails", work, *compile_it)
    program = next(path for path in (build / "bin").rglob(PROGRAM) if path.is_file())
    _run("The built server does not run", work, program, "--version")
    (work / "server").mkdir()
    shutil.copy2(program, work / "server" / PROGRAM)


def _pip(python: Path, command: str) -> tuple[str | Path, ...]:
    return (python, "-m", "pip", command, "--quiet", "--disable-pip-version-check")


def _run(problem: str, work: Path, *command: str | Path) -> None:
    """Run one step; its output goes to the log, beside which a failure leaves its reason."""
    log = work.parent / LOG
    with log.open("ab") as output:
        output.write(f"$ {' '.join(map(str, command))}\n".encode())
        output.flush()
        begun = output.tell()
        environment = {**os.environ, "PYTHONPATH": str(TESTS)}
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment, check=False
        )
    if done.returncode:
        with log.open("rb") as output:
            output.seek(begun)
            said = output.read()
        if b"CMAKE_CXX_COMPILER" in said or b"CMAKE_C_COMPILER" in said:
            raise CannotBuild(
                "llama-server cannot be built: there is no C++ compiler (Debian, Ubuntu: apt install g++)."
            )
        raise CannotBuild(f"llama-server cannot be built: {problem[0].lower()}{problem[1:]}; {log} tells why.")


def _say(text: str) -> None:
    print(f"get-llama-server: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
