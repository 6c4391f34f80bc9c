"""How one model at one endpoint has done lately, and what that means for asking it now.

A circuit breaker and a server's own limit in one: after too many failures in a row of seconds it is left alone for a
while, and then a single request probes whether it is back. Pure: every time is given, in seconds on the loop's clock.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from spark_lsp.endpoints.errors import Interrupted, Misconfigured, RateLimited, TooSlow, Unavailable, Unreachable

if TYPE_CHECKING:
    from spark_lsp.endpoints.errors import EndpointError

FAILURES_TO_OPEN: Final = 5
FAILURE_WINDOW: Final = 30.0
FIRST_PAUSE: Final = 15.0
LONGEST_PAUSE: Final = 240.0
LONGEST_LIMIT: Final = 86_400.0
UNSAID_LIMIT: Final = 2.0
"""For a server that limits the rate and does not say for how long."""
_REMEMBERED_FIRST_TOKENS: Final = 100
_FIRST_TOKENS_FOR_A_PERCENTILE: Final = 20


class Standing:
    """The standing of one model at one endpoint.

    `admit` before a request, and exactly one of `succeeded`, `failed` and `abandoned` after it.
    """

    def __init__(self) -> None:
        self._failures: deque[float] = deque(maxlen=FAILURES_TO_OPEN)
        self._pause = FIRST_PAUSE
        self._paused_until: float | None = None
        self._probing = False
        self._refused = False
        self._limited_until = 0.0
        self._first_tokens: deque[float] = deque(maxlen=_REMEMBERED_FIRST_TOKENS)

    def limited_for(self, now: float) -> float:
        """How long the server asks to be spared."""
        return max(0.0, self._limited_until - now)

    def paused_for(self, now: float) -> float:
        """How long it is left alone because it fails."""
        return max(0.0, (self._paused_until or 0.0) - now)

    def admit(self, now: float, *, insist: bool) -> bool:
        """Whether to ask now, as far as failures go. Who insists may probe before the pause is over.

        What only the user can repair is asked again only by who insists.
        """
        if self._refused and not insist:
            return False
        if self._paused_until is None:
            return True
        if self._probing or (now < self._paused_until and not insist):
            return False
        self._probing = True
        return True

    def succeeded(self, first_token_seconds: float) -> None:
        """It said something: all is well again."""
        self._first_tokens.append(first_token_seconds)
        self._failures.clear()
        self._pause = FIRST_PAUSE
        self._paused_until = None
        self._probing = False
        self._refused = False

    def failed(self, failure: EndpointError, now: float) -> None:
        """A request failed, in whatever way; only what speaks against the server counts."""
        probed, self._probing = self._probing, False
        self._refused = isinstance(failure, Misconfigured)
        if isinstance(failure, RateLimited):
            self._limit(UNSAID_LIMIT if failure.retry_after is None else failure.retry_after, now)
        if not isinstance(failure, Unreachable | Unavailable | TooSlow | Interrupted):
            return
        self._failures.append(now)
        in_a_row = len(self._failures) == FAILURES_TO_OPEN and now - self._failures[0] <= FAILURE_WINDOW
        if probed or (in_a_row and self._paused_until is None):
            self._paused_until = now + self._pause
            self._pause = min(LONGEST_PAUSE, 2 * self._pause)

    def abandoned(self) -> None:
        """Nothing was learned: the request was cancelled before anything came."""
        self._probing = False

    def _limit(self, seconds: float, now: float) -> None:
        self._limited_until = max(self._limited_until, now + min(seconds, LONGEST_LIMIT))

    @property
    def usual_first_token(self) -> float | None:
        """The 95th percentile of the time to the first token, once enough were seen."""
        if len(self._first_tokens) < _FIRST_TOKENS_FOR_A_PERCENTILE:
            return None
        return sorted(self._first_tokens)[(len(self._first_tokens) * 95) // 100]
