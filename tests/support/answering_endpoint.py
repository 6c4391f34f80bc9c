"""An endpoint on paper that makes up its answer when it is asked, and remembers what became of every request.

It is the sibling of `ScriptedEndpoint`, whose answers are fixed beforehand. Times are the loop's, in seconds.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from support.scripted_endpoint import delta, finish, tokens

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

CHARACTERS_PER_TOKEN = 4


@dataclass
class Call:
    """One request and its stream."""

    body: dict[str, Any]
    asked_at: float
    text: str = ""
    """What the whole answer is."""
    said: int = 0
    """Tokens of it that were sent."""
    finished: bool = False
    """All of it was sent."""
    closed_at: float | None = None

    @property
    def prompt(self) -> str:
        """Everything that the model gets to see."""
        if "messages" in self.body:
            return "\n".join(message["content"] for message in self.body["messages"])
        return str(self.body.get("prompt", "")) + str(self.body.get("suffix") or "")


class _Stream(httpx.AsyncByteStream):
    def __init__(self, call: Call, first: float, each: float) -> None:
        self._call = call
        self._first = first
        self._each = each

    async def __aiter__(self) -> AsyncIterator[bytes]:
        begun = asyncio.get_running_loop().time()
        for number, part in enumerate(tokens(self._call.text, CHARACTERS_PER_TOKEN)):
            # By the clock, so that tokens that are read late do not make the next ones later still.
            await asyncio.sleep(begun + self._first + number * self._each - asyncio.get_running_loop().time())
            self._call.said += 1
            yield delta(part)
        if not self._call.text:
            await asyncio.sleep(self._first)
        self._call.finished = True  # whoever has the finish need not read on
        yield finish()

    async def aclose(self) -> None:
        self._call.closed_at = asyncio.get_running_loop().time()


class AnsweringEndpoint(httpx.AsyncBaseTransport):
    """`answer` is given what was asked and returns the whole text of the answer."""

    def __init__(self, answer: Callable[[Call], str], *, first: float = 0.15, each: float = 0.001) -> None:
        """`first` is the time to the first token, `each` that between two."""
        self.answer = answer
        self.first = first
        self.each = each
        self.calls: list[Call] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "HEAD":
            return httpx.Response(404)
        call = Call(json.loads(request.content), asyncio.get_running_loop().time())
        call.text = self.answer(call)
        self.calls.append(call)
        headers = {"content-type": "text/event-stream"}
        return httpx.Response(200, headers=headers, stream=_Stream(call, self.first, self.each))

    @property
    def open_streams(self) -> int:
        return sum(call.closed_at is None for call in self.calls)
