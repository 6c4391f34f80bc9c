"""However the network cuts an answer into pieces, it stays the same: between events, in them, and in a character."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from endpoints.conformance_cases import REQUEST, Expectation, counts_tokens, says_how_it_ended
from endpoints.conformance_servers import MODEL, Serving, endpoint_at, run, served, wires_that
from spark_lsp.endpoints.events import Event, Finish, TextDelta, Usage
from spark_lsp.endpoints.failures import failures_for
from spark_lsp.endpoints.transport import EndpointClient
from spark_lsp.endpoints.wires.registry import WIRES as HTTP_WIRES
from spark_lsp.simulator.reply import ScriptedReply
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TEXT = "é🐍\r\n"
REPLY = ScriptedReply(reply=TEXT)
SIZES = (1, 2, 3, 7, 64)
WIRES = wires_that()


@asynccontextmanager
async def cutting_relay(port: int, size: int) -> AsyncIterator[int]:
    """A port that leads to another, and passes on what comes back from there in pieces of so many bytes."""
    tasks: set[asyncio.Task[None]] = set()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, at_a_time: int | None) -> None:
        while data := await reader.read(65536):
            step = at_a_time or len(data)
            for start in range(0, len(data), step):
                writer.write(data[start : start + step])
                await writer.drain()
                await asyncio.sleep(0)  # the client runs on this loop too, and reads the piece now
        writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", port)
        tasks.add(asyncio.create_task(forward(reader, to_server, None)))
        tasks.add(asyncio.create_task(forward(from_server, writer, size)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.wait(tasks)
        await server.wait_closed()


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("size", SIZES)
def test_pieces_of_any_size(wire: str, size: int) -> None:
    async def main() -> None:
        async with Simulator(Script((REPLY,)), tps=0, ttft_ms=0) as simulator:
            base_url = simulator.base_url_for(wire)
            port = base_url.split(":")[2].partition("/")[0]
            async with cutting_relay(int(port), size) as relay:
                client = EndpointClient()
                endpoint = endpoint_at(base_url.replace(port, str(relay)), wire, Serving(REPLY))
                await says_how_it_ended(client, endpoint, Expectation(text=TEXT, finish="stop"))
                await counts_tokens(client, endpoint, Expectation())
                await client.aclose()

    run(main())


def _body(wire: str) -> bytes:
    """The bytes of an answer, as they come."""

    bodies = []

    async def main() -> None:
        async with served(wire, Serving(REPLY)) as it, httpx.AsyncClient() as client:
            request = HTTP_WIRES[wire].request(it.endpoint, REQUEST)
            response = await client.request(
                request.method, request.url, headers=dict(request.headers), content=request.content
            )
            bodies.append(response.content)

    run(main())
    return bodies[0]


def _parsed(wire: str, *pieces: bytes) -> list[Event]:
    endpoint = endpoint_at("http://127.0.0.1:8000", wire, Serving(REPLY))
    parser = HTTP_WIRES[wire].parser(failures_for(endpoint, REQUEST, endpoint.base_url))
    events = [event for piece in pieces for event in parser.feed(piece)] + parser.close()
    assert parser.failure is None
    assert parser.finished
    return events


@pytest.mark.parametrize("wire", [wire for wire in WIRES if wire in HTTP_WIRES])
def test_a_cut_at_every_byte(wire: str) -> None:
    body = _body(wire)
    assert MODEL.encode() in body
    whole = _parsed(wire, body)
    assert "".join(event.text for event in whole if isinstance(event, TextDelta)) == TEXT
    assert {Finish, Usage} <= {type(event) for event in whole}
    for cut in range(len(body)):
        assert _parsed(wire, body[:cut], body[cut:]) == whole


@pytest.mark.parametrize("wire", [wire for wire in WIRES if wire in HTTP_WIRES])
def test_an_answer_that_ends_at_any_byte_is_whole_or_a_failure(wire: str) -> None:
    body = _body(wire)
    endpoint = endpoint_at("http://127.0.0.1:8000", wire, Serving(REPLY))
    outcomes = []
    for cut in range(len(body) + 1):
        parser = HTTP_WIRES[wire].parser(failures_for(endpoint, REQUEST, endpoint.base_url))
        events = [*parser.feed(body[:cut]), *parser.close()]
        text = "".join(event.text for event in events if isinstance(event, TextDelta))
        finished = any(isinstance(event, Finish) for event in events)
        assert finished == parser.finished == (parser.failure is None)
        assert TEXT.startswith(text)
        assert text == TEXT or not finished
        outcomes.append(finished)
    assert outcomes == sorted(outcomes), "once it is whole it stays so"
    assert outcomes[-1]
