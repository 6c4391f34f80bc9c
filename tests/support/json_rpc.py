"""JSON-RPC with a language server over any pair of streams, as strict as a test can be. No code of the server's.

Every message is logged with its time. What the server does that no client could make sense of is collected in
`problems`: a stray byte between the messages, a second answer, an answer to nothing.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Message = dict[str, Any]

_HEADER = re.compile(rb"(?:Content-Length: (\d+)|Content-Type: [^\r\n]+)\r\n")

INVALID_PARAMS = -32602
METHOD_NOT_FOUND = -32601
REQUEST_CANCELLED = -32800


@dataclass(frozen=True)
class Logged:
    """A message as it was sent or received."""

    at: float
    """time.monotonic(), seconds."""
    sender: Literal["client", "server"]
    message: Message


class RequestFailed(Exception):
    """The server answered with an error."""

    def __init__(self, error: Message) -> None:
        super().__init__(str(error))
        self.code = error["code"]
        self.message = error["message"]
        self.data = error.get("data")


class Connection:
    """The client's end. `on_message` is given the server's requests and notifications, in order."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, on_message: Callable[[Message], None]
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._on_message = on_message
        self._ids = 0
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self._answered: set[int] = set()
        self.log: list[Logged] = []
        self.problems: list[str] = []
        self.reading = asyncio.create_task(self._read())
        """Ends when the server closes its side."""

    def send(self, message: Message) -> None:
        self.log.append(Logged(time.monotonic(), "client", message))
        self.send_raw(json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False).encode("utf-8", "surrogatepass"))

    def send_raw(self, body: bytes) -> None:
        self._writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def request(self, method: str, params: Any = None) -> tuple[int, asyncio.Future[Message]]:
        """The id, and the answer to come: the whole message."""
        self._ids += 1
        self._waiting[self._ids] = asyncio.get_running_loop().create_future()
        number = self._ids
        self.send({"id": number, "method": method, "params": params})
        return number, self._waiting[number]

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"method": method, "params": params})

    def answer(self, request: Message, result: Any) -> None:
        self.send({"id": request["id"], "result": result})

    @property
    def unanswered(self) -> list[int]:
        return list(self._waiting)

    def close(self) -> None:
        self._writer.close()

    async def _read(self) -> None:
        try:
            while (body := await self._body()) is not None:
                self._take(json.loads(body))
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            self.problems.append(f"the connection broke: {error!r}")
        except Exception as error:  # noqa: BLE001 (a test must hear of it, whatever it is)
            self.problems.append(f"reading failed: {error!r}")
        for number, future in self._waiting.items():
            if not future.done():
                future.set_exception(ConnectionError(f"the server left without an answer to request {number}"))
                future.exception()  # seen, should nobody wait for it

    async def _body(self) -> bytes | None:
        length = None
        while (line := await self._reader.readline()) != b"\r\n":
            if not line and length is None:
                return None
            header = _HEADER.fullmatch(line)
            if header is None:
                rest = line + await self._reader.read()
                self.problems.append(f"this is no header of a message: {rest[:500]!r}")
                return None
            length = int(header[1]) if header[1] else length
        if length is None:
            self.problems.append("a message without Content-Length")
            return None
        return await self._reader.readexactly(length)

    def _take(self, message: Message) -> None:
        self.log.append(Logged(time.monotonic(), "server", message))
        if message.get("jsonrpc") != "2.0":
            self.problems.append(f"not a message of JSON-RPC 2.0: {message}")
        if "method" in message:
            self._on_message(message)
            return
        number = message.get("id")
        if ("result" in message) == ("error" in message):
            self.problems.append(f"an answer has a result or an error: {message}")
        if number in self._answered:
            self.problems.append(f"a second answer: {message}")
        elif number not in self._waiting:
            self.problems.append(f"an answer to nothing: {message}")
        else:
            self._answered.add(number)
            future = self._waiting.pop(number)
            if not future.done():
                future.set_result(message)


def result_of(answer: Message) -> Any:
    """The result in an answer. Raises `RequestFailed`."""
    if "error" in answer:
        raise RequestFailed(answer["error"])
    return answer["result"]
