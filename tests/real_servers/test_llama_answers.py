"""Our client reads what a real llama-server answers, over every wire that both speak."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from endpoints.conformance_cases import Expectation, counts_tokens, gives_the_text, says_how_it_ended
from real_servers.asking import a_request, each_wire, endpoint_at, read, until_busy
from spark_lsp.endpoints.events import TextDelta, Usage
from support.tiny_script import GOLDEN, SCRIPT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from endpoints.conformance_cases import Heard
    from spark_lsp.endpoints.request import Endpoint
    from spark_lsp.endpoints.transport import EndpointClient
    from support.llama_server import LlamaServer

pytestmark = pytest.mark.asyncio

SNAKE = SCRIPT.index("<0xF0>")
"""Tokens before the character that is made of four."""
LOAD = 5000
ENDLESS = 100_000
STREAMED = {"streamed": {}, "whole": {"stream": None}}

either_way = pytest.mark.parametrize("way", STREAMED)


def pieces_of(heard: Heard) -> int:
    return sum(isinstance(event, TextDelta) for event in heard.events)


def used(heard: Heard) -> Usage:
    assert heard.usage is not None
    return heard.usage


@each_wire
@either_way
@pytest.mark.parametrize("case", [gives_the_text, says_how_it_ended, counts_tokens])
async def test_it_conforms(
    scripted: LlamaServer,
    client: EndpointClient,
    wire: str,
    way: str,
    case: Callable[[EndpointClient, Endpoint, Expectation], Awaitable[None]],
) -> None:
    endpoint = endpoint_at(scripted, wire, extra_body=STREAMED[way])
    await case(client, endpoint, Expectation(a_request(wire), GOLDEN, "stop"))


@each_wire
@either_way
async def test_every_token_is_counted_and_comes_as_it_is_made(
    scripted: LlamaServer, client: EndpointClient, wire: str, way: str
) -> None:
    heard = await read(client, endpoint_at(scripted, wire, extra_body=STREAMED[way]), a_request(wire))
    assert used(heard).output_tokens == len(SCRIPT) + 1  # and the end
    assert pieces_of(heard) == (len(SCRIPT) - 3 if way == "streamed" else 1)  # the snake is one piece


@each_wire
@either_way
@pytest.mark.parametrize(
    ("tokens", "text"),
    [(4, "def add(a"), (SNAKE, GOLDEN.partition("🐍")[0]), (SNAKE + 2, GOLDEN.partition("🐍")[0])],
    ids=["word", "before a character", "within a character"],
)
async def test_a_limit_ends_the_answer(
    scripted: LlamaServer, client: EndpointClient, wire: str, way: str, tokens: int, text: str
) -> None:
    endpoint = endpoint_at(scripted, wire, extra_body=STREAMED[way])
    heard = await read(client, endpoint, a_request(wire, tokens=tokens))
    assert heard.text.removesuffix("\ufffd") == text  # what some wires make of half a character
    assert heard.finishes == ["length"]
    assert used(heard).output_tokens == tokens


@each_wire
async def test_the_same_prompt_again_comes_out_of_the_cache(
    scripted: LlamaServer, client: EndpointClient, wire: str
) -> None:
    request = a_request(wire, f"# Something that nobody has said over the wire {wire}.\n")
    first, again = [used(await read(client, endpoint_at(scripted, wire), request)) for _ in range(2)]
    assert again.input_tokens == first.input_tokens
    assert first.cached_tokens < again.cached_tokens < again.input_tokens


@each_wire
async def test_thousands_of_chunks_a_second_are_read_in_order(
    noisy: LlamaServer, client: EndpointClient, wire: str
) -> None:
    """The same answer as one object is what they are compared with."""
    request = a_request(wire, tokens=LOAD)
    streamed = await read(client, endpoint_at(noisy, wire), request)
    assert streamed.finishes == ["length"]
    assert used(streamed).output_tokens == pieces_of(streamed) == LOAD
    whole = await read(client, endpoint_at(noisy, wire, extra_body=STREAMED["whole"]), request)
    assert streamed.text == whole.text


@each_wire
async def test_two_answers_at_once_do_not_mix(noisy: LlamaServer, client: EndpointClient, wire: str) -> None:
    endpoint, request = endpoint_at(noisy, wire), a_request(wire, tokens=200)
    alone = await read(client, endpoint, request)
    async with client.stream(endpoint, a_request(wire, "Something else.\n", tokens=ENDLESS)) as others:
        await anext(others)
        assert (await read(client, endpoint, request)).text == alone.text
        await anext(others)  # it is still at it
    await until_busy(noisy, 0)
