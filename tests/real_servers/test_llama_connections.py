"""Connections to a real llama-server: kept, dropped, cancelled and lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from endpoints.conformance_cases import Heard
from real_servers.asking import a_request, each_wire, endpoint_at, read, until_busy
from spark_lsp.endpoints.errors import Interrupted, Unreachable
from spark_lsp.endpoints.model_client import ModelClient, Purpose
from spark_lsp.ledger.ledger import Ledger
from spark_lsp.settings.model import CacheSettings, Settings
from support.llama_server import LlamaServer
from support.relay import Relay
from support.tiny_script import GOLDEN, RANDOM_CONTEXT, SCRIPT_CONTEXT

if TYPE_CHECKING:
    from pathlib import Path

    from spark_lsp.endpoints.request import Endpoint
    from spark_lsp.endpoints.transport import EndpointClient
    from support.llama_cache import LlamaCache

pytestmark = pytest.mark.asyncio

ENDLESS = 100_000
"""Tokens that take far longer than any test."""
REQUESTS_ON_ONE_CONNECTION = 100
"""As the server says in `Keep-Alive: timeout=5, max=100`."""


def behind(relay: Relay, server: LlamaServer, wire: str) -> Endpoint:
    """The endpoint as it is reached through a relay."""
    return endpoint_at(server, wire, base_url=server.base_url(wire).replace(server.root, relay.root))


def whole(endpoint: Endpoint) -> Endpoint:
    """The same, asked for an answer in one object: only behind those does this server keep a connection."""
    return replace(endpoint, extra_body={"stream": None})


@each_wire
async def test_a_stream_ends_its_connection_whatever_its_headers_say(
    scripted: LlamaServer, client: EndpointClient, wire: str
) -> None:
    """They say `Keep-Alive: timeout=5, max=100`; a client that believes it sends its next request to nobody."""
    async with Relay(scripted.port) as relay:
        endpoint = behind(relay, scripted, wire)
        for turn in range(3):
            assert (await read(client, endpoint, a_request(wire))).text == GOLDEN
            await relay.until_ended(turn + 1)
        assert relay.connections == 3
        assert relay.ends == ["server"] * 3


@each_wire
async def test_the_next_request_may_come_before_the_end_of_the_connection(
    scripted: LlamaServer, client: EndpointClient, wire: str
) -> None:
    """Behind the relay it comes later than the end of the answer, as in any network: the request is lost, once."""
    models = ModelClient(client, Ledger(None))
    settings = Settings(cache=CacheSettings(replies=False))
    async with Relay(scripted.port) as relay:
        endpoint = behind(relay, scripted, wire)
        for _ in range(20):
            async with models.ask(endpoint, a_request(wire), Purpose("edit"), settings) as batches:
                heard = Heard([event async for events in batches for event in events])
            assert heard.text == GOLDEN
        assert relay.connections == 20


async def test_an_idle_connection_is_used_until_the_server_closes_it(
    scripted: LlamaServer, client: EndpointClient
) -> None:
    """It does so after 5 s: the next request sees it, and the user does not."""
    async with Relay(scripted.port) as relay:
        endpoint = whole(behind(relay, scripted, "chat"))
        for _ in range(3):
            assert (await read(client, endpoint, a_request("chat"))).text == GOLDEN
        assert relay.connections == 1
        await relay.until_ended(1)
        assert relay.ends == ["server"]
        assert (await read(client, endpoint, a_request("chat"))).text == GOLDEN
        assert relay.connections == 2


async def test_more_requests_than_the_server_takes_on_one_connection(
    scripted: LlamaServer, client: EndpointClient
) -> None:
    async with Relay(scripted.port) as relay:
        endpoint = whole(behind(relay, scripted, "chat"))
        for _ in range(REQUESTS_ON_ONE_CONNECTION + 5):
            assert (await read(client, endpoint, a_request("chat", tokens=2))).text == "def add"
        assert relay.connections == 2


@each_wire
@pytest.mark.parametrize("leave", ["cancel", "break"])
async def test_an_answer_that_nobody_reads_any_more_is_not_made(
    noisy: LlamaServer, client: EndpointClient, wire: str, leave: str
) -> None:
    made = noisy.tokens_made()
    begun = asyncio.Event()

    async def ask() -> None:
        async with client.stream(endpoint_at(noisy, wire), a_request(wire, tokens=ENDLESS)) as batches:
            async for _ in batches:
                begun.set()
                if leave == "break":
                    return

    task = asyncio.create_task(ask())
    await begun.wait()
    if leave == "cancel":
        assert noisy.busy_slots() == 1
        task.cancel()
    await asyncio.wait([task])
    assert task.cancelled() == (leave == "cancel")
    await until_busy(noisy, 0)
    assert 0 < noisy.tokens_made() - made < ENDLESS
    assert (await read(client, endpoint_at(noisy, wire), a_request(wire, tokens=5))).text


@each_wire
async def test_a_prompt_that_is_cancelled_is_not_read_to_its_end(
    noisy: LlamaServer, client: EndpointClient, wire: str
) -> None:
    """Before the first token: the server has said nothing yet."""
    prompt = "".join(chr(33 + number % 94) for number in range(RANDOM_CONTEXT - 10_000))
    request = a_request(wire, prompt, ENDLESS)
    before = noisy.log.stat().st_size
    task = asyncio.create_task(read(client, endpoint_at(noisy, wire), request))
    await asyncio.to_thread(noisy.until_said, "processing task", before)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    end = await asyncio.to_thread(noisy.until_said, r"stop processing: n_tokens = (\d+)", before)
    assert int(end[1]) < len(prompt) / 2
    await until_busy(noisy, 0)


@each_wire
async def test_more_requests_than_slots(scripted: LlamaServer, client: EndpointClient, wire: str) -> None:
    endpoint = endpoint_at(scripted, wire)
    answers = await asyncio.gather(*(read(client, endpoint, a_request(wire, f"{one}\n")) for one in range(9)))
    assert [answer.text for answer in answers] == [GOLDEN] * 9


@each_wire
async def test_a_server_that_dies_and_comes_back(
    llama: LlamaCache, client: EndpointClient, wire: str, tmp_path: Path
) -> None:
    with LlamaServer(llama, "tiny-random", RANDOM_CONTEXT, tmp_path) as server:
        endpoint = endpoint_at(server, wire)
        async with client.stream(endpoint, a_request(wire, tokens=ENDLESS)) as batches:
            await anext(batches)
            server.kill()
            with pytest.raises(Interrupted, match="ended its answer before it was finished: try again"):
                _ = [events async for events in batches]
    with pytest.raises(Unreachable, match="refuses connections: start the server"):
        await read(client, endpoint, a_request(wire))
    with LlamaServer(llama, "tiny-script", SCRIPT_CONTEXT, tmp_path, "--port", str(server.port)):
        assert (await read(client, endpoint, a_request(wire))).text == GOLDEN
