"""The wire `jobs` from submission to result, on virtual time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
import pytest

from endpoints.scripted_jobs import (
    BACKGROUND_PLACE,
    COMPLETED,
    DIFF,
    HTTP_PLACE,
    IN_PROGRESS,
    QUEUED,
    JobServer,
    Reply,
    background_endpoint,
    http_endpoint,
    request_for,
    transport_to,
)
from spark_lsp.endpoints.errors import (
    Dropped,
    EndpointError,
    JobFailed,
    KeyRefused,
    Misconfigured,
    NotFound,
    RateLimited,
    TooSlow,
    Unavailable,
    UnexpectedAnswer,
)
from spark_lsp.endpoints.events import Event, Finish, TextDelta, Thinking, Units, Usage
from spark_lsp.endpoints.jobs.job import FAILED_POLLS
from spark_lsp.endpoints.jobs.pace import PollPace
from spark_lsp.endpoints.jobs.transport import CALL_OFF_SECONDS, CLOSE_SECONDS
from spark_lsp.endpoints.model_client import ModelClient, Purpose
from spark_lsp.endpoints.request import Timeouts
from spark_lsp.endpoints.transport import EndpointClient
from spark_lsp.settings.model import Settings
from support.virtual_time import run

if TYPE_CHECKING:
    from spark_lsp.core.records import RequestRecord
    from spark_lsp.endpoints.request import Endpoint

HTTP_QUEUED = {"job_id": "job-1", "status": "queued"}
HTTP_DONE = {"job_id": "job-1", "status": "succeeded", "result": {"diff": DIFF}, "usage": {"sau": 1.5}}


@dataclass
class Outcome:
    """What a reader saw, with the times in seconds."""

    batches: list[tuple[float, list[Event]]] = field(default_factory=list)
    failure: EndpointError | None = None
    left_at: float = -1.0
    closed_at: float = -1.0

    @property
    def events(self) -> list[Event]:
        return [event for _, events in self.batches for event in events]


async def read(server: JobServer, endpoint: Endpoint, *, batches: int = 1 << 30, wait: float = 0) -> Outcome:
    """Read a job's events, leaving after so many batches; then wait for so long until everything is closed."""
    outcome, loop = Outcome(), asyncio.get_running_loop()
    transport = transport_to(server)
    try:
        async with transport.stream(endpoint, request_for(endpoint)) as job:
            async for events in job:
                outcome.batches.append((round(loop.time(), 3), events))
                if len(outcome.batches) == batches:
                    break
    except EndpointError as failure:
        outcome.failure = failure
    outcome.left_at = round(loop.time(), 3)
    await asyncio.sleep(wait)
    await transport.aclose()
    outcome.closed_at = round(loop.time(), 3)
    return outcome


# The way of a job


def test_a_background_response_is_submitted_and_asked_for() -> None:
    server = JobServer(Reply(QUEUED), [Reply(IN_PROGRESS), Reply(IN_PROGRESS), Reply(COMPLETED)])
    outcome = run(read(server, background_endpoint()))
    assert outcome.failure is None
    assert outcome.batches == [
        (0.0, [Thinking()]),
        (0.5, [Thinking()]),
        (1.3, [Thinking()]),
        (2.58, [TextDelta(DIFF), Usage(22, 20, 18), Finish("stop")]),
    ]
    assert server.asked == [
        (0.0, "POST", "/v1/responses"),
        (0.5, "GET", "/v1/responses/resp_1"),
        (1.3, "GET", "/v1/responses/resp_1"),
        (2.58, "GET", "/v1/responses/resp_1"),
    ]


def test_a_job_over_http_is_submitted_and_asked_for() -> None:
    server = JobServer(Reply(HTTP_QUEUED, 202), [Reply({"status": "running"}), Reply(HTTP_DONE)])
    outcome = run(read(server, http_endpoint()))
    assert outcome.events == [Thinking(), Thinking(), TextDelta(DIFF), Units("SAU", 1.5), Finish("stop")]
    assert [path for _, _, path in server.asked] == ["/v2/chat/completions/spark", "/v2/jobs/job-1", "/v2/jobs/job-1"]


def test_a_job_that_is_done_at_once_is_not_asked_for() -> None:
    server = JobServer(Reply({"status": "succeeded", "result": {"diff": ""}}))
    assert run(read(server, http_endpoint())).events == [Finish("stop")]
    assert len(server.asked) == 1


