"""Many requests, most of them cancelled at any moment: nothing is left, and what was not cancelled is whole."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from typing import TYPE_CHECKING

from endpoints.scripted_socket import CREATED, SocketServer, completed, delta, read, socket_transport

if TYPE_CHECKING:
    import pytest

REQUESTS = 300
AT_ONCE = 20
CANCELLED = 0.6
TEXTS = [f"word {number} " for number in range(20)]


def test_a_storm_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spark_lsp.endpoints.sockets.socket_pool.PREPARE_AFTER", 3600)
    chance = random.Random(7)

    async def main() -> None:
        script = [CREATED, *(delta(text) for text in TEXTS), completed()]
        async with SocketServer(deque([script])) as server:
            transport = socket_transport()
            before = asyncio.all_tasks()
            free = asyncio.Semaphore(AT_ONCE)
            whole = 0

            async def one() -> None:
                nonlocal whole
                async with free:
                    reading = asyncio.create_task(read(transport, server.endpoint))
                    if chance.random() < CANCELLED:
                        for _ in range(chance.randrange(60)):
                            await asyncio.sleep(0)
                        reading.cancel()
                    await asyncio.wait([reading])
                    if not reading.cancelled():
                        outcome = reading.result()
                        assert outcome.failure is None
                        assert outcome.text == "".join(TEXTS)
                        whole += 1

            await asyncio.gather(*(one() for _ in range(REQUESTS)))
            assert whole >= REQUESTS * (1 - CANCELLED) * 0.8
            await server.until(connections=2)  # the idle ones
            await transport.aclose()
            await server.until_left()
            assert asyncio.all_tasks() == before
            assert not transport._pool._sockets

    asyncio.run(main())
