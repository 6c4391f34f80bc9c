"""Writes down what happened, from any thread and without ever waiting, and knows what today has cost."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

from spark_lsp.core.records import RequestRecord, VerdictRecord
from spark_lsp.ledger.days import local_day
from spark_lsp.ledger.rows import bounded_request, bounded_verdict
from spark_lsp.ledger.spending import Spending

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from spark_lsp.ledger.writer import Writer

SECONDS_BETWEEN_READS: Final = 30.0
"""How old the other windows' spending may be when `Ledger.spent_today` is asked."""

MOST_WAITING: Final = 20_000
"""Records that wait while another process keeps the file locked. Those beyond it are counted and not written."""

_SECONDS_TO_FINISH: Final = 3.0
_SECONDS_BETWEEN_TRIES: Final = 1.0


class Ledger:
    """The ledger of this machine's user, in the file `ledger.sqlite3` of a folder; without a folder, in memory only.

    Several processes may have the same one. One thread does all that could wait; it and the file are there from the
    first record, or the first question, on. Where the file cannot be had, the ledger goes on in memory.
    """

    def __init__(self, folder: Path | None, *, now: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._now = now
        self._changed = threading.Condition()
        # All below is guarded by it.
        self._spending = Spending()
        self._in_memory = folder is None
        self._closing = False
        self._thread: threading.Thread | None = None
        self._waiting: list[RequestRecord | VerdictRecord] = []
        self._read_wanted = False
        self._read_at: float | None = None
        self._at_work = False

    def record(self, request: RequestRecord) -> None:
        """Count a request, and write it down soon."""
        request = bounded_request(request)
        with self._changed:
            self._spending.add(request)
            self._put(request)

    def judge(self, verdict: VerdictRecord) -> None:
        """Write down a verdict soon."""
        verdict = bounded_verdict(verdict)
        with self._changed:
            self._put(verdict)

    def spent_today(self) -> float:
        """USD since local midnight, of every window on this machine.

        Touches no file. The first answer holds only what was recorded here, since reading begins with the question;
        later ones know of other windows what they had spent half a minute ago.
        """
        now = self._now()
        today = local_day(now)
        with self._changed:
            read_at = self._read_at
            if (
                read_at is None or abs(now - read_at) >= SECONDS_BETWEEN_READS or local_day(read_at) != today
            ) and not self._is_over():
                self._read_wanted = True
                self._work_on()
            return self._spending.on(today)

    def flush(self, timeout: float = _SECONDS_TO_FINISH) -> bool:
        """Wait until all is written that was recorded, for so many seconds at most. Whether it is."""
        with self._changed:
            return self._changed.wait_for(self._is_idle, timeout)

    def close(self, timeout: float = _SECONDS_TO_FINISH) -> None:
        """Write what is left, for so many seconds at most, and let go of the file. What comes later is only counted."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(timeout)

    # With the lock held:

    def _put(self, record: RequestRecord | VerdictRecord) -> None:
        if not self._is_over() and len(self._waiting) < MOST_WAITING:
            self._waiting.append(record)
            self._work_on()

    def _work_on(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="spark-lsp ledger", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _is_over(self) -> bool:
        """Whether nothing is written any more."""
        return self._in_memory or self._closing

    def _is_idle(self) -> bool:
        return self._in_memory or not (self._waiting or self._read_wanted or self._at_work)

    # In the thread:

    def _work(self) -> None:
        from spark_lsp.ledger.writer import Writer  # noqa: PLC0415 (SQLite is imported when it is needed)

        assert self._folder is not None
        writer = Writer(self._folder, self._now)
        try:
            while self._work_once(writer):
                pass
        finally:
            writer.close()
            with self._changed:
                self._in_memory = True
                self._waiting.clear()
                self._at_work = self._read_wanted = False
                self._changed.notify_all()

    def _work_once(self, writer: Writer) -> bool:
        """Write what waits, or wait for it. Whether to go on."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._read_wanted or self._closing)
            if self._closing and not self._waiting:
                return False
            batch, self._waiting = self._waiting, []
            self._read_wanted, self._at_work = False, True
        requests = [record for record in batch if isinstance(record, RequestRecord)]
        verdicts = [record for record in batch if isinstance(record, VerdictRecord)]
        written = writer.write(requests, verdicts)
        with self._changed:
            self._at_work = False
            if written is not None:
                self._spending.file(requests, written.day, written.spent)
                self._read_at = written.at
            elif writer.is_busy and not self._closing:
                self._waiting[:0] = batch
                self._read_wanted = True
                self._changed.wait_for(lambda: self._closing, _SECONDS_BETWEEN_TRIES)
            self._changed.notify_all()
            return not writer.has_failed
