"""The simulator: an OpenAI-compatible server on the loopback interface whose replies are scripted.

It never pretends: every response says so in the header x-spark-simulator, every answer in its system_fingerprint.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from spark_lsp.simulator.chat_answer import (
    ChatAnswer,
    ChatRequest,
    encode,
    error_object,
    models_object,
    parse_chat_request,
)
from spark_lsp.simulator.connection import Connection, HttpRequest
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.speech import Speech, Speed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from spark_lsp.simulator.reply import ScriptedReply

HOST = "127.0.0.1"

_HEADERS = {"x-spark-simulator": "scripted"}
_REMEMBERED = 1000  # requests


@dataclass(slots=True)
class RecordedRequest:
    """What one request was and what became of it. `body` is its JSON, or None.

    `first_token_seconds` is the time from the request to the first token. `closed_early` means that the client left
    before the response had ended. `ended` is set when nothing more happens.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    first_token_seconds: float | None = None
    closed_early: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Simulator:
    """Serves as long as its ``async with`` block lasts. `requests` holds the last requests, the oldest first.

    `tps` is in tokens a second, 0 for as fast as possible; `ttft_ms` is the time until the first token. Port 0 takes
    any free port. Entering raises OSError if the port cannot be had.
    """

    def __init__(self, script: Script | None = None, *, tps: float = 1000, ttft_ms: float = 50, port: int = 0) -> None:
        self._script = script or Script()
        self._tps = tps
        self._ttft_ms = ttft_ms
        self._port = port
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self.requests: deque[RecordedRequest] = deque(maxlen=_REMEMBERED)

    @property
    def base_url(self) -> str:
        """What goes into the setting baseUrl."""
        return f"http://{HOST}:{self._port}/v1"

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self._handle, self._connections), HOST, self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        while self._connections:
            await next(iter(self._connections)).close()
        await self._server.wait_closed()

    async def _handle(self, request: HttpRequest, connection: Connection) -> None:
        try:
            body = json.loads(request.body) if request.body else None
            problem = None
        except (ValueError, RecursionError):
            body = None
            problem = "The body is not JSON."
        record = RecordedRequest(request.method, request.path, request.headers, body)
        self.requests.append(record)
        try:
            if request.error is not None:
                message = "The body is too large." if request.error == 413 else "This is not a request in HTTP/1.1."
                _send_error(connection, request.error, message)
            elif request.path == "/v1/chat/completions" and request.method == "POST":
                chat = problem or parse_chat_request(body)
                if isinstance(chat, str):
                    _send_error(connection, 400, chat)
                else:
                    await self._answer(chat, record, connection)
            elif request.path in {"/v1/models", "/health"} and request.method in {"GET", "HEAD"}:
                found = {"status": "ok"} if request.path == "/health" else models_object(int(time.time()))
                _send_json(connection, 200, found)
            else:
                _send_error(connection, 404, f"Nothing is served at {request.method} {request.path}.")
        except asyncio.CancelledError:
            record.closed_early = True
            raise
        finally:
            record.ended.set()

    async def _answer(self, chat: ChatRequest, record: RecordedRequest, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        asked = loop.time()
        reply = self._script.reply_to(chat.message)
        speed = self._speed(reply)
        headers = {**_HEADERS, **reply.headers}
        if reply.status != 200 or reply.body is not None:
            await asyncio.sleep(speed.first_token)
            body = encode(error_object(reply.reply, "scripted")) if reply.body is None else reply.body.encode()
            connection.respond(reply.status, {"content-type": reply.content_type, **headers}, body)
            return

        def on_first_token() -> None:
            record.first_token_seconds = loop.time() - asked

        speech = Speech(connection, ChatAnswer(chat, int(time.time())), reply, speed, headers, on_first_token)
        await (speech.stream() if chat.stream else speech.send())

    def _speed(self, reply: ScriptedReply) -> Speed:
        ttft_ms = self._ttft_ms if reply.ttft_ms is None else reply.ttft_ms
        return Speed(ttft_ms / 1000, self._tps if reply.tps is None else reply.tps)


def _send_json(connection: Connection, status: int, value: Any) -> None:
    connection.respond(status, {**_HEADERS, "content-type": "application/json"}, encode(value))


def _send_error(connection: Connection, status: int, message: str) -> None:
    _send_json(connection, status, error_object(message, "invalid_request_error"))
