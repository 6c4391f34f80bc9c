"""Files that cannot be used: they are kept, a new one is begun, and work goes on."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from spark_lsp.ledger import database, writer
from spark_lsp.ledger.database import APPLICATION_ID, LEDGER_FILE, MIGRATIONS, identity_of, move_aside, open_database
from spark_lsp.ledger.history import UnreadableLedgerError, read_history
from spark_lsp.ledger.ledger import Ledger
from support.ledger_records import NOON, request

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / LEDGER_FILE


def execute(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)


def record_one(file: Path) -> float:
    """Record a request in a ledger of its own; return what it says was spent."""
    ledger = Ledger(file.parent, now=lambda: NOON)
    ledger.record(request())
    assert ledger.flush()
    spent = ledger.spent_today()
    ledger.close()
    return spent


def write_text(file: Path) -> None:
    file.write_bytes(b"This is no database, and longer than its header would be.\n" * 100)


def write_another_programs(file: Path) -> None:
    execute(file, "CREATE TABLE bookmarks (url TEXT)")


def write_one_with_another_id(file: Path) -> None:
    execute(file, "PRAGMA application_id = 77")


def write_one_that_lacks_columns(file: Path) -> None:
    execute(
        file,
        f"CREATE TABLE request (started_at REAL, usd REAL); CREATE TABLE verdict (at REAL); "
        f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {len(MIGRATIONS)}",
    )


def write_one_that_was_cut(file: Path) -> None:
    with closing(open_database(file)) as opened:
        opened.write([request() for _ in range(500)], [], 0, 0)
    content = file.read_bytes()
    file.write_bytes(content[:4096] + bytes(range(256)) * ((len(content) - 4096) // 256))


def make_a_folder(file: Path) -> None:
    file.mkdir()
    (file / "kept.txt").write_text("kept", encoding="utf-8")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (write_text, "is damaged"),
        (write_another_programs, "is another program's"),
        (write_one_with_another_id, "is another program's"),
        (write_one_that_lacks_columns, "has other tables than it should"),
        (write_one_that_was_cut, "is damaged"),
        (make_a_folder, "is not a file"),
    ],
)
def test_a_broken_file_is_put_aside(
    file: Path, caplog: pytest.LogCaptureFixture, make: Callable[[Path], None], reason: str
) -> None:
    make(file)
    before = file.read_bytes() if file.is_file() else b""
    with pytest.raises(UnreadableLedgerError, match=r"^[^\n]+\.$") as caught:
        read_history(file, 0)
    assert reason in str(caught.value) or "malformed" in str(caught.value)
    assert record_one(file) == 0.25
    assert len(read_history(file, 0).requests) == 1
    (aside,) = file.parent.glob("ledger.broken-1.sqlite3")
    if aside.is_file():
        assert aside.read_bytes() == before
    else:
        assert (aside / "kept.txt").exists()
    (logged,) = caplog.records
    message = f"The ledger {file} {reason}: it is now ledger.broken-1.sqlite3, and a new one is begun."
    assert logged.getMessage() == message


def test_every_broken_file_is_kept(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    for content in (b"1" * 1000, b"2" * 1000):
        file.write_bytes(content)
        record_one(file)
    kept = [file.with_name(f"ledger.broken-{number}.sqlite3").read_bytes() for number in (1, 2)]
    assert kept == [b"1" * 1000, b"2" * 1000]
    assert len(caplog.records) == 2


def test_a_file_that_has_been_replaced_stays(file: Path) -> None:
    write_text(file)
    broken = identity_of(file)
    assert move_aside(file, broken) == file.with_name("ledger.broken-1.sqlite3")
    assert move_aside(file, broken) is None
    record_one(file)
    assert move_aside(file, broken) is None
    assert len(read_history(file, 0).requests) == 1


def test_an_empty_file_becomes_a_ledger(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    file.touch()
    assert record_one(file) == 0.25
    assert not caplog.records
    assert len(read_history(file, 0).requests) == 1


def test_an_older_file_is_brought_up_to_date(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    record_one(file)
    more = "ALTER TABLE verdict ADD COLUMN colour TEXT; CREATE TABLE more (id INTEGER PRIMARY KEY)"
    monkeypatch.setattr(database, "MIGRATIONS", (*MIGRATIONS, more))
    assert record_one(file) == 0.5
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS) + 1,)
        assert connection.execute("SELECT count(*) FROM more").fetchone() == (0,)
    assert len(read_history(file, 0).requests) == 2
    assert not caplog.records


def test_a_migration_that_fails_changes_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record_one(file)
    before = file.read_bytes()
    more = "ALTER TABLE verdict ADD COLUMN colour TEXT; CREATE TABLE request (id INTEGER)"
    monkeypatch.setattr(database, "MIGRATIONS", (*MIGRATIONS, more))
    with pytest.raises(database.BrokenFileError):
        open_database(file)
    assert file.read_bytes() == before


def test_a_newer_file_is_left_alone(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    record_one(file)
    execute(file, f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = file.read_bytes()
    assert record_one(file) == 0.25  # it counts what it knows
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [LEDGER_FILE]
    (logged,) = caplog.records
    assert "a later version of spark-lsp has written it: update this one" in logged.getMessage()
    with pytest.raises(UnreadableLedgerError, match="A later version of spark-lsp"):
        read_history(file, 0)


def test_damage_that_shows_later(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    ledger = Ledger(file.parent, now=lambda: NOON)
    ledger.record(request())
    assert ledger.flush()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with file.open("r+b") as opened:
        opened.seek(100)
        opened.write(b"\xff" * (file.stat().st_size - 100))
    execute_elsewhere = Ledger(file.parent, now=lambda: NOON)
    execute_elsewhere.record(request())
    assert execute_elsewhere.flush()
    ledger.record(request())
    assert ledger.flush()
    assert ledger.spent_today() >= 0.5
    ledger.close()
    execute_elsewhere.close()
    assert len(read_history(file, 0).requests) == 2
    assert len(caplog.records) == 1
    assert sorted(path.name for path in file.parent.glob("*.sqlite3")) == ["ledger.broken-1.sqlite3", LEDGER_FILE]


@pytest.mark.skipif(os.name != "posix", reason="an open file cannot be removed on Windows")
def test_a_file_that_was_removed_is_made_again(file: Path) -> None:
    ledger = Ledger(file.parent, now=lambda: NOON)
    ledger.record(request())
    assert ledger.flush()
    for path in file.parent.iterdir():
        path.unlink()
    ledger.record(request(usd=1.0))
    assert ledger.flush()
    ledger.close()
    assert [record.usd for record in read_history(file, 0).requests] == [1.0]


def check_memory_only(folder: Path, caplog: pytest.LogCaptureFixture, reason: str) -> None:
    ledger = Ledger(folder, now=lambda: NOON)
    for _ in range(3):
        ledger.record(request())
        assert ledger.flush()
    assert ledger.spent_today() == 0.75
    ledger.close()
    (logged,) = caplog.records
    assert logged.levelname == "WARNING"
    assert logged.getMessage() == (
        f"The ledger {folder / LEDGER_FILE} cannot be written ({reason}). "
        "Until the next start, cost is counted in memory only."
    )


def test_a_folder_that_cannot_be(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    check_memory_only(tmp_path / "file" / "state", caplog, os.strerror(errno.ENOTDIR))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a user who may not write everywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o500)
    check_memory_only(folder, caplog, os.strerror(errno.EACCES))


def test_a_full_disk(tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    def open_small(path: Path) -> Any:
        opened = open_database(path)
        opened._connection.execute("PRAGMA max_page_count = 1")
        opened._connection.execute(
            "CREATE TEMP TRIGGER fill AFTER INSERT ON request "
            "BEGIN INSERT INTO verdict VALUES (NULL, 0, hex(zeroblob(99999)), '', '', ''); END"
        )
        return opened

    monkeypatch.setattr(writer, "open_database", open_small)
    check_memory_only(tmp_path, caplog, "database or disk is full")


def test_nothing_there_is_an_empty_history(file: Path) -> None:
    assert read_history(file, 0).requests == ()
    assert not file.exists()
