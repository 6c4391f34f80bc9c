"""Responses over scripted WebSockets in virtual time: deadlines, age, preparing. Opening one takes 0.1 seconds."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from endpoints.scripted_socket import (
    CREATED,
    IN_PROGRESS,
    PLACE,
    RATE_LIMITS,
    VIRTUAL,
    Outcome,
    Step,
    VirtualOpener,
    answer,
    completed,
    delta,
    error,
    read,
    socket_transport,
    with_instructions,
)
from spark_lsp.endpoints.errors import TooSlow
from spark_lsp.endpoints.events import Finish, TextDelta, Usage
from spark_lsp.endpoints.request import Endpoint, Timeouts
from spark_lsp.endpoints.sockets.web_socket import OpeningFailed
from support.virtual_time import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spark_lsp.endpoints.sockets.responses_socket import ResponsesSocket

ENDPOINT = replace(VIRTUAL, timeouts=Timeouts(connect=2, first_token=15, stall=10, total=120))
MINUTE = 60.0


def _outcome(*steps: Step, endpoint: Endpoint = ENDPOINT) -> Outcome:
    opener = VirtualOpener(deque([steps]))
    return run(read(socket_transport(opener), endpoint))


def test_events_come_when_the_server_sends_them() -> None:
    outcome = _outcome(CREATED, 0.5, delta("a"), 0.25, delta("b"), delta("c"), 0.25, completed())
    assert outcome.events == [
        (0.6, TextDelta("a")),
        (0.85, TextDelta("b")),
        (0.85, TextDelta("c")),
        (1.1, Finish("stop")),
        (1.1, Usage(22, 3, 18)),
    ]
    assert outcome.ended_at == 1.1  # the connection stays open, and nobody waits for its end


@pytest.mark.parametrize(
    "steps", [[], [CREATED, IN_PROGRESS], [step for _ in range(100) for step in (5.0, RATE_LIMITS)]]
)
def test_only_a_token_is_a_first_token(steps: Sequence[Step]) -> None:
    outcome = _outcome(*steps)
    assert isinstance(outcome.failure, TooSlow)
    assert str(outcome.failure) == (
        f"The endpoint at {PLACE} sent no first token within 15 s: try again or raise timeouts.firstToken."
    )
    assert outcome.ended_at == 15


def test_a_stall() -> None:
    outcome = _outcome(CREATED, delta("a"), 9.0, delta("b"), *(step for _ in range(9) for step in (3.0, RATE_LIMITS)))
    assert isinstance(outcome.failure, TooSlow)
    assert outcome.failure.deadline == "stall"
    assert outcome.text == "ab"
    assert outcome.ended_at == 19.1


@pytest.mark.parametrize("steps", [[step for _ in range(99) for step in (9.0, delta("a"))], [CREATED]])
def test_the_total(steps: Sequence[Step]) -> None:
    outcome = _outcome(*steps, endpoint=replace(ENDPOINT, timeouts=Timeouts(first_token=15, total=12)))
    assert isinstance(outcome.failure, TooSlow)
    assert outcome.failure.deadline == "total"
    assert outcome.ended_at == 12


def test_the_first_token_counts_from_the_request_and_not_from_the_connection() -> None:
    async def ask() -> Outcome:
        return await read(socket_transport(VirtualOpener(deque([[]]), seconds=10)), ENDPOINT)

    assert run(ask()).ended_at == 15


def test_warming_takes_no_longer_than_connecting_may() -> None:
    async def warm() -> tuple[float, Outcome]:
        transport = socket_transport(VirtualOpener(deque([answer("a")]), seconds=5))
        await transport.warm(ENDPOINT)
        return asyncio.get_running_loop().time(), await read(transport, ENDPOINT)

    warmed_at, outcome = run(warm())
    assert warmed_at == 2
    assert outcome.events[0] == (5, TextDelta("a"))  # over the connection that was on its way


async def _cancelled_at(transport: ResponsesSocket, seconds: float) -> None:
    reading = asyncio.create_task(read(transport, ENDPOINT))
    await asyncio.sleep(seconds)
    reading.cancel()
    await asyncio.wait([reading])
    assert reading.cancelled()


def test_a_cancel_closes_at_once_and_opens_a_spare() -> None:
    async def main() -> None:
        opener = VirtualOpener(deque([[CREATED, delta("a")], answer("b")]))
        transport = socket_transport(opener)
        await _cancelled_at(transport, 1)
        assert opener.sockets[0].closed_at == 1
        await asyncio.sleep(0.05)
        outcome = await read(transport, ENDPOINT)
        assert outcome.ended_at == 1.1  # the spare was half open by then
        assert [socket.opened_at for socket in opener.sockets] == [0.1, 1.1]
        await transport.aclose()

    run(main())


def test_a_failed_spare_is_nobodys_failure() -> None:
    async def main() -> None:
        opener = VirtualOpener(deque([[CREATED], answer("b")]))
        transport = socket_transport(opener)
        reading = asyncio.create_task(_cancelled_at(transport, 1))
        await asyncio.sleep(0.5)
        opener.failure = OpeningFailed("connect", ConnectionRefusedError())
        await reading
        await asyncio.sleep(1)
        opener.failure = None
        assert (await read(transport, ENDPOINT)).text == "b"
        await transport.aclose()

    run(main())


def test_a_connection_is_replaced_at_55_minutes() -> None:
    async def main() -> None:
        opener = VirtualOpener(deque([answer("a")]))
        transport = socket_transport(opener)
        await read(transport, ENDPOINT)
        await asyncio.sleep(54 * MINUTE)
        await read(transport, ENDPOINT)
        await asyncio.sleep(6 * MINUTE)
        assert [socket.closed_at for socket in opener.sockets] == [pytest.approx(55 * MINUTE + 0.1), None]
        await read(transport, ENDPOINT)
        assert opener.requests[-1][0] == 1
        # The next one served, too; the one after that nobody needs.
        await asyncio.sleep(4 * 60 * MINUTE)
        assert len(opener.sockets) == 3
        assert not any(socket.is_open for socket in opener.sockets)
        assert (await read(transport, ENDPOINT)).text == "a"
        await transport.aclose()

    run(main())


def test_an_answer_may_outlive_the_55_minutes() -> None:
    async def main() -> None:
        opener = VirtualOpener(deque([answer("a"), [CREATED, *[delta("b"), 9.0] * 10, completed()], answer("c")]))
        transport = socket_transport(opener)
        await read(transport, ENDPOINT)
        await asyncio.sleep(55 * MINUTE - 30)
        outcome = await read(transport, ENDPOINT)
        assert outcome.text == "b" * 10
        assert opener.sockets[0].closed_at == pytest.approx(outcome.ended_at, abs=0.01)
        await asyncio.sleep(1)
        assert opener.sockets[1].is_open
        await transport.aclose()
        assert not opener.sockets[1].is_open

    run(main())


def _generates(opener: VirtualOpener) -> list[tuple[float, bool, str | None]]:
    """When each message came, whether it asks for an answer, and what it goes on from."""
    return [
        (round(when, 3), message.get("generate", True), message.get("previous_response_id"))
        for _, when, message in opener.requests
    ]


def test_an_idle_connection_is_prepared_for_requests_like_the_last() -> None:
    async def main() -> None:
        opener = VirtualOpener(deque([answer("a")]))
        transport = socket_transport(opener)
        await read(transport, ENDPOINT)
        await asyncio.sleep(5)
        await read(transport, ENDPOINT)
        await asyncio.sleep(0.5)  # too soon for another preparation
        await read(transport, ENDPOINT)
        await asyncio.sleep(5)
        await read(transport, ENDPOINT, with_instructions("Do something else."))
        assert _generates(opener) == [
            (0.1, True, None),
            (1.1, False, None),
            (5.1, True, "resp_prepared"),
            (5.6, True, None),
            (6.6, False, None),
            (10.6, True, None),  # another task: what was prepared is of no use to it
        ]
        first, preparation, chained = [message for _, _, message in opener.requests[:3]]
        assert preparation == {**first, "generate": False, "input": []}
        assert chained == {**first, "previous_response_id": "resp_prepared"}
        await transport.aclose()

    run(main())


def test_nothing_is_prepared_without_instructions() -> None:
    async def main() -> None:
        opener = VirtualOpener(deque([answer("a")]))
        transport = socket_transport(opener)
        await transport.warm(ENDPOINT)
        await asyncio.sleep(5)
        await read(transport, replace(ENDPOINT, extra_body={"instructions": None}))
        await asyncio.sleep(5)
        assert len(opener.requests) == 1
        await transport.aclose()

    run(main())


def test_a_request_never_waits_for_a_preparation() -> None:
    async def main() -> None:
        opener = VirtualOpener(deque([answer("a")]), preparation=(CREATED, 5.0, completed("resp_prepared")))
        transport = socket_transport(opener)
        await read(transport, ENDPOINT)
        await asyncio.sleep(2)
        outcome = await read(transport, ENDPOINT)
        assert outcome.ended_at == pytest.approx(2.2)  # on a connection of its own
        assert [number for number, _, _ in opener.requests] == [0, 0, 1]
        await asyncio.sleep(10)
        await read(transport, ENDPOINT)
        assert opener.requests[-1][2]["previous_response_id"] == "resp_prepared"
        await transport.aclose()

    run(main())


@pytest.mark.parametrize(
    ("preparation", "closes"),
    [
        ((error("unknown_parameter", "Unknown parameter: 'generate'."),), False),
        ((CREATED, delta("an answer that nobody asked for"), completed()), True),
        ((CREATED, {"type": "response.failed", "response": {"id": "r", "error": {"code": "server_error"}}}), True),
        ((CREATED, {"type": "response.completed", "response": {}}), True),
        (([]), True),  # silence
    ],
)
def test_a_server_that_prepares_nothing_is_not_asked_again(preparation: Sequence[Step], closes: bool) -> None:
    async def main() -> None:
        opener = VirtualOpener(deque([answer("a")]), preparation=preparation)
        transport = socket_transport(opener)
        for _ in range(3):
            assert (await read(transport, ENDPOINT)).text == "a"
            await asyncio.sleep(20)
        assert [generate for _, generate, _ in _generates(opener)] == [True, False, True, True]
        assert [socket.is_open for socket in opener.sockets] == ([False, True] if closes else [True])
        assert not any(previous for _, _, previous in _generates(opener))
        await transport.aclose()

    run(main())


def test_a_connection_that_breaks_in_a_preparation_is_no_refusal() -> None:
    async def main() -> None:
        opener = VirtualOpener(deque([answer("a")]), preparation=[ConnectionError()])
        transport = socket_transport(opener)
        for _ in range(3):
            assert (await read(transport, ENDPOINT)).text == "a"
            await asyncio.sleep(5)
        assert [generate for _, generate, _ in _generates(opener)] == [True, False] * 3
        await transport.aclose()

    run(main())
