"""The simulator's WebSocket behind a fake transport, in virtual time; the client is the library's own protocol."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from simulator.simulated_client import SimulatedClient, SimulatedSocket
from spark_lsp.simulator.reply import ScriptedReply
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator
from support.virtual_time import run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from spark_lsp.simulator.reply import Fault

TEXT = "one two three naïve 🐍\r\nfour\n"
CREATE: dict[str, Any] = {"type": "response.create", "model": "m", "input": "Hello"}
DELTA = "response.output_text.delta"


def _simulator(*replies: ScriptedReply) -> Simulator:
    return Simulator(Script(replies or (ScriptedReply(reply=TEXT),)), tps=1000, ttft_ms=50)


def _connected(simulator: Simulator, test: Callable[[SimulatedSocket], Awaitable[None]]) -> None:
    async def main() -> None:
        socket = SimulatedSocket(simulator)
        assert (await socket.response()).status_code == 101
        await test(socket)

    run(main())


def _text(events: list[Any]) -> str:
    return "".join(event["delta"] for event in events if event["type"] == DELTA)


def _refusal(event: Any) -> tuple[Any, Any]:
    assert event["type"] == "error"
    return event["error"]["code"], event["error"]["message"]


def test_the_upgrade_says_what_answers_it() -> None:
    async def main() -> None:
        response = await SimulatedSocket(_simulator()).response()
        assert response.headers["x-spark-simulator"] == "scripted"

    run(main())


def test_answers_follow_each_other_and_may_build_on_the_last() -> None:
    simulator = _simulator()

    async def test(socket: SimulatedSocket) -> None:
        last = None
        for _ in range(3):
            socket.send({**CREATE, "previous_response_id": last})
            events = await socket.until("response.completed")
            assert _text(events) == TEXT
            assert events[0]["type"] == "response.created"
            assert [event["sequence_number"] for event in events] == list(range(len(events)))
            assert events[-1]["response"]["id"] != last
            last = events[-1]["response"]["id"]

    _connected(simulator, test)
    upgrade, *creates = simulator.requests
    assert (upgrade.method, upgrade.closed_early) == ("GET", False)
    assert [(record.method, record.path, record.closed_early) for record in creates] == [
        ("WEBSOCKET", "/v1/responses", False)
    ] * 3
    assert creates[0].body == {**CREATE, "previous_response_id": None}
    assert creates[0].first_token_seconds == pytest.approx(0.05)


def test_a_message_may_come_with_the_request_for_the_socket() -> None:
    async def main() -> None:
        socket = SimulatedSocket(_simulator(), early=CREATE)
        assert (await socket.response()).status_code == 101
        assert _text(await socket.until("response.completed")) == TEXT

    run(main())


@pytest.mark.parametrize("given", ["Hello", []])
def test_to_prepare_makes_no_text(given: object) -> None:
    async def test(socket: SimulatedSocket) -> None:
        socket.send({**CREATE, "generate": False, "input": given})
        created = await socket.message()
        completed = await socket.message()
        assert (created["type"], completed["type"]) == ("response.created", "response.completed")
        assert completed["response"]["usage"]["output_tokens"] == 0
        assert asyncio.get_running_loop().time() == 0
        socket.send({**CREATE, "previous_response_id": completed["response"]["id"]})
        assert _text(await socket.until("response.completed")) == TEXT

    _connected(_simulator(), test)


def test_only_the_last_response_can_be_built_on() -> None:
    async def test(socket: SimulatedSocket) -> None:
        socket.send(CREATE)
        first = (await socket.until("response.completed"))[-1]["response"]["id"]
        socket.send(CREATE)
        await socket.until("response.completed")
        socket.send({**CREATE, "previous_response_id": first})
        error = await socket.message()
        assert _refusal(error) == ("previous_response_not_found", f"Previous response with id '{first}' not found.")
        assert (error["status"], error["error"]["param"]) == (400, "previous_response_id")

    _connected(_simulator(), test)


@pytest.mark.parametrize("failing", [{"input": "fail"}, {"input": 3}])
def test_a_turn_that_fails_leaves_nothing_to_build_on(failing: dict[str, Any]) -> None:
    async def test(socket: SimulatedSocket) -> None:
        socket.send(CREATE)
        last = (await socket.until("response.completed"))[-1]["response"]["id"]
        socket.send({**CREATE, **failing})
        await socket.until("error")
        socket.send({**CREATE, "previous_response_id": last})
        assert _refusal(await socket.message())[0] == "previous_response_not_found"

    _connected(_simulator(ScriptedReply("fail", fault="error-event"), ScriptedReply(reply=TEXT)), test)


def test_there_is_one_answer_at_a_time() -> None:
    async def test(socket: SimulatedSocket) -> None:
        socket.send(CREATE)
        socket.send({**CREATE, "input": "me too"})
        events = await socket.until("response.completed")
        errors = [event for event in events if event["type"] == "error"]
        assert [_refusal(error)[0] for error in errors] == ["response_in_progress"]
        assert _text(events) == TEXT

    simulator = _simulator()
    _connected(simulator, test)
    assert all(record.ended.is_set() for record in simulator.requests)


def test_a_connection_gets_too_old() -> None:
    async def test(socket: SimulatedSocket) -> None:
        await asyncio.sleep(3599)
        socket.send(CREATE)
        await socket.until("response.completed")
        await asyncio.sleep(2)
        socket.send(CREATE)
        assert _refusal(await socket.message()) == (
            "websocket_connection_limit_reached",
            "Responses websocket connection limit reached (60 minutes).",
        )

    _connected(_simulator(), test)


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ("{", "A message must be a JSON object."),
        ("3", "A message must be a JSON object."),
        (b"{}", "A message must be a JSON object."),
        ({"type": "response.cancel"}, "A message must have the type response.create."),
        ({"type": "response.create", "input": []}, "input must be a string or a list of objects, and not empty."),
        ({"type": "response.create"}, "input must be a string or a list of objects, and not empty."),
    ],
)
def test_a_message_that_is_no_request(message: object, problem: str) -> None:
    async def test(socket: SimulatedSocket) -> None:
        socket.send(message)
        assert _refusal(await socket.message())[1] == problem
        socket.send(CREATE)
        assert _text(await socket.until("response.completed")) == TEXT

    _connected(_simulator(), test)


ENDS = {"error", "response.completed", "response.incomplete"}


@pytest.mark.parametrize(
    ("fault", "last", "code"),
    [
        ("length", "response.incomplete", None),
        ("filter", "response.incomplete", None),
        ("empty", "response.completed", None),
        ("error-event", "error", None),
        ("garbage", "{this is not JSON", None),
        ("no-finish", None, 1011),
        ("cut", None, 1006),
        ("reset", None, 1006),
        ("refuse", None, 1006),
    ],
)
def test_faults(fault: Fault, last: str | None, code: int | None) -> None:
    """Without a code the connection goes on."""

    async def test(socket: SimulatedSocket) -> None:
        socket.send(CREATE)
        messages = [await socket.message()]
        while isinstance(messages[-1], dict) and messages[-1]["type"] not in ENDS:
            messages.append(await socket.message())
        end = messages.pop()
        assert (end["type"] if isinstance(end, dict) else end) == last
        assert _text(messages) == ("" if fault in {"empty", "refuse"} else "one two")
        assert socket.close_code == code
        assert bool(socket.transport.socket.options) == (fault == "reset")

    _connected(_simulator(ScriptedReply(reply=TEXT, fault=fault, after=7)), test)


def test_an_error_reply_is_a_frame_with_its_status() -> None:
    async def test(socket: SimulatedSocket) -> None:
        socket.send(CREATE)
        error = await socket.message()
        assert (error["status"], error["headers"]) == (429, {"retry-after": "3"})
        assert error["error"] == {"type": "rate_limit_error", "code": None, "message": "slow down", "param": None}

    _connected(_simulator(ScriptedReply(reply="slow down", status=429, headers={"retry-after": "3"})), test)


def test_keep_alives_are_pings() -> None:
    async def test(socket: SimulatedSocket) -> None:
        socket.send(CREATE)
        messages = [await socket.message() for _ in range(5)]
        assert [message if isinstance(message, str) else message["type"] for message in messages] == [
            "response.created",
            "response.in_progress",
            *["ping"] * 3,
        ]

    _connected(_simulator(ScriptedReply(reply=TEXT, comments=3)), test)


@pytest.mark.parametrize("fault", [None, "stall", "silence"])
@pytest.mark.parametrize("politely", [True, False])
def test_a_client_that_leaves_stops_the_answer(fault: Fault | None, politely: bool) -> None:
    simulator = _simulator(ScriptedReply(reply=TEXT * 100, fault=fault, after=100))

    async def test(socket: SimulatedSocket) -> None:
        socket.send(CREATE)
        await asyncio.sleep(0.2)
        leave = socket.close if politely else socket.leave
        leave()
        await simulator.requests[-1].ended.wait()
        assert asyncio.get_running_loop().time() == pytest.approx(0.2)
        await asyncio.sleep(10)
        assert all(when <= 0.2 for when, _ in socket.transport.writes)

    _connected(simulator, test)
    assert [record.closed_early for record in simulator.requests] == [False, True]
    assert simulator._connections == set()


def test_a_script_can_refuse_sockets() -> None:
    simulator = _simulator(
        ScriptedReply("Hello", TEXT), ScriptedReply(reply="no", upgrade=426, headers={"retry-after": "3"})
    )

    async def main() -> None:
        response = await SimulatedSocket(simulator).response()
        assert (response.status_code, response.headers["retry-after"]) == (426, "3")
        assert b'"message":"no"' in response.body
        client = SimulatedClient(simulator)
        client.post({"input": "Hello"}, "/v1/responses")
        assert b"four" in (await client.response())[1]

    run(main())


def test_a_request_that_is_not_quite_one_for_a_socket() -> None:
    async def main() -> list[tuple[float, bytes]]:
        client = SimulatedClient(_simulator())
        head = b"GET /v1/responses HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"
        client.connection.data_received(head)
        await client.connection.closed.wait()
        return client.transport.writes

    assert run(main())[0][1].startswith(b"HTTP/1.1 400 ")


def test_a_message_that_is_not_utf_8() -> None:
    async def test(socket: SimulatedSocket) -> None:
        socket.send_raw(bytes.fromhex("8181 00000000 ff"))
        assert await socket.message() is None
        assert socket.close_code == 1007

    _connected(_simulator(), test)


def test_other_paths_have_no_sockets() -> None:
    async def main() -> int:
        return (await SimulatedSocket(_simulator(), "/v1/models").response()).status_code

    assert run(main()) == 200