def test_every_request_carries_the_key_and_the_headers() -> None:
    server = JobServer(Reply(QUEUED), [Reply(IN_PROGRESS)])
    run(read(server, background_endpoint(headers={"X-Team": "a"}), batches=2))
    assert [request.method for request in server.requests] == ["POST", "GET", "POST"]
    for request in server.requests:
        assert request.headers["authorization"] == "Bearer sk-secret-key"
        assert request.headers["x-team"] == "a"
        assert request.headers["accept"] == "application/json"
    assert server.requests[1].content == b""
    assert server.requests[2].headers["content-length"] == "0"


# When to ask


def test_waits_grow_from_half_a_second_to_ten() -> None:
    pace = PollPace(lambda: 0.5)
    waits = [round(pace.wait(None), 3) for _ in range(10)]
    assert waits == [0.5, 0.8, 1.28, 2.048, 3.277, 5.243, 8.389, 10, 10, 10]
    assert pace.wait(30.0) == 30
    assert pace.wait(0.0) == 0.1


@pytest.mark.parametrize(("random", "first", "last"), [(0.0, 0.4, 8.0), (1.0, 0.6, 10.0)])
def test_waits_vary_by_a_fifth_and_are_never_longer_than_ten(random: float, first: float, last: float) -> None:
    pace = PollPace(lambda: random)
    waits = [round(pace.wait(None), 3) for _ in range(20)]
    assert (waits[0], waits[-1]) == (first, last)


@pytest.mark.parametrize(
    "headers", [{"Retry-After": "3"}, {"retry-after-ms": "3000"}, {"openai-poll-after-ms": "3000"}]
)
def test_the_server_says_when_it_wants_to_be_asked(headers: dict[str, str]) -> None:
    polls = [Reply(IN_PROGRESS, headers=headers), Reply(IN_PROGRESS), Reply(COMPLETED)]
    server = JobServer(Reply(QUEUED, headers={"retry-after": "2"}), polls)
    run(read(server, background_endpoint()))
    assert server.polled_at == [2, 5, 6.28]


@pytest.mark.parametrize(
    "hiccup",
    [
        Reply(error=httpx.ReadError("")),
        Reply(error=httpx.ConnectError("")),
        Reply({"error": "busy"}, 503),
        Reply({"error": "slow down"}, 429),
        Reply(b"", 502),
        Reply(after=1000.0),
    ],
    ids=["lost", "refused", "busy", "limited", "gateway", "silent"],
)
def test_a_poll_that_fails_is_waited_out(hiccup: Reply) -> None:
    server = JobServer(Reply(QUEUED), [hiccup] * FAILED_POLLS + [Reply(COMPLETED)])
    outcome = run(read(server, background_endpoint(Timeouts(total=600))))
    assert outcome.failure is None
    assert outcome.events == [Thinking(), TextDelta(DIFF), Usage(22, 20, 18), Finish("stop")]
    silent = 10.0 if hiccup.after else 0.0
    waits = [0.5, 0.8, 1.28, 2.048, 3.277, 5.243]
    expected = [round(sum(waits[: number + 1]) + number * silent, 3) for number in range(6)]
    assert server.polled_at == pytest.approx(expected, abs=0.002)


def test_a_server_that_limits_polls_is_spared_as_long_as_it_asks() -> None:
    server = JobServer(Reply(QUEUED), [Reply({}, 429, {"retry-after": "7"}), Reply(IN_PROGRESS), Reply(COMPLETED)])
    run(read(server, background_endpoint()))
    assert server.polled_at == [0.5, 7.5, 8.78]


def test_polls_that_fail_again_and_again_are_the_end() -> None:
    server = JobServer(Reply(QUEUED), [Reply({"error": {"message": "database down"}}, 500)])
    outcome = run(read(server, background_endpoint()))
    assert isinstance(outcome.failure, JobFailed)
    assert str(outcome.failure) == (
        f'The endpoint at {BACKGROUND_PLACE} failed (HTTP 500, "database down"): try again later.'
    )
    assert len(server.polled_at) == FAILED_POLLS + 1
    assert len(server.called_off_at) == 1


