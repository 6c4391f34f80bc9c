"""A scripted response in place of the network: what comes when, and when it was closed, on the loop's clock."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from spark_lsp.core.prompt import Message, Prompt
from spark_lsp.endpoints.errors import EndpointError
from spark_lsp.endpoints.events import Event, TextDelta
from spark_lsp.endpoints.failures import Failures, failures_for
from spark_lsp.endpoints.request import CompletionRequest, Endpoint, Timeouts
from spark_lsp.endpoints.transport import EndpointClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

BASE_URL = "http://127.0.0.1:8000/v1"
PLACE = "127.0.0.1:8000/v1/chat/completions"
REQUEST = CompletionRequest(Prompt((Message("system", "Edit."), Message("user", "the secret prompt of the user"))), 100)

Step = bytes | float | Exception
"""Bytes that come, seconds that pass, or what the library raises then."""


@dataclass
class ScriptedBody(httpx.AsyncByteStream):
    steps: list[Step]
    closed_at: float | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for step in self.steps:
            match step:
                case bytes():
                    yield step
                case Exception():
                    raise step
                case _:
                    await asyncio.sleep(step)

    async def aclose(self) -> None:
        if self.closed_at is None:
            self.closed_at = asyncio.get_running_loop().time()


@dataclass
class ScriptedTransport(httpx.AsyncBaseTransport):
    """Answers every request alike; `before` is what happens until the headers are there."""

    steps: list[Step] = field(default_factory=list)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    before: list[Step] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)
    bodies: list[ScriptedBody] = field(default_factory=list)
    cancelled_at: float | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        try:
            async for _ in ScriptedBody(self.before):
                pass
        except asyncio.CancelledError:
            self.cancelled_at = asyncio.get_running_loop().time()
            raise
        body = ScriptedBody(self.steps)
        self.bodies.append(body)
        return httpx.Response(self.status, headers=self.headers, stream=body)


def an_endpoint(
    *,
    base_url: str = BASE_URL,
    timeouts: Timeouts | None = None,
    api_key: str | None = "sk-secret-key",
    api_key_source: str | None = "the variable MY_KEY",
    headers: Mapping[str, str] | None = None,
    extra_body: Mapping[str, object] | None = None,
) -> Endpoint:
    return Endpoint(
        name="mine",
        base_url=base_url,
        model="model-1",
        api_key=api_key,
        api_key_source=api_key_source,
        headers=headers or {},
        extra_body=extra_body or {},
        timeouts=timeouts or Timeouts(),
    )


def some_failures(endpoint: Endpoint | None = None) -> Failures:
    return failures_for(endpoint or an_endpoint(), REQUEST, f"{BASE_URL}/chat/completions")


def chunk(text: str) -> bytes:
    return f'data: {{"choices":[{{"delta":{{"content":"{text}"}}}}]}}\n\n'.encode()


ROLE = b'data: {"choices":[{"delta":{"role":"assistant","content":null}}]}\n\n'
THINKING = b'data: {"choices":[{"delta":{"reasoning_content":"hm"}}]}\n\n'
FINISH = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
USAGE = b'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\n'
DONE = b"data: [DONE]\n\n"
COMMENT = b": keep-alive\n\n"

TIMEOUTS = Timeouts(connect=2, first_token=15, stall=10, total=120)


@dataclass
class Outcome:
    """What a reader of the stream saw, with the times in seconds."""

    events: list[tuple[float, Event]] = field(default_factory=list)
    failure: EndpointError | None = None
    ended_at: float = -1
    closed_at: float | None = None

    @property
    def text(self) -> str:
        return "".join(event.text for _, event in self.events if isinstance(event, TextDelta))


async def read(transport: ScriptedTransport, endpoint: Endpoint | None = None, *, pauses: float = 0) -> Outcome:
    """Read a stream to its end; the reader takes a pause after each batch."""
    outcome = Outcome()
    loop = asyncio.get_running_loop()
    client = EndpointClient(transport)
    try:
        async with client.stream(endpoint or an_endpoint(timeouts=TIMEOUTS), REQUEST) as batches:
            async for events in batches:
                assert events
                outcome.events += [(round(loop.time(), 3), event) for event in events]
                if pauses:
                    await asyncio.sleep(pauses)
    except EndpointError as failure:
        outcome.failure = failure
    outcome.ended_at = round(loop.time(), 3)
    if transport.bodies:
        outcome.closed_at = transport.bodies[0].closed_at
    await client.aclose()
    return outcome
