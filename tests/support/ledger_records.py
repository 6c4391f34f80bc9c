"""Records for tests of the ledger."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from spark_lsp.core.records import RequestRecord, Task, Verdict, VerdictRecord

NOON: float = 1_760_000_000.0 - 1_760_000_000.0 % 86_400 + 43_200
"""Noon in UTC of a day in October 2025."""


def request(at: float = NOON, **values: Any) -> RequestRecord:
    """A request that went well, unless the values say otherwise."""
    usual = RequestRecord(
        started_at=at,
        task="edit",
        endpoint="here",
        model="scripted",
        wire="chat",
        outcome="ok",
        first_token_seconds=0.1,
        total_seconds=0.6,
        input_tokens=1000,
        cached_tokens=250,
        output_tokens=50,
        usd=0.25,
    )
    return replace(usual, **values)


def verdict(said: Verdict, task: Task = "edit", at: float = NOON) -> VerdictRecord:
    """A verdict on what `request` brought."""
    return VerdictRecord(at, task, "here", "scripted", said)
