"""The report: the right figures for the right days, however many rows there are."""

from __future__ import annotations

import math
import random
import time
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.ledger.days import local_day, midnight
from spark_lsp.ledger.figures import SHORTEST_STREAM, Percentiles, percentiles
from spark_lsp.ledger.report import Report, report
from support.ledger_records import NOON, request, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spark_lsp.core.records import RequestRecord, VerdictRecord

TODAY = local_day(NOON)


def reported(*requests: RequestRecord, verdicts: Iterable[VerdictRecord] = (), days: int = 3) -> Report:
    return report(requests, verdicts, TODAY - timedelta(days=days - 1), TODAY)


def percentile(values: list[float], share: float) -> float:
    """By the definition: a point between the two values next to it, in the order of size."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
    return below + (above - below) * (place - math.floor(place))


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=300))
def test_percentiles_are_those_of_the_definition(values: list[float]) -> None:
    found = percentiles(values)
    assert found is not None
    assert found.count == len(values)
    for share, value in ((0.5, found.p50), (0.9, found.p90), (0.99, found.p99)):
        assert value == pytest.approx(percentile(values, share), rel=1e-9, abs=1e-9)


def test_percentiles_that_one_can_see() -> None:
    assert percentiles([]) is None
    assert percentiles([7.0]) == Percentiles(1, 7.0, 7.0, 7.0)
    assert percentiles([float(number) for number in range(101)]) == Percentiles(101, 50.0, 90.0, 99.0)


def test_outcomes_and_failures() -> None:
    total = reported(
        request(),
        request(outcome="cancelled"),
        request(outcome="failed", failure="TooSlow"),
        request(outcome="failed", failure="TooSlow"),
        request(outcome="failed", failure="RateLimited"),
        request(outcome="failed", failure=None),
        request(outcome="cached"),
    ).total
    assert (total.requests, total.ok, total.cancelled, total.failed, total.cached) == (7, 1, 1, 4, 1)
    assert total.failures == {"TooSlow": 2, "RateLimited": 1, "unknown": 1}


def test_times_and_speed() -> None:
    total = reported(
        request(first_token_seconds=0.1, total_seconds=0.6, output_tokens=50),
        request(first_token_seconds=0.2, total_seconds=0.7, output_tokens=150),
        request(first_token_seconds=0.3, total_seconds=0.3 + SHORTEST_STREAM / 2, output_tokens=150),
        request(first_token_seconds=0.4, total_seconds=0.9, output_tokens=0),
        request(first_token_seconds=None, total_seconds=1.0),
        request(outcome="cancelled", first_token_seconds=0.5, total_seconds=9.0),
        request(outcome="failed", first_token_seconds=None, total_seconds=9.0),
        request(outcome="cached", first_token_seconds=0.0, total_seconds=0.0),
    ).total
    assert total.first_token_ms is not None
    assert total.first_token_ms.count == 5
    assert total.first_token_ms.p50 == pytest.approx(300)
    assert total.total_ms is not None
    assert total.total_ms.count == 5
    assert total.total_ms.p50 == pytest.approx(700)
    assert total.tokens_per_second == pytest.approx(200)


def test_tokens_and_cost() -> None:
    total = reported(
        request(input_tokens=1000, cached_tokens=500, output_tokens=10, usd=0.5),
        request(input_tokens=3000, cached_tokens=500, output_tokens=20, usd=0.25, estimated=True),
        request(input_tokens=0, cached_tokens=0, output_tokens=0, usd=None, outcome="failed"),
        request(input_tokens=0, cached_tokens=0, output_tokens=5, usd=None, units=1.5, unit_name="edits"),
        request(input_tokens=0, cached_tokens=0, output_tokens=0, usd=0.0, units=2.0, unit_name="edits"),
        request(input_tokens=0, cached_tokens=0, output_tokens=0, usd=0.0, units=0.5, unit_name=None),
        request(outcome="cached", usd=77.0),
    ).total
    assert (total.input_tokens, total.cached_tokens, total.output_tokens) == (4000, 1000, 35)
    assert total.cached_share == 0.25
    assert (total.usd, total.estimated_usd) == (0.75, 0.25)
    assert (total.priced_requests, total.unpriced_requests, total.estimated_requests) == (4, 1, 1)
    assert total.units == {"edits": 3.5, "units": 0.5}


def test_acceptance_by_task() -> None:
    said = [verdict("shown")] * 8 + [verdict("accepted")] * 3 + [verdict("partly"), verdict("rejected")]
    said += [verdict("survived")] * 2
    found = reported(request(), verdicts=[*said, verdict("accepted", "inline"), verdict("shown", "nextEdit")])
    edit, inline, next_edit = found.tasks
    assert (edit.task, edit.figures.acceptance, edit.figures.survival) == ("edit", 0.5, 0.5)
    # It was shown before midnight.
    assert (inline.task, inline.figures.acceptance, inline.figures.survival) == ("inline", None, 0.0)
    assert (next_edit.task, next_edit.figures.acceptance, next_edit.figures.survival) == ("nextEdit", 0.0, None)
    assert found.total.acceptance == pytest.approx(5 / 9)


def test_what_is_not_known_is_none() -> None:
    total = reported().total
    assert (total.requests, total.usd, total.units, total.failures) == (0, 0.0, {}, {})
    unknown: tuple[object, ...] = (total.first_token_ms, total.total_ms, total.tokens_per_second)
    unknown += (total.cached_share, total.acceptance, total.survival)
    assert set(unknown) == {None}
    assert (reported().days, reported().models, reported().tasks) == ((), (), ())


def test_groups() -> None:
    day = 86_400.0
    found = reported(
        request(NOON - day, model="b", usd=1.0),
        request(NOON - day, model="a", usd=2.0, task="doctor"),
        request(NOON, model="b", usd=4.0, task="deep"),
        request(NOON, model="b", endpoint="there", usd=8.0),
        request(midnight(TODAY - timedelta(days=2)), usd=16.0),
        request(midnight(TODAY - timedelta(days=2)) - 1, usd=1000.0),
        request(midnight(TODAY + timedelta(days=1)), usd=1000.0),
        verdicts=[verdict("shown", at=NOON + 2 * day), verdict("shown", at=NOON - 9 * day)],
    )
    assert (found.total.requests, found.total.usd, found.total.shown) == (5, 31.0, 0)
    assert [(one.day, one.figures.usd) for one in found.days] == [
        (TODAY - timedelta(days=2), 16.0),
        (TODAY - timedelta(days=1), 3.0),
        (TODAY, 12.0),
    ]
    assert [(one.task, one.figures.usd) for one in found.tasks] == [("edit", 25.0), ("deep", 4.0), ("doctor", 2.0)]
    models = [(one.endpoint, one.model, one.figures.usd) for one in found.models]
    first, *others = models
    assert first == ("here", "b", 5.0)
    assert others == [("here", "a", 2.0), ("here", "scripted", 16.0), ("there", "b", 8.0)]
    yesterday = [(one.endpoint, one.model, one.figures.usd) for one in found.days[1].models]
    assert yesterday == [("here", "b", 1.0), ("here", "a", 2.0)]


@given(st.dates(date(1990, 1, 1), date(2037, 12, 31)))
def test_a_day_begins_at_its_midnight(day: date) -> None:
    begins = midnight(day)
    assert local_day(begins) == day
    assert local_day(begins - 1) == day - timedelta(days=1)
    assert midnight(day + timedelta(days=1)) - begins in (23 * 3600, 24 * 3600, 25 * 3600)


@pytest.mark.parametrize(("seconds", "day"), [(1e18, date.max), (-1e18, date.min)])
def test_a_time_that_no_calendar_holds(seconds: float, day: date) -> None:
    assert local_day(seconds) == day


def test_many_rows_stay_quick() -> None:
    chance = random.Random(7)
    values: list[dict[str, Any]] = [
        {
            "at": NOON - chance.random() * 29 * 86_400,
            "task": chance.choice(("edit", "inline", "nextEdit")),
            "model": f"model {number % 5}",
            "first_token_seconds": chance.random(),
            "total_seconds": 1 + chance.random(),
        }
        for number in range(1000)
    ]
    records = [request(**one) for one in values] * 100
    before = time.process_time()
    found = reported(*records, days=31)
    took = time.process_time() - before
    assert found.total.requests == 100_000
    assert took < 5  # 0.5 s, on a machine that does other things as well
