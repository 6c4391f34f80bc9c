"""What the user allows: tokens a minute, and USD a day. Pure: times are given, in seconds on the loop's clock."""

from __future__ import annotations

from typing import Final

AUTOMATIC_SHARE: Final = 0.8
"""The part of a day's USD that automatic work may use up; what is left is for what the user asks for."""

AUTOMATIC_TOKENS_PER_MINUTE: Final = 150_000
"""For what nobody has asked for, on endpoints that cost something, where the user has set no limit."""

_MINUTE: Final = 60.0
_SMALLEST_SHARE: Final = 1 / 16


class TokenBucket:
    """Holds a minute's worth of tokens and fills up steadily.

    Tokens are taken before a request, as far as they are known, and after it, when they can bring the level below zero.
    """

    def __init__(self) -> None:
        self._level = 0.0
        self._capacity: int | None = None
        self._filled_at = 0.0

    def wait_for(self, tokens: int, capacity: int | None, now: float) -> float:
        """The seconds until so many tokens are there; more than there ever are need a full bucket.

        `capacity` is the limit as the settings have it now: tokens a minute, None for no limit.
        """
        self._fill(capacity, now)
        if capacity is None:
            return 0.0
        return max(0.0, (min(tokens, capacity) - self._level) * _MINUTE / capacity)

    def take(self, tokens: int) -> None:
        """Take tokens, whether or not they are there."""
        self._level -= tokens

    def _fill(self, capacity: int | None, now: float) -> None:
        if capacity != self._capacity:
            self._level = float(capacity or 0)
        elif capacity is not None:
            self._level = min(capacity, self._level + (now - self._filled_at) * capacity / _MINUTE)
        self._capacity = capacity
        self._filled_at = now


class AutomaticAllowance:
    """How many tokens a minute go to and fro for what nobody has asked for, where the user has set no limit.

    An endpoint that says that it is too much gets half, and bit by bit more again.
    """

    def __init__(self) -> None:
        self._bucket = TokenBucket()
        self._share = 1.0
        self._shared_at = 0.0

    def wait_for(self, tokens: int, capacity: int | None, now: float) -> float:
        """As `TokenBucket.wait_for`."""
        self._recover(now)
        return self._bucket.wait_for(tokens, None if capacity is None else max(1, capacity), now) / self._share

    def has_half(self, capacity: int | None, now: float) -> bool:
        """Whether there is enough for work that may turn out to be useless."""
        self._recover(now)
        return capacity is None or (self._share == 1.0 and not self._bucket.wait_for(capacity // 2, capacity, now))

    def take(self, tokens: int) -> None:
        """Take tokens, whether or not they are there."""
        self._bucket.take(round(tokens / self._share))

    def too_much(self, now: float) -> None:
        """The endpoint has refused a request because of its own limit."""
        self._recover(now)
        self._share = max(_SMALLEST_SHARE, self._share / 2)
        self._shared_at = now

    def _recover(self, now: float) -> None:
        minutes = int((now - self._shared_at) / _MINUTE)
        if minutes > 0:
            self._share = min(1.0, self._share * 2.0 ** min(minutes, 10))
            self._shared_at += minutes * _MINUTE


def may_spend(spent: float, limit: float | None, *, automatic: bool) -> bool:
    """Whether a request may still cost something today. Automatic work stops first."""
    return limit is None or spent < (limit * AUTOMATIC_SHARE if automatic else limit)
