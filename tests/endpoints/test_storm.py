"""A storm of requests, most of them cancelled at random moments, leaves everything as it was."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import tracemalloc

import pytest

from spark_lsp.core.prompt import Message, Prompt
from spark_lsp.endpoints.errors import EndpointError
from spark_lsp.endpoints.events import TextDelta
from spark_lsp.endpoints.model_client import ModelClient, Purpose
from spark_lsp.endpoints.request import CompletionRequest, Endpoint
from spark_lsp.endpoints.transport import EndpointClient
from spark_lsp.ledger.ledger import Ledger
from spark_lsp.settings.layers import parse
from spark_lsp.simulator.reply import ScriptedReply
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator

REQUESTS = int(os.environ.get("SPARK_STORM", "150"))
AT_ONCE = 50
CANCELLED = 0.6
LONGEST_PATIENCE = 30  # turns of the loop
TEXT = "def add(a, b):\n    return a + b  # naïve — 🐍\n" * 5
SETTINGS = parse({"cache": {"replies": False}})[0]
MOST_GROWTH = 2_000_000  # bytes; a kilobyte for each of 2,000 requests would be more


class Storm:
    """Requests over one client, and what became of them."""

    def __init__(self, client: EndpointClient, endpoint: Endpoint, seed: int) -> None:
        self._models = ModelClient(client, Ledger(None))
        self._endpoint = endpoint
        self._choose = random.Random(seed)
        self.whole = 0
        self.cancelled = 0

    async def blow(self, requests: int) -> None:
        places = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for number in range(requests):
                await places.acquire()
                cancel = self._choose.random() < CANCELLED
                one = group.create_task(self._one(number, self._choose.randrange(LONGEST_PATIENCE) if cancel else None))
                one.add_done_callback(lambda _: places.release())

    async def _one(self, number: int, patience: int | None) -> None:
        asking = asyncio.create_task(self._ask(number))
        for _ in range(patience or 0):
            await asyncio.sleep(0)
        if patience is not None:
            asking.cancel()
        try:
            assert await asking == TEXT
            self.whole += 1
        except asyncio.CancelledError:
            self.cancelled += 1

    async def _ask(self, number: int) -> str:
        request = CompletionRequest(Prompt((Message("user", f"Request {number}"),)), 100)
        text = ""
        async with self._models.ask(self._endpoint, request, Purpose("edit"), SETTINGS) as batches:
            async for events in batches:
                text += "".join(event.text for event in events if isinstance(event, TextDelta))
        return text


# Where the interpreter's table of interned strings happens to be doubled, which is no leak of anybody's.
_INTERNED = tracemalloc.Filter(inclusive=False, filename_pattern="*/pathlib*")


def memory() -> int:
    gc.collect()
    snapshot = tracemalloc.take_snapshot().filter_traces([_INTERNED])
    return sum(statistic.size for statistic in snapshot.statistics("filename"))


@pytest.mark.parametrize("wire", ["chat", "responses-ws"])
def test_a_storm_leaves_no_trace(wire: str) -> None:
    async def main() -> None:
        client = EndpointClient()
        async with Simulator(Script((ScriptedReply(reply=TEXT),)), tps=0, ttft_ms=0) as simulator:
            endpoint = Endpoint("simulated", simulator.base_url_for(wire), "model-1", wire=wire)
            await Storm(client, endpoint, 0).blow(100)  # everything is built that is built once
            simulator.requests.clear()
            tracemalloc.start()
            before = memory()
            storm = Storm(client, endpoint, 1)
            await storm.blow(REQUESTS)
            assert storm.whole + storm.cancelled == REQUESTS
            assert storm.cancelled > REQUESTS * CANCELLED / 2
            for record in tuple(simulator.requests):
                await asyncio.wait_for(record.ended.wait(), 30)
            simulator.requests.clear()
            assert memory() - before < MOST_GROWTH
            again = Storm(client, endpoint, 2)
            await asyncio.gather(*(again._one(number, None) for number in range(AT_ONCE)))
            assert again.whole == AT_ONCE
            await client.aclose()
            while simulator._connections:
                await asyncio.wait_for(next(iter(simulator._connections)).closed.wait(), 30)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, left

    try:
        asyncio.run(main())
    except* EndpointError as failures:
        pytest.fail(str(failures.exceptions[0]))
    finally:
        tracemalloc.stop()
