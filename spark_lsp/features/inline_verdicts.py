"""What users make of suggestions: noted for the ledger, for later suggestions, and for how often to make any."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.core.next_edit import OFFLINE
from spark_lsp.core.records import VerdictRecord
from spark_lsp.features.speculation import Acceptance

if TYPE_CHECKING:
    from spark_lsp.core.records import Verdict
    from spark_lsp.core.suggestions import Suggestion
    from spark_lsp.core.text import Text
    from spark_lsp.endpoints.request import Endpoint
    from spark_lsp.features.bookkeeping import Bookkeeping
    from spark_lsp.ledger.refusals import Refusals
    from spark_lsp.session import Document

SECONDS_TO_SURVIVE: Final = 30.0
SECONDS_TO_BE_SEEN: Final = 0.3
"""What was on the screen for less was not refused, but overtaken."""
_REFUSED_IN_A_ROW: Final = 8
"""So many make it quiet for a while."""
_QUIET_SECONDS: Final = 30.0
_LONGEST_QUIET: Final = 300.0


@dataclass(slots=True, eq=False)
class Shown:
    """A suggestion that the client was given to show."""

    item_id: str
    suggestion: Suggestion
    document: Document
    path: str
    endpoint: Endpoint | None
    since: float
    """When, on the loop's clock."""
    remainder: str
    """What of it was to be seen last."""
    accepted: int = 0
    """Code points of it that are in the text."""
    typed: int = 0
    """Code points of it that the user has typed."""
    judged: bool = False
    foretold: bool = False
    """No model has said it: it is a next edit that the text tells."""


class Verdicts:
    """One for a session."""

    def __init__(self, book: Bookkeeping, refusals: Refusals) -> None:
        self._book = book
        self._refusals = refusals
        self._refused_in_a_row = 0
        self._quiet_until = 0.0
        self.acceptance = Acceptance()

    def is_tired(self) -> bool:
        """The user has refused so many in a row that it is better to wait a while."""
        return asyncio.get_running_loop().time() < self._quiet_until

    def was_refused(self, path: str, line: str, text: str) -> bool:
        """The same text was refused at the same place before, in this session or an earlier one."""
        return (path, line, text) in self._refusals

    def was_seen(self, shown: Shown) -> bool:
        """It was on the screen long enough to have been read."""
        return asyncio.get_running_loop().time() - shown.since >= SECONDS_TO_BE_SEEN

    def accepted(self, shown: Shown, *, all_of_it: bool) -> None:
        """The user took it over, or a part of it."""
        if shown.judged:
            return
        self._judge(shown, "accepted" if all_of_it else "partly")
        self._refused_in_a_row, self._quiet_until = 0, 0.0
        text = shown.suggestion.text
        taken = text if all_of_it else text[: shown.accepted]
        loop = asyncio.get_running_loop()
        loop.call_later(SECONDS_TO_SURVIVE, self._look_again, shown, taken)

    def passed_over(self, shown: Shown) -> None:
        """Something else is shown, which says nothing against it."""
        if shown.accepted:
            self.accepted(shown, all_of_it=False)
        shown.judged = True

    def refused(self, shown: Shown) -> None:
        """The client says that the user does not want it."""
        shown.typed = 0
        self.overtaken(shown, seen=True)

    def overtaken(self, shown: Shown, *, seen: bool = False) -> None:
        """The user went on with something else."""
        if shown.judged:
            return
        if shown.accepted:
            self.accepted(shown, all_of_it=False)
        elif seen or self.was_seen(shown):
            self._judge(shown, "rejected")
            if not shown.typed:
                self._refusals.add(shown.path, shown.suggestion.place.before, shown.suggestion.text)
            self._refused_in_a_row += 1
            if self._refused_in_a_row >= _REFUSED_IN_A_ROW:
                again = 2 ** (self._refused_in_a_row - _REFUSED_IN_A_ROW)
                quiet = min(_LONGEST_QUIET, _QUIET_SECONDS * again)
                self._quiet_until = asyncio.get_running_loop().time() + quiet
        else:
            shown.judged = True

    def save(self) -> None:
        """Write down what is to be remembered beyond this session."""
        self._refusals.save()

    def _judge(self, shown: Shown, verdict: Verdict) -> None:
        shown.judged = True
        self.acceptance.note(accepted=verdict != "rejected")
        self._write(shown, "shown")
        self._write(shown, verdict)

    def _write(self, shown: Shown, verdict: Verdict) -> None:
        endpoint = shown.endpoint
        if endpoint is not None:
            self._book.judge(VerdictRecord(time.time(), "inline", endpoint.name, endpoint.model, verdict))
        elif shown.foretold:
            self._book.judge(VerdictRecord(time.time(), "inline", OFFLINE, OFFLINE, verdict))

    def _look_again(self, shown: Shown, taken: str) -> None:
        if shown.document.open and _holds(shown.document.text, taken):
            self._write(shown, "survived")


def _holds(text: Text, taken: str) -> bool:
    """Whether lines are still in a text, wherever they are by now."""
    wanted = [line.strip() for line in taken.split("\n") if line.strip()]
    if not wanted:
        return False
    lines = text.lines
    for at, line in enumerate(lines):
        if wanted[0] in line:
            following = [one.strip() for one in lines[at + 1 : at + 2 * len(wanted)] if one.strip()]
            if all(one.startswith(there) for one, there in zip(following, wanted[1:], strict=False)):
                return len(following) >= len(wanted) - 1
    return False
