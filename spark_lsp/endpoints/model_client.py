"""Asks models the way an editor needs it: within limits, not again and again what fails, and with everything measured.

Below is `EndpointClient`, which carries one request. Here it is decided whether to send it, whether to try once more,
and whether the answer is known already.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol, Self

from spark_lsp.core.prompt import tokens_in
from spark_lsp.core.records import Consumption, RequestRecord
from spark_lsp.endpoints.attempt import Attempt
from spark_lsp.endpoints.errors import (
    Dropped,
    EndpointError,
    Interrupted,
    OverLimit,
    Paused,
    RateLimited,
    TooSlow,
    Unavailable,
)
from spark_lsp.endpoints.events import Finish, TextDelta, Usage
from spark_lsp.endpoints.failures import failures_for
from spark_lsp.endpoints.limits import AUTOMATIC_TOKENS_PER_MINUTE, AutomaticAllowance, TokenBucket, may_spend
from spark_lsp.endpoints.reply_cache import ReplyCache
from spark_lsp.endpoints.standing import Standing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from spark_lsp.core.records import Task
    from spark_lsp.endpoints.events import Event
    from spark_lsp.endpoints.request import CompletionRequest, Endpoint
    from spark_lsp.endpoints.transport import EndpointClient
    from spark_lsp.settings.model import Settings

logger = logging.getLogger(__name__)

PATIENCE: Final = 2.0
"""Seconds that an editor's user may be kept waiting for a limit to pass; longer ones are told at once."""
PAUSE_BEFORE_RETRY: Final = 0.2
"""Seconds, and up to twice as many, before a server that failed is asked once more."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a request is for. `automatic` work was not asked for by anybody: it is the first to be held back.

    `last` is false if there are other endpoints to go on to.
    """

    task: Task
    automatic: bool = False
    last: bool = True


class ModelAnswer(Protocol):
    """The batches of a model's events, and what they have taken so far."""

    @property
    def consumption(self) -> Consumption: ...

    def __aiter__(self) -> Self: ...

    async def __anext__(self) -> list[Event]: ...


class Book(Protocol):
    """Where it is written down what was asked and what it cost. Neither waits for anything."""

    def record(self, record: RequestRecord) -> None: ...

    def spent_today(self) -> float:
        """USD since midnight."""
        ...


