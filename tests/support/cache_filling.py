"""How a script fills a place in the cache of the tests: alone, and whole or not at all.

It is made in a folder beside its place, under a lock, and moved there at the end: what is there is whole. What cannot
be made on this machine leaves its reason, for the tests that are skipped because of it.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from platformdirs import user_cache_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

OTHER_CACHE = "SPARK_LSP_TEST_CACHE"
"""Names another folder than `spark-lsp-tests` in the platform's cache folder."""
CANNOT_MAKE = 3
"""The exit status that says that this machine cannot."""
TESTS = Path(__file__).resolve().parents[1]
_WAIT = 3600.0  # seconds for somebody else who makes the same


def cache_folder() -> Path:
    other = os.environ.get(OTHER_CACHE)
    return Path(other).resolve() if other else user_cache_path("spark-lsp-tests", appauthor=False)


class CannotMake(Exception):
    """The message is one sentence: what is missing, and what to do."""


class Place(Protocol):
    """What a script makes, and where it lies."""

    @property
    def name(self) -> str:
        """What is made, as in `get-NAME`."""

    @property
    def folder(self) -> Path:
        """The cache."""

    @property
    def complete(self) -> bool: ...

    @property
    def reason(self) -> Path:
        """The file that says in one sentence why it could not be made."""

    @property
    def made(self) -> Path:
        """What the script prints."""


def fill(place: Place, make: Callable[[Path], None]) -> int:
    """Make what is not there yet, in a folder that `make` is given and that is gone afterwards; the exit status."""
    if not place.complete:
        place.folder.mkdir(parents=True, exist_ok=True)
        if os.name != "nt":
            os.nice(10)
        try:
            with _alone(place):
                if not place.complete:  # somebody else may have been at it
                    _make(place, make)
        except CannotMake as reason:
            place.reason.write_text(str(reason), encoding="utf-8")
            say(place, str(reason))
            return CANNOT_MAKE
    place.reason.unlink(missing_ok=True)
    print(place.made)
    return 0


def run_step(log: Path, *command: str | Path, environment: Mapping[str, str] | None = None) -> tuple[int, bytes]:
    """Run a command, whose output goes to the log; its status and what it said."""
    with log.open("ab") as output:
        output.write(f"$ {' '.join(map(str, command))}\n".encode())
        output.flush()
        begun = output.tell()
        env = {**os.environ, "PYTHONPATH": str(TESTS), **(environment or {})}
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=env, check=False
        )
    with log.open("rb") as output:
        output.seek(begun)
        return done.returncode, output.read()


def log_of(place: Place) -> Path:
    """What the steps said, of the last time that something was made."""
    return place.folder / f"{place.name}.log"


def say(place: Place, text: str) -> None:
    print(f"get-{place.name}: {text}", file=sys.stderr, flush=True)


def _make(place: Place, make: Callable[[Path], None]) -> None:
    unfinished = f"unfinished-{place.name}-"
    for left in place.folder.glob(f"{unfinished}*"):  # by an interrupted run, whose processes may still write there
        shutil.rmtree(left, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=unfinished, dir=place.folder))
    log_of(place).unlink(missing_ok=True)
    try:
        make(work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    """Hold the place's lock: a transaction, since a database file is a lock on every platform and dies with us."""
    lock = sqlite3.connect(place.folder / f"{place.name}.lock.sqlite", timeout=0, isolation_level=None)
    try:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            say(place, "Waiting for somebody else who makes it ...")
            lock.execute(f"PRAGMA busy_timeout = {_WAIT * 1000:.0f}")
            lock.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        lock.close()
