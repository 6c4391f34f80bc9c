"""The ledger: what is put in is in the file, counted at once, and never in the way."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest

from spark_lsp.core.records import RequestRecord, VerdictRecord
from spark_lsp.ledger import database
from spark_lsp.ledger import ledger as ledger_module
from spark_lsp.ledger.database import LEDGER_FILE, SECONDS_KEPT, open_database
from spark_lsp.ledger.history import read_history
from spark_lsp.ledger.ledger import Ledger
from support.ledger_records import NOON, request, verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    OpenLedger = Callable[..., Ledger]


class Clock:
    """The wall clock, standing still until it is set."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def open_ledger(folder: Path) -> Iterator[OpenLedger]:
    """Ledgers in the folder, closed at the end of the test."""
    ledgers = []

    def ledger(place: Path | None = folder, now: Callable[[], float] | None = None) -> Ledger:
        ledgers.append(Ledger(place, now=now or Clock()))
        return ledgers[-1]

    yield ledger
    for one in ledgers:
        one.close()


def settled(ledger: Ledger) -> float:
    """What was spent today once the file has been read."""
    ledger.spent_today()
    assert ledger.flush()
    return ledger.spent_today()


def test_what_is_recorded_is_in_the_file(folder: Path, open_ledger: OpenLedger) -> None:
    requests = (
        request(),
        request(NOON + 1, outcome="failed", failure="RateLimited", first_token_seconds=None, usd=None),
        request(NOON + 2, estimated=True, units=1.5, unit_name="edits", model="naïve/模型"),
    )
    verdicts = (verdict("shown"), verdict("partly", "nextEdit"))
    ledger = open_ledger()
    for record in requests:
        ledger.record(record)
    for judgement in verdicts:
        ledger.judge(judgement)
    assert ledger.flush()
    history = read_history(folder / LEDGER_FILE, NOON)
    assert history.requests == requests
    assert history.verdicts == verdicts
    assert read_history(folder / LEDGER_FILE, NOON + 2).requests == requests[2:]


