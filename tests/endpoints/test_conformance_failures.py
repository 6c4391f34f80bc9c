"""What goes wrong on every wire, over loopback sockets: it is said in one sentence, and nothing passes for whole."""

from __future__ import annotations

import asyncio

import pytest

from endpoints.conformance_cases import ask, fails, gives_the_text
from endpoints.conformance_servers import CONVERSATION, Served, Serving, simulated, wires_that
from spark_lsp.endpoints.errors import (
    Deadline,
    EndpointError,
    Interrupted,
    KeyRefused,
    NotFound,
    RateLimited,
    Rejected,
    TooSlow,
    Unavailable,
    UnexpectedAnswer,
    Unreachable,
)
from spark_lsp.endpoints.request import Timeouts
from spark_lsp.simulator.channel import PAGE
from spark_lsp.simulator.reply import Fault, ScriptedReply

TEXT = "good morning\r\nnaïve — 🐍\n" * 3
SOON = 0.1  # seconds; a deadline that is sure to pass

WIRES = wires_that()
EVERY_WIRE = pytest.mark.parametrize("wire", WIRES)
STREAMING = pytest.mark.parametrize("wire", wires_that(lambda can: can.streams))
OVER_HTTP = pytest.mark.parametrize("wire", wires_that(lambda can: can.http))
WHOLE = pytest.mark.parametrize("wire", wires_that(lambda can: can.whole))


# Instead of an answer


@EVERY_WIRE
@pytest.mark.parametrize(
    ("status", "failure", "words"),
    [
        (400, Rejected, "no such thing"),
        (401, KeyRefused, "MY_KEY"),
        (403, KeyRefused, "no such thing"),
        (404, NotFound, "no such thing"),
        (413, Rejected, "no such thing"),
        (429, RateLimited, "try again in 7 s"),
        (500, Unavailable, "no such thing"),
        (503, Unavailable, "try again in 7 s"),
    ],
)
def test_a_status(wire: str, status: int, failure: type[EndpointError], words: str) -> None:
    kinds: tuple[type[EndpointError], ...] = (failure,)
    if (wire, status) == ("responses-ws", 500):
        kinds = (failure, Interrupted)  # an error frame is what ends an answer as well

    async def test(it: Served) -> None:
        error = await fails(it.client, it.endpoint, it.expecting(failure=kinds, words=words, text=""))
        if isinstance(error, RateLimited | Unavailable):
            assert error.retry_after == 7
        # The next request is on its own.
        assert isinstance((await ask(it.client, it.endpoint)).failure, kinds)

    simulated(wire, Serving(ScriptedReply(reply="no such thing", status=status, headers={"retry-after": "7"})), test)


@OVER_HTTP
@pytest.mark.parametrize(
    ("status", "failure"), [(200, UnexpectedAnswer), (404, NotFound), (407, UnexpectedAnswer), (502, Unavailable)]
)
def test_a_web_page(wire: str, status: int, failure: type[EndpointError]) -> None:
    async def test(it: Served) -> None:
        await fails(it.client, it.endpoint, it.expecting(failure=failure, words="web page", text=""))

    simulated(wire, Serving(ScriptedReply(status=status, body=PAGE.decode(), content_type="text/html")), test)


@EVERY_WIRE
def test_a_web_page_in_place_of_the_stream(wire: str) -> None:
    async def test(it: Served) -> None:
        await fails(it.client, it.endpoint, it.expecting(failure=UnexpectedAnswer, text=""))

    simulated(wire, Serving(ScriptedReply(reply=TEXT, fault="web-page")), test)


@OVER_HTTP
@pytest.mark.parametrize("body", ["", "null", "[]", "3", "{}", '"text"', "[[[", "ok", '{"choices": 3}'])
def test_a_body_that_is_no_answer(wire: str, body: str) -> None:
    async def test(it: Served) -> None:
        await fails(it.client, it.endpoint, it.expecting(failure=EndpointError, text=""))

    simulated(wire, Serving(ScriptedReply(body=body)), test)


@EVERY_WIRE
def test_the_connection_closes_without_an_answer(wire: str) -> None:
    async def test(it: Served) -> None:
        await fails(it.client, it.endpoint, it.expecting(failure=EndpointError, text=""))

    simulated(wire, Serving(ScriptedReply(reply=TEXT, fault="refuse")), test)


@EVERY_WIRE
def test_nobody_is_there(wire: str) -> None:
    async def test(it: Served) -> None:
        await it.simulator.__aexit__(None, None, None)
        await fails(it.client, it.endpoint, it.expecting(failure=Unreachable, words="start the server"))
        await it.simulator.__aenter__()

    simulated(wire, Serving(ScriptedReply(reply=TEXT)), test)


