"""Responses over real WebSockets on loopback. Nothing here depends on how long anything takes."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from endpoints.scripted_socket import (
    CREATED,
    FORGOTTEN,
    IN_PROGRESS,
    RATE_LIMITS,
    REQUEST,
    TIMING,
    TOO_OLD,
    SocketServer,
    Step,
    answer,
    completed,
    delta,
    error,
    read,
    socket_transport,
)
from spark_lsp.endpoints.errors import (
    EndpointError,
    Interrupted,
    KeyRefused,
    RateLimited,
    Rejected,
    TooSlow,
    Unavailable,
    UnexpectedAnswer,
)
from spark_lsp.endpoints.events import Finish, TextDelta, Thinking, Usage
from spark_lsp.endpoints.request import Timeouts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from spark_lsp.endpoints.sockets.responses_socket import ResponsesSocket


@pytest.fixture(autouse=True)
def _unprepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, there are no messages but those of requests."""
    monkeypatch.setattr("spark_lsp.endpoints.sockets.socket_pool.PREPARE_AFTER", 3600)


def with_server(test: Callable[[SocketServer, ResponsesSocket], Awaitable[None]], *scripts: Sequence[Step]) -> None:
    """Run a test against a server, and see that nothing is left of the client."""

    async def main() -> None:
        async with SocketServer(deque(scripts)) as server:
            transport = socket_transport()
            before = asyncio.all_tasks()
            await test(server, transport)
            await transport.aclose()
            await server.until_left()
            assert asyncio.all_tasks() == before

    asyncio.run(main())


def test_an_answer_is_text_a_finish_and_usage() -> None:
    async def test(server: SocketServer, transport: ResponsesSocket) -> None:
        outcome = await read(transport, server.endpoint)
        assert outcome.failure is None
        assert [event for _, event in outcome.events] == [
            Thinking(),
            TextDelta("def"),
            TextDelta(" naïve 🐍"),
            Finish("stop"),
            Usage(22, 3, 18),
        ]

    thought: Step = {"type": "response.reasoning_text.delta", "item_id": "rs_1", "output_index": 0, "delta": "hm"}
    with_server(
        test,
        [CREATED, RATE_LIMITS, IN_PROGRESS, thought, delta("def"), TIMING, delta(" naïve 🐍"), completed(), TIMING],
    )


def test_a_request_is_one_message_with_the_body_of_the_wire_responses() -> None:
    async def test(server: SocketServer, transport: ResponsesSocket) -> None:
        endpoint = replace(
            server.endpoint,
            headers={"X-Team": "spark"},
            extra_body={"service_tier": "priority", "store": None, "stream": True},
        )
        await read(transport, endpoint)
        [(_, message)] = server.requests
        assert message["type"] == "response.create"
        assert message["model"] == "model-1"
        assert message["instructions"] == "Edit."
        assert "the secret prompt of the user" in json.dumps(message["input"])
        assert message["service_tier"] == "priority"
        assert not {"stream", "background", "store", "previous_response_id", "generate"} & message.keys()
        [upgrade] = server.upgrades
        assert upgrade.path == "/v1/responses"
        assert upgrade.headers["authorization"] == "Bearer sk-secret-key"
        assert upgrade.headers["x-team"] == "spark"
        assert upgrade.headers["user-agent"] == "spark-lsp"
        preview = await transport.preview(endpoint, REQUEST)
        assert json.loads(preview.content) == message
        assert preview.url == endpoint.base_url.replace("http:", "ws:") + "/responses"
        assert preview.headers["authorization"] == "Bearer sk-secret-key"

    with_server(test, answer("a"))


def test_requests_one_after_the_other_share_a_connection() -> None:
    async def test(server: SocketServer, transport: ResponsesSocket) -> None:
        await transport.warm(server.endpoint)
        await transport.warm(server.endpoint)
        for _ in range(3):
            assert (await read(transport, server.endpoint)).text == "ab"
        assert [number for number, _ in server.requests] == [0, 0, 0]
        assert len(server.connections) == 1
        # Another key is somebody else.
        assert (await read(transport, replace(server.endpoint, api_key="sk-other"))).text == "ab"
        assert server.requests[-1][0] == 1

    with_server(test, answer("a", "b"))


def test_requests_at_the_same_time_have_a_connection_each() -> None:
    async def test(server: SocketServer, transport: ResponsesSocket) -> None:
        reading = [asyncio.create_task(read(transport, server.endpoint)) for _ in range(4)]
        await server.until(requests=4)
        assert {number for number, _ in server.requests} == {0, 1, 2, 3}
        both.set()
        assert [outcome.text for outcome in await asyncio.gather(*reading)] == ["ab"] * 4
        await server.until(connections=2)  # no more than these are kept

    both = asyncio.Event()
    with_server(test, [CREATED, delta("a"), both, delta("b"), completed()])


