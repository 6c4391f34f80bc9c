"""One request and its answer over a WebSocket: the messages, and how they reach the parser.

The messages of the server are the JSON objects of the event stream that the wire `responses` has over HTTP, one each.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spark_lsp.endpoints.sockets.web_socket import SocketClosed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spark_lsp.endpoints.errors import EndpointError
    from spark_lsp.endpoints.failures import Failures
    from spark_lsp.endpoints.sockets.web_socket import WebSocket
    from spark_lsp.endpoints.wire import Parser

# Stands between the messages of a batch, as in RFC 7464: in JSON a control character other than white space is
# nowhere allowed, so that no message that is JSON holds it.
_SEPARATOR = b"\x1e"

_PRELUDE = {"response.created", "response.queued", "response.in_progress"}


@dataclass(frozen=True, slots=True)
class Opening:
    """The messages of an answer up to the first that says how it goes on, and that one if it is an error.

    `begun` is whether the server had said that it is at work on the answer.
    """

    messages: Sequence[bytes]
    begun: bool
    error: dict[str, Any] | None = None

    @property
    def code(self) -> str:
        """The server's name for the error; empty if there is none."""
        for holder in ((self.error or {}).get("error"), self.error):
            if isinstance(holder, dict) and isinstance(holder.get("code"), str):
                return str(holder["code"])
        return ""

    def refusal(self, failures: Failures) -> EndpointError | None:
        """An error in place of an answer, with an HTTP status: worded as over HTTP. Met under two names."""
        if self.error is None or self.begun:
            return None
        status = self.error.get("status", self.error.get("status_code"))
        if not isinstance(status, int) or not 400 <= status < 600:
            return None
        return failures.status(status, {}, self.messages[-1])


async def read_opening(socket: WebSocket) -> Opening:
    """Read until the answer has begun or is an error. Raises SocketClosed if nothing at all came."""
    messages: list[bytes] = []
    begun = False
    while True:
        try:
            batch = await socket.receive()
        except SocketClosed:
            if not messages:
                raise
            return Opening(messages, begun)
        for number, message in enumerate(batch, 1):
            messages.append(message)
            chunk = parse(message)
            if chunk is not None and chunk.get("type") == "error":
                return Opening(messages, begun, chunk)
            if chunk is None or not is_prelude(chunk):
                return Opening([*messages, *batch[number:]], begun)
            begun = begun or chunk.get("type") in _PRELUDE


def parse(message: bytes) -> dict[str, Any] | None:
    """A message as a JSON object; None for what is none."""
    try:
        value = json.loads(message)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def is_prelude(chunk: dict[str, Any]) -> bool:
    """True for what comes before an answer, and for what is no part of one, such as `codex.rate_limits`."""
    kind = chunk.get("type")
    return kind in _PRELUDE or (isinstance(kind, str) and kind != "error" and not kind.startswith("response."))


class JsonSequence:
    """Splits what `SocketChunks` joined. See `stream_parser.Splitter`."""

    overflowed = False  # too large a message ends the connection before it gets here

    def feed(self, data: bytes) -> list[bytes]:
        return data.split(_SEPARATOR)

    def close(self) -> list[bytes]:
        return []


class SocketChunks:
    """An asynchronous iterator over the messages of one answer, those together that came together.

    It ends with the answer, since the connection stays open. Raises EndpointError and ConnectionError.
    """

    __slots__ = ("_failures", "_opening", "_parser", "_socket")

    def __init__(self, socket: WebSocket, opening: Opening, parser: Parser, failures: Failures) -> None:
        self._socket = socket
        self._opening: Sequence[bytes] = opening.messages
        self._parser = parser
        self._failures = failures

    def __aiter__(self) -> SocketChunks:
        return self

    async def __anext__(self) -> bytes:
        messages, self._opening = self._opening, ()
        if not messages:
            if self._parser.finished:
                raise StopAsyncIteration
            try:
                messages = await self._socket.receive()
            except SocketClosed as closed:
                failure = closed_failure(self._failures, closed)
                if failure is None:
                    raise
                raise failure from None
        return _SEPARATOR.join(messages)


def closed_failure(failures: Failures, closed: SocketClosed) -> EndpointError | None:
    """What the server sent that closed the connection; None if it just ended."""
    match closed.closing:
        case "too large":
            return failures.too_large()
        case "not text":
            return failures.unreadable()
        case "closed":
            return None
