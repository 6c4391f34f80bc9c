"""The ledger's file: an SQLite database of one row a request and one a verdict, that several processes write at once.

The file says that it is ours by its `application_id`, and by its `user_version` how many of `MIGRATIONS` it has seen.
Every function may wait for a disk or for another process: none is for the event loop.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.ledger.rows import (
    REQUEST_COLUMNS,
    VERDICT_COLUMNS,
    request_from,
    request_row,
    verdict_from,
    verdict_row,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from spark_lsp.core.records import RequestRecord, VerdictRecord

LEDGER_FILE: Final = "ledger.sqlite3"
APPLICATION_ID: Final = 0x53_70_6B_4C  # "SpkL"
SECONDS_KEPT: Final = 400 * 86_400
"""Rows that are older than this are removed when the file is opened."""

BUSY_SECONDS: Final = 5.0
"""How long a statement waits for another process."""

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE request (
        id INTEGER PRIMARY KEY,
        started_at REAL NOT NULL,
        task TEXT NOT NULL,
        endpoint TEXT NOT NULL,
        model TEXT NOT NULL,
        wire TEXT NOT NULL,
        outcome TEXT NOT NULL,
        failure TEXT,
        first_token_seconds REAL,
        total_seconds REAL NOT NULL,
        input_tokens INTEGER NOT NULL,
        cached_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL,
        estimated INTEGER NOT NULL,
        usd REAL,
        units REAL,
        unit_name TEXT
    );
    CREATE INDEX request_by_time ON request (started_at, usd);
    CREATE TABLE verdict (
        id INTEGER PRIMARY KEY,
        at REAL NOT NULL,
        task TEXT NOT NULL,
        endpoint TEXT NOT NULL,
        model TEXT NOT NULL,
        verdict TEXT NOT NULL
    );
    CREATE INDEX verdict_by_time ON verdict (at);
    """,
)
"""What makes a file of version n one of version n + 1. Only ever add to them: there are files of every version."""


class BrokenFileError(Exception):
    """The file is damaged, or none of ours. The message says which."""


class NewerFileError(Exception):
    """A later version of spark-lsp has written the file."""


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """Which file it is that a path names; one that takes its place is another."""

    device: int
    number: int


class Database:
    """An open ledger. Belongs to the thread that opened it."""

    def __init__(self, path: Path, connection: sqlite3.Connection, identity: FileIdentity | None) -> None:
        self.path = path
        self._connection = connection
        self.identity = identity

    def is_in_place(self) -> bool:
        """Whether the path still names this file: somebody may have removed it, or moved it aside."""
        return self.identity is not None and identity_of(self.path) == self.identity

    def write(
        self, requests: Sequence[RequestRecord], verdicts: Sequence[VerdictRecord], start: float, end: float
    ) -> float:
        """Add rows, all or none of them, and return what was spent in a span of time by every process, in USD."""
        if not requests and not verdicts:
            return self._spent(start, end)
        with _transaction(self._connection):
            self._connection.executemany(_insert("request", REQUEST_COLUMNS), map(request_row, requests))
            self._connection.executemany(_insert("verdict", VERDICT_COLUMNS), map(verdict_row, verdicts))
            # Inside of the transaction, so that a failure here means that nothing was written.
            return self._spent(start, end)

    def _spent(self, start: float, end: float) -> float:
        query = "SELECT total(usd) FROM request WHERE started_at >= ? AND started_at < ?"
        spent: float = self._connection.execute(query, (start, end)).fetchone()[0]
        return spent

    def remove_before(self, time: float) -> None:
        """Remove what is older."""
        with _transaction(self._connection):
            self._connection.execute("DELETE FROM request WHERE started_at < ?", (time,))
            self._connection.execute("DELETE FROM verdict WHERE at < ?", (time,))

    def requests(self, since: float) -> Iterator[RequestRecord]:
        """The requests that began since a time, oldest first."""
        return map(request_from, self._rows("request", REQUEST_COLUMNS, "started_at", since))

    def verdicts(self, since: float) -> Iterator[VerdictRecord]:
        """The verdicts since a time, oldest first."""
        return map(verdict_from, self._rows("verdict", VERDICT_COLUMNS, "at", since))

    def _rows(self, table: str, columns: Sequence[str], time: str, since: float) -> sqlite3.Cursor:
        query = f"SELECT {', '.join(columns)} FROM {table} WHERE {time} >= ? ORDER BY {time}"  # noqa: S608 (our own names)
        return self._connection.execute(query, (since,))

    def close(self) -> None:
        """Let go of the file."""
        with suppress(sqlite3.Error):
            self._connection.close()


