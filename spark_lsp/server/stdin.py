"""Reads the client's messages from stdin, many at a time.

pygls hops to a thread and back for each line of a header and for each body: three times a message, six for a key and
what is asked at it, which together cost more than all else that happens then. Here bytes are taken as they come, of
whatever amount: by the loop itself from a pipe or a socket, which every editor uses, and by one thread that waits for
them where a loop cannot: from files and consoles, and on Windows.
"""

from __future__ import annotations

import asyncio
import os
import stat
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import BinaryIO

_CHUNK_BYTES: Final = 1 << 16
_LONGEST_TURN: Final = 0.004
"""Seconds. A thousand messages that come at once are no reason to keep everybody else waiting."""


class StdinReader:
    """What pygls' loop wants of a reader. Made on the loop that reads."""

    def __init__(self, stdin: BinaryIO) -> None:
        self._loop = asyncio.get_running_loop()
        self._bytes = asyncio.StreamReader()
        self._turn = self._loop.time()
        descriptor = stdin.fileno()
        if _can_be_watched(descriptor):
            self._loop.add_reader(descriptor, self._take, descriptor)
        else:
            threading.Thread(target=self._pump, args=(descriptor,), name="stdin", daemon=True).start()

    async def readline(self) -> bytes:
        """A line with its ending; empty at the end of the input."""
        if self._loop.time() - self._turn > _LONGEST_TURN:
            await asyncio.sleep(0)
            self._turn = self._loop.time()
        return await self._bytes.readline()

    async def readexactly(self, size: int) -> bytes:
        """So many bytes; empty if the input ends before that."""
        with suppress(asyncio.IncompleteReadError):
            return await self._bytes.readexactly(size)
        return b""

    def _take(self, descriptor: int) -> None:
        # It stays a blocking one: what is readable does not block, and stdout may be the same socket.
        try:
            chunk = os.read(descriptor, _CHUNK_BYTES)
        except OSError:
            chunk = b""  # the other end is gone
        if chunk:
            self._bytes.feed_data(chunk)
        else:
            self._loop.remove_reader(descriptor)
            self._bytes.feed_eof()

    def _pump(self, descriptor: int) -> None:
        with suppress(OSError, RuntimeError):  # the input is gone; the loop is closed
            while chunk := os.read(descriptor, _CHUNK_BYTES):
                self._loop.call_soon_threadsafe(self._bytes.feed_data, chunk)
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._bytes.feed_eof)


def _can_be_watched(descriptor: int) -> bool:
    """Whether the loop can wait for bytes. Of files, the loops of some platforms never tell that they have ended."""
    kind = os.fstat(descriptor).st_mode
    return sys.platform != "win32" and (stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind))
