"""Scripted servers of Responses over WebSockets: a real one on loopback, and one in virtual time."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from spark_lsp.core.prompt import Message, Prompt
from spark_lsp.endpoints.errors import EndpointError
from spark_lsp.endpoints.events import Event, TextDelta
from spark_lsp.endpoints.http_transport import HttpTransport
from spark_lsp.endpoints.request import CompletionRequest, Endpoint
from spark_lsp.endpoints.sockets.responses_socket import ResponsesSocket
from spark_lsp.endpoints.sockets.web_socket import SocketClosed, SocketTarget

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from spark_lsp.endpoints.transport import EndpointClient, Transport

REQUEST = CompletionRequest(Prompt((Message("system", "Edit."), Message("user", "the secret prompt of the user"))), 100)

Step = dict[str, Any] | str | bytes | float | asyncio.Event | Exception
"""A JSON message, raw text, a binary message, seconds that pass, or what is waited for; an exception cuts."""

CREATED: Step = {"type": "response.created", "response": {"id": "resp_1", "status": "in_progress"}}
IN_PROGRESS: Step = {"type": "response.in_progress", "response": {"id": "resp_1", "status": "in_progress"}}
RATE_LIMITS: Step = {"type": "codex.rate_limits", "rate_limits": {"primary": {"used_percent": 42}}}
TIMING: Step = {"type": "responsesapi.websocket_timing", "timing_metrics": {"engine_service_total_ms": 450}}


def delta(text: str) -> Step:
    return {"type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0, "delta": text}


def completed(response_id: str = "resp_1") -> Step:
    usage = {"input_tokens": 22, "input_tokens_details": {"cached_tokens": 3}, "output_tokens": 18}
    return {"type": "response.completed", "response": {"id": response_id, "status": "completed", "usage": usage}}


def error(code: str, message: str, status: int | None = 400, **more: Any) -> Step:
    """An error as it comes over a WebSocket."""
    known = {} if status is None else {"status": status}
    kind = "invalid_request_error" if (status or 500) < 500 else "server_error"
    return {"type": "error", **known, "error": {"type": kind, "code": code, "message": message}, **more}


FORGOTTEN = error("previous_response_not_found", "Previous response with id 'resp_0' not found.")
TOO_OLD = error("websocket_connection_limit_reached", "Responses websocket connection limit reached (60 minutes).")


def answer(*texts: str) -> list[Step]:
    return [CREATED, IN_PROGRESS, *(delta(text) for text in texts), completed()]


@dataclass
class Refusal:
    """What an upgrade is answered with."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass
class SocketServer:
    """Answers each request with the next script, and the last one for ever; each upgrade with the next refusal."""

    scripts: deque[Sequence[Step]] = field(default_factory=deque)
    preparation: Sequence[Step] = (CREATED, completed("resp_prepared"))
    refusals: deque[Refusal] = field(default_factory=deque)
    requests: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    """The number of the connection, and the message."""
    upgrades: list[Request] = field(default_factory=list)
    connections: list[ServerConnection] = field(default_factory=list)
    handlers: set[asyncio.Task[None]] = field(default_factory=set)
    port: int = 0
    _server: Server | None = None
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._serve, "127.0.0.1", self.port, process_request=self._upgrade, ping_interval=None, close_timeout=1
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._server is not None
        for connection in self.connections:
            connection.transport.abort()
        self._server.close()
        await self._server.wait_closed()

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(
            "mine",
            f"http://127.0.0.1:{self.port}/v1",
            "model-1",
            wire="responses-ws",
            api_key="sk-secret-key",
            api_key_source="the variable MY_KEY",
        )

    @property
    def open_connections(self) -> int:
        return sum(1 for connection in self.connections if connection.state.name == "OPEN")

    async def until(
        self, connections: int | None = None, requests: int | None = None, opened: int | None = None
    ) -> None:
        """Wait until so many connections are open, so many requests were sent, and so many connections were opened."""
        async with self._changed:
            await self._changed.wait_for(
                lambda: (
                    (connections is None or self.open_connections == connections)
                    and (requests is None or len(self.requests) >= requests)
                    and (opened is None or len(self.connections) >= opened)
                )
            )

    async def until_left(self) -> None:
        """Wait until every client has left and nothing of the server runs for it."""
        if self.handlers:
            await asyncio.wait(self.handlers)

    async def _upgrade(self, _: ServerConnection, request: Request) -> Response | None:
        self.upgrades.append(request)
        if not self.refusals:
            return None
        refusal = self.refusals.popleft() if len(self.refusals) > 1 else self.refusals[0]
        headers = Headers({"content-length": str(len(refusal.body.encode())), **refusal.headers})
        return Response(refusal.status, HTTPStatus(refusal.status).phrase, headers, refusal.body.encode())

    async def _serve(self, connection: ServerConnection) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.handlers.add(task)
        number = len(self.connections)
        self.connections.append(connection)
        await self._note()
        with suppress(ConnectionClosed):
            async for message in connection:
                request = json.loads(message)
                self.requests.append((number, request))
                await self._note()
                if request.get("generate") is False:
                    await self._play(connection, self.preparation)
                else:
                    await self._play(connection, self.scripts.popleft() if len(self.scripts) > 1 else self.scripts[0])
        await connection.wait_closed()
        await self._note()

    async def _play(self, connection: ServerConnection, script: Sequence[Step]) -> None:
        for step in script:
            match step:
                case dict():
                    await connection.send(json.dumps(step))
                case str() | bytes():
                    await connection.send(step)
                case asyncio.Event():
                    waiting = asyncio.ensure_future(step.wait())
                    closed = asyncio.ensure_future(connection.wait_closed())
                    await asyncio.wait([waiting, closed], return_when=asyncio.FIRST_COMPLETED)
                    waiting.cancel()
                    closed.cancel()
                    await asyncio.wait([waiting, closed])
                case Exception():
                    connection.transport.abort()
                    await connection.wait_closed()
                case _:
                    raise AssertionError(step)

    async def _note(self) -> None:
        async with self._changed:
            self._changed.notify_all()


