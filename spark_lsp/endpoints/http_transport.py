"""Carries requests to their endpoints over HTTP/1.1, and their answers back as events, in time.

HTTP/1.1 and not 2, because closing the connection is the one cancel that every server understands. One client is built
once and shared, since building one reads all certificates (about 40 ms) and its connections stay warm.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from spark_lsp.endpoints.event_stream import EventStream
from spark_lsp.endpoints.failures import failures_for
from spark_lsp.endpoints.http_failures import REQUEST_ERRORS, connection_failure, failure_before_response
from spark_lsp.endpoints.server_sent_events import MAX_EVENT_BYTES
from spark_lsp.endpoints.wire import HttpRequest
from spark_lsp.endpoints.wires.registry import WIRES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from spark_lsp.endpoints.errors import Deadline
    from spark_lsp.endpoints.failures import Failures
    from spark_lsp.endpoints.request import CompletionRequest, Endpoint
    from spark_lsp.endpoints.wire import Wire

# Far more connections than an editor has open: a request that is cancelled while it waits for a free one can leave one
# behind that nobody uses, for ever (https://github.com/encode/httpcore/issues/1093).
_LIMITS = httpx.Limits(max_connections=256, max_keepalive_connections=8, keepalive_expiry=300)
# A proxy of the environment does not get to see what stays on this machine, and could not reach it.
_DIRECT: dict[str, httpx.AsyncBaseTransport | None] = {
    f"all://{host}": None for host in ("localhost", "127.0.0.1", "[::1]")
}
_POOL_TIMEOUT = 1.0  # seconds until a pool without a free connection counts as wedged
_ERROR_BODY_BYTES = 64 * 1024
_ERROR_BODY_TIMEOUT = 2.0  # seconds


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A whole response, of whatever status. Header names are in lower case; the body of an error may be cut short."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


class HttpTransport:
    """Streams answers over HTTP, for every wire in `WIRES`. It belongs to one event loop.

    `transport` replaces the network, for tests.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self._building = asyncio.Lock()
        self._retired: list[httpx.AsyncClient] = []
        self._closing: set[asyncio.Future[None]] = set()
        self._spares: dict[str, asyncio.Task[None]] = {}

    async def warm(self, endpoint: Endpoint | None = None) -> None:
        """Do now what the first request would wait for: build the client and, given an endpoint, connect to it.

        A failure is left for the request that will meet it.
        """
        with suppress(*REQUEST_ERRORS, ImportError):
            client = await self._warm_client()
            if endpoint is not None:
                timeout = httpx.Timeout(endpoint.timeouts.connect, pool=_POOL_TIMEOUT)
                # Any answer will do: what counts is the connection, which goes back to the pool.
                await client.head(endpoint.base_url, timeout=timeout, headers={"accept-encoding": "identity"})

    def rebuild(self) -> None:
        """Start over with a new client and new connections; running streams go on with theirs."""
        if self._client is not None:
            self._retired.append(self._client)
            self._client = None

    async def aclose(self) -> None:
        """Close every connection; running streams end with an error."""
        for spare in tuple(self._spares.values()):
            spare.cancel()
            await asyncio.wait([spare])
        self.rebuild()
        while self._retired:
            await self._retired.pop().aclose()
        await asyncio.gather(*self._closing)

    @asynccontextmanager
    async def stream(self, endpoint: Endpoint, request: CompletionRequest) -> AsyncIterator[EventStream]:
        """See `EndpointClient.stream`."""
        started = asyncio.get_running_loop().time()
        wire, http_request, failures = _on_the_wire(endpoint, request)
        try:
            response = await self._respond(http_request, failures, started)
        except asyncio.CancelledError:
            self._warm_spare(endpoint)
            raise
        chunks = response.aiter_bytes()
        try:
            if not response.is_success:
                body = await _error_body(chunks)
                raise failures.status(response.status_code, response.headers, body)
            yield EventStream(chunks, wire.parser(failures), failures, started=started)
        finally:
            abandoned = not response.is_closed
            await self._close(response)
            if abandoned:
                self._warm_spare(endpoint)

    async def exchange(self, request: HttpRequest, failures: Failures, *, until: float) -> HttpAnswer:
        """Send a request and read its whole answer, which is an answer too if it says that something is wrong.

        `until` is a time on the loop's clock. Raises TimeoutError then, and EndpointError if no whole answer comes, or
        one of more than 8 MiB.
        """
        async with asyncio.timeout_at(until):
            try:
                response = await self._sent(request, failures)
            except TimeoutError:
                raise
            except REQUEST_ERRORS as error:
                raise failure_before_response(failures, error) from None
            try:
                body = await self._whole_body(response, failures)
            finally:
                await self._close(response)
        return HttpAnswer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)

    @staticmethod
    async def _whole_body(response: httpx.Response, failures: Failures) -> bytes:
        if not response.is_success:
            return await _error_body(response.aiter_bytes())
        body = bytearray()
        try:
            async for data in response.aiter_bytes():
                body += data
                if len(body) > MAX_EVENT_BYTES:
                    raise failures.too_large()
        except (httpx.HTTPError, ConnectionError):
            raise failures.cut() from None
        return bytes(body)

    async def preview(self, endpoint: Endpoint, request: CompletionRequest) -> HttpRequest:
        """The request as `stream` would send it, with all its headers, and nothing sent. Raises EndpointError."""
        _, http_request, failures = _on_the_wire(endpoint, request)
        return await self.built(http_request, failures)

    async def built(self, request: HttpRequest, failures: Failures) -> HttpRequest:
        """A request with all the headers that it is sent with. Raises EndpointError."""
        try:
            built = self._built(await self._started_client(failures), request, failures)
        except REQUEST_ERRORS as error:
            raise failure_before_response(failures, error) from None
        return HttpRequest(built.method, str(built.url), dict(built.headers), built.content)

    async def _respond(self, request: HttpRequest, failures: Failures, started: float) -> httpx.Response:
        timeouts = failures.endpoint.timeouts
        deadline: Deadline = "first_token" if timeouts.first_token <= timeouts.total else "total"
        try:
            async with asyncio.timeout_at(started + min(timeouts.first_token, timeouts.total)):
                return await self._sent(request, failures)
        except TimeoutError:
            raise failures.deadline(deadline) from None
        except REQUEST_ERRORS as error:
            raise failure_before_response(failures, error) from None

    async def _sent(self, request: HttpRequest, failures: Failures) -> httpx.Response:
        try:
            return await self._send(request, failures)
        except httpx.PoolTimeout:
            # Nothing that is alive needs so many connections; see _LIMITS.
            self.rebuild()
            return await self._send(request, failures)

    async def _send(self, request: HttpRequest, failures: Failures) -> httpx.Response:
        client = await self._started_client(failures)
        return await client.send(self._built(client, request, failures), stream=True)

    async def _started_client(self, failures: Failures) -> httpx.AsyncClient:
        try:
            return await self._warm_client()
        except (ImportError, OSError, ValueError):
            raise connection_failure(failures, "start") from None

    @staticmethod
    def _built(client: httpx.AsyncClient, request: HttpRequest, failures: Failures) -> httpx.Request:
        # Reading and writing have the deadlines of this module: the library's hold for each read on its own, so that
        # a server's keep-alive comments put them off for ever.
        timeout = httpx.Timeout(None, connect=failures.endpoint.timeouts.connect, pool=_POOL_TIMEOUT)
        return client.build_request(
            request.method, request.url, headers=request.headers, content=request.content, timeout=timeout
        )

    async def _warm_client(self) -> httpx.AsyncClient:
        async with self._building:
            if self._client is None:
                if self._transport is not None:
                    self._client = self._build()
                else:
                    # In a thread, since reading the certificates would hold up the loop for longer than a frame.
                    self._client = await asyncio.to_thread(self._build)
            return self._client

    def _build(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=self._transport,
            mounts=_DIRECT,
            http1=True,
            http2=False,
            limits=_LIMITS,
            follow_redirects=False,  # the key must not travel
            trust_env=True,  # proxies, SSL_CERT_FILE
            headers={"user-agent": "spark-lsp"},
        )

    def _warm_spare(self, endpoint: Endpoint) -> None:
        """Replace a connection that was closed in the middle of an answer, in the background."""
        place = endpoint.base_url
        if place not in self._spares:
            spare = self._spares[place] = asyncio.create_task(self.warm(endpoint))
            spare.add_done_callback(lambda _: self._spares.pop(place))

    async def _close(self, response: httpx.Response) -> None:
        """Close a response, and its connection if it was not read to the end, even if cancelled meanwhile."""
        closing = asyncio.ensure_future(_close_response(response))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
        await asyncio.shield(closing)