@pytest.mark.parametrize("when", ["before", "inside"])
@pytest.mark.parametrize("leave", ["cancel", "break", "error"])
def test_who_leaves_closes_the_connection_and_finds_a_new_one(when: str, leave: str) -> None:
    async def test(server: SocketServer, transport: ResponsesSocket) -> None:
        async def read_and_leave() -> None:
            async with transport.stream(server.endpoint, REQUEST) as batches:
                async for _ in batches:
                    if leave == "cancel":
                        begun.set()
                    if leave == "break":
                        break
                    if leave == "error":
                        raise ZeroDivisionError

        begun = asyncio.Event()
        reading = asyncio.create_task(read_and_leave())
        await server.until(requests=1)
        if when == "before" or leave == "cancel":
            if when == "inside":
                await begun.wait()
            reading.cancel()
        await asyncio.wait([reading])
        await server.until(opened=2, connections=1)
        assert server.connections[0].state.name == "CLOSED"
        server.scripts = deque([answer("whole")])
        assert (await read(transport, server.endpoint)).text == "whole"
        assert server.requests[-1][0] == 1

    never = asyncio.Event()
    with_server(test, [CREATED, never] if when == "before" else [CREATED, delta("a"), never])


def test_a_cancel_closes_at_once() -> None:
    async def test(server: SocketServer, transport: ResponsesSocket) -> None:
        reading = asyncio.create_task(read(transport, server.endpoint))
        await server.until(requests=1)
        [pooled] = transport._pool._sockets
        reading.cancel()
        for _ in range(3):  # turns of the loop
            await asyncio.sleep(0)
        assert reading.done()
        assert not pooled.socket.is_open

    with_server(test, [CREATED, asyncio.Event()])


def test_a_cancel_while_connecting_leaves_the_connection_to_the_next_request() -> None:
    async def test(server: SocketServer, transport: ResponsesSocket) -> None:
        for _ in range(5):
            reading = asyncio.create_task(read(transport, server.endpoint))
            await asyncio.sleep(0)
            reading.cancel()
            await asyncio.wait([reading])
        assert (await read(transport, server.endpoint)).text == "a"
        assert len(server.connections) == 1

    with_server(test, answer("a"))


@pytest.mark.parametrize(
    ("step", "kind", "words"),
    [
        (error("invalid_prompt", "no such thing"), Rejected, 'rejected the request (HTTP 400, "no such thing")'),
        (error("invalid_api_key", "no", status=401), KeyRefused, "refused the API key (HTTP 401)"),
        (error("server_error", "oops", status=500), Unavailable, 'failed (HTTP 500, "oops"): try again later'),
        (
            error("rate_limit_exceeded", "slow down", status=429, headers={"Retry-After": "7"}),
            RateLimited,
            "try again in 7 s",
        ),
        (
            {"type": "error", "status_code": 503, "error": {"message": "busy", "headers": {"retry-after-ms": 3000}}},
            Unavailable,
            'is overloaded (HTTP 503, "busy"): try again in 3 s',
        ),
        (error("server_error", "oops", status=None), Interrupted, "oops"),
        ({"type": "error", "code": "server_error", "message": "oops", "param": None}, Interrupted, "oops"),
        ("<html>", UnexpectedAnswer, "check baseUrl"),
        ("not JSON", UnexpectedAnswer, "not JSON of the wire responses-ws"),
        ("[1]", UnexpectedAnswer, "not JSON of the wire responses-ws"),
        (b"{}", UnexpectedAnswer, "not JSON of the wire responses-ws"),
        ('{"type": "' + "x" * (8 * 1024 * 1024) + '"}', UnexpectedAnswer, "more than 8 MiB"),
        (ConnectionError(), Interrupted, "without saying anything"),
    ],
)
@pytest.mark.parametrize("heard", [False, True])
def test_what_comes_instead_of_an_answer(step: Step, kind: type[EndpointError], words: str, heard: bool) -> None:
    if heard and words == "without saying anything":
        words = "ended its answer before it was finished"
    if heard and "HTTP 500" in words:
        kind, words = Interrupted, 'broke off with an error ("oops")'

    async def test(server: SocketServer, transport: ResponsesSocket) -> None:
        outcome = await read(transport, server.endpoint)
        assert type(outcome.failure) is kind
        assert words in outcome.failure.message
        assert "secret" not in outcome.failure.message
        assert outcome.events == []
        assert len(server.requests) == 1
        server.scripts = deque([answer("whole")])
        assert (await read(transport, server.endpoint)).text == "whole"
        assert server.requests[-1][0] == 1  # the failed connection is not used again

    with_server(test, [CREATED, RATE_LIMITS, step] if heard else [step])


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (error("server_error", "oops", status=500), Interrupted),
        ({"type": "error", "code": "server_error", "message": "oops", "param": None}, Interrupted),
        (error("rate_limit_exceeded", "slow down", status=429), RateLimited),
        (TOO_OLD, Rejected),  # too late to begin anew
        (FORGOTTEN, Rejected),
        ("not JSON", UnexpectedAnswer),
        (b"\x00", UnexpectedAnswer),
        ('{"type": "' + "x" * (8 * 1024 * 1024) + '"}', UnexpectedAnswer),
        (ConnectionError(), Interrupted),
    ],
)
def test_what_breaks_an_answer_off(step: Step, kind: type[EndpointError]) -> None:
    async def test(server: SocketServer, transport: ResponsesSocket) -> None:
        outcome = await read(transport, server.endpoint)
        assert type(outcome.failure) is kind
        assert outcome.text == "some"
        assert len(server.requests) == 1
        server.scripts = deque([answer("whole")])
        assert (await read(transport, server.endpoint)).text == "whole"
        assert server.requests[-1][0] == 1

    with_server(test, [CREATED, delta("some"), step])


