"""The client on a scripted transport, in virtual time: a minute of waiting costs nothing and is exact."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
import pytest
from endpoints.scripted_http import (
    COMMENT,
    DONE,
    FINISH,
    PLACE,
    REQUEST,
    ROLE,
    THINKING,
    USAGE,
    ScriptedBody,
    ScriptedTransport,
    Step,
    an_endpoint,
    chunk,
)
from support.virtual_time import run

from spark_lsp.endpoints.errors import EndpointError, Interrupted, Misconfigured, NotFound, TooSlow, UnexpectedAnswer
from spark_lsp.endpoints.events import Event, Finish, TextDelta, Thinking, Usage
from spark_lsp.endpoints.request import Timeouts
from spark_lsp.endpoints.transport import EndpointClient

if TYPE_CHECKING:
    from spark_lsp.endpoints.request import Endpoint

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


async def _read(transport: ScriptedTransport, endpoint: Endpoint | None = None, *, pauses: float = 0) -> Outcome:
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


def _outcome(*steps: Step, pauses: float = 0) -> Outcome:
    return run(_read(ScriptedTransport(list(steps)), pauses=pauses))


def test_events_come_when_the_server_sends_them() -> None:
    outcome = _outcome(ROLE, 0.5, chunk("a"), 0.25, chunk("b") + chunk("c"), 0.25, FINISH + USAGE + DONE)
    assert outcome.failure is None
    assert outcome.events == [
        (0.5, TextDelta("a")),
        (0.75, TextDelta("b")),
        (0.75, TextDelta("c")),
        (1.0, Finish("stop")),
        (1.0, Usage(1, 0, 2)),
    ]
    assert outcome.ended_at == 1.0
    assert outcome.closed_at is not None


def test_a_character_cut_in_two_arrives_whole() -> None:
    euro = chunk("€")
    assert _outcome(euro[:40], 0.1, euro[40:], FINISH).text == "€"


@pytest.mark.parametrize(
    "steps",
    [
        [1000.0],
        [ROLE, 1000.0],
        [step for _ in range(100) for step in (5.0, COMMENT)],
        [USAGE, 1000.0],
    ],
    ids=["headers", "role", "comments", "usage"],
)
def test_only_a_token_is_a_first_token(steps: list[Step]) -> None:
    outcome = _outcome(*steps)
    assert isinstance(outcome.failure, TooSlow)
    assert outcome.failure.deadline == "first_token"
    assert str(outcome.failure) == (
        f"The endpoint at {PLACE} sent no first token within 15 s: try again or raise timeouts.firstToken."
    )
    assert outcome.ended_at == outcome.closed_at == 15


def test_no_headers_in_time() -> None:
    transport = ScriptedTransport(before=[1000.0])
    outcome = run(_read(transport))
    assert isinstance(outcome.failure, TooSlow)
    assert outcome.ended_at == transport.cancelled_at == 15


def test_the_first_token_counts_from_the_request_and_not_from_the_headers() -> None:
    outcome = run(_read(ScriptedTransport([1000.0], before=[10.0])))
    assert isinstance(outcome.failure, TooSlow)
    assert outcome.ended_at == 15


def test_a_token_of_reasoning_is_a_first_token() -> None:
    outcome = _outcome(10.0, THINKING, 9.0, THINKING, 9.0, chunk("a"), FINISH)
    assert [event for _, event in outcome.events] == [Thinking(), Thinking(), TextDelta("a"), Finish("stop")]


@pytest.mark.parametrize("silence", [[1000.0], [step for _ in range(100) for step in (3.0, COMMENT)]])
def test_a_stall(silence: list[Step]) -> None:
    outcome = _outcome(chunk("a"), 9.0, chunk("b"), *silence)
    assert isinstance(outcome.failure, TooSlow)
    assert outcome.failure.deadline == "stall"
    assert "stalled for 10 s" in outcome.failure.message
    assert outcome.text == "ab"
    assert outcome.ended_at == outcome.closed_at == 19


def test_the_readers_own_time_is_no_stall() -> None:
    assert _outcome(chunk("a"), chunk("b"), 1.0, FINISH, pauses=30).failure is None


@pytest.mark.parametrize("pauses", [0, 7.0])
def test_the_total(pauses: float) -> None:
    outcome = _outcome(*(step for _ in range(100) for step in (chunk("a"), 9.0)), pauses=pauses)
    assert isinstance(outcome.failure, TooSlow)
    assert outcome.failure.deadline == "total"
    assert outcome.ended_at == outcome.closed_at == 120


def test_a_total_shorter_than_the_first_token() -> None:
    endpoint = an_endpoint(timeouts=Timeouts(first_token=15, total=3))
    for transport in (ScriptedTransport([1000.0]), ScriptedTransport(before=[1000.0])):
        outcome = run(_read(transport, endpoint))
        assert isinstance(outcome.failure, TooSlow)
        assert outcome.failure.deadline == "total"
        assert outcome.ended_at == 3


@pytest.mark.parametrize(
    "end",
    [
        [],
        [DONE],
        [httpx.RemoteProtocolError("peer closed connection without sending complete message body")],
        [httpx.ReadError("")],
        [FINISH[:30], httpx.ReadError("")],
    ],
)
def test_a_stream_without_a_finish_is_a_failure(end: list[Step]) -> None:
    outcome = _outcome(chunk("def"), 0.1, *end)
    assert outcome.text == "def"
    assert isinstance(outcome.failure, Interrupted)
    assert str(outcome.failure) == f"The endpoint at {PLACE} ended its answer before it was finished: try again."
    assert outcome.closed_at is not None


@pytest.mark.parametrize(
    ("end", "last"),
    [
        ([FINISH], 0),
        ([FINISH, httpx.ReadError("")], 0),
        ([FINISH.rstrip(), httpx.ReadError("")], 0),
        ([FINISH, 0.1, httpx.RemoteProtocolError("")], 0.1),
        ([FINISH + DONE, 1000.0], 0.5),
        ([FINISH, 0.4, USAGE + DONE, 1000.0], 0.9),
    ],
)
def test_after_the_finish_nothing_can_go_wrong_any_more(end: list[Step], last: float) -> None:
    outcome = _outcome(chunk("def"), *end)
    assert outcome.failure is None
    assert outcome.events[:2] == [(0, TextDelta("def")), (0, Finish("stop"))]
    assert outcome.ended_at == pytest.approx(last)


def test_an_error_in_the_middle() -> None:
    error = b'event: error\ndata: {"error":{"message":"overloaded"}}\n\n'
    outcome = _outcome(chunk("def") + error, 1000.0)
    assert outcome.text == "def"
    assert isinstance(outcome.failure, Interrupted)
    assert outcome.ended_at == outcome.closed_at == 0


def test_a_web_page_in_place_of_a_stream() -> None:
    outcome = _outcome(b"<html>", 1000.0)
    assert isinstance(outcome.failure, UnexpectedAnswer)
    assert outcome.ended_at == 0


def test_a_failure_stays_a_failure() -> None:
    async def read() -> None:
        async with EndpointClient(ScriptedTransport([chunk("a")])).stream(an_endpoint(), REQUEST) as batches:
            assert await anext(batches) == [TextDelta("a")]
            for _ in range(2):
                with pytest.raises(Interrupted):
                    await anext(batches)

    run(read())


# Cancel


async def _cancelled(transport: ScriptedTransport, *times: float) -> None:
    task = asyncio.create_task(_read(transport))
    for when in times:
        await asyncio.sleep(when - asyncio.get_running_loop().time())
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("steps", [[1000.0], [chunk("a"), 1000.0], [chunk("a"), FINISH, 0.8, 1000.0]])
def test_a_cancel_closes_the_stream_at_once(steps: list[Step]) -> None:
    transport = ScriptedTransport(steps)
    run(_cancelled(transport, 0.25))
    assert transport.bodies[0].closed_at == 0.25


def test_a_cancel_before_the_headers() -> None:
    transport = ScriptedTransport(before=[1000.0])
    run(_cancelled(transport, 0.25))
    assert transport.cancelled_at == 0.25


class _SlowlyClosed(ScriptedBody):
    async def aclose(self) -> None:
        await asyncio.sleep(0.1)
        await super().aclose()


def test_a_second_cancel_does_not_keep_the_stream_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("endpoints.scripted_http.ScriptedBody", _SlowlyClosed)

    async def cancel_twice() -> ScriptedBody:
        transport = ScriptedTransport([chunk("a"), 1000.0])
        await _cancelled(transport, 0.25, 0.3)
        await asyncio.sleep(1)
        return transport.bodies[0]

    assert run(cancel_twice()).closed_at == pytest.approx(0.35)


def test_leaving_the_block_closes_the_stream_at_once() -> None:
    async def leave() -> float | None:
        transport = ScriptedTransport([chunk("a"), 5.0, chunk("b")])
        async with EndpointClient(transport).stream(an_endpoint(), REQUEST) as batches:
            async for _ in batches:
                break
        return transport.bodies[0].closed_at

    assert run(leave()) == 0


# Answers that are errors


def test_a_status_that_is_an_error_is_raised_with_its_body() -> None:
    transport = ScriptedTransport([b'{"error":', b'{"message":"no model-1"}}'], status=404)
    outcome = run(_read(transport))
    assert isinstance(outcome.failure, NotFound)
    assert '"no model-1"' in outcome.failure.message
    assert outcome.closed_at == 0


@pytest.mark.parametrize("steps", [[b"x" * 1024] * 200, [b"", httpx.ReadError("")]])
def test_no_more_of_an_errors_body_is_read_than_needed(steps: list[Step]) -> None:
    outcome = run(_read(ScriptedTransport(steps, status=500)))
    assert isinstance(outcome.failure, EndpointError)
    assert outcome.ended_at == 0


def test_an_errors_body_that_does_not_come_is_not_waited_for() -> None:
    outcome = run(_read(ScriptedTransport([b"half a", 1000.0], status=500)))
    assert isinstance(outcome.failure, EndpointError)
    assert '"half a"' in outcome.failure.message
    assert outcome.ended_at == outcome.closed_at == 2


def test_a_redirect_is_not_followed() -> None:
    transport = ScriptedTransport(status=307, headers={"location": "http://elsewhere.example/v1/chat/completions"})
    outcome = run(_read(transport))
    assert isinstance(outcome.failure, Misconfigured)
    assert len(transport.requests) == 1


# The request


def test_what_is_sent() -> None:
    transport = ScriptedTransport([FINISH])
    run(_read(transport))
    [request] = transport.requests
    assert request.method == "POST"
    assert str(request.url) == "http://127.0.0.1:8000/v1/chat/completions"
    assert request.headers["authorization"] == "Bearer sk-secret-key"
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["user-agent"] == "spark-lsp"
    assert request.extensions["timeout"] == {"connect": 2, "read": None, "write": None, "pool": 1}


def test_warming_up_connects_without_the_key() -> None:
    transport = ScriptedTransport([], status=404)

    async def warm() -> None:
        client = EndpointClient(transport)
        await client.warm(an_endpoint())
        await client.aclose()

    run(warm())
    [request] = transport.requests
    assert request.method == "HEAD"
    assert "authorization" not in request.headers
