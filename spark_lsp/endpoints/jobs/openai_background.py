"""The kind `openai-background`: OpenAI's Responses in background mode, and whoever else speaks it.

Format: https://developers.openai.com/api/docs/guides/background. `store` is left to the provider: where it is left out,
newer documentation has the response deleted after about 10 minutes, and older one wants it stored and refuses `false`;
whoever wants to decide puts it into extraBody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from spark_lsp.endpoints.answer import Answer
from spark_lsp.endpoints.events import Finish, FinishReason, TextDelta, Usage
from spark_lsp.endpoints.jobs.status import (
    JobState,
    JobStatus,
    behind,
    in_path,
    member,
    submission,
    text_of_json,
    usable_id,
    without_body,
    word_of,
)
from spark_lsp.endpoints.wire import endpoint_url
from spark_lsp.endpoints.wires.responses import ResponsesDialect, responses_body

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spark_lsp.endpoints.failures import Failures
    from spark_lsp.endpoints.request import CompletionRequest, Endpoint
    from spark_lsp.endpoints.wire import HttpRequest

_STATES: Final[Mapping[str, JobState]] = {
    "queued": "queued",
    "in_progress": "running",
    "completed": "succeeded",
    "incomplete": "succeeded",
    "failed": "failed",
    "cancelled": "cancelled",
}


class OpenAiBackground:
    """POST {baseUrl}/responses with `background: true`."""

    def submission(self, endpoint: Endpoint, request: CompletionRequest) -> HttpRequest:
        body = responses_body(endpoint, request)
        body.pop("store", None)
        return submission(endpoint, _url(endpoint), {**body, "background": True})

    def poll(self, endpoint: Endpoint, job_id: str) -> HttpRequest:
        return without_body("GET", endpoint, behind(_url(endpoint), f"/{in_path(job_id)}"))

    def cancel(self, endpoint: Endpoint, job_id: str) -> HttpRequest | None:
        return without_body("POST", endpoint, behind(_url(endpoint), f"/{in_path(job_id)}/cancel"))

    def read(self, body: Any, failures: Failures) -> JobStatus:
        said = member(body, "status")
        state = _STATES.get(said, "unknown") if isinstance(said, str) else "unknown"
        job_id = usable_id(member(body, "id"))
        if state != "succeeded":
            error, code = (text_of_json(member(body, f"error.{name}")) for name in ("message", "code"))
            return JobStatus(state, word_of(said), job_id, error=error, error_code=code)
        answer = Answer(failures)
        ResponsesDialect().take_whole(body, answer)
        text: list[str] = []
        reason: FinishReason | None = None
        usage: Usage | None = None
        for event in answer.take_events():
            match event:
                case TextDelta():
                    text.append(event.text)
                case Finish():
                    reason = event.reason
                case Usage():
                    usage = event
        result = None if reason is None else "".join(text)
        return JobStatus(state, word_of(said), job_id, result, reason or "other", usage=usage)


def _url(endpoint: Endpoint) -> str:
    return endpoint_url(endpoint.base_url, "/responses")
