"""An endpoint on paper: an httpx transport that answers by a script, on the loop's own clock."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

USAGE = {"prompt_tokens": 100, "completion_tokens": 50, "prompt_tokens_details": {"cached_tokens": 40}}


def event(body: object) -> bytes:
    return f"data: {json.dumps(body)}\n\n".encode()


def delta(text: str) -> bytes:
    return event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]})


def finish(reason: str = "stop") -> bytes:
    usage = event({"choices": [], "usage": USAGE})
    return event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}) + usage + b"data: [DONE]\n\n"


def tokens(text: str, size: int = 4) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


@dataclass
class Answer:
    """What the endpoint does with a request. Delays are in seconds, before the chunk that they stand with."""

    chunks: Iterable[tuple[float, bytes]] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "text/event-stream"})
    cut: bool = False
    """The connection breaks after the last chunk."""

    @classmethod
    def text(
        cls, text: str, *, first: float = 0.05, each: float = 0.001, size: int = 4, reason: str = "stop"
    ) -> Answer:
        parts = [delta(part) for part in tokens(text, size)]
        delays = [first, *[each] * len(parts)]
        return cls(list(zip(delays, [*parts, finish(reason)], strict=True)))


class _Stream(httpx.AsyncByteStream):
    def __init__(self, owner: ScriptedEndpoint, answer: Answer) -> None:
        self._owner = owner
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for delay, chunk in self._answer.chunks:
            if delay:
                await asyncio.sleep(delay)
            yield chunk
        if self._answer.cut:
            raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")
        self._owner.finished += 1

    async def aclose(self) -> None:
        self._owner.closed_at.append(asyncio.get_running_loop().time())


class ScriptedEndpoint(httpx.AsyncBaseTransport):
    """Answers requests in turn; the last answer serves for all that follow."""

    def __init__(self, *answers: Answer | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[dict[str, Any]] = []
        self.headers: list[httpx.Headers] = []
        self.closed_at: list[float] = []
        self.finished = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "HEAD":
            return httpx.Response(404)
        self.requests.append(json.loads(request.content))
        self.headers.append(request.headers)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status, headers=answer.headers, stream=_Stream(self, answer))
