"""What the simulator remembers of the requests that it got."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

WEB_SOCKET = "WEBSOCKET"
"""In place of a method, for a message that came over a WebSocket."""


def _now() -> float:
    return asyncio.get_running_loop().time()


@dataclass(slots=True)
class RecordedRequest:
    """What one request was and what became of it. `body` is its JSON, or None.

    `first_token_seconds` is the time from the request to the first token. `closed_early` means that the client left
    before the response had ended. `ended` is set when nothing more happens.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    first_token_seconds: float | None = None
    closed_early: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    came: float = field(default_factory=_now)
    """When, on the loop's clock."""

    def note_first_token(self) -> None:
        self.first_token_seconds = _now() - self.came
