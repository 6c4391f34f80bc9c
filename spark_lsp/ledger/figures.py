"""Figures of a set of requests and verdicts: counts, percentiles, rates, tokens and cost. Pure.

Percentiles interpolate linearly between the two nearest values (type 7 of Hyndman and Fan, "Sample Quantiles in
Statistical Packages", 1996; the default of most software). Times are in milliseconds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from statistics import quantiles
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spark_lsp.core.records import RequestRecord, VerdictRecord

SHORTEST_STREAM: Final = 0.01
"""Seconds from the first token to the end, below which an answer came in one piece and says nothing about speed."""


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Of the values of `count` requests."""

    count: int
    p50: float
    p90: float
    p99: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What a set of requests and verdicts amounts to. What cannot be known is None."""

    requests: int
    """All of them, with those that were answered from here."""
    ok: int
    failed: int
    cancelled: int
    cached: int
    """Answered from here and never sent."""
    failures: Mapping[str, int]
    """How many of each class of error."""
    first_token_ms: Percentiles | None
    """Of the requests that were sent and got one, however they ended."""
    total_ms: Percentiles | None
    """Of those that ended well: the others are cut short."""
    tokens_per_second: float | None
    """Median of output tokens over the time from the first visible token to the end, of those that ended well. It is
    too high for models that think first and count that as output."""
    input_tokens: int
    """With those from the provider's cache."""
    cached_tokens: int
    output_tokens: int
    estimated_requests: int
    """Those whose tokens, and so their cost and speed, are estimated, because the endpoint did not say."""
    cached_share: float | None
    """Of the input tokens, from the provider's cache."""
    usd: float
    """Of those whose price is known."""
    estimated_usd: float
    """The part of it that follows from estimated tokens."""
    priced_requests: int
    unpriced_requests: int
    """Those that took tokens whose price nobody knows."""
    units: Mapping[str, float]
    """What providers charged in units of their own, by the name of the unit."""
    shown: int
    accepted: int
    """As a whole."""
    partly: int
    rejected: int
    survived: int
    acceptance: float | None
    """Accepted and partly accepted, of shown."""
    survival: float | None
    """Still there after a while, of accepted and partly accepted."""


class Tally:
    """Counts requests and verdicts; tallies can be put together before their figures are asked for."""

    def __init__(self) -> None:
        self._outcomes: Counter[str] = Counter()
        self._failures: Counter[str] = Counter()
        self._verdicts: Counter[str] = Counter()
        self._units: defaultdict[str, float] = defaultdict(float)
        self._first_tokens: list[float] = []
        self._totals: list[float] = []
        self._speeds: list[float] = []
        self._input = self._cached = self._output = 0
        self._estimated = self._priced = self._unpriced = 0
        self._usd = 0.0
        self._estimated_usd = 0.0

    def add_request(self, record: RequestRecord) -> None:
        """Count a request."""
        self._outcomes[record.outcome] += 1
        if record.outcome == "cached":
            return
        if record.outcome == "failed":
            self._failures[record.failure or "unknown"] += 1
        first = record.first_token_seconds
        if first is not None:
            self._first_tokens.append(first * 1000)
        if record.outcome == "ok":
            self._totals.append(record.total_seconds * 1000)
            if first is not None and record.total_seconds - first >= SHORTEST_STREAM and record.output_tokens:
                self._speeds.append(record.output_tokens / (record.total_seconds - first))
        self._input += record.input_tokens
        self._cached += record.cached_tokens
        self._output += record.output_tokens
        self._estimated += record.estimated
        if record.usd is not None:
            self._usd += record.usd
            self._estimated_usd += record.usd if record.estimated else 0.0
            self._priced += 1
        elif record.input_tokens or record.output_tokens:
            self._unpriced += 1
        if record.units is not None:
            self._units[record.unit_name or "units"] += record.units

    def add_verdict(self, record: VerdictRecord) -> None:
        """Count a verdict."""
        self._verdicts[record.verdict] += 1

    def add(self, other: Tally) -> None:
        """Count what another tally has counted."""
        self._outcomes.update(other._outcomes)
        self._failures.update(other._failures)
        self._verdicts.update(other._verdicts)
        for name, units in other._units.items():
            self._units[name] += units
        self._first_tokens += other._first_tokens
        self._totals += other._totals
        self._speeds += other._speeds
        self._input += other._input
        self._cached += other._cached
        self._output += other._output
        self._estimated += other._estimated
        self._priced += other._priced
        self._unpriced += other._unpriced
        self._usd += other._usd
        self._estimated_usd += other._estimated_usd

    def figures(self) -> Figures:
        """What it amounts to."""
        accepted = self._verdicts["accepted"] + self._verdicts["partly"]
        speeds = percentiles(self._speeds)
        return Figures(
            requests=self._outcomes.total(),
            ok=self._outcomes["ok"],
            failed=self._outcomes["failed"],
            cancelled=self._outcomes["cancelled"],
            cached=self._outcomes["cached"],
            failures=dict(self._failures.most_common()),
            first_token_ms=percentiles(self._first_tokens),
            total_ms=percentiles(self._totals),
            tokens_per_second=None if speeds is None else speeds.p50,
            input_tokens=self._input,
            cached_tokens=self._cached,
            output_tokens=self._output,
            estimated_requests=self._estimated,
            cached_share=_share(self._cached, self._input),
            usd=self._usd,
            estimated_usd=self._estimated_usd,
            priced_requests=self._priced,
            unpriced_requests=self._unpriced,
            units=dict(sorted(self._units.items())),
            shown=self._verdicts["shown"],
            accepted=self._verdicts["accepted"],
            partly=self._verdicts["partly"],
            rejected=self._verdicts["rejected"],
            survived=self._verdicts["survived"],
            acceptance=_share(accepted, self._verdicts["shown"]),
            survival=_share(self._verdicts["survived"], accepted),
        )


def percentiles(values: Sequence[float]) -> Percentiles | None:
    """The percentiles of values in any order; None of no values."""
    if not values:
        return None
    if len(values) == 1:
        return Percentiles(1, values[0], values[0], values[0])
    cuts = quantiles(values, n=100, method="inclusive")
    return Percentiles(len(values), cuts[49], cuts[89], cuts[98])


def _share(part: int, whole: int) -> float | None:
    """At most 1: what is accepted shortly after midnight may have been shown before."""
    return min(1.0, part / whole) if whole else None
