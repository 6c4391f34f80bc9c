"""Carries requests of any wire to their endpoints, and their answers back as events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from spark_lsp.endpoints.http_transport import HttpTransport
from spark_lsp.endpoints.jobs.transport import JobTransport
from spark_lsp.endpoints.sockets.responses_socket import ResponsesSocket

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from contextlib import AbstractAsyncContextManager

    import httpx

    from spark_lsp.endpoints.events import Event
    from spark_lsp.endpoints.request import CompletionRequest, Endpoint
    from spark_lsp.endpoints.wire import HttpRequest


class Transport(Protocol):
    """What carries the requests of some wires."""

    async def warm(self, endpoint: Endpoint) -> None:
        """Do now what the next request to this endpoint would wait for. Never raises EndpointError."""
        ...

    def stream(
        self, endpoint: Endpoint, request: CompletionRequest
    ) -> AbstractAsyncContextManager[AsyncIterator[list[Event]]]:
        """See `EndpointClient.stream`."""
        ...

    async def preview(self, endpoint: Endpoint, request: CompletionRequest) -> HttpRequest:
        """See `EndpointClient.preview`."""
        ...

    def rebuild(self) -> None:
        """Start over with new connections; running streams go on with theirs."""
        ...

    async def aclose(self) -> None:
        """Close every connection; running streams end with an error."""
        ...


class EndpointClient:
    """Streams answers from endpoints. Build one, share it, and close it at the end; it belongs to one event loop.

    `transport` replaces the network, for tests.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._http = HttpTransport(transport)
        self._special: Mapping[str, Transport] = {
            "responses-ws": ResponsesSocket(self._http),
            "jobs": JobTransport(self._http),
        }
        """By wire, where HTTP alone does not do."""

    async def warm(self, endpoint: Endpoint | None = None) -> None:
        """Do now what the first request would wait for: build the client and, given an endpoint, connect to it.

        A failure is left for the request that will meet it.
        """
        special = self._special.get(endpoint.wire) if endpoint is not None else None
        await self._http.warm(endpoint if special is None else None)
        if endpoint is not None and special is not None:
            await special.warm(endpoint)

    def stream(
        self, endpoint: Endpoint, request: CompletionRequest
    ) -> AbstractAsyncContextManager[AsyncIterator[list[Event]]]:
        """Send the request and give its answer as batches of events, in the order that they come.

            async with client.stream(endpoint, request) as batches:
                async for events in batches:
                    for event in events: ...

        Leaving the block, by its end, an exception or a cancel, closes the connection at once, unless the stream was
        read to its end: then the connection is kept for the next request. Raises EndpointError on entering, for what is
        wrong before the answer begins, and from the iteration after it has begun. An iteration that ends without an
        error had a Finish.
        """
        return self._special.get(endpoint.wire, self._http).stream(endpoint, request)

    async def preview(self, endpoint: Endpoint, request: CompletionRequest) -> HttpRequest:
        """The request as `stream` would send it, with all its headers, and nothing sent. Raises EndpointError."""
        return await self._special.get(endpoint.wire, self._http).preview(endpoint, request)

    def rebuild(self) -> None:
        """Start over with a new client and new connections; running streams go on with theirs."""
        for transport in (self._http, *self._special.values()):
            transport.rebuild()

    async def aclose(self) -> None:
        """Close every connection; running streams end with an error."""
        for transport in (*self._special.values(), self._http):
            await transport.aclose()