@dataclass
class VirtualSocket:
    """A connection in virtual time."""

    opener: VirtualOpener
    number: int
    opened_at: float
    closed_at: float | None = None
    _steps: deque[Step] = field(default_factory=deque)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _next_at: float = 0

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    async def send(self, message: bytes) -> None:
        if not self.is_open:
            raise SocketClosed
        request = json.loads(message)
        now = asyncio.get_running_loop().time()
        self.opener.requests.append((self.number, now, request))
        if request.get("generate") is False:
            steps = self.opener.preparation
        else:
            scripts = self.opener.scripts
            steps = scripts.popleft() if len(scripts) > 1 else scripts[0]
        self._steps.extend(steps)
        self._next_at = now

    async def receive(self) -> list[bytes]:
        while True:
            if not self.is_open:
                raise SocketClosed
            step = self._steps.popleft() if self._steps else 1e9
            match step:
                case dict():
                    return [json.dumps(step).encode()]
                case float():
                    self._next_at += step
                    with suppress(TimeoutError):
                        async with asyncio.timeout_at(self._next_at):
                            await self._wake.wait()
                case Exception():
                    self.abort()
                case _:
                    raise AssertionError(step)

    def abort(self) -> None:
        if self.closed_at is None:
            self.closed_at = asyncio.get_running_loop().time()
            self._wake.set()


@dataclass
class VirtualOpener:
    """In place of the network; opening takes `seconds`."""

    scripts: deque[Sequence[Step]] = field(default_factory=deque)
    preparation: Sequence[Step] = (CREATED, completed("resp_prepared"))
    seconds: float = 0.1
    failure: Exception | None = None
    sockets: list[VirtualSocket] = field(default_factory=list)
    requests: list[tuple[int, float, dict[str, Any]]] = field(default_factory=list)
    """The number of the connection, when it came, and the message."""

    async def open(self, target: SocketTarget) -> VirtualSocket:
        await asyncio.sleep(self.seconds)
        if self.failure is not None:
            raise self.failure
        socket = VirtualSocket(self, len(self.sockets), asyncio.get_running_loop().time())
        self.sockets.append(socket)
        return socket

    def rebuild(self) -> None: ...

    async def aclose(self) -> None: ...


VIRTUAL = Endpoint("mine", "https://api.example.com/v1", "model-1", wire="responses-ws", api_key="sk-secret-key")
PLACE = "api.example.com/v1/responses"


@dataclass
class Outcome:
    """What a reader of the stream saw, with the times in seconds."""

    events: list[tuple[float, Event]] = field(default_factory=list)
    failure: EndpointError | None = None
    ended_at: float = -1

    @property
    def text(self) -> str:
        return "".join(event.text for _, event in self.events if isinstance(event, TextDelta))


async def read(
    transport: Transport | EndpointClient, endpoint: Endpoint = VIRTUAL, request: CompletionRequest = REQUEST
) -> Outcome:
    outcome = Outcome()
    loop = asyncio.get_running_loop()
    try:
        async with transport.stream(endpoint, request) as batches:
            async for events in batches:
                assert events
                outcome.events += [(round(loop.time(), 3), event) for event in events]
    except EndpointError as failure:
        outcome.failure = failure
    outcome.ended_at = round(loop.time(), 3)
    return outcome


def socket_transport(opener: VirtualOpener | None = None) -> ResponsesSocket:
    return ResponsesSocket(HttpTransport(), opener)


def with_instructions(text: str) -> CompletionRequest:
    return replace(REQUEST, prompt=Prompt((Message("system", text), Message("user", "the secret prompt of the user"))))
