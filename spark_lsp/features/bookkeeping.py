"""The ledger as features see it: kept in a file if the user wants that, and counted in memory if not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.ledger.ledger import Ledger

if TYPE_CHECKING:
    from pathlib import Path

    from spark_lsp.core.records import RequestRecord, VerdictRecord
    from spark_lsp.session import Session


class Bookkeeping:
    """One for the life of a session. Nothing here waits for a file; `close` does, for a moment.

    Cost counts whether or not it is written down, since a limit may hang on it.
    """

    def __init__(self, session: Session, folder: Path | None) -> None:
        self._session = session
        self._kept = Ledger(folder)
        self._counted = Ledger(None)

    def record(self, record: RequestRecord) -> None:
        self._ledger.record(record)

    def judge(self, verdict: VerdictRecord) -> None:
        self._ledger.judge(verdict)

    def spent_today(self) -> float:
        """USD since midnight, as far as is known."""
        if not self._session.settings.ledger.enabled:
            return self._counted.spent_today()
        return self._kept.spent_today() + self._counted.spent_today()

    def close(self) -> None:
        self._kept.close()

    @property
    def _ledger(self) -> Ledger:
        return self._kept if self._session.settings.ledger.enabled else self._counted
