"""The index's file: an SQLite database of the facts of files by their content, and of which file has which content.

It holds nothing that cannot be made again, so whatever is wrong with it ends in a new one. Several processes may have
it open: each writes whole transactions, and nobody's work depends on what another has written. What is deleted is
overwritten with zeros. It belongs to a worker process: everything here may wait for a disk.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
import time
from contextlib import closing, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from spark_lsp.repo.file_table import is_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from spark_lsp.repo.walk import Found

_T = TypeVar("_T")

APPLICATION_ID: Final = 0x53_70_6B_49  # "SpkI"
SCHEMA: Final = 1
"""The version of the tables. A part of the file's name, so that two versions of spark-lsp never share one."""

BUSY_SECONDS: Final = 5.0
SECONDS_KEPT: Final = 60 * 86_400
"""The file of a workspace that nobody opened for so long is removed."""

_TABLES: Final = (
    "CREATE TABLE about (extractor TEXT NOT NULL, root TEXT NOT NULL)",
    "CREATE TABLE facts (hash TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE file (path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, hash TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX file_by_hash ON file (hash)",
)
_COLUMNS: Final = "SELECT f.path, f.size, f.mtime_ns, f.hash, g.content FROM file f JOIN facts g USING (hash) LIMIT 0"
_DAMAGE: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CANTOPEN)
_AT_ONCE: Final = 200


class Row(NamedTuple):
    """A file as it was when its facts were made."""

    size: int
    mtime_ns: int
    hash: str


class Put(NamedTuple):
    """A file to be written, and its facts; empty where there are none."""

    found: Found
    hash: str
    content: bytes


class _UnusableError(Exception):
    """The file is broken or foreign."""


def store_path(folder: Path, root: Path) -> Path:
    """The file for a workspace, by its root without links."""
    name = hashlib.blake2b(os.fsencode(os.path.normcase(root)), digest_size=16).hexdigest()
    return folder / "index" / f"{name}-{SCHEMA}.sqlite3"


class Store:
    """The file of one workspace. Raises nothing: what it cannot do it does not do, and the index lives without.

    A broken file is replaced once. After that, or where the disk does not let us, `works` is False.
    """

    def __init__(self, path: Path, root: Path, extractor_version: str) -> None:
        self._path = path
        self._about = (extractor_version, str(root))
        self._connection: sqlite3.Connection | None = None
        self._has_begun_anew = False
        self.works = True
        self._do(lambda _: None, None)

    def files(self) -> dict[str, Row]:
        """All files, by their paths."""

        def read(connection: sqlite3.Connection) -> dict[str, Row]:
            rows = connection.execute("SELECT path, size, mtime_ns, hash FROM file")
            return {path: Row(*row) for path, *row in rows if isinstance(path, str) and isinstance(row[2], str)}

        return self._do(read, {})

    def facts(self, hashes: Sequence[str]) -> dict[str, bytes]:
        """The facts that are there, by their hashes. What is harmed counts as not there."""
        found: dict[str, bytes] = {}
        for start in range(0, len(hashes), _AT_ONCE):
            some = hashes[start : start + _AT_ONCE]
            query = f"SELECT hash, content FROM facts WHERE hash IN ({', '.join('?' * len(some))})"  # noqa: S608 (marks)
            rows: list[Any] = self._do(partial(_all, query=query, values=some), [])
            found.update((key, content) for key, content in rows if _is_good(content))
        return found

    def write(self, puts: Iterable[Put], removed: Iterable[str]) -> None:
        """Write some files and remove others, all or nothing."""

        def change(connection: sqlite3.Connection) -> None:
            _begin(connection, self._about)
            facts = {put.hash: put.content for put in puts}
            connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts.items())
            files = [(put.found.path, put.found.size, put.found.mtime_ns, put.hash) for put in puts]
            connection.executemany("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)", files)
            connection.executemany("DELETE FROM file WHERE path = ?", [(path,) for path in removed])
            connection.execute("COMMIT")

        puts = tuple(puts)
        removed = tuple(removed)
        if puts or removed:
            self._do(change, None)

    def sweep(self) -> None:
        """Remove facts that no file has any more, from the file's log of changes too."""

        def change(connection: sqlite3.Connection) -> None:
            _begin(connection, self._about)
            connection.execute("DELETE FROM facts WHERE hash NOT IN (SELECT hash FROM file)")
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

        self._do(change, None)

    def close(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _do(self, work: Callable[[sqlite3.Connection], _T], otherwise: _T) -> _T:
        while self.works:
            try:
                if self._connection is None:
                    self._connection = _open(self._path, self._about)
                return work(self._connection)
            except (sqlite3.Error, _UnusableError, OSError, ValueError) as error:
                self._fail(error)
        return otherwise

    def _fail(self, error: Exception) -> None:
        """Get ready for another try, or give up."""
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.rollback()
        self.close()
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        is_broken = isinstance(error, _UnusableError) or code in _DAMAGE
        if self._has_begun_anew or not is_broken:
            self.works = False
            return
        self._has_begun_anew = True
        try:
            _remove(self._path)
        except (OSError, sqlite3.Error):
            self.works = False


def remove_forgotten(folder: Path) -> None:
    """Remove the files of workspaces that nobody has opened for long."""
    with suppress(OSError):
        for path in (folder / "index").glob("*.sqlite3*"):
            if time.time() - path.stat().st_mtime > SECONDS_KEPT:
                path.unlink()


def _all(connection: sqlite3.Connection, query: str, values: Sequence[str]) -> list[Any]:
    return connection.execute(query, values).fetchall()


def _is_good(content: Any) -> bool:
    # What is no table of a source file is empty, or a manifest's JSON.
    return isinstance(content, bytes) and (content[:1] in (b"", b"{") or is_whole(content))


def _open(path: Path, about: tuple[str, str]) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    if not stat.S_ISREG(path.stat().st_mode):
        raise _UnusableError
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA secure_delete = ON")
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("BEGIN IMMEDIATE")
        _check(connection, about)
        connection.execute("COMMIT")
        os.utime(path)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, about: tuple[str, str]) -> None:
    """Make the tables, if there is nothing at all; empty them, if another extractor has filled them."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if not application and not version and not tables:
        for statement in _TABLES:
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA}")
    elif application != APPLICATION_ID or version != SCHEMA:
        raise _UnusableError
    connection.execute(_COLUMNS)
    if connection.execute("SELECT extractor, root FROM about").fetchall() != [about]:
        for table in ("about", "facts", "file"):
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 (our own names)
        connection.execute("INSERT INTO about VALUES (?, ?)", about)


def _begin(connection: sqlite3.Connection, about: tuple[str, str]) -> None:
    """Begin to write, unless a process with another extractor has taken the file over."""
    connection.execute("BEGIN IMMEDIATE")
    if connection.execute("SELECT extractor, root FROM about").fetchall() != [about]:
        connection.execute("ROLLBACK")
        raise OSError


def _remove(path: Path) -> None:
    """Remove the file with what SQLite keeps beside it, or what else is in its place."""
    # Of the standard library's locks, SQLite's are the ones that work everywhere and end with their process.
    lock = sqlite3.connect(path.with_name("lock"), timeout=BUSY_SECONDS, isolation_level=None)
    with closing(lock):
        lock.execute("BEGIN EXCLUSIVE")
        # The log of changes goes first: SQLite would take it for that of the file that comes next.
        for ending in ("-wal", "-shm", ""):
            beside = path.with_name(path.name + ending)
            if beside.is_dir() and not beside.is_symlink():
                beside.rmdir()
            else:
                beside.unlink(missing_ok=True)