def test_only_failures_in_a_row_are_counted() -> None:
    polls = ([Reply({}, 500)] * FAILED_POLLS + [Reply(IN_PROGRESS)]) * 3 + [Reply(COMPLETED)]
    assert run(read(JobServer(Reply(QUEUED), polls), background_endpoint(Timeouts(total=600)))).failure is None


# What ends a job badly


@pytest.mark.parametrize(
    ("poll", "kind", "says"),
    [
        (Reply({}, 404), JobFailed, "does not know its job any more (HTTP 404): try again, and if it stays so, check"),
        (Reply({}, 410), JobFailed, "does not know its job any more (HTTP 410)"),
        (Reply({}, 401), KeyRefused, "refused the API key (HTTP 401): put a valid key into the variable MY_KEY."),
        (Reply({}, 302, {"location": "http://127.0.0.1:1/x"}), Misconfigured, "redirects to "),
        (Reply(b"<html>"), UnexpectedAnswer, "answered with a web page"),
        (Reply(b"not json"), UnexpectedAnswer, "something that is not JSON of the wire jobs"),
        (Reply(b"[" * 100_000), UnexpectedAnswer, "something that is not JSON"),
        (Reply([]), UnexpectedAnswer, "does not say how its job stands: check baseUrl and jobs.kind of the endpoint"),
        (Reply({"status": "napping"}), UnexpectedAnswer, "calls the state of its job “napping”, which says nothing"),
        (Reply({"status": "completed"}), UnexpectedAnswer, "has done the job, but gives no result"),
        (
            Reply({"status": "failed", "error": {"code": "server_error", "message": "oops"}}),
            JobFailed,
            'broke off with an error ("oops"): try again.',
        ),
        (Reply({"status": "failed"}), JobFailed, "broke off with an error: try again."),
        (Reply({"status": "cancelled"}), JobFailed, "called off the job by itself: try again."),
        (Reply(b'"' + b"x" * (8 << 20) + b'"'), UnexpectedAnswer, "more than 8 MiB"),
    ],
)
def test_a_job_ends_in_one_sentence(poll: Reply, kind: type[EndpointError], says: str) -> None:
    server = JobServer(Reply(QUEUED), [poll])
    outcome = run(read(server, background_endpoint()))
    assert type(outcome.failure) is kind
    assert str(outcome.failure).startswith(f"The endpoint at {BACKGROUND_PLACE} ")
    assert says in str(outcome.failure)
    assert len(server.polled_at) == 1


def test_what_the_settings_can_repair_names_them() -> None:
    for reply, key in (
        (Reply({"status": "napping"}), "jobs.statusMap"),
        (Reply({"state": "done"}), "jobs.statusField"),
        (Reply({"status": "done", "result": {"patch": DIFF}}), "jobs.resultField"),
    ):
        outcome = run(read(JobServer(Reply(HTTP_QUEUED), [reply]), http_endpoint()))
        assert str(outcome.failure).endswith(f": check {key} of the endpoint mine.")
        assert HTTP_PLACE in str(outcome.failure)


def test_nothing_of_the_prompt_is_repeated() -> None:
    echo = {"status": "failed", "error": {"message": "cannot do: the secret prompt of the user"}}
    for endpoint in (background_endpoint(), http_endpoint()):
        submitted = {**QUEUED, **HTTP_QUEUED}
        outcome = run(read(JobServer(Reply(submitted), [Reply(echo)]), endpoint))
        assert "secret prompt" not in str(outcome.failure)
    assert "secret" not in repr(outcome.failure)


@pytest.mark.parametrize(
    ("submission", "kind", "says"),
    [
        (Reply({"error": {"message": "no such model"}}, 404), NotFound, "does not know this path or the model"),
        (Reply({}, 401), KeyRefused, "refused the API key"),
        (Reply({}, 429, {"retry-after": "20"}), RateLimited, "try again in 20 s"),
        (Reply({}, 503), Unavailable, "is overloaded"),
        (Reply(error=httpx.RemoteProtocolError("")), Dropped, "closed the connection"),
        (Reply({"status": "queued"}), UnexpectedAnswer, "took the job without giving an id that can be used: check"),
        (Reply({"status": "queued", "id": "."}), UnexpectedAnswer, "without giving an id"),
        (Reply({"status": "queued", "id": "x" * 300}), UnexpectedAnswer, "without giving an id"),
        (Reply(b"<!doctype html>"), UnexpectedAnswer, "web page"),
        (Reply(after=100.0), TooSlow, "within 15 s"),
    ],
)
def test_a_submission_fails_like_any_request(submission: Reply, kind: type[EndpointError], says: str) -> None:
    server = JobServer(submission)
    outcome = run(read(server, background_endpoint()))
    assert type(outcome.failure) is kind
    assert says in str(outcome.failure)
    assert outcome.batches == []
    assert len(server.asked) == 1
    assert outcome.left_at == outcome.closed_at == (15 if submission.after else 0)


