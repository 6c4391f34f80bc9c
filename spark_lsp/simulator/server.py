"""The simulator: a server on the loopback interface that speaks every wire, and whose replies are scripted.

It never pretends: every response says so in the header x-spark-simulator, and every answer in its id.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import deque
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from spark_lsp.simulator.channel import ResponseChannel
from spark_lsp.simulator.connection import Connection, HttpRequest
from spark_lsp.simulator.jobs import BACKGROUND, BACKGROUND_PATH, HTTP_JOB, JOB_PATH, JobKind, Jobs, is_background
from spark_lsp.simulator.plan import Planner
from spark_lsp.simulator.record import WEB_SOCKET, RecordedRequest
from spark_lsp.simulator.rendering import Asked, Opening, encode
from spark_lsp.simulator.routes import BASE_PATHS, FIXED, RESPONSES_PATH, SUBMIT_PATH, WIRES
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.socket_session import SessionRules, SocketSession
from spark_lsp.simulator.speech import ERROR, Speech, send_whole
from spark_lsp.simulator.wires.bodies import NOT_AN_OBJECT, openai_error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from spark_lsp.simulator.plan import Plan
    from spark_lsp.simulator.rendering import Object, Wire

HOST = "127.0.0.1"
SOCKET_AGE = 3600.0  # seconds

_HEADERS = {"x-spark-simulator": "scripted"}
_REMEMBERED = 1000  # requests


class Simulator:
    """Serves as long as its ``async with`` block lasts. `requests` holds the last requests, the oldest first.

    `tps` is in tokens a second, 0 for as fast as possible; `ttft_ms` is the time until the first token. Port 0 takes
    any free port. A WebSocket answers for `socket_age` seconds. Entering raises OSError if the port cannot be had.
    """

    def __init__(
        self,
        script: Script | None = None,
        *,
        tps: float = 1000,
        ttft_ms: float = 50,
        port: int = 0,
        socket_age: float = SOCKET_AGE,
    ) -> None:
        self._script = script or Script()
        self._planner = Planner(self._script, tps, ttft_ms)
        self._port = port
        self._socket_age = socket_age
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._jobs = Jobs()
        self._numbers = itertools.count(1)
        self.requests: deque[RecordedRequest] = deque(maxlen=_REMEMBERED)
        self._came = asyncio.Event()

    async def until_asked(self, times: int = 1) -> None:
        """Wait until so many of the `requests` were for an answer."""
        while sum(record.method in {"POST", WEB_SOCKET} for record in self.requests) < times:
            self._came.clear()
            await self._came.wait()

    @property
    def base_url(self) -> str:
        """What goes into the setting baseUrl, for most wires."""
        return self.base_url_for("chat")

    def base_url_for(self, wire: str) -> str:
        """What goes into the setting baseUrl for this wire."""
        return f"http://{HOST}:{self._port}{BASE_PATHS[wire]}"

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
        record = self._record(request.method, request, _json(request.body))
        try:
            await self._respond(request, record, connection)
        except asyncio.CancelledError:
            record.closed_early = True
            raise
        finally:
            record.ended.set()
        if request.wants_web_socket and connection.web_socket is not None:
            await self._converse(request, connection)

    async def _respond(self, request: HttpRequest, record: RecordedRequest, connection: Connection) -> None:
        method, path = request.method, request.path
        if request.error is not None:
            message = "The body is too large." if request.error == 413 else "This is not a request in HTTP/1.1."
            _send_error(connection, request.error, message)
        elif method == "GET" and path == RESPONSES_PATH and request.wants_web_socket:
            self._upgrade(connection)
        elif method == "POST" and path == RESPONSES_PATH and is_background(record.body):
            await self._submit(BACKGROUND, record, connection)
        elif method == "POST" and path == SUBMIT_PATH:
            await self._submit(HTTP_JOB, record, connection)
        elif method == "POST" and path in WIRES:
            await self._answer(WIRES[path], request, record, connection)
        elif method in {"GET", "HEAD"} and path in FIXED:
            _send_json(connection, 200, FIXED[path]())
        elif job := BACKGROUND_PATH.fullmatch(path) or JOB_PATH.fullmatch(path):
            await self._report(job["id"], connection, cancel=bool(job["cancel"]), method=method)
        else:
            _send_nothing_here(connection, request)

    async def _answer(self, wire: Wire, request: HttpRequest, record: RecordedRequest, connection: Connection) -> None:
        asked = _read(wire.read, request, record.body)
        if isinstance(asked, str):
            _send_json(connection, 400, wire.error(400, asked))
            return
        if isinstance(asked, dict):
            _send_json(connection, 200, asked)
            return
        plan = self._planner.plan(asked)
        headers = {**_HEADERS, **plan.reply.headers}
        if plan.as_it_is:
            await _send_as_it_is(plan, wire.error, connection)
            return
        speech = Speech(wire.answer(self._opening(asked, plan)), plan, record.note_first_token)
        if asked.stream:
            await speech.stream(ResponseChannel(connection, wire.framing, headers))
        else:
            await speech.send(connection, headers, wire.error(500, ERROR))

    # Jobs

    async def _submit(self, kind: JobKind, record: RecordedRequest, connection: Connection) -> None:
        asked = kind.read(record.body) if isinstance(record.body, dict) else NOT_AN_OBJECT
        if isinstance(asked, str):
            _send_error(connection, 400, asked)
            return
        plan = self._planner.plan(asked)
        if plan.as_it_is:
            await _send_as_it_is(plan, openai_error, connection)
        elif plan.reply.fault == "refuse":
            connection.cut()
        elif plan.reply.fault == "silence":
            await asyncio.get_running_loop().create_future()  # until the client leaves
        else:
            job = self._jobs.submit(kind.answer(self._opening(asked, plan)), plan)
            _send_json(connection, 200, job.answer.submitted(), plan.reply.headers)

    async def _report(self, identifier: str, connection: Connection, *, cancel: bool, method: str) -> None:
        job = self._jobs.find(identifier)
        if job is None or method != ("POST" if cancel else "GET"):
            _send_error(connection, 404, f"No job has the id {identifier}.")
            return
        if cancel:
            job.cancel()
        if job.state == "succeeded" and not cancel:
            headers = {**_HEADERS, **job.plan.reply.headers}
            await send_whole(job.plan, connection, headers, body=job.object(), error=openai_error(500, ERROR))
        else:
            _send_json(connection, 200, job.object(), job.plan.reply.headers)

    # WebSockets

    def _upgrade(self, connection: Connection) -> None:
        refusal = self._script.refusal
        if refusal is None or refusal.upgrade is None:
            connection.upgrade(_HEADERS)
            return
        body = refusal.body or encode(openai_error(refusal.upgrade, refusal.reply)).decode()
        headers = {**_HEADERS, **refusal.headers, "content-type": refusal.content_type}
        connection.respond(refusal.upgrade, headers, body.encode())

    async def _converse(self, request: HttpRequest, connection: Connection) -> None:
        assert connection.web_socket is not None
        rules = SessionRules(
            planner=self._planner,
            age=self._socket_age,
            record=lambda body: self._record(WEB_SOCKET, request, body),
            next_number=lambda: next(self._numbers),
        )
        await SocketSession(connection.web_socket, rules).serve()

    def _record(self, method: str, request: HttpRequest, body: Any) -> RecordedRequest:
        record = RecordedRequest(method, request.path, request.headers, body)
        self.requests.append(record)
        self._came.set()
        return record

    def _opening(self, asked: Asked, plan: Plan) -> Opening:
        return Opening(asked, plan.counts, int(time.time()), next(self._numbers))


def _json(body: bytes) -> Any:
    """The JSON of a body; None for what is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _read(read: Callable[[Object], Asked | Object | str], request: HttpRequest, body: Any) -> Asked | Object | str:
    if isinstance(body, dict):
        return read(body)
    return "The body is not JSON." if body is None and request.body not in {b"", b"null"} else NOT_AN_OBJECT


async def _send_as_it_is(plan: Plan, error: Callable[[int, str], Object], connection: Connection) -> None:
    """Send a reply that is no answer: a body as it is, or an error of the wire."""
    reply = plan.reply
    await asyncio.sleep(plan.speed.first_token)
    body = encode(error(reply.status, reply.reply)) if reply.body is None else reply.body.encode()
    connection.respond(reply.status, {**_HEADERS, "content-type": reply.content_type, **reply.headers}, body)


def _send_json(
    connection: Connection, status: int, value: Any, headers: Mapping[str, str] = MappingProxyType({})
) -> None:
    connection.respond(status, {**_HEADERS, "content-type": "application/json", **headers}, encode(value))


def _send_error(connection: Connection, status: int, message: str) -> None:
    _send_json(connection, status, openai_error(status, message))


def _send_nothing_here(connection: Connection, request: HttpRequest) -> None:
    _send_error(connection, 404, f"Nothing is served at {request.method} {request.path}.")
