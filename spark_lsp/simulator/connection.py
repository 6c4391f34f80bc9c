"""One connection: HTTP/1.1 by h11 on an asyncio protocol, until a request turns it into a WebSocket.

A protocol and not streams, because it is told at once when the client leaves, and leaving is how clients cancel.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

import h11

from spark_lsp.simulator.web_socket import WebSocket

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

MAX_BODY_BYTES = 16 * 1024 * 1024

_MAX_HEADER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as it came; header names in lower case. `error` is the status of one that is not to be answered."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    error: int | None = None

    @property
    def wants_web_socket(self) -> bool:
        return self.headers.get("upgrade", "").lower() == "websocket"


Handler: TypeAlias = "Callable[[HttpRequest, Connection], Awaitable[None]]"


class Connection(asyncio.Protocol):
    """Reads requests and runs the handler for each, one after the other. A client that leaves cancels the handler.

    `closed` is set when the connection is gone for good. `connections` holds this one as long as it is open.
    """

    def __init__(self, handler: Handler, connections: set[Connection]) -> None:
        self._handler = handler
        self._connections = connections
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=_MAX_HEADER_BYTES)
        self._request: h11.Request | None = None
        self._body = bytearray()
        self.web_socket: WebSocket | None = None
        self._task: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self.closed = asyncio.Event()

    # What the handler does

    def respond(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Send a whole response."""
        events: list[h11.Event] = [_head(status, {**headers, "content-length": str(len(body))})]
        if self._request is None or self._request.method != b"HEAD":
            events.append(h11.Data(data=body))
        self._write([*events, h11.EndOfMessage()])

    def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the status and the headers. Without a content-length the body is chunked."""
        self._write([_head(status, headers)])

    def send(self, chunks: Iterable[bytes]) -> None:
        """Send pieces of the body: each is an HTTP chunk of its own, all leave together."""
        self._write([h11.Data(data=chunk) for chunk in chunks])

    def end(self) -> None:
        """End the body."""
        self._write([h11.EndOfMessage()])

    def upgrade(self, headers: Mapping[str, str]) -> WebSocket:
        """Turn the connection into a WebSocket, as the request wants; `headers` go into the answer."""
        assert self._request is not None
        lines = [b"%s %s HTTP/%s" % (self._request.method, self._request.target, self._request.http_version)]
        lines += [b"%s: %s" % header for header in self._request.headers.raw_items()]
        self.web_socket = WebSocket(self, b"\r\n".join([*lines, b"", b""]), headers)
        early, _ = self._http.trailing_data
        if early:
            self.web_socket.receive_data(early)
        return self.web_socket

    def write(self, pieces: Iterable[bytes]) -> None:
        """Send bytes as they are; an empty piece is the end."""
        for piece in pieces:
            if not piece:
                self._transport.close()
            elif not self._transport.is_closing():
                self._transport.write(piece)

    async def drain(self) -> None:
        """Wait until the client has taken most of what was sent."""
        await self._writable.wait()

    def cut(self) -> None:
        """Close the connection where it stands, once everything is sent."""
        self._transport.close()

    def reset(self) -> None:
        """Close the connection by a TCP reset."""
        connection = self._transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    async def close(self) -> None:
        """Close the connection, stop its handler, and wait for both."""
        self._transport.abort()
        await self.closed.wait()
        if self._task is not None:
            await asyncio.wait([self._task])

    # What the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._connections.add(self)

    def data_received(self, data: bytes) -> None:
        if self.web_socket is not None:
            self.web_socket.receive_data(data)
            return
        self._http.receive_data(data)
        self._advance()

    def eof_received(self) -> None:
        """A client that has nothing more to say has left; returning nothing closes the connection."""

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._connections.discard(self)
        if self._task is not None:
            self._task.cancel()
        self._writable.set()
        self.closed.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    # Between the two

    def _advance(self) -> None:
        """Take what h11 has; when a request is whole, run the handler and come back afterwards."""
        while self._task is None:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                self._run(error.error_status_hint)
                return
            match event:
                case h11.Request():
                    self._request = event
                    self._body.clear()
                    if self._http.they_are_waiting_for_100_continue:
                        self._write([h11.InformationalResponse(status_code=100, headers=[])])
                case h11.Data():
                    self._body += event.data
                    if len(self._body) > MAX_BODY_BYTES:
                        self._run(413)
                case h11.EndOfMessage():
                    self._run(None)
                case _:  # needs data, or is closed
                    return

    def _run(self, error: int | None) -> None:
        head = self._request
        request = HttpRequest(
            method=head.method.decode() if head else "",
            path=head.target.decode().partition("?")[0] if head else "",
            headers={name.decode(): value.decode("latin-1") for name, value in head.headers} if head else {},
            body=bytes(self._body),
            error=error,
        )
        self._task = asyncio.get_running_loop().create_task(self._handle(request))

    async def _handle(self, request: HttpRequest) -> None:
        try:
            await self._handler(request, self)
        except BaseException:
            self._transport.abort()
            raise
        self._task = None
        if self._transport.is_closing():
            return
        if (
            request.error is None
            and self.web_socket is None
            and self._http.our_state is self._http.their_state is h11.DONE
        ):
            self._http.start_next_cycle()
            self._request = None
            self._advance()
        else:
            self._transport.close()

    def _write(self, events: Iterable[h11.Event]) -> None:
        if not self._transport.is_closing():
            self._transport.write(b"".join(self._http.send(event) or b"" for event in events))


def _head(status: int, headers: Mapping[str, str]) -> h11.Response:
    return h11.Response(
        status_code=status, headers=[(name.encode(), value.encode()) for name, value in headers.items()]
    )
