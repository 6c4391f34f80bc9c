"""What happened, as values: one request to a model, one verdict of the user. Neither holds any source text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Task: TypeAlias = Literal["edit", "inline", "nextEdit", "deep", "doctor"]
"""What a request was for. "doctor" is the one that looks whether an endpoint answers."""

Outcome: TypeAlias = Literal["ok", "cancelled", "failed", "cached"]
"""How a request ended. "cached": it was answered from here and never sent."""

Verdict: TypeAlias = Literal["shown", "accepted", "partly", "rejected", "survived"]
"""What became of something that was shown: an edit or a suggestion is shown once, and judged at most once; what was
accepted and is still there after 30 seconds has survived, too."""


@dataclass(frozen=True, slots=True)
class Consumption:
    """What a request has taken so far: tokens, and USD; as in `RequestRecord`."""

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    estimated: bool = True
    usd: float | None = None


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request to an endpoint, when it is over."""

    started_at: float
    """Seconds since the epoch."""
    task: Task
    endpoint: str
    """Its name in the settings, or the preset's."""
    model: str
    wire: str
    outcome: Outcome
    failure: str | None = None
    """The class of the error, such as "RateLimited", if it failed. Never a message."""
    first_token_seconds: float | None = None
    """From the request to the first visible token."""
    total_seconds: float = 0.0
    input_tokens: int = 0
    """With those that came from the provider's cache."""
    cached_tokens: int = 0
    output_tokens: int = 0
    estimated: bool = False
    """The tokens are counted here, because the endpoint did not say."""
    usd: float | None = None
    """None if nobody knows the price."""
    units: float | None = None
    """What a provider charges in units of its own, as an opaque number."""
    unit_name: str | None = None


@dataclass(frozen=True, slots=True)
class VerdictRecord:
    """What the user thought of something."""

    at: float
    """Seconds since the epoch."""
    task: Task
    endpoint: str
    model: str
    verdict: Verdict
