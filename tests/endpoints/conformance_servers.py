"""The simulator as the server of the conformance suite, and what each wire can say at all."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from endpoints.conformance_cases import PATIENCE, Expectation
from spark_lsp.core.prompt import Message, Prompt, PromptFile, TextPrompt
from spark_lsp.endpoints.request import CompletionRequest, Endpoint, Timeouts
from spark_lsp.endpoints.transport import EndpointClient
from spark_lsp.endpoints.wires.registry import WIRES
from spark_lsp.settings import endpoint_model
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping

    from spark_lsp.simulator.record import RecordedRequest
    from spark_lsp.simulator.reply import ScriptedReply

KEY = "sk-secret-key"
MODEL = "model-1"

CONVERSATION = CompletionRequest(Prompt((Message("system", "Edit."), Message("user", "Hello, you there"))), 100)
HOLE = CompletionRequest(TextPrompt("Hello, ", " there", (PromptFile("src/a.py", "x = 1\n"),)), 100)
REQUESTS = {"conversation": CONVERSATION, "hole": HOLE}


@dataclass(frozen=True)
class Abilities:
    """What a wire can say."""

    streams: bool = True
    """Whether the answer comes in pieces."""
    whole: bool = True
    """Whether an answer may come whole, where it was asked for in pieces."""
    thinking: bool = True
    filter: bool = True
    cached: bool = True
    http: bool = True
    """Whether an answer is the body of an HTTP response."""


ABILITIES: Mapping[str, Abilities] = {
    "chat": Abilities(),
    "responses": Abilities(),
    "responses-ws": Abilities(whole=False, http=False),
    "completions": Abilities(thinking=False),
    "anthropic": Abilities(),
    "mistral-fim": Abilities(),
    "llama-infill": Abilities(thinking=False, filter=False),
    "ollama": Abilities(filter=False, cached=False),
    "inception-edit": Abilities(streams=False, thinking=False),
}
"""Of the wires that give their answer on one connection. Jobs are fetched, and have tests of their own."""


def wires_that(can: Callable[[Abilities], bool] = lambda _: True) -> list[str]:
    """The wires that are there and can do this."""
    there = {*WIRES, *EndpointClient()._special}
    return [name for name in endpoint_model.WIRES if name in there and name in ABILITIES and can(ABILITIES[name])]


@dataclass
class Served:
    """A simulator, a client, and an endpoint that leads from one to the other."""

    simulator: Simulator
    client: EndpointClient
    endpoint: Endpoint

    @property
    def record(self) -> RecordedRequest:
        """The last request for an answer, and not one that only opens or prepares a WebSocket."""
        return next(
            record
            for record in reversed(self.simulator.requests)
            if isinstance(record.body, dict) and record.body.get("generate") is not False
        )

    async def asked(self) -> None:
        await self.simulator.until_asked()

    async def left(self) -> None:
        await asyncio.wait_for(self.record.ended.wait(), PATIENCE)
        assert self.record.closed_early

    def connections(self) -> set[object]:
        return set(self.simulator._connections)

    def expecting(self, **expected: Any) -> Expectation:
        return replace(
            Expectation(asked=self.asked, left=self.left, connections=self.connections, request=CONVERSATION),
            **expected,
        )


Test: TypeAlias = "Callable[[Served], Awaitable[None]]"


@dataclass(frozen=True)
class Serving:
    """How a simulator is set up."""

    reply: ScriptedReply
    timeouts: Timeouts = field(default_factory=Timeouts)
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    tps: float = 0
    ttft_ms: float = 0


def simulated(wire: str, serving: Serving, test: Test) -> None:
    """Run a test against a simulator, on a loop of its own."""

    async def main() -> None:
        async with served(wire, serving) as it:
            await test(it)

    run(main())


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    """Like `asyncio.run`; clients are built fast, since there are no certificates in this folder to be read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SSL_CERT_FILE", raising=False)
        patch.setenv("SSL_CERT_DIR", str(Path(__file__).parent))
        asyncio.run(coroutine)


@asynccontextmanager
async def served(wire: str, serving: Serving) -> AsyncIterator[Served]:
    """A simulator with one reply, for the length of the block."""
    client = EndpointClient()
    async with Simulator(Script((serving.reply,)), tps=serving.tps, ttft_ms=serving.ttft_ms) as simulator:
        try:
            yield Served(simulator, client, endpoint_at(simulator.base_url_for(wire), wire, serving))
        finally:
            await client.aclose()


def endpoint_at(base_url: str, wire: str, serving: Serving) -> Endpoint:
    return Endpoint(
        name="mine",
        base_url=base_url,
        model=MODEL,
        wire=wire,
        api_key=KEY,
        api_key_source="the variable MY_KEY",
        extra_body=serving.extra_body,
        timeouts=serving.timeouts,
    )