def test_every_field_has_a_column_and_no_column_is_for_code(folder: Path) -> None:
    with closing(open_database(folder / LEDGER_FILE)) as file:
        tables = {
            table: [name for (name,) in file._connection.execute("SELECT name FROM pragma_table_info(?)", (table,))]
            for (table,) in file._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
    assert tables == {
        "request": ["id", *(field.name for field in fields(RequestRecord))],
        "verdict": ["id", *(field.name for field in fields(VerdictRecord))],
    }
    texts = {"task", "endpoint", "model", "wire", "outcome", "failure", "unit_name", "verdict"}
    numbers = {"started_at", "at", "first_token_seconds", "total_seconds", "input_tokens", "cached_tokens"}
    numbers |= {"output_tokens", "estimated", "usd", "units", "id"}
    assert {name for names in tables.values() for name in names} == texts | numbers


def test_nothing_is_touched_before_it_is_used(folder: Path, open_ledger: OpenLedger) -> None:
    threads = threading.active_count()
    ledger = open_ledger()
    assert ledger.flush()
    assert threading.active_count() == threads
    assert not folder.exists()


@pytest.mark.parametrize("place", ["file", "memory"])
def test_spending_is_counted_at_once(folder: Path, open_ledger: OpenLedger, place: str) -> None:
    clock = Clock()
    ledger = open_ledger(folder if place == "file" else None, clock)
    assert ledger.spent_today() == 0
    ledger.record(request())
    ledger.record(request(usd=None))
    ledger.record(request(usd=0.1))
    assert ledger.spent_today() == 0.35
    assert settled(ledger) == 0.35
    clock.now += 86_400
    assert ledger.spent_today() == 0
    assert settled(ledger) == 0
    ledger.record(request(clock.now, usd=2.0))
    assert ledger.spent_today() == 2.0
    assert settled(ledger) == 2.0
    assert folder.exists() == (place == "file")


def test_a_thousand_small_amounts_add_up(open_ledger: OpenLedger) -> None:
    ledger = open_ledger()
    for _ in range(1000):
        ledger.record(request(usd=0.001))
    assert ledger.spent_today() == 1.0
    assert settled(ledger) == 1.0


def test_every_window_knows_what_the_others_spent(open_ledger: OpenLedger) -> None:
    clock = Clock()
    here, there = open_ledger(now=clock), open_ledger(now=clock)
    assert settled(here) == 0
    there.record(request())
    assert there.flush()
    clock.now += 29
    assert settled(here) == 0  # too soon to look again
    clock.now += 1
    assert settled(here) == 0.25
    here.record(request(usd=1.0))
    assert here.spent_today() == 1.25
    assert settled(here) == 1.25
    assert settled(open_ledger(now=clock)) == 1.25


def test_a_batch_looks_at_what_the_others_spent(open_ledger: OpenLedger) -> None:
    here, there = open_ledger(), open_ledger()
    assert settled(here) == 0
    there.record(request())
    assert there.flush()
    here.judge(verdict("shown"))
    assert here.flush()
    assert here.spent_today() == 0.25


@pytest.fixture
def time_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets the machine's time zone."""
    time = pytest.importorskip("time")
    if not hasattr(time, "tzset"):
        pytest.skip("the time zone cannot be set here")

    def set_zone(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield set_zone
    monkeypatch.undo()
    time.tzset()


HAVANA_LIKE = "CST5CDT,M3.2.0/0,M11.1.0/1"
"""The clock skips from midnight to one in March, and goes from one back to midnight in November."""

CENTRAL_EUROPE = "CET-1CEST,M3.5.0,M10.5.0/3"


@pytest.mark.parametrize(
    ("zone", "day_begins", "hours"),
    [
        (CENTRAL_EUROPE, 1_743_289_200, 23),  # 2025-03-30
        (CENTRAL_EUROPE, 1_761_429_600, 25),  # 2025-10-26
        (CENTRAL_EUROPE, 1_750_024_800, 24),  # 2025-06-16
        (HAVANA_LIKE, 1_741_496_400, 23),  # 2025-03-09: begins at 01:00
        (HAVANA_LIKE, 1_762_056_000, 25),  # 2025-11-02
        ("XXX12", 1_750_032_000 + 43_200, 24),
    ],
)
def test_a_day_is_as_long_as_the_clock_has_it(
    open_ledger: OpenLedger, time_zone: Callable[[str], None], zone: str, day_begins: int, hours: int
) -> None:
    time_zone(zone)
    day_ends = day_begins + hours * 3600
    clock = Clock(day_begins - 1)
    filed, counted = open_ledger(now=clock), open_ledger(None, clock)
    for at, usd in ((day_begins - 1, 100.0), (day_begins, 1.0), (day_ends - 1, 2.0), (day_ends, 1000.0)):
        filed.record(request(float(at), usd=usd))
        counted.record(request(float(at), usd=usd))
    for now, spent in (
        (day_begins - 1, 100.0),
        (day_begins, 3.0),
        (day_begins + hours * 1800, 3.0),
        (day_ends - 1, 3.0),
        (day_ends, 1000.0),
    ):
        clock.now = float(now)
        assert counted.spent_today() == spent
        assert settled(filed) == spent
        assert settled(open_ledger(now=clock)) == spent


def test_old_rows_go_when_the_file_is_opened(folder: Path, open_ledger: OpenLedger) -> None:
    ledger = open_ledger()
    for age in (SECONDS_KEPT - 10, SECONDS_KEPT, SECONDS_KEPT + 10):
        ledger.record(request(NOON - age))
        ledger.judge(verdict("shown", at=NOON - age))
    ledger.close()
    settled(open_ledger())
    history = read_history(folder / LEDGER_FILE, 0)
    kept = [NOON - SECONDS_KEPT, NOON - SECONDS_KEPT + 10]
    assert [record.started_at for record in history.requests] == kept
    assert [judgement.at for judgement in history.verdicts] == kept


ODD_VALUES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"usd": float("nan")}, {"usd": None}),
    ({"usd": -1.0}, {"usd": None}),
    ({"usd": 1e300}, {"usd": None}),
    ({"total_seconds": float("inf")}, {"total_seconds": 0.0}),
    ({"input_tokens": 10**40, "output_tokens": -3}, {"input_tokens": 10**12, "output_tokens": 0}),
    ({"model": "a\ud800b", "endpoint": "\x00'; DROP TABLE request"}, {"model": "a?b"}),
    ({"model": "x" * 10_000}, {"model": "x" * 200}),
]


