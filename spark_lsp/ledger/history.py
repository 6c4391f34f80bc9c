"""What the ledger's file holds, for a report."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spark_lsp.ledger.database import BrokenFileError, NewerFileError, is_busy, open_database

if TYPE_CHECKING:
    from pathlib import Path

    from spark_lsp.core.records import RequestRecord, VerdictRecord


class UnreadableLedgerError(Exception):
    """The ledger cannot be read; the message is one sentence that tells what to do."""


@dataclass(frozen=True, slots=True)
class History:
    """What happened in a span of time, oldest first."""

    requests: tuple[RequestRecord, ...] = ()
    verdicts: tuple[VerdictRecord, ...] = ()


def read_history(path: Path, since: float) -> History:
    """What the ledger knows since a time in seconds since the epoch. A file that is not there knows nothing.

    Raises `UnreadableLedgerError`.
    """
    try:
        if not path.exists():
            return History()
        with closing(open_database(path)) as database:
            return History(tuple(database.requests(since)), tuple(database.verdicts(since)))
    except NewerFileError:
        raise UnreadableLedgerError(f"A later version of spark-lsp has written {path}: update this one.") from None
    except BrokenFileError as error:
        what = f"{path} {error}; the server will put it aside and begin a new one when it next writes."
    except sqlite3.Error as error:
        remedy = "try again in a moment" if is_busy(error) else "see to the disk and the file, or remove it"
        what = f"{path} cannot be read ({error}): {remedy}."
    except OSError as error:
        what = f"{path} cannot be read ({error.strerror})."
    raise UnreadableLedgerError(what)
