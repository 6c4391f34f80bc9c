"""Answers that are fetched later: OpenAI's background responses, and jobs over HTTP as no known server has them.

A job is queued until its first token would come and runs as long as its tokens take, by the loop's clock.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from spark_lsp.simulator.speech import ERROR
from spark_lsp.simulator.wires.bodies import conversation, hole
from spark_lsp.simulator.wires.responses import ResponsesAnswer, read_responses

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.simulator.plan import Plan
    from spark_lsp.simulator.rendering import Asked, Object, Opening, Reason

JobState: TypeAlias = Literal["queued", "running", "succeeded", "failed", "cancelled"]

BACKGROUND_PATH = re.compile(r"/v1/responses/(?P<id>[^/]+)(?P<cancel>/cancel)?")
JOB_PATH = re.compile(r"/v2/jobs/(?P<id>[^/]+)(?P<cancel>/cancel)?")

_REMEMBERED = 1000  # jobs
_UNITS = 1.5


class JobAnswer(Protocol):
    """How a job looks on its wire."""

    @property
    def id(self) -> str: ...

    def submitted(self) -> Object:
        """The answer to the submission."""
        ...

    def state(self, state: JobState, text: str, reason: Reason | None) -> Object:
        """The answer to who asks for it; a reason of None leaves the result out."""
        ...


@dataclass(frozen=True, slots=True)
class BackgroundAnswer:
    """A response of OpenAI's in the background."""

    answer: ResponsesAnswer

    @property
    def id(self) -> str:
        return self.answer.id

    def submitted(self) -> Object:
        return self.answer.response("queued")

    def state(self, state: JobState, text: str, reason: Reason | None) -> Object:
        match state:
            case "queued" | "cancelled":
                return self.answer.response(state)
            case "running":
                return self.answer.response("in_progress")
            case "failed":
                return self.answer.response("failed", error=ERROR)
            case "succeeded":
                return self.answer.whole(text, reason) if reason else self.answer.response("completed")


@dataclass(frozen=True, slots=True)
class HttpJobAnswer:
    """A job with a `job_id`, whose result is a diff and whose cost is in units."""

    number: int

    @property
    def id(self) -> str:
        return f"job-scripted-{self.number}"

    def submitted(self) -> Object:
        return {"job_id": self.id, "status": "queued"}

    def state(self, state: JobState, text: str, reason: Reason | None) -> Object:
        job: Object = {"job_id": self.id, "status": state}
        if state == "failed":
            job["error"] = {"message": ERROR}
        if state == "succeeded":
            job["usage"] = {"sau": _UNITS}
            if reason:
                job["result"] = {"diff": text}
        return job


@dataclass(slots=True)
class Job:
    """A job that was submitted at `began`, on the loop's clock."""

    answer: JobAnswer
    plan: Plan
    began: float
    cancelled: bool = False

    @property
    def state(self) -> JobState:
        if self.cancelled:
            return "cancelled"
        waited = asyncio.get_running_loop().time() - self.began
        if waited < self.plan.speed.first_token:
            return "queued"
        if self.plan.reply.fault == "stall" or waited < self.plan.speed.first_token + self.plan.seconds_to_say:
            return "running"
        return "failed" if self.plan.reply.fault == "error-event" else "succeeded"

    @property
    def ended(self) -> bool:
        return self.state not in {"queued", "running"}

    def cancel(self) -> None:
        """Call it off; one that has ended stays as it is."""
        self.cancelled = self.cancelled or not self.ended

    def object(self) -> Object:
        """The job as it stands."""
        reason = None if self.plan.reply.fault == "no-finish" else self.plan.reason
        return self.answer.state(self.state, self.plan.text, reason)


class Jobs:
    """The jobs that were submitted, the last thousand of them."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()

    def submit(self, answer: JobAnswer, plan: Plan) -> Job:
        job = self._jobs[answer.id] = Job(answer, plan, asyncio.get_running_loop().time())
        if len(self._jobs) > _REMEMBERED:
            self._jobs.popitem(last=False)
        return job

    def find(self, identifier: str) -> Job | None:
        return self._jobs.get(identifier)


def is_background(body: object) -> bool:
    """Whether a request for a response wants it in the background."""
    return isinstance(body, dict) and body.get("background") is True


def _background_answer(opening: Opening) -> JobAnswer:
    return BackgroundAnswer(ResponsesAnswer(opening))


def _http_answer(opening: Opening) -> JobAnswer:
    return HttpJobAnswer(opening.number)


def _read_background(body: Object) -> Asked | str:
    return "stream must be false for a job." if body.get("stream") else read_responses(body)


def _read_http(body: Object) -> Asked | str:
    """A conversation or a text; what is asked has no one name where there is no one server."""
    text = next((body[name] for name in ("prompt", "instruction", "input") if isinstance(body.get(name), str)), None)
    if text is not None and "messages" not in body:
        return hole(body, text, "")
    return conversation(body, body.get("messages"), "messages")


@dataclass(frozen=True, slots=True)
class JobKind:
    """How jobs are asked for: what `read` makes of the body, and how one looks."""

    read: Callable[[Object], Asked | str]
    answer: Callable[[Opening], JobAnswer]


BACKGROUND = JobKind(_read_background, _background_answer)
HTTP_JOB = JobKind(_read_http, _http_answer)
