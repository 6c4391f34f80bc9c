"""One job on its way: submits it, asks for it until it is over, and can call it off."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

from spark_lsp.endpoints.errors import (
    Interrupted,
    JobFailed,
    RateLimited,
    TooSlow,
    Unavailable,
    UnexpectedAnswer,
    Unreachable,
)
from spark_lsp.endpoints.events import Event, Finish, TextDelta, Thinking
from spark_lsp.endpoints.jobs.pace import PollPace
from spark_lsp.endpoints.retry_after import retry_after
from spark_lsp.endpoints.server_words import is_web_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.endpoints.errors import Deadline, EndpointError
    from spark_lsp.endpoints.failures import Failures
    from spark_lsp.endpoints.http_transport import HttpAnswer, HttpTransport
    from spark_lsp.endpoints.jobs.status import JobStatus
    from spark_lsp.endpoints.request import CompletionRequest, Endpoint
    from spark_lsp.endpoints.wire import HttpRequest

POLL_SECONDS: Final = 10.0
"""How long the answer to one poll may take."""
FAILED_POLLS: Final = 5
"""So many polls in a row may come to nothing; the job goes on meanwhile."""

_GONE: Final = frozenset({404, 410})
_PASSING: Final = (Interrupted, RateLimited, TooSlow, Unavailable, Unreachable)
"""What a server that is still at work on the job may answer, or not answer, with."""


class JobKind(Protocol):
    """One way to submit and to follow jobs, without any I/O.

    What builds a request raises ValueError if the endpoint's URL cannot be parsed; `read` never raises.
    """

    def submission(self, endpoint: Endpoint, request: CompletionRequest) -> HttpRequest: ...

    def poll(self, endpoint: Endpoint, job_id: str) -> HttpRequest: ...

    def cancel(self, endpoint: Endpoint, job_id: str) -> HttpRequest | None:
        """None if jobs cannot be called off there."""
        ...

    def read(self, body: Any, failures: Failures) -> JobStatus:
        """How a job stands by the JSON of an answer, to its submission or to a poll."""
        ...


class Job:
    """An asynchronous iterator of batches of events: Thinking while the job waits and runs, then all of its result.

    `submit` it first. The iteration ends after a Finish, or it raises an EndpointError; there is no third way.
    """

    def __init__(self, http: HttpTransport, kind: JobKind, failures: Failures, random: Callable[[], float]) -> None:
        self._http = http
        self._kind = kind
        self._failures = failures
        self._endpoint = failures.endpoint
        self._loop = asyncio.get_running_loop()
        self._started = self._loop.time()
        self._pace = PollPace(random)
        self._asked_wait: float | None = None
        self._news: JobStatus | None = None  # not told yet
        self._job_id: str | None = None
        self._finished = False
        self.runs = False
        """It was submitted, and for all that is known it is not over."""

    async def submit(self, request: HttpRequest) -> None:
        """Hand the job in. Raises EndpointError."""
        timeouts = self._endpoint.timeouts
        deadline: Deadline = "first_token" if timeouts.first_token <= timeouts.total else "total"
        until = self._started + min(timeouts.first_token, timeouts.total)
        try:
            answer = await self._http.exchange(request, self._failures, until=until)
        except TimeoutError:
            raise self._failures.deadline(deadline) from None
        status = self._read(answer)
        self._job_id = status.job_id
        self.runs = status.job_id is not None and not status.is_over
        if status.job_id is None and not status.is_over:
            raise self._unexpected("took the job without giving an id that can be used")
        self._news = status

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[Event]:
        if self._finished:
            raise StopAsyncIteration
        if self._news is None:
            try:
                async with asyncio.timeout_at(self._started + self._endpoint.timeouts.total):
                    self._news = await self._poll()
            except TimeoutError:
                raise self._failures.deadline("total") from None
        status, self._news = self._news, None
        if status.is_over:
            self.runs = False
        return self._events(status)

    async def call_off(self) -> None:
        """Tell the server that nobody waits any more. Raises EndpointError, or TimeoutError after a while."""
        if self._job_id is not None and self.runs:
            self.runs = False
            request = self._kind.cancel(self._endpoint, self._job_id)
            if request is not None:
                await self._http.exchange(request, self._failures, until=self._loop.time() + POLL_SECONDS)

    async def _poll(self) -> JobStatus:
        """What the next answer about the job says; what passes by itself is waited out."""
        assert self._job_id is not None
        request = self._kind.poll(self._endpoint, self._job_id)
        failed = 0
        while True:
            await asyncio.sleep(self._pace.wait(self._asked_wait))
            try:
                return self._read(await self._answer(request))
            except _PASSING as failure:
                failed += 1
                if failed > FAILED_POLLS:
                    raise JobFailed(failure.message) from None
                self._asked_wait = getattr(failure, "retry_after", None)

    async def _answer(self, request: HttpRequest) -> HttpAnswer:
        try:
            answer = await self._http.exchange(request, self._failures, until=self._loop.time() + POLL_SECONDS)
        except TimeoutError:
            raise self._failures.unreachable(
                f"did not say within {POLL_SECONDS:g} s how its job stands: try again"
            ) from None
        if answer.status in _GONE:
            self.runs = False
            raise JobFailed(
                f"The endpoint at {self._failures.place} does not know its job any more (HTTP {answer.status}): try "
                "again, and if it stays so, check jobs.pollPath."
            )
        return answer

    def _read(self, answer: HttpAnswer) -> JobStatus:
        """What an answer says. Raises EndpointError if it is an error, or none in this wire's format."""
        if not answer.is_success:
            raise self._failures.status(answer.status, answer.headers, answer.body)
        self._asked_wait = _asked_wait(answer)
        if is_web_page("", answer.body):
            raise self._failures.web_page()
        try:
            body = json.loads(answer.body)
        except (ValueError, RecursionError):
            raise self._failures.unreadable() from None
        return self._kind.read(body, self._failures)

    def _events(self, status: JobStatus) -> list[Event]:
        match status.state:
            case "queued" | "running":
                return [Thinking()]
            case "succeeded":
                return self._result(status)
            case "failed":
                said = {"error": {"message": status.error, "code": status.error_code}}
                raise JobFailed(self._failures.reported(said).message)
            case "cancelled":
                raise JobFailed(f"The endpoint at {self._failures.place} called off the job by itself: try again.")
            case "unknown":
                if status.word:
                    raise self._unexpected(
                        f"calls the state of its job “{status.word}”, which says nothing here", "jobs.statusMap"
                    )
                raise self._unexpected("does not say how its job stands", "jobs.statusField")

    def _result(self, status: JobStatus) -> list[Event]:
        if status.result is None:
            raise self._unexpected("has done the job, but gives no result", "jobs.resultField")
        self._finished = True
        found = (TextDelta(status.result) if status.result else None, status.usage, status.units, Finish(status.reason))
        return [event for event in found if event is not None]

    def _unexpected(self, problem: str, key: str = "jobs.idField") -> EndpointError:
        """`key` is the setting to look at, where the settings say what answers mean."""
        settings = "baseUrl and jobs.kind" if self._endpoint.jobs.kind == "openai-background" else key
        return UnexpectedAnswer(
            f"The endpoint at {self._failures.place} {problem}: check {settings} of the endpoint {self._endpoint.name}."
        )


def _asked_wait(answer: HttpAnswer) -> float | None:
    """How long the server wants to be spared, in seconds."""
    asked = answer.headers.get("openai-poll-after-ms")
    return retry_after(answer.headers if asked is None else {"retry-after-ms": asked})
