"""What became of edits, for the ledger: shown when they are done, judged when nothing can be taken back any more."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from spark_lsp.core.delivery import HunkState
from spark_lsp.core.records import VerdictRecord

if TYPE_CHECKING:
    from spark_lsp.core.records import Task, Verdict
    from spark_lsp.endpoints.request import Endpoint
    from spark_lsp.features.bookkeeping import Bookkeeping
    from spark_lsp.session import ActiveEdit


def follow(book: Bookkeeping, edit: ActiveEdit, task: Task, endpoint: Endpoint) -> None:
    """Write down that an edit is in the text, and what the user makes of it once that is settled."""

    def judge(verdict: Verdict) -> None:
        book.judge(VerdictRecord(time.time(), task, endpoint.name, endpoint.model, verdict))

    judge("shown")
    edit.on_forget = lambda: judge(_verdict(edit))


def _verdict(edit: ActiveEdit) -> Verdict:
    """Whoever goes on without reverting anything has accepted it."""
    states = {hunk.state for hunk in edit.delivery.hunks} - {HunkState.DROPPED}
    if HunkState.REVERTED not in states:
        return "accepted"
    return "rejected" if states == {HunkState.REVERTED} else "partly"