@pytest.mark.parametrize(("given", "kept"), ODD_VALUES)
def test_odd_values_cost_no_row(
    folder: Path, open_ledger: OpenLedger, given: dict[str, Any], kept: dict[str, Any]
) -> None:
    ledger = open_ledger()
    ledger.record(request(**given))
    ledger.record(request(NOON + 1))
    assert ledger.flush()
    history = read_history(folder / LEDGER_FILE, 0)
    assert history.requests == (request(**{**given, **kept}), request(NOON + 1))


def test_closing_writes_and_may_come_twice(folder: Path, open_ledger: OpenLedger) -> None:
    ledger = open_ledger()
    ledger.record(request())
    ledger.close()
    ledger.close()
    assert ledger.flush()
    assert len(read_history(folder / LEDGER_FILE, 0).requests) == 1
    ledger.record(request(usd=1.0))
    ledger.judge(verdict("shown"))
    assert ledger.flush()
    assert ledger.spent_today() == 1.25
    assert len(read_history(folder / LEDGER_FILE, 0).requests) == 1
    untouched = open_ledger()
    untouched.close()
    untouched.record(request())
    assert untouched.spent_today() == 0.25


WRITE_MANY = """
import sys
from pathlib import Path
from support.ledger_records import NOON, request, verdict
from spark_lsp.ledger.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]), now=lambda: NOON)
ledger.spent_today()
print("ready", flush=True)
sys.stdin.readline()
for number in range(500):
    ledger.record(request(model=sys.argv[2], output_tokens=number))
    ledger.judge(verdict("shown"))
    if number % 10 == 0:
        ledger.flush(30)
assert ledger.flush(30)
ledger.close()
"""


@pytest.mark.parametrize("found", ["nothing", "a broken file"])
def test_two_processes_write_at_once(folder: Path, open_ledger: OpenLedger, found: str) -> None:
    if found == "a broken file":
        folder.mkdir()
        (folder / LEDGER_FILE).write_bytes(b"broken" * 1000)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE_MANY, str(folder), name],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        for name in ("one", "two")
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    ends = [threading.Thread(target=process.communicate, args=("\n",)) for process in processes]
    for end in ends:
        end.start()
    for end in ends:
        end.join(60)
    assert [process.returncode for process in processes] == [0, 0]
    history = read_history(folder / LEDGER_FILE, 0)
    for name in ("one", "two"):
        tokens = [record.output_tokens for record in history.requests if record.model == name]
        assert tokens == list(range(500))
    assert len(history.verdicts) == 1000
    assert settled(open_ledger()) == 250.0
    kept = [path.read_bytes() for path in folder.glob("*broken*")]
    assert kept == ([b"broken" * 1000] if found == "a broken file" else [])


def test_a_locked_file_is_written_when_it_is_free(
    folder: Path, open_ledger: OpenLedger, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.01)
    monkeypatch.setattr(ledger_module, "_SECONDS_BETWEEN_TRIES", 0.01)
    monkeypatch.setattr(ledger_module, "MOST_WAITING", 3)
    with closing(open_database(folder / LEDGER_FILE)) as other:
        other._connection.execute("BEGIN IMMEDIATE")
        ledger = open_ledger()
        ledger.record(request())
        assert not ledger.flush(0.2)
        for _ in range(4):
            ledger.record(request())
        assert ledger.spent_today() == 1.25
        other._connection.execute("ROLLBACK")
    assert ledger.flush()
    assert len(caplog.records) == 1
    assert "is locked by another process" in caplog.text
    # What there was no room for is counted here, and not written.
    assert len(read_history(folder / LEDGER_FILE, 0).requests) in (3, 4)
    assert ledger.spent_today() == 1.25


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX's")
def test_the_file_is_the_users_own(folder: Path, open_ledger: OpenLedger) -> None:
    ledger = open_ledger()
    ledger.record(request())
    assert ledger.flush()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = sorted(folder.iterdir())
    assert {file.name for file in files} >= {LEDGER_FILE, f"{LEDGER_FILE}-wal"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    ledger.close()
    (folder / LEDGER_FILE).chmod(0o644)
    settled(open_ledger())
    assert stat.S_IMODE((folder / LEDGER_FILE).stat().st_mode) == 0o600
