"""A job server in place of the network: answers in order, and a log of what was asked when, on the loop's clock."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import httpx

from endpoints.scripted_http import REQUEST, an_endpoint
from spark_lsp.core.prompt import Prompt, PromptFile
from spark_lsp.endpoints.http_transport import HttpTransport
from spark_lsp.endpoints.jobs.transport import JobTransport
from spark_lsp.settings.endpoint_model import JobSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spark_lsp.endpoints.request import CompletionRequest, Endpoint, Timeouts

assert isinstance(REQUEST.prompt, Prompt)
HTTP_REQUEST = replace(REQUEST, prompt=replace(REQUEST.prompt, files=(PromptFile("src/a.py", "x = 1\n"),)))
HOST = "http://127.0.0.1:8000"
BACKGROUND_PLACE = "127.0.0.1:8000/v1/responses"
HTTP_PLACE = "127.0.0.1:8000/v2/chat/completions/spark"
DIFF = "@@ -1 +1 @@\n-x = 1\n+x = 2\n"

QUEUED: dict[str, Any] = {"id": "resp_1", "status": "queued", "error": None, "output": []}
IN_PROGRESS = {**QUEUED, "status": "in_progress"}
COMPLETED = {
    **QUEUED,
    "status": "completed",
    "output": [
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {"type": "message", "id": "msg_1", "content": [{"type": "output_text", "text": DIFF, "annotations": []}]},
    ],
    "usage": {"input_tokens": 22, "input_tokens_details": {"cached_tokens": 20}, "output_tokens": 18},
}


@dataclass(frozen=True)
class Reply:
    """What a request is answered with, after some seconds; or what the library raises then."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0
    error: Exception | None = None


@dataclass
class JobServer(httpx.AsyncBaseTransport):
    """The first answer is the submission's; the last poll's is given again and again."""

    submission: Reply
    polls: list[Reply] = field(default_factory=list)
    cancel: Reply = field(default_factory=Reply)
    asked: list[tuple[float, str, str]] = field(default_factory=list)
    """When, and what, as method and path."""
    requests: list[httpx.Request] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    """When requests were answered or given up."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        loop = asyncio.get_running_loop()
        path = request.url.raw_path.decode()
        self.asked.append((round(loop.time(), 3), request.method, path))
        self.requests.append(request)
        if path.endswith("/cancel"):
            reply = self.cancel
        elif request.method == "POST":
            reply = self.submission
        else:
            reply = self.polls.pop(0) if len(self.polls) > 1 else self.polls[0]
        try:
            await asyncio.sleep(reply.after)
        finally:
            self.ended.append(round(loop.time(), 3))
        if reply.error is not None:
            raise reply.error
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        return httpx.Response(reply.status, headers=reply.headers, content=body)

    @property
    def polled_at(self) -> list[float]:
        return [at for at, method, _ in self.asked if method == "GET"]

    @property
    def called_off_at(self) -> list[float]:
        return [at for at, _, path in self.asked if path.endswith("/cancel")]

    def body(self, number: int = 0) -> Any:
        return json.loads(self.requests[number].content)


def background_endpoint(timeouts: Timeouts | None = None, **more: Any) -> Endpoint:
    return replace(an_endpoint(timeouts=timeouts, **more), wire="jobs")


def http_endpoint(timeouts: Timeouts | None = None, *, base_url: str = f"{HOST}/v1", **settings: Any) -> Endpoint:
    jobs = JobSettings(kind="http", unit_field="usage.sau", unit_name="SAU", **settings)
    return replace(an_endpoint(timeouts=timeouts, base_url=base_url), wire="jobs", jobs=jobs)


def steady() -> float:
    """A random number that leaves every wait as it is."""
    return 0.5


def transport_to(server: JobServer) -> JobTransport:
    return JobTransport(HttpTransport(server), steady)


def request_for(endpoint: Endpoint) -> CompletionRequest:
    return HTTP_REQUEST if endpoint.sends_files else REQUEST
