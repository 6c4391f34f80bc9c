"""A port on loopback and what HTTP needs there at least, for servers that a test writes itself."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class LoopbackServer:
    """Has every connection served by a function, and closes it then. All of them end with `stop`."""

    def __init__(self, serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> None:
        self._serve = serve
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)

    async def stop(self) -> None:
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        # The loop takes a cancelled task of this kind for an error.
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._serve(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


async def read_request(reader: asyncio.StreamReader) -> tuple[str, str, bytes]:
    """A request's method, path and body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    lengths = [line.split(":")[1] for line in head.lower().splitlines() if line.startswith("content-length")]
    method, path, _ = head.split(" ", 2)
    body = await reader.readexactly(int(lengths[0])) if lengths else b""
    return method, path, body


async def write_json(writer: asyncio.StreamWriter, content: bytes, *headers: str) -> None:
    """Answer with some JSON, or that there is none, and with more headers."""
    status = "200 OK" if content else "404 Not Found"
    lines = (f"HTTP/1.1 {status}", f"content-length: {len(content)}", *headers, "connection: close", "", "")
    writer.write("\r\n".join(lines).encode() + content)
    await writer.drain()
