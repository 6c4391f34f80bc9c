"""What a wire over WebSockets needs of them, whatever library opens them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spark_lsp.endpoints.http_failures import ConnectionProblem

MAX_MESSAGE_BYTES = 8 * 1024 * 1024

NO_TEXT = b"\0"
"""What a binary message is read as: nothing that any JSON starts with."""

Closing: TypeAlias = Literal["closed", "too large", "not text"]


@dataclass(frozen=True, slots=True)
class SocketTarget:
    """Where a connection goes, and as whom; connections to equal targets serve the same requests.

    `connect_seconds` holds for TCP and once more for TLS, `upgrade_seconds` for the server's word after that.
    """

    url: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)  # holds the key
    connect_seconds: float = field(default=2.0, compare=False)
    upgrade_seconds: float = field(default=15.0, compare=False)


class UpgradeRefused(Exception):
    """The server answered in HTTP, and did not switch to a WebSocket. Header names are in lower case."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers
        self.body = body


class OpeningFailed(Exception):
    """There was no answer to the upgrade. "upgrade" is a server that is there and says nothing.

    `cause` may hold secrets and is only looked at for its type.
    """

    def __init__(self, problem: ConnectionProblem | Literal["upgrade"], cause: BaseException | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.cause = cause


class SocketClosed(ConnectionError):
    """Nothing more comes: the other side is gone, or sent what is not taken."""

    def __init__(self, closing: Closing = "closed") -> None:
        super().__init__(closing)
        self.closing = closing


class WebSocket(Protocol):
    """One open connection. It is used by one task at a time."""

    @property
    def is_open(self) -> bool:
        """False as soon as it is known that the other side has closed."""
        ...

    async def send(self, message: bytes) -> None:
        """Send a text message. Raises SocketClosed."""
        ...

    async def receive(self) -> Sequence[bytes]:
        """Wait for a message and return it, with those behind it that are here already.

        Text in UTF-8; for a binary message NO_TEXT. A cancel loses nothing. Raises SocketClosed.
        """
        ...

    def abort(self) -> None:
        """Close the socket at once, without a word to the other side. May be repeated."""
        ...


class SocketOpener(Protocol):
    """Opens connections."""

    async def open(self, target: SocketTarget) -> WebSocket:
        """Connect and upgrade. Raises UpgradeRefused and OpeningFailed, and ends by its own timeouts."""
        ...

    def rebuild(self) -> None:
        """Read the environment again for the next connection."""
        ...

    async def aclose(self) -> None:
        """Wait until every socket that was aborted is closed."""
        ...


class LazyOpener:
    """Loads the library with the first connection that is opened, in a thread: that takes longer than a frame."""

    def __init__(self) -> None:
        self._opener: SocketOpener | None = None

    async def open(self, target: SocketTarget) -> WebSocket:
        opener = await asyncio.to_thread(_library) if self._opener is None else self._opener
        # Two may have come here at once; whoever aborts sockets must know all of them.
        self._opener = self._opener or opener
        return await self._opener.open(target)

    def rebuild(self) -> None:
        if self._opener is not None:
            self._opener.rebuild()

    async def aclose(self) -> None:
        if self._opener is not None:
            await self._opener.aclose()


def _library() -> SocketOpener:
    from spark_lsp.endpoints.sockets.websockets_library import LibraryOpener  # noqa: PLC0415 (see LazyOpener)

    return LibraryOpener()
