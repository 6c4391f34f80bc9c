"""Jobs over loopback sockets, of both kinds, against the simulator."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from endpoints.conformance_cases import ask, fails, gives_the_text, says_how_it_ended
from endpoints.conformance_servers import Served, Serving, served
from endpoints.conformance_servers import run as run_fast
from spark_lsp.endpoints.errors import (
    EndpointError,
    JobFailed,
    KeyRefused,
    NotFound,
    RateLimited,
    TooSlow,
    Unavailable,
    UnexpectedAnswer,
    Unreachable,
)
from spark_lsp.endpoints.events import FinishReason, Thinking, Units, Usage
from spark_lsp.endpoints.jobs import pace
from spark_lsp.endpoints.request import Timeouts
from spark_lsp.settings.endpoint_model import JobSettings
from spark_lsp.simulator.reply import Fault, ScriptedReply

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

TEXT = "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-naïve\r\n+🐍\n"
AT_ONCE = {"retry-after-ms": "0"}
SOON = 0.1  # seconds

KINDS = {
    "openai-background": JobSettings(),
    "http": JobSettings(kind="http", unit_field="usage.sau", unit_name="SAU"),
}
BOTH = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(autouse=True)
def _no_time_between_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    for wait in ("FIRST_WAIT", "LEAST_WAIT"):
        monkeypatch.setattr(pace, wait, 0.002)


def _with_jobs(
    kind: str, reply: ScriptedReply, test: Callable[[Served], Awaitable[None]], timeouts: Timeouts | None = None
) -> None:
    async def main() -> None:
        reply_at_once = replace(reply, headers={**AT_ONCE, **reply.headers})
        async with served("jobs", Serving(reply_at_once, timeouts=timeouts or Timeouts())) as it:
            it.endpoint = replace(it.endpoint, jobs=KINDS[kind])
            await test(it)

    run_fast(main())


def _calls_off(it: Served) -> int:
    return sum(record.path.endswith("/cancel") for record in it.simulator.requests)


@BOTH
def test_the_result_is_exact(kind: str) -> None:
    async def test(it: Served) -> None:
        await gives_the_text(it.client, it.endpoint, it.expecting(text=TEXT))
        assert not _calls_off(it)

    _with_jobs(kind, ScriptedReply(reply=TEXT), test)


@BOTH
def test_it_says_that_it_is_at_work(kind: str) -> None:
    async def test(it: Served) -> None:
        heard = await ask(it.client, it.endpoint)
        assert heard.text == TEXT
        assert isinstance(heard.events[0], Thinking)

    _with_jobs(kind, ScriptedReply(reply=TEXT, ttft_ms=20, tps=1000), test)


def test_what_it_cost() -> None:
    async def background(it: Served) -> None:
        assert (await ask(it.client, it.endpoint)).usage == Usage(5000, 5000, 3)

    async def http(it: Served) -> None:
        heard = await ask(it.client, it.endpoint)
        assert [event for event in heard.events if isinstance(event, Units)] == [Units("SAU", 1.5)]

    _with_jobs("openai-background", ScriptedReply(reply="a" * 12, cached_tokens=5000), background)
    _with_jobs("http", ScriptedReply(reply=TEXT), http)


@pytest.mark.parametrize(("fault", "finish"), [("length", "length"), ("filter", "filter"), ("empty", "stop")])
def test_how_a_background_response_ends(fault: Fault, finish: FinishReason) -> None:
    async def test(it: Served) -> None:
        text = "" if fault == "empty" else TEXT[:9]
        await says_how_it_ended(it.client, it.endpoint, it.expecting(finish=finish, text=text))

    _with_jobs("openai-background", ScriptedReply(reply=TEXT, fault=fault, after=9), test)


@BOTH
@pytest.mark.parametrize(
    ("status", "failure"), [(401, KeyRefused), (404, NotFound), (429, RateLimited), (500, Unavailable)]
)
def test_a_submission_that_is_refused(kind: str, status: int, failure: type[EndpointError]) -> None:
    async def test(it: Served) -> None:
        await fails(it.client, it.endpoint, it.expecting(failure=failure, text=""))
        assert len(it.simulator.requests) == 1

    _with_jobs(kind, ScriptedReply(reply="no", status=status), test)


@BOTH
@pytest.mark.parametrize(
    ("fault", "failure", "words"),
    [
        ("error-event", JobFailed, "The script wants an error here."),
        ("garbage", UnexpectedAnswer, "not JSON"),
        ("web-page", UnexpectedAnswer, "web page"),
        ("cut", JobFailed, "try again"),  # after some polls
        ("reset", JobFailed, "try again"),
        ("refuse", Unreachable, "try again"),
    ],
)
def test_a_job_that_fails(kind: str, fault: Fault, failure: type[EndpointError], words: str) -> None:
    async def test(it: Served) -> None:
        await fails(it.client, it.endpoint, it.expecting(failure=failure, words=words, text=""))

    _with_jobs(kind, ScriptedReply(reply=TEXT, fault=fault, after=9), test)


def test_an_http_job_without_a_result() -> None:
    async def test(it: Served) -> None:
        await fails(it.client, it.endpoint, it.expecting(failure=UnexpectedAnswer, words="jobs.resultField", text=""))

    _with_jobs("http", ScriptedReply(reply=TEXT, fault="no-finish", after=9), test)


@BOTH
@pytest.mark.parametrize(
    ("fault", "timeouts"), [("silence", Timeouts(first_token=SOON)), ("stall", Timeouts(total=SOON))]
)
def test_deadlines(kind: str, fault: Fault, timeouts: Timeouts) -> None:
    async def test(it: Served) -> None:
        await fails(it.client, it.endpoint, it.expecting(failure=TooSlow, text=""))
        await it.client.aclose()
        assert _calls_off(it) == (fault == "stall")

    _with_jobs(kind, ScriptedReply(reply=TEXT, fault=fault, after=9), test, timeouts)


@BOTH
def test_a_cancel_calls_the_job_off(kind: str) -> None:
    async def test(it: Served) -> None:
        first = asyncio.Event()

        async def read() -> None:
            async with it.client.stream(it.endpoint, it.expecting().request) as batches:
                async for _ in batches:
                    first.set()

        task = asyncio.create_task(read())
        await first.wait()
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        await it.client.aclose()
        assert _calls_off(it) == 1
        [job] = it.simulator._jobs._jobs.values()
        assert job.state == "cancelled"

    _with_jobs(kind, ScriptedReply(reply=TEXT, fault="stall"), test)
