"""The kind `http`: any server that takes a job by POST and is asked for it by GET, as the settings describe it.

No public server is known that works like this. The defaults follow articles about what an endpoint for instant edits
might be: POST v2/chat/completions/spark with a `repository_context`, answered with a `job_id`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit, urlunsplit

from spark_lsp.endpoints.answer import count
from spark_lsp.endpoints.events import Units, Usage
from spark_lsp.endpoints.jobs.status import (
    JobState,
    JobStatus,
    amount,
    in_path,
    member,
    submission,
    text_of_json,
    usable_id,
    without_body,
    word_of,
)
from spark_lsp.endpoints.wire import messages_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spark_lsp.core.prompt import PromptFile
    from spark_lsp.endpoints.failures import Failures
    from spark_lsp.endpoints.request import CompletionRequest, Endpoint
    from spark_lsp.endpoints.wire import HttpRequest

JOB_ID: Final = "{job_id}"

_WORDS: Final[Mapping[JobState, tuple[str, ...]]] = {
    "queued": ("queued", "pending", "created", "submitted", "accepted", "waiting", "scheduled"),
    "running": ("running", "in_progress", "in-progress", "processing", "started", "working"),
    "succeeded": ("succeeded", "success", "completed", "complete", "done", "finished"),
    "failed": ("failed", "failure", "error", "errored", "expired", "timed_out"),
    "cancelled": ("cancelled", "canceled", "aborted"),
}
_STATES: Final[Mapping[str, JobState]] = {word: state for state, words in _WORDS.items() for word in words}
_TOKEN_NAMES: Final = (("prompt_tokens", "completion_tokens"), ("input_tokens", "output_tokens"))


class HttpJob:
    """Submits the messages and the files of a prompt; what the server's answers mean is up to the settings."""

    def submission(self, endpoint: Endpoint, request: CompletionRequest) -> HttpRequest:
        body: dict[str, Any] = {
            "model": endpoint.model,
            "messages": messages_of(request.prompt),
            endpoint.jobs.context_field: {"files": [_manifest_entry(file) for file in request.prompt.files]},
        }
        return submission(endpoint, job_url(endpoint.base_url, endpoint.jobs.submit_path), body)

    def poll(self, endpoint: Endpoint, job_id: str) -> HttpRequest:
        path = endpoint.jobs.poll_path.replace(JOB_ID, in_path(job_id))
        return without_body("GET", endpoint, job_url(endpoint.base_url, path))

    def cancel(self, endpoint: Endpoint, job_id: str) -> HttpRequest | None:
        path = endpoint.jobs.cancel_path.replace(JOB_ID, in_path(job_id))
        return without_body("POST", endpoint, job_url(endpoint.base_url, path)) if path else None

    def read(self, body: Any, failures: Failures) -> JobStatus:
        settings = failures.endpoint.jobs
        result = member(body, settings.result_field)
        said = member(body, settings.status_field)
        state = _state(said, settings.status_map)
        if said is None and isinstance(result, str):
            state = "succeeded"
        elif said is None and usable_id(member(body, settings.id_field)) is not None:
            state = "queued"
        units = amount(member(body, settings.unit_field)) if settings.unit_field else None
        return JobStatus(
            state=state,
            word=word_of(said),
            job_id=usable_id(member(body, settings.id_field)),
            result=result if isinstance(result, str) else None,
            error=text_of_json(member(body, settings.error_field)),
            usage=_usage(member(body, "usage")),
            units=None if units is None else Units(settings.unit_name, units),
        )


def job_url(base_url: str, path: str) -> str:
    """The URL of one of a job's paths: "/x" stands behind the host of the base URL, "x" behind all of it.

    A query of the base URL stays, before one of the path. Raises ValueError if the base URL cannot be parsed.
    """
    parts = urlsplit(base_url)
    path, _, query = path.partition("?")
    whole = path if path.startswith("/") else f"{parts.path.rstrip('/')}/{path}"
    return urlunsplit(parts._replace(path=whole, query="&".join(filter(None, (parts.query, query)))))


def _manifest_entry(file: PromptFile) -> dict[str, str]:
    return {
        "path": file.path,
        "sha256": hashlib.sha256(file.text.encode("utf-8", "replace")).hexdigest(),
        "content": file.text,
    }


def _state(said: Any, status_map: Mapping[str, str]) -> JobState:
    if not isinstance(said, str):
        return "unknown"
    return _STATES.get(status_map.get(said, said).lower(), "unknown")


def _usage(usage: Any) -> Usage | None:
    """Tokens, should the server count them as those do that speak like OpenAI."""
    if not isinstance(usage, dict):
        return None
    for names in _TOKEN_NAMES:
        if any(name in usage for name in names):
            return Usage(count(usage.get(names[0])), 0, count(usage.get(names[1])))
    return None
