"""The client on a scripted transport, in virtual time: a minute of waiting costs nothing and is exact."""

from __future__ import annotations

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
    Outcome,
    ScriptedTransport,
    Step,
    an_endpoint,
    chunk,
    read,
)
from spark_lsp.endpoints.errors import Interrupted, TooSlow, UnexpectedAnswer
from spark_lsp.endpoints.events import Finish, TextDelta, Thinking, Usage
from spark_lsp.endpoints.request import Timeouts
from spark_lsp.endpoints.transport import EndpointClient
from support.virtual_time import run


def _outcome(*steps: Step, pauses: float = 0) -> Outcome:
    return run(read(ScriptedTransport(list(steps)), pauses=pauses))


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
    outcome = run(read(transport))
    assert isinstance(outcome.failure, TooSlow)
    assert outcome.ended_at == transport.cancelled_at == 15


def test_the_first_token_counts_from_the_request_and_not_from_the_headers() -> None:
    outcome = run(read(ScriptedTransport([1000.0], before=[10.0])))
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
        outcome = run(read(transport, endpoint))
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
