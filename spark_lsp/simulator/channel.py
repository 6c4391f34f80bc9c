"""Where a stream goes: the body of an HTTP response, or the messages of a WebSocket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from spark_lsp.simulator.rendering import Object, encode
from spark_lsp.simulator.wires.responses import error_frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from spark_lsp.simulator.connection import Connection
    from spark_lsp.simulator.rendering import Framing
    from spark_lsp.simulator.web_socket import WebSocket

PAGE = b"<!doctype html><html><head><title>Sign in</title></head><body>This is a scripted web page.</body></html>\n"
INTERNAL_ERROR = 1011


class Channel(Protocol):
    """One answer's way to its client. After `end` and the three below it nothing more is sent."""

    def begin(self) -> None: ...

    def send(self, objects: Iterable[Object]) -> None:
        """Send these together, each in a frame of its own."""
        ...

    def keep_alive(self) -> None:
        """Send something that says nothing."""
        ...

    def end(self) -> None:
        """The answer is whole."""
        ...

    def end_early(self) -> None:
        """End in good order, though the answer is not whole."""
        ...

    def fail(self, error: Object, message: str) -> None:
        """End with an error; a channel that has its own shape for it takes only the message."""
        ...

    def garbage(self) -> None:
        """End with something that is not JSON."""
        ...

    def page(self) -> None:
        """Answer with a web page, in place of all the rest."""
        ...

    def cut(self) -> None: ...

    def reset(self) -> None: ...

    async def drain(self) -> None: ...


@dataclass(frozen=True, slots=True)
class ResponseChannel:
    """The body of an HTTP response; each frame is an HTTP chunk."""

    connection: Connection
    framing: Framing
    headers: Mapping[str, str]

    def begin(self) -> None:
        headers = {**self.headers, "content-type": self.framing.content_type, "cache-control": "no-cache"}
        self.connection.start(200, headers)

    def send(self, objects: Iterable[Object]) -> None:
        self.connection.send([self.framing.frame(each) for each in objects])

    def keep_alive(self) -> None:
        if self.framing.keep_alive:
            self.connection.send([self.framing.keep_alive])

    def end(self) -> None:
        if self.framing.end:
            self.connection.send([self.framing.end])
        self.connection.end()

    def end_early(self) -> None:
        self.connection.end()

    def fail(self, error: Object, message: str) -> None:  # noqa: ARG002
        self.send([error])
        self.connection.end()

    def garbage(self) -> None:
        self.connection.send([self.framing.garbage])
        self.connection.end()

    def page(self) -> None:
        self.connection.respond(200, {**self.headers, "content-type": "text/html; charset=utf-8"}, PAGE)

    def cut(self) -> None:
        self.connection.cut()

    def reset(self) -> None:
        self.connection.reset()

    async def drain(self) -> None:
        await self.connection.drain()


@dataclass(frozen=True, slots=True)
class SocketChannel:
    """The messages of a WebSocket, which goes on after an answer, whole or not."""

    socket: WebSocket

    def begin(self) -> None:
        """Nothing comes before the first message."""

    def send(self, objects: Iterable[Object]) -> None:
        self.socket.send([encode(each) for each in objects])

    def keep_alive(self) -> None:
        self.socket.ping()

    def end(self) -> None:
        """The terminal event has said it."""

    def end_early(self) -> None:
        self.socket.close(INTERNAL_ERROR)

    def fail(self, error: Object, message: str) -> None:  # noqa: ARG002
        self.send([error_frame(500, message, code="server_error")])

    def garbage(self) -> None:
        self.socket.send([b"{this is not JSON"])

    def page(self) -> None:
        self.socket.send([PAGE])

    def cut(self) -> None:
        self.socket.connection.cut()

    def reset(self) -> None:
        self.socket.connection.reset()

    async def drain(self) -> None:
        await self.socket.connection.drain()