def test_a_server_that_dies_between_requests_is_noticed() -> None:
    async def test(server: SocketServer, transport: ResponsesSocket) -> None:
        await read(transport, server.endpoint)
        await server.connections[0].close()
        assert (await read(transport, server.endpoint)).text == "a"
        assert [number for number, _ in server.requests] == [0, 1]

    with_server(test, answer("a"))


def test_a_connection_that_breaks_with_the_next_request_is_replaced_once() -> None:
    async def test(server: SocketServer, transport: ResponsesSocket) -> None:
        await read(transport, server.endpoint)
        assert (await read(transport, server.endpoint)).text == "b"
        assert [number for number, _ in server.requests] == [0, 0, 1]
        outcome = await read(transport, server.endpoint)
        assert isinstance(outcome.failure, Interrupted)
        assert [number for number, _ in server.requests] == [0, 0, 1, 1, 2]

    with_server(test, answer("a"), [ConnectionError()], answer("b"), [ConnectionError()], [ConnectionError()])


def test_a_connection_at_its_age_limit_is_replaced_once() -> None:
    async def test(server: SocketServer, transport: ResponsesSocket) -> None:
        assert (await read(transport, server.endpoint)).text == "a"
        assert [number for number, _ in server.requests] == [0, 1]
        outcome = await read(transport, server.endpoint)
        assert isinstance(outcome.failure, Rejected)
        assert [number for number, _ in server.requests] == [0, 1, 1, 2]

    with_server(test, [CREATED, TOO_OLD], answer("a"), [TOO_OLD], [TOO_OLD])


@pytest.mark.parametrize("steps", [[CREATED], [CREATED, delta("a")]])
def test_deadlines(steps: list[Step]) -> None:
    async def test(server: SocketServer, transport: ResponsesSocket) -> None:
        outcome = await read(transport, replace(server.endpoint, timeouts=Timeouts(first_token=0.2, stall=0.1)))
        assert isinstance(outcome.failure, TooSlow)
        assert outcome.failure.deadline == ("stall" if outcome.text else "first_token")
        await server.until(opened=2, connections=1)

    with_server(test, [*steps, asyncio.Event()])


def test_closing_ends_running_streams() -> None:
    async def test(server: SocketServer, transport: ResponsesSocket) -> None:
        reading = [asyncio.create_task(read(transport, server.endpoint)) for _ in range(2)]
        await server.until(requests=2)
        await transport.aclose()
        assert [type((await outcome).failure) for outcome in reading] == [Interrupted, Interrupted]

    with_server(test, [CREATED, delta("a"), asyncio.Event()])


def test_closing_ends_what_is_still_connecting() -> None:
    async def test(server: SocketServer, transport: ResponsesSocket) -> None:
        reading = asyncio.create_task(read(transport, server.endpoint))
        await asyncio.sleep(0)
        await transport.aclose()
        assert isinstance((await reading).failure, EndpointError)

    with_server(test, answer("a"))


def test_running_streams_survive_a_rebuild() -> None:
    async def test(server: SocketServer, transport: ResponsesSocket) -> None:
        reading = asyncio.create_task(read(transport, server.endpoint))
        await transport.warm(server.endpoint)
        await server.until(requests=1)
        transport.rebuild()
        go_on.set()
        assert (await reading).text == "ab"
        await server.until(connections=0)
        assert (await read(transport, server.endpoint)).text == "ab"

    go_on = asyncio.Event()
    with_server(test, [CREATED, delta("a"), go_on, delta("b"), completed()])


def test_a_forgotten_response_is_sent_again_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spark_lsp.endpoints.sockets.socket_pool.PREPARE_AFTER", 0)

    async def test(server: SocketServer, transport: ResponsesSocket) -> None:
        await read(transport, server.endpoint)
        await server.until(requests=2)
        [pooled] = transport._pool._sockets
        if pooled.preparing is not None:
            await asyncio.wait([pooled.preparing])
        assert (await read(transport, server.endpoint)).text == "b"
        cold, preparation, chained, again = [message for _, message in server.requests[:4]]
        assert preparation == {**cold, "input": [], "generate": False}
        assert chained == {**cold, "previous_response_id": "resp_prepared"}
        assert again == cold
        assert {number for number, _ in server.requests} == {0}

    with_server(test, answer("a"), [FORGOTTEN], answer("b"))