def _on_the_wire(endpoint: Endpoint, request: CompletionRequest) -> tuple[Wire, HttpRequest, Failures]:
    """A request in the format of its endpoint's wire. Raises EndpointError for what the settings have wrong."""
    wire = WIRES.get(endpoint.wire)
    failures = failures_for(endpoint, request, endpoint.base_url)
    if wire is None:
        raise failures.configuration(f"its wire is not known: set it to one of {', '.join(WIRES)}")
    try:
        http_request = wire.request(endpoint, request)
    except ValueError as error:
        raise failure_before_response(failures, httpx.InvalidURL(str(error))) from None
    return wire, http_request, failures_for(endpoint, request, http_request.url)


async def _close_response(response: httpx.Response) -> None:
    if not response.is_closed:
        # The library closes under locks, where a second cancel can keep it from it. The socket comes first.
        connection = response.extensions.get("network_stream")
        if connection is not None:
            await connection.aclose()
    with suppress(httpx.HTTPError):
        await response.aclose()


async def _error_body(chunks: AsyncIterator[bytes]) -> bytes:
    """Read what a message may need of an error's body, however little comes."""
    body = bytearray()
    with suppress(httpx.HTTPError, TimeoutError):
        async with asyncio.timeout(_ERROR_BODY_TIMEOUT):
            async for data in chunks:
                body += data
                if len(body) >= _ERROR_BODY_BYTES:
                    break
    return bytes(body[:_ERROR_BODY_BYTES])
