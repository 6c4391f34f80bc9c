"""One answer on its way: reads the response, keeps the deadlines, hands over events in batches."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

import httpx

from spark_lsp.endpoints.events import Event, Usage
from spark_lsp.endpoints.pace import ReadPace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from spark_lsp.endpoints.errors import Deadline, EndpointError
    from spark_lsp.endpoints.failures import Failures
    from spark_lsp.endpoints.wire import Parser

# A finished answer needs no more than its usage and the end of its body, so that the connection can be used again.
_GRACE = 0.5  # seconds


class EventStream:
    """An asynchronous iterator of batches: each is what one piece of the response held, never empty.

    It ends after a Finish (and perhaps Usage), or it raises an EndpointError: there is no third way. `started` is the
    time of the request, on the loop's clock.
    """

    __slots__ = ("_chunks", "_ended", "_failure", "_failures", "_loop", "_pace", "_parser", "_progress", "_started")

    def __init__(self, chunks: AsyncIterator[bytes], parser: Parser, failures: Failures, *, started: float) -> None:
        self._chunks = chunks
        self._parser = parser
        self._failures = failures
        self._loop = asyncio.get_running_loop()
        self._started = started
        self._pace = ReadPace()
        self._progress = False  # the first token has come
        self._ended = False
        self._failure: EndpointError | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[Event]:
        when, deadline = self._deadline()
        try:
            async with asyncio.timeout_at(when):
                events = await self._next_events()
        except TimeoutError:
            self._end(None if self._parser.finished else self._failures.deadline(deadline))
            events = []
        if events:
            return events
        if self._failure is not None:
            raise self._failure
        raise StopAsyncIteration

    def _deadline(self) -> tuple[float, Deadline]:
        """Return until when the next events must be here, and the deadline's name.

        A stall counts from now and not from the last events: in between, the reader of the stream had its time.
        """
        timeouts = self._failures.endpoint.timeouts
        now = self._loop.time()
        if self._parser.finished:
            return now + _GRACE, "total"
        when: tuple[float, Deadline] = (now + timeouts.stall, "stall")
        if not self._progress:
            when = (self._started + timeouts.first_token, "first_token")
        return min(when, (self._started + timeouts.total, "total"))

    async def _next_events(self) -> list[Event]:
        while not self._ended:
            await self._pace.rest()
            try:
                data = await anext(self._chunks)
            except StopAsyncIteration:
                events = self._parser.close()
                self._end(self._parser.failure)
            except (httpx.HTTPError, ConnectionError):
                # What has come may still end with a finish. If not, the connection is to blame and not the format.
                events = self._parser.close()
                self._end(None if self._parser.finished else self._failures.cut())
            else:
                self._pace.note()
                events = self._parser.feed(data)
                if self._parser.failure is not None:
                    self._end(self._parser.failure)
            if self._parser.finished:
                self._pace.stop()
            if events:
                if not self._progress and any(not isinstance(event, Usage) for event in events):
                    self._progress = True
                    self._pace.start()
                return events
        return []

    def _end(self, failure: EndpointError | None) -> None:
        self._ended = True
        self._failure = failure
