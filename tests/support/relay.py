"""A port on loopback that passes every byte on to another, and tells who made and closed connections."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, Self, TypeAlias

from support.loopback_server import LoopbackServer
from support.server_process import DEADLINE

if TYPE_CHECKING:
    from types import TracebackType

End: TypeAlias = Literal["client", "server"]


class Relay:
    """Stands in front of a server for the length of the block.

    `ends` tells who closed first, connection by connection.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self.connections = 0
        self.ends: list[End] = []
        self._ended = asyncio.Condition()
        self._server = LoopbackServer(self._serve)

    @property
    def root(self) -> str:
        return self._server.root

    async def until_ended(self, connections: int) -> None:
        """Wait until so many connections have been closed."""
        async with asyncio.timeout(DEADLINE), self._ended:
            await self._ended.wait_for(lambda: len(self.ends) >= connections)

    async def __aenter__(self) -> Self:
        await self._server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._server.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        end = await self._between(reader, writer)
        async with self._ended:
            self.ends.append(end)
            self._ended.notify_all()

    async def _between(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> End:
        """Pass everything on until one of the two closes, then close both; tell which one it was."""
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self._target)
        client = asyncio.create_task(_pass_on(reader, to_server))
        server = asyncio.create_task(_pass_on(from_server, writer))
        try:
            await asyncio.wait({client, server}, return_when=asyncio.FIRST_COMPLETED)
            return "client" if client.done() else "server"
        finally:
            for way in (client, server):
                way.cancel()
            for end in (writer, to_server):
                end.close()
            await asyncio.gather(client, server, writer.wait_closed(), to_server.wait_closed(), return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
