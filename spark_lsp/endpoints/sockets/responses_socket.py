"""The wire `responses-ws`: OpenAI's Responses over a WebSocket that stays open from request to request.

Format: https://platform.openai.com/docs/guides/websocket-mode. A request is a message `response.create` with the body
of the wire `responses`; the answer's messages are the objects of its event stream. A connection has one answer on its
way at a time and lives for 60 minutes at most. There is no message that cancels: whoever leaves closes the connection.
A server without WebSockets is asked over HTTP for the rest of the session.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from spark_lsp.endpoints.event_stream import EventStream
from spark_lsp.endpoints.failures import Failures, failures_for
from spark_lsp.endpoints.http_failures import connection_failure
from spark_lsp.endpoints.sockets.socket_exchange import (
    JsonSequence,
    Opening,
    SocketChunks,
    closed_failure,
    is_prelude,
    parse,
    read_opening,
)
from spark_lsp.endpoints.sockets.socket_pool import PooledSocket, SocketPool
from spark_lsp.endpoints.sockets.web_socket import LazyOpener, OpeningFailed, SocketClosed, SocketTarget, UpgradeRefused
from spark_lsp.endpoints.stream_parser import StreamParser
from spark_lsp.endpoints.wire import HttpRequest, endpoint_url, json_bytes, json_request
from spark_lsp.endpoints.wires.responses import ResponsesDialect, responses_body

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from spark_lsp.endpoints.errors import Deadline, EndpointError
    from spark_lsp.endpoints.events import Event
    from spark_lsp.endpoints.request import CompletionRequest, Endpoint
    from spark_lsp.endpoints.sockets.web_socket import SocketOpener
    from spark_lsp.endpoints.transport import Transport

_FORGOTTEN = "previous_response_not_found"
_TOO_OLD = "websocket_connection_limit_reached"

_NOT_OVER_SOCKETS = {"stream", "stream_options", "background"}
_ONLY_OVER_HTTP = {"accept", "accept-encoding", "content-type"}

_MOST_TARGETS = 8

# What servers that know the path, but not as a WebSocket, answer an upgrade with.
_NO_SOCKETS = {404, 405, 426, 501}


@dataclass(frozen=True, slots=True)
class _Call:
    """A request on its way. `fields` is its message without the input, which goes last."""

    target: SocketTarget
    failures: Failures
    fields: dict[str, Any] = field(repr=False)
    input: Any = field(repr=False)

    def message(self, **more: Any) -> bytes:
        return json_bytes({"type": "response.create", **self.fields, **more, "input": self.input})


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A response without input or output that a request with the same fields can go on from, once."""

    response_id: str
    fields: dict[str, Any] = field(repr=False)


class _NoSockets(Exception):
    """The server does not speak WebSocket."""


