"""What an endpoint costs us: processor time at 1,000 tokens a second, and the time until a cancelled stream is closed.

The simulator runs in a process of its own, so that only the client's work counts.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.data import percentile
from spark_lsp.core.prompt import Message, Prompt
from spark_lsp.endpoints.events import TextDelta
from spark_lsp.endpoints.model_client import ModelClient, Purpose
from spark_lsp.endpoints.request import CompletionRequest, Endpoint
from spark_lsp.endpoints.transport import EndpointClient
from spark_lsp.ledger.ledger import Ledger
from spark_lsp.settings.layers import parse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TOKENS_PER_SECOND = 1000
TOKENS = 6000
CANCELS = 300
WIRES = ("chat", "responses", "responses-ws", "anthropic", "ollama")
SETTINGS = parse({"cache": {"replies": False}})[0]
REQUEST = CompletionRequest(Prompt((Message("user", "Count."),)), 100_000)


@contextlib.asynccontextmanager
async def simulator(reply: str) -> AsyncIterator[str]:
    """The base URL of a simulator in another process."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "reply.json"
        script.write_text(json.dumps([{"reply": reply}]), encoding="utf-8")
        command = [sys.executable, "-m", "spark_lsp", "simulate", "--port", "0", "--tps", str(TOKENS_PER_SECOND)]
        process = await asyncio.create_subprocess_exec(
            *command, "--reply", str(script), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            assert process.stdout is not None
            while b"http://" not in (line := await process.stdout.readline()):
                assert line, "the simulator did not start"
            yield next(word for word in line.decode().split() if word.startswith("http://")).rstrip(".,")
        finally:
            process.terminate()
            await process.wait()


async def read_all(models: ModelClient, endpoint: Endpoint) -> int:
    characters = 0
    async with models.ask(endpoint, REQUEST, Purpose("edit"), SETTINGS) as batches:
        async for events in batches:
            characters += sum(len(event.text) for event in events if isinstance(event, TextDelta))
    return characters


async def processor_time(base_url: str, reply: str) -> None:
    for wire in WIRES:
        client = EndpointClient()
        models = ModelClient(client, Ledger(None))
        endpoint = Endpoint("bench", base_url, "bench", wire=wire, max_output_tokens=100_000)
        await client.warm(endpoint)
        began, before = time.monotonic(), sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        assert await read_all(models, endpoint) == len(reply)
        spent, took = sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - before, time.monotonic() - began
        print(f"{wire:<14} {TOKENS / took:6.0f} tokens a second take {100 * spent / took:4.1f} % of a core")
        await client.aclose()


class Listener(asyncio.Protocol):
    """Begins to answer every request, never ends, and notes when it was left."""

    left: asyncio.Queue[float]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._asked = False

    def data_received(self, data: bytes) -> None:
        assert isinstance(self._transport, asyncio.Transport)
        if data.startswith(b"POST"):
            self._asked = True
            event = b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n'
            head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
            self._transport.write(head + b"%x\r\n%s\r\n" % (len(event), event))
        elif data.startswith(b"HEAD"):
            self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")

    def connection_lost(self, exc: Exception | None) -> None:
        if self._asked:
            self.left.put_nowait(time.monotonic())


async def cancels() -> None:
    Listener.left = asyncio.Queue()
    server = await asyncio.get_running_loop().create_server(Listener, "127.0.0.1", 0)
    endpoint = Endpoint("bench", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", "bench")
    client = EndpointClient()
    models = ModelClient(client, Ledger(None))
    delays = []
    for _ in range(CANCELS):
        begun = asyncio.Event()

        async def ask(begun: asyncio.Event = begun) -> None:
            async with models.ask(endpoint, REQUEST, Purpose("edit"), SETTINGS) as batches:
                async for _ in batches:
                    begun.set()

        asking = asyncio.create_task(ask())
        await begun.wait()
        cancelled = time.monotonic()
        asking.cancel()
        delays.append(1000 * (await Listener.left.get() - cancelled))
        await asyncio.wait([asking])
    await client.aclose()
    server.close()
    print(
        f"cancel to closed stream: median {percentile(delays, 0.5):.2f} ms, p99 {percentile(delays, 0.99):.2f} ms, "
        f"most {max(delays):.2f} ms"
    )


async def measure() -> None:
    reply = "word " * TOKENS
    async with simulator(reply) as base_url:
        await processor_time(base_url, reply)
    await cancels()


if __name__ == "__main__":
    asyncio.run(measure())
