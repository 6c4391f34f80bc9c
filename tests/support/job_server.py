"""A server of jobs on loopback, as the setting `jobs` describes them: both kinds, each job by a script."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote

from support.loopback_server import LoopbackServer, read_request, write_json
from support.server_process import DEADLINE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

BACKGROUND_PATH, SUBMIT_PATH = "/v1/responses", "/v2/chat/completions/spark"
_SOON = "retry-after-ms: 100"


@dataclass(frozen=True)
class JobScript:
    """What becomes of a job after so many polls; None is never."""

    diff: str = ""
    polls: int | None = 1
    error: str | None = None


@dataclass
class SubmittedJob:
    """A job, with what was handed in."""

    path: str
    body: Any
    script: JobScript
    polls: int = 0
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def status(self) -> str:
        if self.script.polls is None or self.polls < self.script.polls:
            return "running"
        return "succeeded" if self.script.error is None else "failed"


class JobServer:
    """Takes a job and does it by the first script whose key stands in its last message."""

    def __init__(self, scripts: Mapping[str, JobScript]) -> None:
        self.scripts = dict(scripts)
        self.jobs: dict[str, SubmittedJob] = {}
        self._submitted = asyncio.Condition()
        self._server = LoopbackServer(self._serve)

    @property
    def base_url(self) -> str:
        return f"{self._server.root}/v1"

    async def __aenter__(self) -> Self:
        await self._server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._server.stop()

    @property
    def last(self) -> SubmittedJob:
        return list(self.jobs.values())[-1]

    async def until_submitted(self, jobs: int) -> None:
        """Wait until so many jobs were handed in."""
        async with asyncio.timeout(DEADLINE), self._submitted:
            await self._submitted.wait_for(lambda: len(self.jobs) >= jobs)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answer = await self._answer(*await read_request(reader))
        await write_json(writer, b"" if answer is None else json.dumps(answer).encode(), _SOON)

    async def _answer(self, method: str, path: str, body: bytes) -> Any:
        if method == "POST" and path in (BACKGROUND_PATH, SUBMIT_PATH):
            return await self._submit(path, json.loads(body))
        base = BACKGROUND_PATH if path.startswith(BACKGROUND_PATH) else "/v2/jobs"
        segment, _, action = path.removeprefix(f"{base}/").partition("/")
        job_id = unquote(segment)
        job = self.jobs.get(job_id)
        if job is None or (method, action) not in (("GET", ""), ("POST", "cancel")):
            return None
        if action:
            job.cancelled.set()
        else:
            job.polls += 1
        return _object(job_id, job)

    async def _submit(self, path: str, body: Any) -> Any:
        messages = body["input"] if path == BACKGROUND_PATH else body["messages"]
        script = next(script for key, script in self.scripts.items() if key in messages[-1]["content"])
        job_id = f"job/{len(self.jobs)} #é"
        async with self._submitted:
            self.jobs[job_id] = SubmittedJob(path, body, script)
            self._submitted.notify_all()
        return _object(job_id, self.jobs[job_id])


def _object(job_id: str, job: SubmittedJob) -> Any:
    error = {"code": "server_error", "message": job.script.error} if job.status == "failed" else None
    if job.path == SUBMIT_PATH:
        done = {"result": {"diff": job.script.diff}, "usage": {"sau": 2.5}} if job.status == "succeeded" else {}
        return {"job_id": job_id, "status": job.status, "error": error, **done}
    words = {"running": "in_progress", "succeeded": "completed", "failed": "failed"}
    message = {"type": "message", "content": [{"type": "output_text", "text": job.script.diff}]}
    return {
        "id": job_id,
        "status": words[job.status],
        "error": error,
        "output": [message] if job.status == "succeeded" else [],
        "usage": {"input_tokens": 100, "output_tokens": 10} if job.status == "succeeded" else None,
    }
