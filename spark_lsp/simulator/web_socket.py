"""The server's side of one WebSocket: the protocol of the library `websockets`, on a connection that began as HTTP."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from spark_lsp.simulator.connection import Connection

# The library would log whole messages and headers.
_SILENT = logging.getLogger("spark_lsp.simulator.websockets")
_SILENT.disabled = True

MAX_MESSAGE_BYTES = 16 * 1024 * 1024


class WebSocket:
    """Takes the bytes that come, and keeps whole messages until they are asked for.

    `head` is the request that asks for the WebSocket, as it came; `headers` go into the answer. Should the handshake
    be no good, the answer says so, and the connection closes.
    """

    def __init__(self, connection: Connection, head: bytes, headers: Mapping[str, str]) -> None:
        self.connection = connection
        self._protocol = ServerProtocol(max_size=MAX_MESSAGE_BYTES, logger=_SILENT)
        self._headers = headers
        self._messages: asyncio.Queue[str | bytes] = asyncio.Queue()
        self._frames: list[Frame] = []  # of the message that is coming
        self.receive_data(head)

    @property
    def open(self) -> bool:
        return self._protocol.state is State.OPEN

    async def message(self) -> str | bytes:
        """Wait for the next message: text, or the bytes of a binary one."""
        return await self._messages.get()

    def send(self, messages: Iterable[bytes]) -> None:
        """Send texts in UTF-8, together. On a WebSocket that is closing there is nobody to read them."""
        if self.open:
            for message in messages:
                self._protocol.send_text(message)
            self._flush()

    def ping(self) -> None:
        if self.open:
            self._protocol.send_ping(b"")
            self._flush()

    def close(self, code: int) -> None:
        """Begin the closing handshake."""
        if self.open:
            self._protocol.send_close(code)
            self._flush()

    def receive_data(self, data: bytes) -> None:
        """Take the next bytes from the network."""
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                response = self._protocol.accept(event)
                for name, value in self._headers.items():
                    response.headers[name] = value
                self._protocol.send_response(response)
            elif isinstance(event, Frame) and event.opcode in {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}:
                self._frames.append(event)
                if event.fin:
                    self._take_message()
        self._flush()

    def _take_message(self) -> None:
        content = b"".join(bytes(frame.data) for frame in self._frames)
        text = self._frames[0].opcode is Opcode.TEXT
        self._frames.clear()
        try:
            self._messages.put_nowait(content.decode() if text else content)
        except UnicodeDecodeError:
            self._protocol.fail(CloseCode.INVALID_DATA, "This is not UTF-8.")

    def _flush(self) -> None:
        self.connection.write(self._protocol.data_to_send())
