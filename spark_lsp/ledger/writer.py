"""Writes batches into the ledger's file, and deals with a file that is broken, gone, locked or cannot be written."""

from __future__ import annotations

import logging
import sqlite3
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from spark_lsp.ledger.database import (
    LEDGER_FILE,
    SECONDS_KEPT,
    BrokenFileError,
    Database,
    FileIdentity,
    NewerFileError,
    identity_of,
    is_busy,
    is_damage,
    move_aside,
    open_database,
)
from spark_lsp.ledger.days import local_day, midnight

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path

    from spark_lsp.core.records import RequestRecord, VerdictRecord

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Written:
    """After a batch: what the file says was spent on a day, and when it was read."""

    at: float
    day: date
    spent: float
    """USD."""


class Writer:
    """The ledger's file, as its one thread has it. Raises nothing: what goes wrong for good is logged once."""

    def __init__(self, folder: Path, now: Callable[[], float]) -> None:
        self._path = folder / LEDGER_FILE
        self._now = now
        self._database: Database | None = None
        self._identity: FileIdentity | None = None
        self._has_moved_one_aside = False
        self._has_waited = False
        self.has_failed = False
        """The file cannot be used, and will not be tried again."""
        self.is_busy = False
        """Another process kept the file locked at the last try: the same may be tried again."""

    def write(self, requests: Sequence[RequestRecord], verdicts: Sequence[VerdictRecord]) -> Written | None:
        """Write a batch, perhaps an empty one, and read what today has cost. None if that could not be done."""
        self.is_busy = False
        try:
            try:
                return self._write(requests, verdicts)
            except BrokenFileError as error:
                self._begin_anew(error)
                return self._write(requests, verdicts)
        except NewerFileError:
            self._give_up("a later version of spark-lsp has written it: update this one")
        except BrokenFileError as error:
            self._give_up(f"it {error}")
        except sqlite3.Error as error:
            self.is_busy = is_busy(error)
            if self.is_busy:
                self._tell_of_the_wait()
            else:
                self._give_up(str(error))
        except (OSError, ValueError) as error:
            self._give_up(getattr(error, "strerror", None) or type(error).__name__)
        return None

    def close(self) -> None:
        """Let go of the file."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _write(self, requests: Sequence[RequestRecord], verdicts: Sequence[VerdictRecord]) -> Written:
        now = self._now()
        today = local_day(now)
        try:
            database = self._open(now)
            spent = database.write(requests, verdicts, midnight(today), midnight(today + timedelta(days=1)))
        except sqlite3.Error as error:
            if is_damage(error):
                raise BrokenFileError("is damaged") from None
            raise
        return Written(now, today, spent)

    def _open(self, now: float) -> Database:
        if self._database is not None and not self._database.is_in_place():
            self.close()
        if self._database is None:
            self._identity = identity_of(self._path)
            self._database = open_database(self._path)
            self._identity = self._database.identity
            self._database.remove_before(now - SECONDS_KEPT)
        return self._database

    def _begin_anew(self, error: BrokenFileError) -> None:
        """Put the broken file out of the way, unless another process has done so already."""
        if self._has_moved_one_aside:
            raise error
        self._has_moved_one_aside = True
        self.close()
        aside = move_aside(self._path, self._identity)
        if aside is not None:
            _log.warning("The ledger %s %s: it is now %s, and a new one is begun.", self._path, error, aside.name)

    def _tell_of_the_wait(self) -> None:
        if not self._has_waited:
            self._has_waited = True
            _log.warning("The ledger %s is locked by another process: what happens is written later.", self._path)

    def _give_up(self, reason: str) -> None:
        self.close()
        self.has_failed = True
        _log.warning(
            "The ledger %s cannot be written (%s). Until the next start, cost is counted in memory only.",
            self._path,
            reason.rstrip("."),
        )