# In the middle of an answer


@STREAMING
@pytest.mark.parametrize("after", [0, 1, 30])
@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        ("cut", Interrupted),
        ("reset", Interrupted),
        ("no-finish", Interrupted),
        ("error-event", Interrupted),
        ("garbage", UnexpectedAnswer),
    ],
)
def test_an_answer_that_breaks_off(wire: str, fault: Fault, failure: type[EndpointError], after: int) -> None:
    if after == 0 and fault != "garbage":
        failure = EndpointError  # where nothing was said yet, it may as well have been no answer

    async def test(it: Served) -> None:
        await fails(it.client, it.endpoint, it.expecting(failure=failure, text=TEXT))
        await it.record.ended.wait()
        assert not it.record.closed_early

    simulated(wire, Serving(ScriptedReply(reply=TEXT, fault=fault, after=after)), test)


@WHOLE
@pytest.mark.parametrize("fault", ["cut", "reset", "error-event", "garbage"])
def test_a_whole_answer_that_breaks_off(wire: str, fault: Fault) -> None:
    failure: type[EndpointError] = UnexpectedAnswer if fault == "garbage" else Interrupted
    if (wire, fault) == ("ollama", "garbage"):
        failure = Interrupted  # a line without an end was cut, whatever stands in it
    if (wire, fault) == ("mistral-fim", "error-event"):
        failure = UnexpectedAnswer  # an error is told by its status alone

    async def test(it: Served) -> None:
        await fails(it.client, it.endpoint, it.expecting(failure=failure, text=""))

    simulated(wire, Serving(ScriptedReply(reply=TEXT, fault=fault, after=30), extra_body={"stream": False}), test)


@STREAMING
def test_an_answer_that_broke_off_is_forgotten_by_the_next(wire: str) -> None:
    """The simulator has one reply: so the same answer breaks off again, at the same place, from its beginning."""

    async def test(it: Served) -> None:
        heard = [await ask(it.client, it.endpoint) for _ in range(3)]
        assert [each.text for each in heard] == [TEXT[:30]] * 3
        assert all(isinstance(each.failure, Interrupted) for each in heard)

    simulated(wire, Serving(ScriptedReply(reply=TEXT, fault="error-event", after=30)), test)


# Too late


@STREAMING
@pytest.mark.parametrize(
    ("reply", "deadline"),
    [
        (ScriptedReply(fault="silence"), "first_token"),
        (ScriptedReply(fault="stall"), "first_token"),  # the answer begins, but says nothing
        (ScriptedReply(fault="stall", comments=1), "first_token"),
        (ScriptedReply(reply=TEXT, fault="stall", after=30), "stall"),
        (ScriptedReply(reply=TEXT, fault="stall", after=30, comments=1), "stall"),
        (ScriptedReply(reply=TEXT * 100, tps=200), "total"),
    ],
    ids=["silence", "opening", "opening-and-keep-alives", "stall", "stall-and-keep-alives", "total"],
)
def test_deadlines(wire: str, reply: ScriptedReply, deadline: Deadline) -> None:
    timeouts = {
        "first_token": Timeouts(first_token=SOON),
        "stall": Timeouts(stall=SOON),
        "total": Timeouts(total=SOON),
    }[deadline]

    async def test(it: Served) -> None:
        await it.client.warm(it.endpoint)
        expected = it.expecting(failure=TooSlow, deadline=deadline, text=reply.reply)
        await fails(it.client, it.endpoint, expected)
        await it.left()

    simulated(wire, Serving(reply, timeouts=timeouts), test)


@WHOLE
@pytest.mark.parametrize("fault", ["silence", "stall"])
def test_deadlines_of_a_whole_answer(wire: str, fault: Fault) -> None:
    """What has come of it is not a token yet."""

    async def test(it: Served) -> None:
        await it.client.warm(it.endpoint)
        await fails(it.client, it.endpoint, it.expecting(failure=TooSlow, deadline="first_token", text=""))
        await it.left()

    reply = ScriptedReply(reply=TEXT, fault=fault, after=30)
    simulated(wire, Serving(reply, timeouts=Timeouts(first_token=SOON), extra_body={"stream": False}), test)


@EVERY_WIRE
def test_many_cancels_at_any_moment_leave_no_connection_behind(wire: str) -> None:
    async def test(it: Served) -> None:
        for turns in range(25):
            task = asyncio.create_task(ask(it.client, it.endpoint, CONVERSATION))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled()
        for record in tuple(it.simulator.requests):
            await record.ended.wait()
        await gives_the_text(it.client, it.endpoint, it.expecting(text=TEXT))

    simulated(wire, Serving(ScriptedReply(reply=TEXT, ttft_ms=20)), test)