class ResponsesSocket:
    """Streams answers over WebSockets, and over `http` where a server has none. It belongs to one event loop.

    `opener` replaces the network, for tests.
    """

    def __init__(self, http: Transport, opener: SocketOpener | None = None) -> None:
        self._http = http
        self._pool = SocketPool(opener or LazyOpener(), self._preparation)
        self._without_sockets: set[str] = set()  # base URLs
        self._last_fields: dict[SocketTarget, dict[str, Any]] = {}
        self._not_to_prepare: set[str] = set()  # URLs

    async def warm(self, endpoint: Endpoint) -> None:
        """Have a connection ready. A failure is left for the request that will meet it."""
        if endpoint.base_url not in self._without_sockets:
            try:
                async with asyncio.timeout(endpoint.timeouts.connect):
                    await self._pool.warm(_target(endpoint))
            except UpgradeRefused as refused:
                self._note(endpoint, refused)
            except (OpeningFailed, TimeoutError, ValueError):
                return
        if endpoint.base_url in self._without_sockets:
            await self._http.warm(_over_http(endpoint))

    @asynccontextmanager
    async def stream(self, endpoint: Endpoint, request: CompletionRequest) -> AsyncIterator[AsyncIterator[list[Event]]]:
        """See `EndpointClient.stream`."""
        started = asyncio.get_running_loop().time()
        begun = None
        if endpoint.base_url not in self._without_sockets:
            call = _call(endpoint, request)
            try:
                begun = await self._begin_in_time(call, started)
            except _NoSockets:
                self._without_sockets.add(endpoint.base_url)
        if begun is None:
            async with self._http.stream(_over_http(endpoint), request) as batches:
                yield batches
            return
        pooled, opening = begun
        parser = StreamParser(ResponsesDialect(), call.failures, JsonSequence())
        chunks = SocketChunks(pooled.socket, opening, parser, call.failures)
        try:
            yield EventStream(chunks, parser, call.failures, started=started)
        finally:
            if parser.finished:
                self._pool.keep(pooled)
            else:
                # Where the server failed, there is no hurry to connect to it again.
                self._pool.drop(pooled, spare=parser.failure is None)

    async def preview(self, endpoint: Endpoint, request: CompletionRequest) -> HttpRequest:
        """The upgrade with the first message as its content, as `stream` would send them. Raises EndpointError."""
        call = _call(endpoint, request)
        return HttpRequest("GET", call.target.url, dict(call.target.headers), call.message())

    def rebuild(self) -> None:
        """Start over with new connections; running streams go on with theirs."""
        self._pool.rebuild()
        self._last_fields.clear()

    async def aclose(self) -> None:
        """Close every connection; running streams end with an error."""
        await self._pool.aclose()

    async def _begin_in_time(self, call: _Call, started: float) -> tuple[PooledSocket, Opening]:
        timeouts = call.failures.endpoint.timeouts
        deadline: Deadline = "first_token" if timeouts.first_token <= timeouts.total else "total"
        try:
            async with asyncio.timeout_at(started + min(timeouts.first_token, timeouts.total)):
                return await self._begin(call)
        except TimeoutError:
            raise call.failures.deadline(deadline) from None

    async def _begin(self, call: _Call) -> tuple[PooledSocket, Opening]:
        """Send the request and see the answer begin; once again on a new connection if an old one did not bear it."""
        self._remember(call)
        fresh = False
        while True:
            pooled = await self._take(call, fresh=fresh)
            try:
                opening = await self._ask(pooled, call)
            except SocketClosed as closed:
                self._pool.drop(pooled)
                failure = closed_failure(call.failures, closed)
                if failure is None and (fresh or not pooled.been_idle):
                    failure = call.failures.silent()
                if failure is not None:
                    raise failure from None
            except BaseException:
                self._pool.drop(pooled, spare=True)
                raise
            else:
                too_old = opening.code == _TOO_OLD and not fresh
                refusal = None if too_old else opening.refusal(call.failures)
                if not too_old and refusal is None:
                    return pooled, opening
                self._pool.drop(pooled)
                if refusal is not None:
                    raise refusal
            fresh = True

    async def _take(self, call: _Call, *, fresh: bool) -> PooledSocket:
        try:
            return await self._pool.take(call.target, fresh=fresh)
        except UpgradeRefused as refused:
            if _has_no_sockets(refused):
                raise _NoSockets from None
            raise call.failures.status(refused.status, refused.headers, refused.body) from None
        except OpeningFailed as failed:
            raise _opening_failure(call.failures, failed) from None

    async def _ask(self, pooled: PooledSocket, call: _Call) -> Opening:
        prepared: _Prepared | None = pooled.prepared
        pooled.prepared = None  # the server keeps no more than its last response
        if prepared is not None and prepared.fields == call.fields:
            await pooled.socket.send(call.message(previous_response_id=prepared.response_id))
            opening = await read_opening(pooled.socket)
            if opening.code != _FORGOTTEN:
                return opening
        await pooled.socket.send(call.message())
        return await read_opening(pooled.socket)

    def _preparation(self, pooled: PooledSocket) -> Coroutine[Any, Any, bool] | None:
        fields = self._last_fields.get(pooled.target)
        if not fields or not fields.get("instructions") or pooled.target.url in self._not_to_prepare:
            return None
        return self._prepare(pooled, fields)

    async def _prepare(self, pooled: PooledSocket, fields: dict[str, Any]) -> bool:
        """Have the server read what the next request will begin with. False: the connection cannot be used any more."""
        message = {"type": "response.create", **fields, "generate": False, "input": []}
        try:
            async with asyncio.timeout(pooled.target.upgrade_seconds):
                await pooled.socket.send(json_bytes(message))
                while True:
                    for reply in await pooled.socket.receive():
                        match parse(reply):
                            case {"type": "response.completed", "response": {"id": str() as response_id}}:
                                pooled.prepared = _Prepared(response_id, fields)
                                return True
                            case {"type": "error"}:
                                self._not_to_prepare.add(pooled.target.url)
                                return True
                            case dict() as chunk if is_prelude(chunk):
                                pass
                            case _:
                                # Whatever it is, perhaps an answer that nobody asked for, it must not be repeated.
                                self._not_to_prepare.add(pooled.target.url)
                                return False
        except TimeoutError:
            self._not_to_prepare.add(pooled.target.url)
            return False
        except SocketClosed:
            return False

    def _remember(self, call: _Call) -> None:
        self._last_fields.pop(call.target, None)
        self._last_fields[call.target] = call.fields
        if len(self._last_fields) > _MOST_TARGETS:  # keys change, and an old one is nobody's
            del self._last_fields[next(iter(self._last_fields))]

    def _note(self, endpoint: Endpoint, refused: UpgradeRefused) -> None:
        if _has_no_sockets(refused):
            self._without_sockets.add(endpoint.base_url)


