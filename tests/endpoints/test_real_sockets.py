"""The client and the simulator over loopback sockets. Nothing here depends on how long anything takes."""

from __future__ import annotations

import asyncio
import socket
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from spark_lsp.core.prompt import Message, Prompt
from spark_lsp.endpoints.errors import EndpointError, Interrupted, RateLimited, TooSlow, UnexpectedAnswer, Unreachable
from spark_lsp.endpoints.events import Event, Finish, TextDelta, Usage
from spark_lsp.endpoints.request import CompletionRequest, Endpoint, Timeouts
from spark_lsp.endpoints.transport import EndpointClient
from spark_lsp.simulator.reply import ScriptedReply
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from spark_lsp.simulator.reply import Fault

TEXT = "def add(a, b):\n    return a + b  # naïve — 🐍\n" * 5
REQUEST = CompletionRequest(Prompt((Message("user", "Hello"),)), 100)


async def _read(client: EndpointClient, endpoint: Endpoint, got: list[Event] | None = None) -> str:
    events: list[Event] = [] if got is None else got
    async with client.stream(endpoint, REQUEST) as batches:
        async for batch in batches:
            events += batch
    return _text(events)


def _text(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def _with_simulator(
    reply: ScriptedReply, test: Callable[[Simulator, EndpointClient, Endpoint], Awaitable[None]], *, tps: float = 0
) -> None:
    async def main() -> None:
        client = EndpointClient()
        async with Simulator(Script((reply,)), tps=tps, ttft_ms=0) as simulator:
            await test(simulator, client, Endpoint("simulated", simulator.base_url, "model-1"))
            await client.aclose()

    asyncio.run(main())


def test_a_reply_arrives_whole_and_the_connection_is_used_again() -> None:
    async def test(simulator: Simulator, client: EndpointClient, endpoint: Endpoint) -> None:
        await client.warm(endpoint)
        connections = set(simulator._connections)
        for _ in range(3):
            events: list[Event] = []
            assert await _read(client, endpoint, events) == TEXT
            assert [type(event) for event in events[-2:]] == [Finish, Usage]
        assert simulator._connections == connections
        assert len(connections) == 1
        record = simulator.requests[-1]
        assert record.body["model"] == "model-1"
        assert record.first_token_seconds is not None
        assert not record.closed_early

    _with_simulator(ScriptedReply(reply=TEXT), test)


def test_a_server_that_does_not_stream_works_as_well() -> None:
    async def test(simulator: Simulator, client: EndpointClient, endpoint: Endpoint) -> None:
        whole = Endpoint("simulated", endpoint.base_url, "model-1", extra_body={"stream": False})
        assert await _read(client, whole) == TEXT
        assert simulator.requests[0].body["stream"] is False

    _with_simulator(ScriptedReply(reply=TEXT), test)


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("refuse", Unreachable),
        ("silence", TooSlow),
        ("stall", TooSlow),
        ("cut", Interrupted),
        ("reset", Interrupted),
        ("no-finish", Interrupted),
        ("error-event", Interrupted),
        ("garbage", UnexpectedAnswer),
    ],
)
def test_a_fault_is_a_failure(fault: Fault, kind: type[EndpointError], stream: bool) -> None:
    async def test(simulator: Simulator, client: EndpointClient, endpoint: Endpoint) -> None:
        timeouts = Timeouts(first_token=1, stall=0.1) if kind is TooSlow else Timeouts()
        await client.warm(endpoint)
        endpoint = Endpoint(
            "simulated", endpoint.base_url, "m", extra_body={} if stream else {"stream": None}, timeouts=timeouts
        )
        events: list[Event] = []
        if fault == "no-finish" and not stream:  # one whole object is complete by its last brace
            assert await _read(client, endpoint, events) == TEXT[:30]
            return
        with pytest.raises(kind):
            await _read(client, endpoint, events)
        assert TEXT[:30].startswith(_text(events))
        await simulator.requests[-1].ended.wait()
        assert simulator.requests[-1].closed_early == (kind is TooSlow)

    _with_simulator(ScriptedReply(reply=TEXT, fault=fault, after=30), test)


@pytest.mark.parametrize(
    ("fault", "reason", "said"), [("length", "length", 30), ("filter", "filter", 30), ("empty", "stop", 0)]
)
def test_an_answer_can_finish_in_other_ways(fault: Fault, reason: str, said: int) -> None:
    async def test(_: Simulator, client: EndpointClient, endpoint: Endpoint) -> None:
        events: list[Event] = []
        assert await _read(client, endpoint, events) == TEXT[:said]
        assert [event.reason for event in events if isinstance(event, Finish)] == [reason]

    _with_simulator(ScriptedReply(reply=TEXT, fault=fault, after=30), test)


