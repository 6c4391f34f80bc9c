"""How a WebSocket is opened, and what is said or done where it is not."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import traceback
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from endpoints.scripted_http import ScriptedTransport
from endpoints.scripted_socket import (
    PLACE,
    REQUEST,
    VIRTUAL,
    Refusal,
    SocketServer,
    VirtualOpener,
    answer,
    read,
    socket_transport,
)
from spark_lsp.endpoints.errors import (
    Dropped,
    EndpointError,
    KeyRefused,
    Misconfigured,
    RateLimited,
    TooSlow,
    Unavailable,
    Unreachable,
)
from spark_lsp.endpoints.events import Event, Finish, TextDelta
from spark_lsp.endpoints.request import CompletionRequest, Endpoint, Timeouts
from spark_lsp.endpoints.sockets.responses_socket import ResponsesSocket
from spark_lsp.endpoints.sockets.web_socket import OpeningFailed
from spark_lsp.endpoints.transport import EndpointClient
from support.virtual_time import run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from spark_lsp.endpoints.http_failures import ConnectionProblem
    from spark_lsp.endpoints.wire import HttpRequest


@dataclass
class _OverHttp:
    """A transport that answers with "over HTTP"."""

    asked: list[Endpoint] = field(default_factory=list)
    warmed: list[Endpoint] = field(default_factory=list)

    async def warm(self, endpoint: Endpoint) -> None:
        self.warmed.append(endpoint)

    @asynccontextmanager
    async def stream(self, endpoint: Endpoint, request: CompletionRequest) -> AsyncIterator[AsyncIterator[list[Event]]]:
        assert request is REQUEST
        self.asked.append(endpoint)
        yield self._batches()

    async def _batches(self) -> AsyncIterator[list[Event]]:
        yield [TextDelta("over HTTP"), Finish("stop")]

    async def preview(self, endpoint: Endpoint, request: CompletionRequest) -> HttpRequest:
        raise NotImplementedError

    def rebuild(self) -> None: ...

    async def aclose(self) -> None: ...


def _ask(refusal: Refusal, *, change: dict[str, object] | None = None) -> EndpointError:
    """The failure of a request to a server that refuses its upgrade."""

    async def main() -> EndpointError:
        async with SocketServer(deque([answer("a")]), refusals=deque([refusal])) as server:
            transport = ResponsesSocket(_OverHttp())
            await transport.warm(server.endpoint)  # leaves the failure to the request
            outcome = await read(transport, replace(server.endpoint, **(change or {})))  # type: ignore[arg-type]
            assert outcome.failure is not None
            assert str(server.port) in outcome.failure.message
            # A refusal is not for ever.
            server.refusals.clear()
            assert (await read(transport, server.endpoint)).text == "a"
            await transport.aclose()
            return outcome.failure

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("refusal", "kind", "words"),
    [
        (Refusal(401, body='{"error": {"message": "no"}}'), KeyRefused, "put a valid key into the variable MY_KEY"),
        (Refusal(403, body='{"error": {"message": "not you"}}'), KeyRefused, 'denies access (HTTP 403, "not you")'),
        (Refusal(429, {"Retry-After": "7"}, "slow down"), RateLimited, '(HTTP 429, "slow down"): try again in 7 s'),
        (Refusal(500, body="oops"), Unavailable, 'failed (HTTP 500, "oops"): try again later'),
        (Refusal(503, {"retry-after-ms": "2000"}), Unavailable, "is overloaded (HTTP 503): try again in 2 s"),
        (Refusal(502, {"content-type": "text/html"}, "<html>"), Unavailable, "a web page (HTTP 502)"),
        (
            Refusal(302, {"Location": "http://127.0.0.1:1/v2"}),
            Misconfigured,
            'redirects to "http://127.0.0.1:1/v2" (HTTP 302), which is not followed',
        ),
    ],
)
def test_a_refused_upgrade_is_worded_as_over_http(refusal: Refusal, kind: type[EndpointError], words: str) -> None:
    failure = _ask(refusal)
    assert type(failure) is kind
    assert words in failure.message


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal(426, {"upgrade": "h2c"}, "{}"),
        Refusal(404),
        Refusal(405, body='{"detail": "Method Not Allowed"}'),
        Refusal(501),
        Refusal(403),
        Refusal(200, {"content-type": "application/json"}, "[]"),
    ],
)
@pytest.mark.parametrize("warmed", [False, True])
def test_a_server_without_web_sockets_is_asked_over_http_from_then_on(refusal: Refusal, warmed: bool) -> None:
    async def main() -> None:
        over_http = _OverHttp()
        async with SocketServer(deque([answer("a")]), refusals=deque([refusal])) as server:
            transport = ResponsesSocket(over_http)
            if warmed:
                await transport.warm(server.endpoint)
            for _ in range(2):
                assert (await read(transport, server.endpoint)).text == "over HTTP"
            await transport.warm(server.endpoint)
            transport.rebuild()
            assert (await read(transport, server.endpoint)).text == "over HTTP"
            assert len(server.upgrades) == 1
            assert over_http.asked == [replace(server.endpoint, wire="responses")] * 3
            assert over_http.warmed == [replace(server.endpoint, wire="responses")] * (1 + warmed)
            # It is one server that has none.
            async with SocketServer(deque([answer("a")])) as other:
                assert (await read(transport, other.endpoint)).text == "a"
                await transport.aclose()

    asyncio.run(main())


def test_the_client_takes_either_way() -> None:
    over_http = b"".join(b"event: x\ndata: " + json.dumps(step).encode() + b"\n\n" for step in answer("over", " HTTP"))

    async def main() -> None:
        async with SocketServer(deque([answer("over a socket")])) as server:
            http = ScriptedTransport([over_http])
            client = EndpointClient(http)
            await client.warm(server.endpoint)
            assert (await read(client, server.endpoint)).text == "over a socket"
            assert http.requests == []  # not even warmed
            server.refusals.append(Refusal(426))
            client.rebuild()
            outcome = await read(client, server.endpoint)
            assert outcome.text == "over HTTP"
            assert outcome.failure is None
            [request] = http.requests
            assert str(request.url) == f"{server.endpoint.base_url}/responses"
            assert request.headers["authorization"] == "Bearer sk-secret-key"
            assert {"stream": True}.items() <= json.loads(request.content).items()
            await client.aclose()

    asyncio.run(main())


def _read_at(base_url: str, **change: object) -> EndpointError:
    async def main() -> EndpointError:
        transport = socket_transport()
        endpoint = Endpoint("mine", base_url, "m", wire="responses-ws")
        endpoint = replace(endpoint, **change)  # type: ignore[arg-type]
        await transport.warm(endpoint)
        outcome = await read(transport, endpoint)
        await transport.aclose()
        assert outcome.failure is not None
        return outcome.failure

    return asyncio.run(main())


def _unused_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
        return port


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_nobody_listens(host: str) -> None:
    failure = _read_at(f"http://{host}:{_unused_port()}/v1")
    assert type(failure) is Unreachable
    assert failure.message.endswith("refuses connections: start the server, or check the host and port in baseUrl.")


@pytest.mark.parametrize(
    "base_url", ["localhost:8000/v1", "http://[", "http://h:port/v1", "ws://h/v1", "ftp://h/v1", "", "http://"]
)
def test_an_address_that_is_none(base_url: str) -> None:
    failure = _read_at(base_url)
    assert type(failure) is Misconfigured
    assert failure.message == (
        'The endpoint "mine" cannot be used: its baseUrl is not an address that starts with http:// or https://: '
        "correct it."
    )


@pytest.mark.parametrize("key", ["schlüssel-mit-ü", "key\r\nx-evil: 1", "smart “quotes”", "bell\a"])
def test_a_key_that_cannot_be_sent_is_not_shown(key: str) -> None:
    failure = _read_at("http://127.0.0.1:1/v1", api_key=key)
    assert type(failure) is Misconfigured
    assert "holds a character that HTTP forbids" in failure.message
    assert key not in "".join(traceback.format_exception(failure))


@pytest.mark.parametrize(
    ("variable", "value"), [("SSL_CERT_FILE", "/nonexistent/ca.pem"), ("HTTPS_PROXY", "socks5://127.0.0.1:1")]
)
def test_an_environment_that_the_client_does_not_start_in(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    failure = _read_at("https://api.example.com/v1")
    assert type(failure) is Misconfigured
    assert "check the variables SSL_CERT_FILE, SSL_CERT_DIR and HTTPS_PROXY" in failure.message


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:{port}", "gopher://127.0.0.1:1"])
def test_a_proxy_that_is_none(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.format(port=_unused_port()))
    monkeypatch.delenv("NO_PROXY", raising=False)
    failure = _read_at("https://api.example.com/v1")
    assert type(failure) is Unreachable
    assert "is not reached through the proxy: check the variables HTTPS_PROXY and NO_PROXY" in failure.message


async def _with_raw_server(reply: bytes, timeouts: Timeouts, *, scheme: str = "http") -> tuple[EndpointError, bytes]:
    """Ask a server that answers whatever comes with these bytes and waits. Also returns what it was sent."""
    sent = bytearray()
    left = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sent.extend(await reader.read(65536))
        writer.write(reply)
        if reply.endswith(b"!"):
            writer.close()
        await reader.read()
        writer.close()
        left.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    transport = socket_transport()
    endpoint = Endpoint("mine", f"{scheme}://127.0.0.1:{port}/v1", "m", wire="responses-ws", timeouts=timeouts)
    outcome = await read(transport, endpoint)
    await transport.aclose()
    await left.wait()
    server.close()
    await server.wait_closed()
    assert outcome.failure is not None
    return outcome.failure, bytes(sent)


@pytest.mark.parametrize("reply", [b"hello!", b"HTTP/1.1 101 Switching Protocols\r\n\r\n"])
def test_a_server_that_speaks_something_else(reply: bytes) -> None:
    failure, _ = asyncio.run(_with_raw_server(reply, Timeouts()))
    assert type(failure) is Dropped
    assert "closed the connection without an answer in HTTP: check baseUrl, and try again" in failure.message


def test_a_server_that_speaks_no_tls() -> None:
    failure, _ = asyncio.run(_with_raw_server(b"HTTP/1.1 400 Bad Request\r\n\r\n", Timeouts(), scheme="https"))
    assert type(failure) is Unreachable
    assert "does not speak TLS as expected: check http:// and https:// in baseUrl" in failure.message


def test_a_server_that_does_not_answer_the_upgrade() -> None:
    failure, sent = asyncio.run(_with_raw_server(b"", Timeouts(connect=0.1, first_token=0.3)))
    assert isinstance(failure, TooSlow)
    assert failure.deadline == "first_token"
    assert sent.startswith(b"GET /v1/responses HTTP/1.1\r\n")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_not_reached_through_a_proxy(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "WS_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1")

    async def main() -> None:
        async with SocketServer(deque([answer("a")])) as server:
            transport = socket_transport()
            base_url = server.endpoint.base_url.replace("127.0.0.1", host)
            assert (await read(transport, replace(server.endpoint, base_url=base_url))).text == "a"
            await transport.aclose()

    asyncio.run(main())


def test_a_proxy_is_asked_for_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> bytes:
        asked = bytearray()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.extend(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        transport = socket_transport()
        outcome = await read(transport, Endpoint("mine", "http://model.example:8000/v1", "m", wire="responses-ws"))
        assert isinstance(outcome.failure, Unreachable)
        assert "is not reached through the proxy" in outcome.failure.message
        await transport.aclose()
        server.close()
        await server.wait_closed()
        return bytes(asked)

    assert asyncio.run(main()).startswith(b"CONNECT model.example:8000 HTTP/1.1\r\n")


def _untrusted() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError("certificate verify failed")
    error.verify_message = "self-signed certificate"
    return error


@pytest.mark.parametrize(
    ("problem", "cause", "message"),
    [
        (
            "connect",
            _untrusted(),
            (
                "has a certificate that is not trusted (self-signed certificate): "
                "if it is your own, name its authority's file in the variable SSL_CERT_FILE."
            ),
        ),
        (
            "connect",
            socket.gaierror(-2, ""),
            "has a host name that is not known: check baseUrl and the network.",
        ),
        ("connect", OSError(113, "no route"), "could not be connected to: check baseUrl and the network."),
        (
            "timeout",
            None,
            "could not be connected to within 2 s: see that the server runs, or raise timeouts.connect.",
        ),
        ("other", None, "could not be asked: check baseUrl and the proxy variables."),
    ],
)
def test_the_words_are_those_of_http(problem: ConnectionProblem, cause: Exception | None, message: str) -> None:
    transport = socket_transport(VirtualOpener(failure=OpeningFailed(problem, cause)))
    outcome = run(read(transport))
    assert type(outcome.failure) is Unreachable
    assert outcome.failure.message == f"The endpoint at {PLACE} {message}"
    assert outcome.ended_at == 0.1
    assert VIRTUAL.base_url in f"https://{PLACE}"
