"""Carries requests as jobs over HTTP, and sees to it that no job goes on for nobody."""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

import httpx

from spark_lsp.endpoints.errors import EndpointError
from spark_lsp.endpoints.failures import failures_for
from spark_lsp.endpoints.http_failures import failure_before_response
from spark_lsp.endpoints.jobs.http_job import JOB_ID, HttpJob
from spark_lsp.endpoints.jobs.job import Job
from spark_lsp.endpoints.jobs.openai_background import OpenAiBackground

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from spark_lsp.endpoints.failures import Failures
    from spark_lsp.endpoints.http_transport import HttpTransport
    from spark_lsp.endpoints.jobs.job import JobKind
    from spark_lsp.endpoints.request import CompletionRequest, Endpoint
    from spark_lsp.endpoints.wire import HttpRequest

CALL_OFF_SECONDS: Final = 5.0
"""How long calling a job off may take, its submission included if that is still on its way."""
CLOSE_SECONDS: Final = 2.0
"""How long the end of the server may wait for jobs to be called off."""

_KINDS: Final[Mapping[str, JobKind]] = {"openai-background": OpenAiBackground(), "http": HttpJob()}


class JobTransport:
    """Streams the results of jobs over `http`. It belongs to one event loop. `jitter` gives 0 to 1."""

    def __init__(self, http: HttpTransport, jitter: Callable[[], float] = random.random) -> None:
        self._http = http
        self._jitter = jitter
        self._calling_off: set[asyncio.Task[None]] = set()

    async def warm(self, endpoint: Endpoint) -> None:
        await self._http.warm(endpoint)

    @asynccontextmanager
    async def stream(self, endpoint: Endpoint, request: CompletionRequest) -> AsyncIterator[Job]:
        """Hand in a job and give its result, as one batch after some that say that it is at work.

        Leaving the block before the job is over calls it off in the background, and so does a cancel while it is being
        handed in: by then the server may have it.
        """
        kind, http_request, failures = _as_job(endpoint, request)
        job = Job(self._http, kind, failures, self._jitter)
        submitting = asyncio.create_task(job.submit(http_request))
        try:
            await asyncio.shield(submitting)
            yield job
        finally:
            if job.runs or not submitting.done():
                task = asyncio.create_task(_call_off(job, submitting))
                self._calling_off.add(task)
                task.add_done_callback(self._calling_off.discard)

    async def preview(self, endpoint: Endpoint, request: CompletionRequest) -> HttpRequest:
        """The submission. See `EndpointClient.preview`."""
        _, http_request, failures = _as_job(endpoint, request)
        return await self._http.built(http_request, failures)

    def rebuild(self) -> None:
        """Nothing to do: the connections are `http`'s."""

    async def aclose(self) -> None:
        """Let the jobs be called off that nobody waits for any more, as far as that goes quickly."""
        if self._calling_off:
            _, late = await asyncio.wait(self._calling_off, timeout=CLOSE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


async def _call_off(job: Job, submitting: asyncio.Task[None]) -> None:
    """Tell the server, as well as it goes: there is nobody left to hear that it did not."""
    with suppress(EndpointError, TimeoutError):
        async with asyncio.timeout(CALL_OFF_SECONDS):
            await submitting
            await job.call_off()


def _as_job(endpoint: Endpoint, request: CompletionRequest) -> tuple[JobKind, HttpRequest, Failures]:
    """How to follow a job, its submission, and the words for what can go wrong. Raises EndpointError."""
    failures = failures_for(endpoint, request, endpoint.base_url)
    kind = _KINDS[endpoint.jobs.kind]
    if endpoint.jobs.kind == "http" and JOB_ID not in endpoint.jobs.poll_path:
        raise failures.configuration(f"its jobs.pollPath has no place for the job's id: put {JOB_ID} into it")
    try:
        http_request = kind.submission(endpoint, request)
    except ValueError as error:
        raise failure_before_response(failures, httpx.InvalidURL(str(error))) from None
    return kind, http_request, failures_for(endpoint, request, http_request.url)