def _has_no_sockets(refused: UpgradeRefused) -> bool:
    """True when the refusal says nothing of this client, but that there are no WebSockets.

    A success is a server that overlooked the upgrade. A 403 without a word is what ASGI servers (vLLM's, for one) have
    for paths that are none for WebSockets: https://asgi.readthedocs.io/en/latest/specs/www.html#close-send-event.
    """
    status = refused.status
    return status in _NO_SOCKETS or 200 <= status < 300 or (status == 403 and not refused.body.strip())


def _opening_failure(failures: Failures, failed: OpeningFailed) -> EndpointError:
    if failed.problem == "upgrade":
        return failures.deadline("first_token")
    return connection_failure(failures, failed.problem, failed.cause)


def _over_http(endpoint: Endpoint) -> Endpoint:
    return replace(endpoint, wire="responses")


def _call(endpoint: Endpoint, request: CompletionRequest) -> _Call:
    """A request in the words of this wire. Raises EndpointError for an address that is none."""
    try:
        target = _target(endpoint)
    except ValueError:
        raise connection_failure(failures_for(endpoint, request, endpoint.base_url), "address") from None
    body = {**responses_body(endpoint, request), **endpoint.extra_body}
    fields = {name: value for name, value in body.items() if value is not None and name not in _NOT_OVER_SOCKETS}
    return _Call(target, failures_for(endpoint, request, target.url), fields, fields.pop("input", []))


def _target(endpoint: Endpoint) -> SocketTarget:
    """Raise ValueError for an address that is none."""
    url = endpoint_url(endpoint.base_url, "/responses")
    parts = urlsplit(url)
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme)
    if scheme is None or not parts.hostname:
        raise ValueError(parts.scheme)
    headers = json_request(endpoint, url, {}).headers
    return SocketTarget(
        urlunsplit(parts._replace(scheme=scheme)),
        tuple((name, value) for name, value in headers.items() if name not in _ONLY_OVER_HTTP),
        endpoint.timeouts.connect,
        endpoint.timeouts.first_token,
    )
