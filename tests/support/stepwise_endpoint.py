"""A scripted endpoint on loopback that a test leads step by step, and that logs when it said what.

The simulator plays a reply at a pace. This one can also stop until the test lets it go on, so that a test of what
happens in the middle of a reply depends on no clock.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from support.loopback_server import LoopbackServer, read_request, write_json
from support.server_process import DEADLINE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

INPUT_TOKENS, CACHED_TOKENS, OUTPUT_TOKENS = 1234, 1000, 321
USAGE = {
    "prompt_tokens": INPUT_TOKENS,
    "completion_tokens": OUTPUT_TOKENS,
    "prompt_tokens_details": {"cached_tokens": CACHED_TOKENS},
}
_CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True)
class Say:
    """Text of the reply, at so many tokens a second; 0 is all at once."""

    text: str
    tokens_per_second: float = 0


@dataclass(frozen=True)
class Wait:
    """Nothing more until the event is set."""

    event: asyncio.Event


@dataclass(frozen=True)
class Cut:
    """The connection ends here, without a finish."""


@dataclass(frozen=True)
class Broken:
    """These bytes instead of a finish; then the body ends."""

    data: bytes


Step: TypeAlias = Say | Wait | Cut | Broken


@dataclass
class Exchange:
    """One request and what became of it. Times are time.monotonic(), in seconds."""

    instruction: str
    body: Any
    said: list[tuple[float, int]] = field(default_factory=list)
    """When how many characters of the reply had been sent."""
    finished_at: float | None = None
    """When the reply was complete."""
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the client closes its connection before that."""

    def said_at(self, characters: int) -> float:
        """When so many characters of the reply had been sent."""
        return next(at for at, count in self.said if count >= characters)


class StepwiseEndpoint:
    """Answers a request by the first script whose key stands in the last message. `exchanges` are in order.

    `pages` are JSON by path, for GET requests.
    """

    def __init__(self, scripts: Mapping[str, Sequence[Step]], pages: Mapping[str, Any] | None = None) -> None:
        self.scripts = dict(scripts)
        self.pages = dict(pages or {})
        self.exchanges: list[Exchange] = []
        self.asked_besides: list[str] = []
        """Methods and paths of all other requests, such as "HEAD /v1"."""
        self._asked = asyncio.Condition()
        self._server = LoopbackServer(self._serve)

    @property
    def base_url(self) -> str:
        return f"{self._server.root}/v1"

    async def __aenter__(self) -> Self:
        await self._server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._server.stop()

    async def until_asked(self, times: int) -> None:
        """Wait until there have been so many requests."""
        async with asyncio.timeout(DEADLINE), self._asked:
            await self._asked.wait_for(lambda: len(self.exchanges) >= times)

    async def until_asked_besides(self, request: str) -> None:
        """Wait until there has been a request such as "HEAD /v1"."""
        async with asyncio.timeout(DEADLINE), self._asked:
            await self._asked.wait_for(lambda: request in self.asked_besides)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method, path, content = await read_request(reader)
        if (method, path) != ("POST", "/v1/chat/completions"):
            await self._serve_page(method, path, writer)
            return
        body = json.loads(content)
        message = body["messages"][-1]["content"]
        exchange = Exchange(message.rpartition("Instruction: ")[2], body)
        async with self._asked:
            self.exchanges.append(exchange)
            self._asked.notify_all()
        steps = next(script for key, script in self.scripts.items() if key in message)
        speaking = asyncio.create_task(self._speak(steps, exchange, writer))
        leaving = asyncio.create_task(reader.read())
        try:
            await asyncio.wait({speaking, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not speaking.done():
                exchange.left.set()
        finally:
            speaking.cancel()
            leaving.cancel()
            await asyncio.gather(speaking, leaving, return_exceptions=True)

    async def _serve_page(self, method: str, path: str, writer: asyncio.StreamWriter) -> None:
        async with self._asked:
            self.asked_besides.append(f"{method} {path}")
            self._asked.notify_all()
        await write_json(writer, json.dumps(self.pages[path]).encode() if path in self.pages else b"")

    async def _speak(self, steps: Sequence[Step], exchange: Exchange, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
        for step in steps:
            match step:
                case Say():
                    await self._say(step, exchange, writer)
                case Wait():
                    await step.event.wait()
                case Cut():
                    return
                case Broken():
                    writer.write(step.data)
                    await writer.drain()
                    return
        exchange.finished_at = time.monotonic()
        writer.write(_event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
        writer.write(_event({"choices": [], "usage": USAGE}) + b"data: [DONE]\n\n")
        await writer.drain()

    async def _say(self, step: Say, exchange: Exchange, writer: asyncio.StreamWriter) -> None:
        size = _CHARACTERS_PER_TOKEN if step.tokens_per_second else len(step.text)
        count = exchange.said[-1][1] if exchange.said else 0
        begun = time.monotonic()
        for number, start in enumerate(range(0, len(step.text), size or 1)):
            if step.tokens_per_second:
                due = begun + number / step.tokens_per_second
                await asyncio.sleep(max(0.0, due - time.monotonic()))
            piece = step.text[start : start + size]
            count += len(piece)
            exchange.said.append((time.monotonic(), count))
            writer.write(_event({"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]}))
            await writer.drain()


def _event(body: Any) -> bytes:
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def settings_for(base_url: str, **more: Any) -> dict[str, Any]:
    """Settings under which that endpoint is asked."""
    return {"endpoint": "scripted", "endpoints": {"scripted": {"baseUrl": base_url, "model": "scripted"}}, **more}
