"""Keeps WebSockets open, so that a request finds one that is connected and free.

A connection serves one request at a time. After a whole answer it is kept; after anything else it is closed. The idle
ones are few: one for the next request and one beside it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

from spark_lsp.endpoints.sockets.web_socket import OpeningFailed

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from spark_lsp.endpoints.sockets.web_socket import SocketOpener, SocketTarget, WebSocket

LONGEST_LIFE = 55 * 60.0  # seconds; OpenAI closes a connection after 60 minutes
PREPARE_AFTER = 1.0  # seconds without a request: in a burst of them, preparing would be in the way

_MOST_IDLE = 2  # by target


class PooledSocket:
    """A connection and what the pool knows of it. `prepared` is the business of whoever prepares."""

    __slots__ = (
        "been_idle",
        "expiry",
        "idle",
        "prepared",
        "preparing",
        "retired",
        "served",
        "socket",
        "target",
        "timer",
    )

    def __init__(self, target: SocketTarget, socket: WebSocket) -> None:
        self.target = target
        self.socket = socket
        self.idle = False
        self.been_idle = False
        self.served = False  # an answer has come over it
        self.retired = False  # to be closed as soon as it is free
        self.prepared: Any = None
        self.timer: asyncio.TimerHandle | None = None  # until it is prepared
        self.preparing: asyncio.Task[bool] | None = None
        self.expiry: asyncio.TimerHandle | None = None


class Preparer(Protocol):
    """Makes a connection ready for its next request."""

    def __call__(self, pooled: PooledSocket) -> Coroutine[Any, Any, bool] | None:
        """Return what is to be done, if anything. Its result False: the connection cannot be used any more."""
        ...


class SocketPool:
    """Hands out connections and takes them back. It belongs to one event loop."""

    def __init__(self, opener: SocketOpener, prepare: Preparer) -> None:
        self._opener = opener
        self._prepare = prepare
        self._sockets: set[PooledSocket] = set()
        self._idle: dict[SocketTarget, list[PooledSocket]] = {}  # the one used last is the last
        self._openings: set[asyncio.Task[PooledSocket]] = set()
        self._unclaimed: dict[SocketTarget, list[asyncio.Task[PooledSocket]]] = {}  # those that no request waits for
        self._preparing: set[asyncio.Task[bool]] = set()
        self._generation = 0
        self._closed = False

    async def take(self, target: SocketTarget, *, fresh: bool = False) -> PooledSocket:
        """Hand out an idle connection, or open one. A cancel leaves the one that is being opened for the next request.

        With `fresh`, one that has not been idle. Raises OpeningFailed and UpgradeRefused.
        """
        while not fresh and (pooled := self._pick(target)) is not None:
            self._unidle(pooled)
            if pooled.socket.is_open:
                return pooled
            self.drop(pooled)
        unclaimed = self._unclaimed.get(target)
        opening = unclaimed.pop() if unclaimed else self._open(target)
        try:
            await asyncio.wait([opening])
        except asyncio.CancelledError:
            self._unclaim(target, opening)
            raise
        if opening.cancelled():
            raise OpeningFailed("closed")
        return opening.result()

    def keep(self, pooled: PooledSocket) -> None:
        """Take back a connection whose answer is whole."""
        pooled.served = True
        self._rest(pooled)

    def drop(self, pooled: PooledSocket, *, spare: bool = False) -> None:
        """Close a connection at once; with `spare`, see to it that the next request finds one all the same."""
        self._sockets.discard(pooled)
        self._unidle(pooled)
        if pooled.expiry is not None:
            pooled.expiry.cancel()
            pooled.expiry = None
        if pooled.preparing is not None:
            pooled.preparing.cancel()
        pooled.socket.abort()
        if spare:
            self._need(pooled.target)

    async def warm(self, target: SocketTarget) -> None:
        """Have an idle connection, now. Raises OpeningFailed and UpgradeRefused."""
        opening = self._need(target)
        if opening is not None:
            await asyncio.wait([opening])
            if not opening.cancelled():
                opening.result()

    def rebuild(self) -> None:
        """Close what is idle, now, and the rest when it is free."""
        self._generation += 1
        for opening in [opening for unclaimed in self._unclaimed.values() for opening in unclaimed]:
            if not opening.cancel() and not opening.cancelled() and opening.exception() is None:
                self.drop(opening.result())
        self._unclaimed.clear()
        for pooled in list(self._sockets):
            pooled.retired = True
            if pooled.idle:
                self.drop(pooled)
        self._opener.rebuild()

    async def aclose(self) -> None:
        """Close every connection, busy ones too, and wait until that is done."""
        self._closed = True
        self.rebuild()
        for opening in self._openings:
            opening.cancel()
        for pooled in list(self._sockets):
            self.drop(pooled)
        await asyncio.gather(*self._openings, *self._preparing, return_exceptions=True)
        await self._opener.aclose()

    def _open(self, target: SocketTarget) -> asyncio.Task[PooledSocket]:
        opening = asyncio.create_task(self._opened(target))
        self._openings.add(opening)

        def done(_: asyncio.Task[PooledSocket]) -> None:
            self._openings.discard(opening)
            if not opening.cancelled():
                opening.exception()  # whoever waited may have left

        opening.add_done_callback(done)
        return opening

    async def _opened(self, target: SocketTarget) -> PooledSocket:
        generation = self._generation
        pooled = PooledSocket(target, await self._opener.open(target))
        pooled.retired = generation != self._generation
        self._sockets.add(pooled)
        pooled.expiry = asyncio.get_running_loop().call_later(LONGEST_LIFE, self._expire, pooled)
        return pooled

    def _need(self, target: SocketTarget) -> asyncio.Task[PooledSocket] | None:
        """See to it that a connection is idle or being opened; the task is that of the opening."""
        unclaimed = self._unclaimed.get(target)
        if unclaimed:
            return unclaimed[-1]
        if self._closed or any(pooled.socket.is_open for pooled in self._idle.get(target, ())):
            return None
        opening = self._open(target)
        self._unclaim(target, opening)
        return opening

    def _unclaim(self, target: SocketTarget, opening: asyncio.Task[PooledSocket]) -> None:
        """Nobody waits for this connection: when it is open, it is idle."""

        def rest(_: asyncio.Task[PooledSocket]) -> None:
            unclaimed = self._unclaimed.get(target, [])
            if opening in unclaimed:
                unclaimed.remove(opening)
                self._rest_opened(opening)

        if opening.done():
            self._rest_opened(opening)
        else:
            self._unclaimed.setdefault(target, []).append(opening)
            opening.add_done_callback(rest)

    def _rest_opened(self, opening: asyncio.Task[PooledSocket]) -> None:
        if not opening.cancelled() and opening.exception() is None:
            self._rest(opening.result())

    def _rest(self, pooled: PooledSocket) -> None:
        if pooled.retired or self._closed or not pooled.socket.is_open:
            # Its age has to be made up for; a rebuild, and a server that closes, want no connection now.
            self.drop(pooled, spare=pooled.expiry is None and not self._closed)
            return
        idle = self._idle.setdefault(pooled.target, [])
        idle.append(pooled)
        pooled.idle = pooled.been_idle = True
        if len(idle) > _MOST_IDLE:
            self.drop(idle[0])
        pooled.timer = asyncio.get_running_loop().call_later(PREPARE_AFTER, self._start_preparing, pooled)

    def _pick(self, target: SocketTarget) -> PooledSocket | None:
        free = [pooled for pooled in self._idle.get(target, ()) if pooled.preparing is None]
        return max(reversed(free), key=lambda pooled: pooled.prepared is not None, default=None)

    def _unidle(self, pooled: PooledSocket) -> None:
        if pooled.idle:
            pooled.idle = False
            idle = self._idle[pooled.target]
            idle.remove(pooled)
            if not idle:
                del self._idle[pooled.target]
        if pooled.timer is not None:
            pooled.timer.cancel()
            pooled.timer = None

    def _expire(self, pooled: PooledSocket) -> None:
        pooled.expiry = None
        pooled.retired = True
        if pooled.idle:
            # What served will be missed; what nobody has needed for so long will not.
            self.drop(pooled, spare=pooled.served)

    def _start_preparing(self, pooled: PooledSocket) -> None:
        pooled.timer = None
        work = self._prepare(pooled)
        if work is None:
            return
        pooled.preparing = preparing = asyncio.create_task(work)
        self._preparing.add(preparing)

        def prepared(_: asyncio.Task[bool]) -> None:
            self._preparing.discard(preparing)
            pooled.preparing = None
            if preparing.cancelled() or not preparing.result():
                self.drop(pooled)

        preparing.add_done_callback(prepared)
