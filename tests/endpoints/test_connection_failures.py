"""What goes wrong before there is an answer: the library's exceptions become sentences."""

from __future__ import annotations

import asyncio
import socket
import ssl
import traceback
from typing import TYPE_CHECKING

import httpx
import pytest

from endpoints.scripted_http import DONE, FINISH, PLACE, REQUEST, ScriptedTransport, an_endpoint, chunk
from spark_lsp.endpoints.errors import EndpointError, Misconfigured, Unreachable
from spark_lsp.endpoints.events import Finish, TextDelta
from spark_lsp.endpoints.request import Endpoint
from spark_lsp.endpoints.transport import EndpointClient
from support.virtual_time import run

if TYPE_CHECKING:
    from spark_lsp.endpoints.events import Event


async def _read(client: EndpointClient, endpoint: Endpoint) -> list[Event]:
    try:
        async with client.stream(endpoint, REQUEST) as batches:
            return [event async for events in batches for event in events]
    finally:
        await client.aclose()


def _failure(error: Exception) -> EndpointError:
    with pytest.raises(EndpointError) as caught:
        run(_read(EndpointClient(ScriptedTransport(before=[error])), an_endpoint()))
    return caught.value


def _connect_error(*causes: BaseException) -> httpx.ConnectError:
    error = httpx.ConnectError("All connection attempts failed")
    last: BaseException = error
    for cause in causes:
        last.__cause__ = cause
        last = cause
    return error


def _untrusted() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError("certificate verify failed")
    error.verify_message = "self-signed certificate"
    return error


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            _connect_error(OSError("x"), ExceptionGroup("", [ConnectionRefusedError(111, ""), OSError("y")])),
            "refuses connections: start the server, or check the host and port in baseUrl.",
        ),
        (_connect_error(socket.gaierror(-2, "")), "has a host name that is not known: check baseUrl and the network."),
        (
            _connect_error(_untrusted()),
            (
                "has a certificate that is not trusted (self-signed certificate): "
                "if it is your own, name its authority's file in the variable SSL_CERT_FILE."
            ),
        ),
        (
            _connect_error(ssl.SSLError(1, "WRONG_VERSION_NUMBER")),
            "does not speak TLS as expected: check http:// and https:// in baseUrl.",
        ),
        (_connect_error(OSError(113, "no route")), "could not be connected to: check baseUrl and the network."),
        (
            httpx.ConnectTimeout(""),
            "could not be connected to within 2 s: see that the server runs, or raise timeouts.connect.",
        ),
        (
            httpx.RemoteProtocolError("Server disconnected without sending a response."),
            "closed the connection without an answer in HTTP: check baseUrl, and try again.",
        ),
        (
            httpx.ReadError(""),
            "closed the connection without an answer in HTTP: check baseUrl, and try again.",
        ),
        (
            httpx.ProxyError("407"),
            "is not reached through the proxy: check the variables HTTPS_PROXY and NO_PROXY.",
        ),
        (httpx.PoolTimeout(""), "has too many requests of this editor open: try again."),
        (OSError(5, "?"), "could not be asked: check baseUrl and the proxy variables."),
    ],
)
def test_an_endpoint_that_is_not_reached(error: Exception, message: str) -> None:
    failure = _failure(error)
    assert isinstance(failure, Unreachable)
    assert failure.message == f"The endpoint at {PLACE} {message}"


@pytest.mark.parametrize("base_url", ["localhost:8000/v1", "http://[", "http://h:port/v1", "ftp://h/v1", "", "http://"])
def test_an_address_that_is_none(base_url: str) -> None:
    with pytest.raises(EndpointError) as caught:
        run(_read(EndpointClient(_RealTransport()), an_endpoint(base_url=base_url)))
    assert type(caught.value) is Misconfigured
    assert caught.value.message == (
        'The endpoint "mine" cannot be used: its baseUrl is not an address that starts with http:// or https://: '
        "correct it."
    )


class _RealTransport(httpx.AsyncHTTPTransport):
    """The library's own, which looks at addresses and headers; no test of it gets as far as the network."""


@pytest.mark.parametrize("key", ["schlüssel-mit-ü", "key\nwith-a-line-end", "smart “quotes”"])
def test_a_key_that_cannot_be_sent_is_not_shown(key: str) -> None:
    endpoint = an_endpoint(api_key=key)
    transport = ScriptedTransport(before=[httpx.LocalProtocolError(f"Illegal header value b'Bearer {key}'")])
    with pytest.raises(EndpointError) as caught:
        run(_read(EndpointClient(transport), endpoint))
    assert type(caught.value) is Misconfigured
    assert "holds a character that HTTP forbids" in caught.value.message
    assert key not in "".join(traceback.format_exception(caught.value))


def test_an_unknown_wire() -> None:
    with pytest.raises(Misconfigured, match="its wire is not known: set it to one of chat"):
        run(_read(EndpointClient(ScriptedTransport()), Endpoint("mine", "http://h/v1", "m", wire="telegraph")))


class _WedgedOnce(ScriptedTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not self.requests:
            self.requests.append(request)
            raise httpx.PoolTimeout("")
        return await super().handle_async_request(request)


def test_a_wedged_pool_is_replaced() -> None:
    transport = _WedgedOnce([chunk("a") + FINISH + DONE])
    assert run(_read(EndpointClient(transport), an_endpoint())) == [TextDelta("a"), Finish("stop")]
    assert len(transport.requests) == 2


@pytest.mark.parametrize(
    ("variable", "value"),
    [("SSL_CERT_FILE", "/nonexistent/ca.pem"), ("ALL_PROXY", "socks5://127.0.0.1:1"), ("HTTPS_PROXY", "gopher://h")],
)
def test_an_environment_that_the_client_does_not_start_in(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)

    async def ask() -> None:
        client = EndpointClient()
        await client.warm(an_endpoint())  # leaves the failure to the request
        await _read(client, an_endpoint())

    with pytest.raises(Misconfigured, match="check the variables SSL_CERT_FILE"):
        asyncio.run(ask())