def identity_of(path: Path) -> FileIdentity | None:
    """Which file a path names, if there is one."""
    try:
        found = path.stat()
    except OSError:
        return None
    return FileIdentity(found.st_dev, found.st_ino)


def open_database(path: Path) -> Database:
    """Open a ledger, make it if there is none, and bring it up to date.

    Raises `BrokenFileError`, `NewerFileError`, `OSError` and `sqlite3.Error` (see `is_busy`).
    """
    _create(path)
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        identity = identity_of(path)
        if _version(connection) < len(MIGRATIONS):
            _migrate(connection)
        _check_columns(connection)
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            # Where the file system cannot do it, SQLite stays with what it has, which works too.
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
    except sqlite3.DatabaseError as error:
        connection.close()
        if is_damage(error):
            raise BrokenFileError("is damaged") from None
        if _code(error) == sqlite3.SQLITE_ERROR:  # a statement does not fit the tables
            raise BrokenFileError("has other tables than it should") from None
        raise
    except BaseException:
        connection.close()
        raise
    return Database(path, connection, identity)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file cannot be used any more."""
    return _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another process was in the way, so that the same may succeed with the file that is there later."""
    moved = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_READONLY_DBMOVED
    return moved or _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def move_aside(path: Path, broken: FileIdentity | None) -> Path | None:
    """Rename a file that cannot be used, with what SQLite keeps beside it; return its new path.

    None if another process has done so already, and the path names another file by now. Raises `OSError` and
    `sqlite3.Error`.
    """
    # Of the standard library's locks, SQLite's are the ones that work everywhere and end with their process.
    lock = sqlite3.connect(path.with_name(f"{path.stem}.lock"), timeout=BUSY_SECONDS, isolation_level=None)
    with closing(lock):
        lock.execute("BEGIN EXCLUSIVE")
        if identity_of(path) != broken:
            return None
        number = 1
        while (aside := path.with_name(f"{path.stem}.broken-{number}{path.suffix}")).exists():
            number += 1
        # The log of changes goes first: SQLite would take it for that of the file that comes next.
        for ending in ("-wal", "-shm", ""):
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
        return aside


def _create(path: Path) -> None:
    """Make an empty file that is the user's own; SQLite gives its companions the same mode."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        # Never opened here: on POSIX, closing it again would drop the locks of SQLite in this process.
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise BrokenFileError("is not a file") from None
        if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
            with suppress(OSError):
                path.chmod(0o600)


def _version(connection: sqlite3.Connection) -> int:
    """How many migrations the file has seen."""
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    tables: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application != APPLICATION_ID and (application or version or tables):
        raise BrokenFileError("is another program's")
    if version > len(MIGRATIONS):
        raise NewerFileError
    return version


def _migrate(connection: sqlite3.Connection) -> None:
    with _transaction(connection):
        # Another process may have been first: only now nobody else can be at it.
        for migration in MIGRATIONS[_version(connection) :]:
            for statement in migration.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _check_columns(connection: sqlite3.Connection) -> None:
    for table, columns in (("request", REQUEST_COLUMNS), ("verdict", VERDICT_COLUMNS)):
        with closing(connection.execute("SELECT name FROM pragma_table_info(?)", (table,))) as rows:
            if not set(columns) <= {name for (name,) in rows}:
                raise BrokenFileError("has other tables than it should")


def _insert(table: str, columns: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 (our own names)


def _code(error: sqlite3.Error) -> int:
    """The primary result code; 0 where the error is not SQLite's own."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction for writing: done as a whole, or not at all."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # SQLite rolls some back on its own
            connection.execute("ROLLBACK")
        raise
