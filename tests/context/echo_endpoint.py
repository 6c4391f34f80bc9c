"""Endpoints whose replies are made from what they were sent, in this process and on loopback."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from support.scripted_endpoint import Answer, ScriptedEndpoint
from support.stepwise_endpoint import Say, StepwiseEndpoint

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    import httpx

    from support.stepwise_endpoint import Exchange, Step

_REGION = re.compile(r"The region:\n(?P<fence>`{3,})[^\n]*\n(?P<code>.*?)(?P=fence)", re.DOTALL)
PLACEHOLDER = re.compile(r"REDACTED_SECRET_\w{4}")


def region_of(message: str) -> str:
    """The region's code as a prompt shows it."""
    found = _REGION.search(message)
    assert found is not None
    return found["code"]


def fenced(code: str) -> str:
    return f"````\n{code}````\n"


class EchoEndpoint(ScriptedEndpoint):
    """A transport on the test's own loop; `reply` makes a reply from the last message."""

    def __init__(self, reply: Callable[[str], str], *, size: int = 3) -> None:
        super().__init__(Answer())
        self._reply = reply
        self._size = size

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            message = json.loads(request.content)["messages"][-1]["content"]
            self.answers = [Answer.text(self._reply(message), size=self._size)]
        return await super().handle_async_request(request)

    @property
    def sent(self) -> str:
        """All that was sent, as text."""
        return json.dumps(self.requests, ensure_ascii=False)


class EchoServer(StepwiseEndpoint):
    """The same as a server of its own, that speaks in small pieces."""

    def __init__(self, reply: Callable[[str], str]) -> None:
        super().__init__({"": []})
        self._reply = reply
        self.bodies: list[Any] = []

    async def _speak(self, steps: Sequence[Step], exchange: Exchange, writer: asyncio.StreamWriter) -> None:
        self.bodies.append(exchange.body)
        said = self._reply(exchange.body["messages"][-1]["content"])
        await super()._speak([*steps, Say(said, 4000)], exchange, writer)
