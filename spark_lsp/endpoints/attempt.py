"""One request on the wire, from its sending to its end, with what it took and what it cost."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self

from spark_lsp.core.prompt import tokens_in
from spark_lsp.core.records import Consumption, RequestRecord
from spark_lsp.endpoints.errors import EndpointError
from spark_lsp.endpoints.events import Finish, TextDelta, Units, Usage
from spark_lsp.endpoints.pricing import cost_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from spark_lsp.core.records import Outcome, Task
    from spark_lsp.endpoints.events import Event
    from spark_lsp.endpoints.request import CompletionRequest, Endpoint
    from spark_lsp.endpoints.transport import EndpointClient


class Attempt:
    """An asynchronous iterator of batches of events, like the stream that it reads.

    `begin` waits for the first text, so that whoever asks can still ask again without anybody having seen anything;
    what came before it is not lost. `end` closes the stream. Both are called once. `started_at` is in seconds since the
    epoch.
    """

    def __init__(
        self, client: EndpointClient, endpoint: Endpoint, request: CompletionRequest, started_at: float
    ) -> None:
        self.endpoint = endpoint
        self._loop = asyncio.get_running_loop()
        self._stack = AsyncExitStack()
        self._opening = client.stream(endpoint, request)
        self._batches: AsyncIterator[list[Event]] | None = None
        self._first: list[Event] = []
        self._started = self._loop.time()
        self._ended: float | None = None
        self._usage: Usage | None = None
        self._units: Units | None = None
        self._prompt_tokens = tokens_in(sum(map(len, request.prompt.texts)))
        self._parts: list[str] = []
        self._started_at = started_at
        self.failure: EndpointError | None = None
        self.first_token: float | None = None
        """When the first text came, on the loop's clock."""
        self.finish: Finish | None = None

    @property
    def first_token_seconds(self) -> float | None:
        return None if self.first_token is None else self.first_token - self._started

    @property
    def text(self) -> str:
        """The answer so far."""
        return "".join(self._parts)

    @property
    def tokens(self) -> int:
        """What went to and fro, as far as it is known now."""
        consumption = self.consumption
        return consumption.input_tokens + consumption.output_tokens

    @property
    def consumption(self) -> Consumption:
        """What it has taken so far; estimated where the endpoint does not count."""
        usage = self._usage or Usage(self._prompt_tokens, 0, tokens_in(sum(map(len, self._parts))))
        return Consumption(
            usage.input_tokens,
            usage.cached_tokens,
            usage.output_tokens,
            estimated=self._usage is None,
            usd=cost_of(usage, self._units, self.endpoint),
        )

    async def begin(self) -> None:
        """Wait for the first text, or for an answer without any. Raises EndpointError; then it has ended."""
        try:
            self._batches = await self._stack.enter_async_context(self._opening)
            while self.first_token is None and self.finish is None:
                self._first += await self._next()
        except StopAsyncIteration:
            return
        except BaseException as error:
            if isinstance(error, EndpointError):
                self.failure = error
            await self.end()
            raise

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[Event]:
        if self._first:
            events, self._first = self._first, []
            return events
        return await self._next()

    async def end(self) -> None:
        """Close the stream, at once if it is not at its end."""
        self._ended = self._loop.time()
        await self._stack.aclose()

    async def _next(self) -> list[Event]:
        assert self._batches is not None
        try:
            events = await anext(self._batches)
        except EndpointError as failure:
            self.failure = failure
            raise
        for event in events:
            match event:
                case TextDelta():
                    self._parts.append(event.text)
                    if self.first_token is None:
                        self.first_token = self._loop.time()
                case Usage():
                    self._usage = event
                case Units():
                    self._units = event
                case Finish():
                    self.finish = event
        return events

    def record(self, task: Task) -> RequestRecord:
        """What there is to say of it, once it has ended."""
        failure = self.failure
        consumption = self.consumption
        outcome: Outcome = "failed" if failure is not None else "ok" if self.finish is not None else "cancelled"
        answered = self._usage is not None or self.first_token is not None or failure is None
        return RequestRecord(
            started_at=self._started_at,
            task=task,
            endpoint=self.endpoint.name,
            model=self.endpoint.model,
            wire=self.endpoint.wire,
            outcome=outcome,
            failure=None if failure is None else type(failure).__name__,
            first_token_seconds=self.first_token_seconds,
            total_seconds=(self._ended or self._loop.time()) - self._started,
            # A request that was refused cost nothing.
            input_tokens=consumption.input_tokens if answered else 0,
            cached_tokens=consumption.cached_tokens,
            output_tokens=consumption.output_tokens,
            estimated=answered and consumption.estimated,
            usd=consumption.usd if answered else None,
            units=self._units.amount if self._units else None,
            unit_name=self._units.name if self._units else None,
        )
