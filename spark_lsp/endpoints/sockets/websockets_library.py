"""WebSockets by the library `websockets`. Importing this takes a while: see `web_socket.LazyOpener`."""

from __future__ import annotations

import asyncio
import errno
import logging
import ssl
import urllib.request
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidProxy,
    InvalidStatus,
    InvalidURI,
    ProxyError,
    WebSocketException,
)
from websockets.frames import CloseCode
from websockets.protocol import State

from spark_lsp.endpoints.sockets.web_socket import (
    MAX_MESSAGE_BYTES,
    NO_TEXT,
    OpeningFailed,
    SocketClosed,
    UpgradeRefused,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.endpoints.sockets.web_socket import Closing, SocketTarget

# The library would log whole messages and headers. What goes wrong comes as an exception.
_SILENT = logging.getLogger("spark_lsp.endpoints.websockets")
_SILENT.disabled = True

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PING_SECONDS = 30.0  # for what stands in between and forgets idle connections
_PONG_SECONDS = 20.0
_NEXT_ADDRESS_SECONDS = 0.25  # until the host's next address is tried as well (RFC 8305)
_MOST_TOGETHER = 64  # messages
_REFUSED = (f"[Errno {errno.ECONNREFUSED}]", "[WinError 1225]", "[WinError 10061]")
_CLOSINGS: dict[int, Closing] = {
    CloseCode.MESSAGE_TOO_BIG: "too large",
    CloseCode.INVALID_DATA: "not text",
    CloseCode.PROTOCOL_ERROR: "not text",
}
"""By the close code that the library sends."""


class LibraryOpener:
    """Opens connections; its context of certificates is read once. It belongs to one event loop."""

    def __init__(self) -> None:
        self._context: ssl.SSLContext | None = None
        self._alive: set[asyncio.Future[None]] = set()

    async def open(self, target: SocketTarget) -> LibrarySocket:
        if not all(_may_be_sent(value) for _, value in target.headers):
            raise OpeningFailed("header")
        try:
            # In a thread: reading the certificates, and on Windows the proxy's exceptions, holds up the loop.
            context, proxy = await asyncio.to_thread(self._prepare, target.url)
        except ValueError as error:
            raise OpeningFailed("address", error) from None
        except (ImportError, OSError) as error:
            raise OpeningFailed("start", error) from None
        upgrading = False

        def made(connection: ClientConnection) -> None:
            nonlocal upgrading
            upgrading = True
            self._alive.add(connection.connection_lost_waiter)
            connection.connection_lost_waiter.add_done_callback(self._alive.discard)
            with suppress(RuntimeError):  # too late
                deadline.reschedule(asyncio.get_running_loop().time() + target.upgrade_seconds)

        try:
            async with asyncio.timeout(target.connect_seconds * (1 if context is None else 2)) as deadline:
                connection = await _connecting(target, context, proxy, made)
        except UpgradeRefused:
            raise
        except TimeoutError as error:
            raise OpeningFailed("upgrade" if upgrading else "timeout", error) from None
        except (OSError, ValueError, ImportError, WebSocketException) as error:
            raise _opening_failed(error, proxied=proxy is not None) from None
        return LibrarySocket(connection)

    def rebuild(self) -> None:
        self._context = None

    async def aclose(self) -> None:
        while self._alive:
            await asyncio.wait(self._alive)

    def _prepare(self, url: str) -> tuple[ssl.SSLContext | None, str | None]:
        """What the connection is secured with, and its proxy."""
        parts = urlsplit(url)
        if parts.scheme not in ("ws", "wss") or not parts.hostname:
            raise ValueError(parts.scheme)
        proxy = _proxy_for(parts.scheme, parts.hostname, parts.port)
        if parts.scheme == "ws":
            return None, proxy
        context = self._context or httpx.create_ssl_context()  # trusts what HTTP trusts
        self._context = context
        return context, proxy


async def _connecting(
    target: SocketTarget, context: ssl.SSLContext | None, proxy: str | None, made: Callable[[ClientConnection], None]
) -> ClientConnection:
    def connection(*arguments: Any, **options: Any) -> _Connection:
        return _Connection(made, *arguments, **options)

    options: dict[str, Any] = {} if context is None else {"ssl": context}
    if urlsplit(target.url).hostname not in _LOOPBACK:
        options["happy_eyeballs_delay"] = _NEXT_ADDRESS_SECONDS
    return await connect(
        target.url,
        compression=None,  # costs processor time at both ends, and the messages are small
        additional_headers=target.headers,
        user_agent_header="spark-lsp",
        proxy=proxy,
        open_timeout=None,  # ours tells connecting and upgrading apart
        ping_interval=_PING_SECONDS,
        ping_timeout=_PONG_SECONDS,
        max_size=MAX_MESSAGE_BYTES,
        logger=_SILENT,
        create_connection=connection,  # type: ignore[arg-type]  # the library says that it may be a wrapper
        **options,
    )


class _Connection(ClientConnection):
    """Tells when it is made, follows no redirect, so that the key does not travel, and never lingers."""

    def __init__(self, made: Callable[[ClientConnection], None], *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._made = made

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._made(self)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.state is State.CLOSING:
            # What came before can still be read. For the rest of the closing handshake nobody waits.
            self.transport.abort()

    async def handshake(self, *arguments: Any, **options: Any) -> None:
        try:
            await super().handshake(*arguments, **options)
        except InvalidStatus as refused:
            response = refused.response
            headers = {name.lower(): value for name, value in response.headers.raw_items()}
            raise UpgradeRefused(response.status_code, headers, bytes(response.body or b"")) from None


class LibrarySocket:
    """See `web_socket.WebSocket`."""

    __slots__ = ("_connection",)

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    @property
    def is_open(self) -> bool:
        return self._connection.state is State.OPEN

    async def send(self, message: bytes) -> None:
        try:
            await self._connection.send(message, text=True)
        except ConnectionClosed as closed:
            raise SocketClosed(_closing(closed)) from None

    async def receive(self) -> list[bytes]:
        try:
            messages = [_utf8(await self._connection.recv())]
            while self._has_message() and len(messages) < _MOST_TOGETHER:
                messages.append(_utf8(await self._connection.recv()))
        except ConnectionClosed as closed:
            raise SocketClosed(_closing(closed)) from None
        return messages

    def abort(self) -> None:
        self._connection.transport.abort()

    def _has_message(self) -> bool:
        """True when the next `recv` would not wait. The library does not say; its queue of frames does."""
        frames: Any = getattr(self._connection.recv_messages, "frames", None)
        queue: Any = getattr(frames, "queue", None)
        return bool(queue) and bool(queue[0].fin)


def _utf8(message: str | bytes) -> bytes:
    return message.encode() if isinstance(message, str) else NO_TEXT


def _may_be_sent(value: str) -> bool:
    return value.isascii() and all(character == "\t" or " " <= character <= "~" for character in value)


def _proxy_for(scheme: str, host: str, port: int | None) -> str | None:
    """The proxy of the environment, chosen as for HTTP; what stays on this machine needs none."""
    if host in _LOOPBACK or urllib.request.proxy_bypass(host if port is None else f"{host}:{port}"):
        return None
    proxies = urllib.request.getproxies()
    return proxies.get("https" if scheme == "wss" else "http") or proxies.get("all")


def _opening_failed(error: Exception, *, proxied: bool) -> OpeningFailed:
    match error:
        case InvalidProxy() | ProxyError():
            return OpeningFailed("proxy")
        case ImportError():
            return OpeningFailed("start")  # a SOCKS proxy needs a library of its own
        case InvalidURI():
            return OpeningFailed("address")
        case ssl.SSLError():
            return OpeningFailed("connect", error)
        case OSError():
            return OpeningFailed("proxy" if proxied else "connect", _refused_by_all(error) or error)
        case ValueError():
            return OpeningFailed("address")
        case InvalidHandshake() | ConnectionClosed():
            return OpeningFailed("closed")
        case _:
            return OpeningFailed("other")


def _refused_by_all(error: OSError) -> OSError | None:
    """Where several addresses of a host failed, asyncio has their errors as text only."""
    return ConnectionRefusedError() if any(code in str(error) for code in _REFUSED) else None


def _closing(closed: ConnectionClosed) -> Closing:
    return _CLOSINGS.get(closed.sent.code, "closed") if closed.sent and not closed.rcvd_then_sent else "closed"