def test_a_status_travels() -> None:
    async def test(_: Simulator, client: EndpointClient, endpoint: Endpoint) -> None:
        with pytest.raises(RateLimited) as caught:
            await _read(client, endpoint)
        assert caught.value.retry_after == 7

    _with_simulator(ScriptedReply(status=429, headers={"retry-after": "7"}, reply="slow down"), test)


@pytest.mark.parametrize(
    ("leave", "kind"), [("cancel", asyncio.CancelledError), ("break", type(None)), ("error", ZeroDivisionError)]
)
def test_the_server_sees_the_client_leave(leave: str, kind: type) -> None:
    async def test(simulator: Simulator, client: EndpointClient, endpoint: Endpoint) -> None:
        first = asyncio.Event()

        async def read() -> None:
            async with client.stream(endpoint, REQUEST) as batches:
                async for _ in batches:
                    first.set()
                    if leave == "break":
                        break
                    if leave == "error":
                        raise ZeroDivisionError

        task = asyncio.create_task(read())
        await first.wait()
        if leave == "cancel":
            task.cancel()
        await asyncio.wait([task])
        await simulator.requests[-1].ended.wait()
        assert simulator.requests[0].closed_early
        [result] = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(result, kind)
        # The client works on.
        with pytest.raises(TooSlow):
            await _read(client, Endpoint("s", endpoint.base_url, "m", timeouts=Timeouts(first_token=1, stall=0.1)))

    _with_simulator(ScriptedReply(reply=TEXT, fault="stall", after=50), test)


def test_many_cancels_leave_no_connection_behind() -> None:
    async def test(simulator: Simulator, client: EndpointClient, endpoint: Endpoint) -> None:
        for turns in range(30):
            task = asyncio.create_task(_read(client, endpoint))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled()
        for record in simulator.requests:
            await record.ended.wait()
        assert await asyncio.wait_for(_read(client, Endpoint("s", endpoint.base_url, "m")), 30) == TEXT

    _with_simulator(ScriptedReply(reply=TEXT, ttft_ms=20), test)


def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

        async def ask() -> None:
            client = EndpointClient()
            try:
                await client.warm(Endpoint("mine", f"http://127.0.0.1:{port}/v1", "m"))
                await _read(client, Endpoint("mine", f"http://127.0.0.1:{port}/v1", "m"))
            finally:
                await client.aclose()

        with pytest.raises(Unreachable, match="refuses connections: start the server"):
            asyncio.run(ask())


def test_a_server_that_speaks_no_tls() -> None:
    async def test(_: Simulator, client: EndpointClient, endpoint: Endpoint) -> None:
        with pytest.raises(Unreachable, match="TLS"):
            await _read(client, Endpoint("mine", endpoint.base_url.replace("http:", "https:"), "m"))

    _with_simulator(ScriptedReply(reply=TEXT), test)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_not_reached_through_a_proxy(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1")

    async def test(_: Simulator, client: EndpointClient, endpoint: Endpoint) -> None:
        assert await _read(client, Endpoint("s", endpoint.base_url.replace("127.0.0.1", host), "m")) == TEXT

    _with_simulator(ScriptedReply(reply=TEXT), test)


def test_running_streams_survive_a_new_pool() -> None:
    async def test(_: Simulator, client: EndpointClient, endpoint: Endpoint) -> None:
        text = ""
        async with client.stream(endpoint, REQUEST) as batches:
            async for events in batches:
                client.rebuild()
                text += _text(events)
        assert text == TEXT
        assert await _read(client, endpoint) == TEXT

    _with_simulator(ScriptedReply(reply=TEXT), test)


def test_after_an_idle_minute_the_connection_is_still_there(monkeypatch: pytest.MonkeyPatch) -> None:
    later = 0.0
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + later)
    monkeypatch.setattr("httpcore._async.http11.time", clock)

    async def test(simulator: Simulator, client: EndpointClient, endpoint: Endpoint) -> None:
        nonlocal later
        assert await _read(client, endpoint) == TEXT
        connections = set(simulator._connections)
        later = 61.0
        assert await _read(client, endpoint) == TEXT
        assert simulator._connections == connections
        later = 1000.0  # and after a quarter of an hour there is a new one: the clock that is bent here counts
        assert await _read(client, endpoint) == TEXT
        assert simulator._connections != connections

    _with_simulator(ScriptedReply(reply=TEXT), test)
