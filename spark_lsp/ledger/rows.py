"""Records as rows of the ledger's tables: each field is a column of the same name.

Names and counts come from endpoints, so they are brought into bounds first: what SQLite cannot hold, or what no honest
endpoint says, must not cost the rows around it.
"""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final

from spark_lsp.core.records import RequestRecord, VerdictRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

REQUEST_COLUMNS: Final = tuple(field.name for field in fields(RequestRecord))
VERDICT_COLUMNS: Final = tuple(field.name for field in fields(VerdictRecord))

_ESTIMATED: Final = REQUEST_COLUMNS.index("estimated")
_LONGEST_NAME: Final = 200
_MOST_TOKENS: Final = 10**12
_MOST: Final = 1e12


def bounded_request(record: RequestRecord) -> RequestRecord:
    """The record with every value in bounds; one that is out of them is cut, or unknown."""
    return replace(
        record,
        started_at=_amount(record.started_at) or 0.0,
        endpoint=_name(record.endpoint),
        model=_name(record.model),
        wire=_name(record.wire),
        failure=None if record.failure is None else _name(record.failure),
        first_token_seconds=_amount(record.first_token_seconds),
        total_seconds=_amount(record.total_seconds) or 0.0,
        input_tokens=_count(record.input_tokens),
        cached_tokens=_count(record.cached_tokens),
        output_tokens=_count(record.output_tokens),
        usd=_amount(record.usd),
        units=_amount(record.units),
        unit_name=None if record.unit_name is None else _name(record.unit_name),
    )


def bounded_verdict(record: VerdictRecord) -> VerdictRecord:
    """The same for a verdict."""
    return replace(record, at=_amount(record.at) or 0.0, endpoint=_name(record.endpoint), model=_name(record.model))


def request_row(record: RequestRecord) -> tuple[Any, ...]:
    """The values of `REQUEST_COLUMNS`."""
    return tuple(getattr(record, column) for column in REQUEST_COLUMNS)


def verdict_row(record: VerdictRecord) -> tuple[Any, ...]:
    """The values of `VERDICT_COLUMNS`."""
    return tuple(getattr(record, column) for column in VERDICT_COLUMNS)


def request_from(row: Sequence[Any]) -> RequestRecord:
    """The record of a row of `REQUEST_COLUMNS`."""
    values = list(row)
    values[_ESTIMATED] = bool(values[_ESTIMATED])
    return RequestRecord(*values)


def verdict_from(row: Sequence[Any]) -> VerdictRecord:
    """The record of a row of `VERDICT_COLUMNS`."""
    return VerdictRecord(*row)


def _name(text: str) -> str:
    # A lone surrogate is no UTF-8, and SQLite stores nothing else.
    return text[:_LONGEST_NAME].encode("utf-8", "replace").decode("utf-8")


def _amount(number: float | None) -> float | None:
    if number is None or not math.isfinite(number) or not 0 <= number <= _MOST:
        return None
    return float(number)


def _count(number: int) -> int:
    return min(max(0, int(number)), _MOST_TOKENS)
