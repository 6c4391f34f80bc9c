"""What was spent on a day: what the ledger's file holds, and what is not in it yet. Pure; amounts are exact."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from spark_lsp.ledger.days import local_day

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from spark_lsp.core.records import RequestRecord

_PARTS: Final = 10**9
"""Amounts are kept in billionths of a dollar, so that what is added can be taken off again without a remainder."""


class Spending:
    """Cost by local day. A request counts for the day on which it began."""

    def __init__(self) -> None:
        self._filed_day: date | None = None
        self._filed = 0
        self._unfiled: defaultdict[date, int] = defaultdict(int)

    def add(self, request: RequestRecord) -> None:
        """Count a request that is not in the file."""
        if request.usd:
            self._unfiled[local_day(request.started_at)] += _parts(request.usd)

    def file(self, requests: Iterable[RequestRecord], day: date, spent: float) -> None:
        """Requests that were added before are now in the file, which says what was spent on a day, in USD."""
        for request in requests:
            if request.usd:
                self._unfiled[local_day(request.started_at)] -= _parts(request.usd)
        self._filed_day, self._filed = day, _parts(spent)
        for past in [past for past in self._unfiled if past < day]:
            del self._unfiled[past]

    def on(self, day: date) -> float:
        """What was spent on a day, in USD, as far as it is known."""
        filed = self._filed if self._filed_day == day else 0
        return (filed + self._unfiled.get(day, 0)) / _PARTS


def _parts(usd: float) -> int:
    return round(usd * _PARTS)
