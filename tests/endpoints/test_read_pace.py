"""Reads of a fast stream are paced: few of them, and nothing is late by more than the pause."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx

from endpoints.scripted_http import DONE, FINISH, REQUEST, an_endpoint, chunk
from spark_lsp.endpoints.events import TextDelta
from spark_lsp.endpoints.pace import LONGEST_PAUSE
from spark_lsp.endpoints.transport import EndpointClient
from support.virtual_time import VirtualLoop, run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class _Socket(httpx.AsyncByteStream):
    """A chunk every `interval` seconds, whether or not somebody reads; one read brings all that have come so far."""

    def __init__(self, count: int, interval: float) -> None:
        self._count = count
        self._interval = interval
        self.reads = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        sent = 0
        while sent < self._count:
            self.reads += 1
            await asyncio.sleep(max(0.0, sent * self._interval - loop.time()))
            here = self._count if not self._interval else min(self._count, int(loop.time() / self._interval + 1e-6) + 1)
            for index in range(sent, here):
                yield chunk(str(index))
            sent = here
        yield FINISH + DONE


async def _lateness(socket: _Socket, interval: float) -> list[float]:
    client = EndpointClient(httpx.MockTransport(lambda _: httpx.Response(200, stream=socket)))
    loop = asyncio.get_running_loop()
    late: list[float] = []
    async with client.stream(an_endpoint(), REQUEST) as batches:
        async for events in batches:
            late += [loop.time() - int(event.text) * interval for event in events if isinstance(event, TextDelta)]
    await client.aclose()
    return late


def test_a_thousand_tokens_a_second_take_few_reads_and_are_hardly_late() -> None:
    socket = _Socket(1000, 0.001)
    late = run(_lateness(socket, 0.001))
    assert len(late) == 1000
    assert max(late) <= LONGEST_PAUSE + 1e-6
    assert socket.reads < 350
    assert max(late[:20]) < 1e-6
    assert max(late[:100]) <= 0.005


def test_a_slow_stream_is_never_late() -> None:
    assert max(run(_lateness(_Socket(100, 0.02), 0.02))) < 1e-6


def test_what_is_here_already_is_not_held_back() -> None:
    assert max(run(_lateness(_Socket(1000, 0), 0))) == 0


def test_a_long_backlog_leaves_others_their_turn() -> None:
    async def read() -> int:
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        task = asyncio.create_task(others())
        socket = _Socket(100, 0)
        client = EndpointClient(httpx.MockTransport(lambda _: httpx.Response(200, stream=socket)))
        async with client.stream(an_endpoint(), REQUEST) as batches:
            before = turns
            async for _ in batches:
                loop._virtual.now += 0.001  # the work that a batch makes
        task.cancel()
        return turns - before

    assert run(read()) >= 20