def test_a_path_without_a_place_for_the_id_is_refused_before_anything_is_sent() -> None:
    server = JobServer(Reply(HTTP_QUEUED))
    outcome = run(read(server, http_endpoint(poll_path="/v2/status")))
    assert isinstance(outcome.failure, Misconfigured)
    assert "jobs.pollPath has no place for the job's id: put {job_id} into it" in str(outcome.failure)
    assert server.asked == []


# Deadlines and cancels


@pytest.mark.parametrize("poll", [Reply(IN_PROGRESS), Reply(IN_PROGRESS, headers={"retry-after": "99999"})])
def test_the_whole_job_has_a_deadline(poll: Reply) -> None:
    server = JobServer(Reply(QUEUED), [poll])
    outcome = run(read(server, background_endpoint(Timeouts(total=60))))
    assert isinstance(outcome.failure, TooSlow)
    assert outcome.failure.deadline == "total"
    assert str(outcome.failure) == (
        f"The endpoint at {BACKGROUND_PLACE} took longer than 60 s: ask for less or raise timeouts.total."
    )
    assert outcome.left_at == 60
    assert server.called_off_at == [60]


def test_who_leaves_does_not_wait_for_the_job_to_be_called_off() -> None:
    server = JobServer(Reply(QUEUED), [Reply(IN_PROGRESS)], cancel=Reply(after=1.5))
    outcome = run(read(server, background_endpoint(), batches=2))
    assert (outcome.left_at, outcome.closed_at) == (0.5, 2.0)
    assert server.asked[-1] == (0.5, "POST", "/v1/responses/resp_1/cancel")


def test_closing_waits_only_so_long_for_jobs_to_be_called_off() -> None:
    server = JobServer(Reply(QUEUED), [Reply(IN_PROGRESS)], cancel=Reply(after=1000))
    outcome = run(read(server, background_endpoint(), batches=2))
    assert outcome.closed_at == 0.5 + CLOSE_SECONDS
    assert server.ended[-1] == outcome.closed_at


@pytest.mark.parametrize("cancel", [Reply({}, 500), Reply(error=httpx.ConnectError("")), Reply(after=1000)])
def test_a_job_that_cannot_be_called_off_is_let_go(cancel: Reply) -> None:
    server = JobServer(Reply(QUEUED), [Reply(IN_PROGRESS)], cancel=cancel)
    outcome = run(read(server, background_endpoint(), batches=1, wait=30))
    assert outcome.failure is None
    assert server.ended[-1] == (CALL_OFF_SECONDS if cancel.after else 0)


def test_a_job_that_is_over_is_not_called_off() -> None:
    for poll in (Reply(COMPLETED), Reply({"status": "failed"}), Reply({}, 404)):
        server = JobServer(Reply(QUEUED), [poll])
        run(read(server, background_endpoint()))
        assert server.called_off_at == []


def test_without_a_path_to_cancel_nothing_is_sent() -> None:
    server = JobServer(Reply(HTTP_QUEUED), [Reply({"status": "running"})])
    run(read(server, http_endpoint(cancel_path=""), batches=2))
    assert [method for _, method, _ in server.asked] == ["POST", "GET"]


@pytest.mark.parametrize("during", ["wait", "poll"])
def test_a_cancel_calls_the_job_off_at_once(during: str) -> None:
    server = JobServer(Reply(QUEUED), [Reply(IN_PROGRESS, after=3.0)])

    async def cancelled() -> tuple[float, float]:
        loop = asyncio.get_running_loop()
        reading = asyncio.create_task(read(server, background_endpoint()))
        at = 0.2 if during == "wait" else 2.0
        await asyncio.sleep(at)
        reading.cancel()
        await asyncio.wait([reading])
        ended = loop.time()
        await asyncio.sleep(0.01)
        assert reading.cancelled()
        return at, ended

    at, ended = run(cancelled())
    assert ended == at
    assert server.called_off_at == [at]