class ModelClient:
    """One for the life of a server, on one event loop.

    `changed` is called when an endpoint's standing may have changed. `now` is in seconds since the epoch.
    """

    def __init__(
        self,
        client: EndpointClient,
        book: Book,
        changed: Callable[[], None] = lambda: None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._book = book
        self._changed = changed
        self._now = now
        self._standings: dict[tuple[str, str], Standing] = {}
        self._bucket = TokenBucket()
        self._automatic = AutomaticAllowance()
        self._replies = ReplyCache()

    def standing(self, base_url: str, model: str) -> Standing:
        return self._standings.setdefault((base_url, model), Standing())

    def limited(self, base_url: str, model: str) -> str | None:
        """Until when an endpoint is not asked, in words for a status; None if it is."""
        now = asyncio.get_running_loop().time()
        standing = self.standing(base_url, model)
        if wait := standing.limited_for(now):
            return f"Limited until {self._clock_time(wait)}."
        if wait := standing.paused_for(now):
            return f"Failed too often and is left alone until {self._clock_time(wait)}."
        return None

    def may_look_ahead(self, endpoint: Endpoint | None, settings: Settings) -> bool:
        """Whether there is room for a request that may turn out to be useless."""
        if endpoint is None or self.limited(endpoint.base_url, endpoint.model):
            return False
        now = asyncio.get_running_loop().time()
        return self._automatic.has_half(_automatic_tokens_per_minute(endpoint, settings), now)

    def forget(self) -> None:
        """The settings have changed: what failed before may work now, and the same prompt may mean something else."""
        self._standings.clear()

    @asynccontextmanager
    async def ask(
        self, endpoint: Endpoint, request: CompletionRequest, purpose: Purpose, settings: Settings
    ) -> AsyncIterator[ModelAnswer]:
        """Give the answer as `EndpointClient.stream` does, once its first text is there.

        Raises EndpointError also for what is not sent at all. An answer that was read to its end without an exception
        in the block is given again for the same request, if the settings allow it.
        """
        if settings.cache.replies and (reply := self._replies.get(endpoint, request)) is not None:
            self._book.record(
                RequestRecord(self._now(), purpose.task, endpoint.name, endpoint.model, endpoint.wire, "cached")
            )
            yield _KnownReply(reply)
            return
        await self._admit(endpoint, request, purpose, settings)
        if settings.log.prompts:
            logger.info("Asked of %s (%s):\n%s", endpoint.name, purpose.task, "\n".join(request.prompt.texts))
        attempt = await self._begin(endpoint, request, purpose)
        try:
            yield attempt
        finally:
            if settings.log.prompts:
                logger.info("Answered by %s (%s):\n%s", endpoint.name, purpose.task, attempt.text)
            await self._end(attempt, purpose)
        if settings.cache.replies and attempt.finish == Finish("stop"):
            self._replies.put(endpoint, request, attempt.text)

    # Before

    async def _admit(
        self, endpoint: Endpoint, request: CompletionRequest, purpose: Purpose, settings: Settings
    ) -> None:
        """Wait or refuse, as the limits want it. Raises OverLimit, RateLimited or Paused."""
        limits = settings.limits
        place = failures_for(endpoint, request, endpoint.base_url).place
        loop = asyncio.get_running_loop()
        standing = self.standing(endpoint.base_url, endpoint.model)
        if limits.usd_per_day is not None and not may_spend(
            self._book.spent_today(), limits.usd_per_day, automatic=purpose.automatic
        ):
            raise OverLimit(
                f"Today's limit of ${limits.usd_per_day:g} is reached: raise limits.usdPerDay, or go on tomorrow."
            )
        if wait := standing.limited_for(loop.time()):
            await self._wait_or(
                wait,
                purpose,
                RateLimited(
                    f"The endpoint at {place} is limited until {self._clock_time(wait)}: "
                    "try again then, or use another endpoint.",
                    wait,
                ),
            )
        tokens = tokens_in(sum(map(len, request.prompt.texts)))
        if wait := self._bucket.wait_for(tokens, limits.tokens_per_minute, loop.time()):
            await self._wait_or(
                wait,
                purpose,
                OverLimit(
                    f"You are limited until {self._clock_time(wait)} by limits.tokensPerMinute "
                    f"({limits.tokens_per_minute:,}): try again then, or raise it.",
                    wait,
                ),
            )
        if purpose.automatic and (
            wait := self._automatic.wait_for(tokens, _automatic_tokens_per_minute(endpoint, settings), loop.time())
        ):
            raise OverLimit("Suggestions have used up their tokens for this minute (limits.tokensPerMinute).", wait)
        if not standing.admit(loop.time(), insist=not purpose.automatic and purpose.last):
            if wait := standing.paused_for(loop.time()):
                problem = f"failed too often and is left alone until {self._clock_time(wait)}"
            else:
                problem = "does not take what it is sent, and is left alone until the settings change"
            raise Paused(f"The endpoint at {place} {problem}: try again then, or use another endpoint.", wait)

    @staticmethod
    async def _wait_or(seconds: float, purpose: Purpose, refusal: EndpointError) -> None:
        if purpose.automatic or not purpose.last or seconds > PATIENCE:
            raise refusal
        await asyncio.sleep(seconds)

    # The asking

    async def _begin(self, endpoint: Endpoint, request: CompletionRequest, purpose: Purpose) -> Attempt:
        """The attempt that has an answer: the first, or a second one if that may help and there is time."""
        timeouts = endpoint.timeouts
        # A job says nothing before it is done.
        patience = timeouts.total if endpoint.wire == "jobs" else timeouts.first_token
        deadline = asyncio.get_running_loop().time() + patience
        try:
            return await self._hedged(endpoint, request, purpose)
        except EndpointError as failure:
            pause = _pause_before_retry(failure)
            if pause is None:
                raise self._with_time(failure) from None
            try:
                async with asyncio.timeout_at(deadline):
                    await asyncio.sleep(pause)
                    return await self._first_text(endpoint, request, purpose)
            except TimeoutError:
                raise self._with_time(failure) from None
            except EndpointError as again:
                raise self._with_time(again) from None

    async def _hedged(self, endpoint: Endpoint, request: CompletionRequest, purpose: Purpose) -> Attempt:
        """Ask, and ask once more where that is wanted and the first text is later than it nearly always is."""
        usual = self.standing(endpoint.base_url, endpoint.model).usual_first_token
        if not endpoint.hedge or usual is None:
            return await self._first_text(endpoint, request, purpose)
        asking = [asyncio.ensure_future(self._first_text(endpoint, request, purpose))]
        try:
            await asyncio.wait(asking, timeout=usual)
            if not asking[0].done():
                asking.append(asyncio.ensure_future(self._first_text(endpoint, request, purpose)))
            pending = set(asking)
            while pending:
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                if won := [task for task in asking if task in done and not task.exception()]:
                    asking.remove(won[0])
                    return won[0].result()
            return asking[0].result()  # raises
        finally:
            await self._drop(asking, purpose)

    async def _drop(self, asking: Sequence[asyncio.Future[Attempt]], purpose: Purpose) -> None:
        """See to it that nothing of these goes on."""
        for task in asking:
            task.cancel()
        if asking:
            await asyncio.wait(asking)
        for task in asking:
            if not task.cancelled() and task.exception() is None:
                await self._end(task.result(), purpose)

    async def _first_text(self, endpoint: Endpoint, request: CompletionRequest, purpose: Purpose) -> Attempt:
        """One attempt up to its first text; its standing and its record are seen to if it fails."""
        standing = self.standing(endpoint.base_url, endpoint.model)
        attempt = Attempt(self._client, endpoint, request, self._now())
        try:
            await attempt.begin()
        except EndpointError as failure:
            self._failed(failure, attempt)
            if purpose.automatic and isinstance(failure, RateLimited):
                self._automatic.too_much(asyncio.get_running_loop().time())
            self._write_down(attempt, purpose)
            raise
        except BaseException:
            standing.abandoned()
            self._write_down(attempt, purpose)
            raise
        standing.succeeded(attempt.first_token_seconds or 0.0)
        return attempt

    # After

    async def _end(self, attempt: Attempt, purpose: Purpose) -> None:
        await attempt.end()
        if attempt.failure is not None:
            self._failed(attempt.failure, attempt)
        self._write_down(attempt, purpose)

    def _failed(self, failure: EndpointError, attempt: Attempt) -> None:
        endpoint, loop = attempt.endpoint, asyncio.get_running_loop()
        standing = self.standing(endpoint.base_url, endpoint.model)
        standing.failed(failure, loop.time())
        if isinstance(failure, TooSlow) and failure.deadline == "first_token":
            # Its connections may be dead without anybody having said so, as after a change of networks.
            self._client.rebuild()
        for wait in (standing.limited_for(loop.time()), standing.paused_for(loop.time())):
            if wait:
                loop.call_later(wait, self._changed)
        self._changed()

    def _write_down(self, attempt: Attempt, purpose: Purpose) -> None:
        self._bucket.take(attempt.tokens)
        if purpose.automatic:
            self._automatic.take(attempt.tokens)
        self._book.record(attempt.record(purpose.task))

    def _with_time(self, failure: EndpointError) -> EndpointError:
        """A rate limit's sentence with the time at which it ends."""
        if isinstance(failure, RateLimited) and failure.retry_after:
            until = self._clock_time(failure.retry_after)
            return RateLimited(f"{failure.message.removesuffix('.')} (limited until {until}).", failure.retry_after)
        return failure

    def _clock_time(self, seconds: float) -> str:
        """The local time so many seconds from now."""
        return datetime.fromtimestamp(self._now() + seconds).astimezone().strftime("%H:%M:%S")


def _automatic_tokens_per_minute(endpoint: Endpoint, settings: Settings) -> int | None:
    """What suggestions may use up in a minute; None for no limit, as where it costs nothing."""
    price = endpoint.price
    if settings.limits.tokens_per_minute is not None or not (price.input or price.output or price.unit):
        return settings.limits.tokens_per_minute
    return AUTOMATIC_TOKENS_PER_MINUTE


def _pause_before_retry(failure: EndpointError) -> float | None:
    """How long to wait before asking once more, in seconds; None if that would not help."""
    match failure:
        case Dropped():
            return 0.0
        case RateLimited(retry_after=float() | int() as seconds) | Unavailable(retry_after=float() | int() as seconds):
            return seconds if seconds <= PATIENCE else None
        case Unavailable() | Interrupted():
            return PAUSE_BEFORE_RETRY * random.uniform(1, 2)  # noqa: S311 (so that not all come back at once)
        case _:
            return None


class _KnownReply:
    """A reply that is known already, as a stream of one batch."""

    consumption = Consumption(estimated=False)

    def __init__(self, reply: str) -> None:
        text: list[Event] = [TextDelta(reply)] if reply else []
        self._batches = iter([[*text, Finish("stop"), Usage(0, 0, 0)]])

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[Event]:
        for batch in self._batches:
            return batch
        raise StopAsyncIteration