@pytest.mark.parametrize("takes", [1.0, 100.0])
def test_a_job_that_is_cancelled_while_it_is_handed_in_is_called_off_as_soon_as_it_has_an_id(takes: float) -> None:
    server = JobServer(Reply(QUEUED, after=takes))

    async def cancelled() -> float:
        loop = asyncio.get_running_loop()
        transport = transport_to(server)

        async def enter() -> None:
            async with transport.stream(background_endpoint(), request_for(background_endpoint())):
                raise AssertionError

        entering = asyncio.create_task(enter())
        await asyncio.sleep(0.25)
        entering.cancel()
        await asyncio.wait([entering])
        ended = loop.time()
        await asyncio.sleep(30)
        await transport.aclose()
        return ended

    assert run(cancelled()) == 0.25
    assert server.called_off_at == ([1.0] if takes == 1 else [])
    assert server.ended[0] == (1.0 if takes == 1 else 0.25 + CALL_OFF_SECONDS)


# Behind the clients


def test_the_client_of_all_wires_knows_jobs() -> None:
    server = JobServer(Reply(HTTP_DONE))

    async def through_the_client() -> list[Event]:
        client = EndpointClient(server)
        endpoint = http_endpoint()
        preview = await client.preview(endpoint, request_for(endpoint))
        assert (preview.method, preview.url) == ("POST", f"http://{HTTP_PLACE}")
        assert server.asked == []
        async with client.stream(endpoint, request_for(endpoint)) as batches:
            events = [event async for batch in batches for event in batch]
        await client.aclose()
        return events

    assert run(through_the_client()) == [TextDelta(DIFF), Units("SAU", 1.5), Finish("stop")]


@dataclass
class Records:
    records: list[RequestRecord] = field(default_factory=list)

    def record(self, record: RequestRecord) -> None:
        self.records.append(record)

    def spent_today(self) -> float:
        return 0.0


def ask(server: JobServer, endpoint: Endpoint) -> tuple[EndpointError | None, list[RequestRecord]]:
    async def asked() -> tuple[EndpointError | None, list[RequestRecord]]:
        client, book = EndpointClient(server), Records()
        failure = None
        try:
            async with ModelClient(client, book).ask(
                endpoint, request_for(endpoint), Purpose("edit"), Settings()
            ) as batches:
                async for _ in batches:
                    pass
        except EndpointError as error:
            failure = error
        await client.aclose()
        return failure, book.records

    return run(asked())


def test_a_job_is_recorded_with_its_units() -> None:
    failure, (record,) = ask(JobServer(Reply(HTTP_QUEUED), [Reply(HTTP_DONE)]), http_endpoint())
    assert failure is None
    assert (record.outcome, record.units, record.unit_name) == ("ok", 1.5, "SAU")
    assert record.estimated


def test_a_job_that_failed_is_not_handed_in_again_by_itself() -> None:
    for poll in (Reply({"status": "failed"}), Reply({"status": "cancelled"}), Reply({}, 404), Reply({}, 500)):
        server = JobServer(Reply(QUEUED), [poll])
        failure, _ = ask(server, background_endpoint())
        assert isinstance(failure, JobFailed)
        assert sum(path == "/v1/responses" for _, _, path in server.asked) == 1


def test_a_submission_that_is_tried_again_has_the_time_that_jobs_take() -> None:
    class Twice(JobServer):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            response = await super().handle_async_request(request)
            self.submission = Reply(QUEUED)
            return response

    server = Twice(Reply({}, 503), [Reply(IN_PROGRESS)] * 10 + [Reply(COMPLETED)])
    failure, records = ask(server, background_endpoint())
    assert failure is None
    assert [record.outcome for record in records] == ["failed", "ok"]
    assert records[-1].total_seconds > 15


def test_the_default_transport_spreads_its_waits() -> None:
    server = JobServer(Reply(QUEUED), [Reply(COMPLETED)])

    async def read_once() -> None:
        client = EndpointClient(server)
        async with client.stream(background_endpoint(), request_for(background_endpoint())) as batches:
            async for _ in batches:
                pass
        await client.aclose()

    run(read_once())
    assert 0.4 <= server.polled_at[0] <= 0.6
