"""What can go wrong with a connection before there is an answer, as one of our errors; for HTTP, from its exceptions.

Messages of the library are never passed on: some of them quote header values, and with them the key.
"""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Literal, TypeAlias

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spark_lsp.endpoints.errors import EndpointError
    from spark_lsp.endpoints.failures import Failures

# What a request can raise on the way to its response. OSError and ValueError come from below the library's own
# tree: a header that is not ASCII, an URL that cannot be parsed, a certificate file that cannot be read.
REQUEST_ERRORS = (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError)

ConnectionProblem: TypeAlias = Literal[
    "start", "timeout", "connect", "proxy", "address", "header", "crowded", "closed", "other"
]
"""What can go wrong before there is an answer, over HTTP as over a WebSocket."""


def failure_before_response(failures: Failures, error: BaseException) -> EndpointError:
    """Word an error of REQUEST_ERRORS that came instead of a response."""
    return connection_failure(failures, _problem(error), error)


def _problem(error: BaseException) -> ConnectionProblem:
    match error:
        case httpx.ConnectTimeout():
            return "timeout"
        case httpx.ConnectError():
            return "connect"
        case httpx.ProxyError():
            return "proxy"
        case httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return "address"
        case httpx.LocalProtocolError() | UnicodeError():
            return "header"
        case httpx.PoolTimeout():
            return "crowded"
        case httpx.RemoteProtocolError() | httpx.ReadError() | httpx.WriteError():
            return "closed"
        case _:
            return "other"


def connection_failure(
    failures: Failures, problem: ConnectionProblem, error: BaseException | None = None
) -> EndpointError:
    """Word a problem with a connection, whatever library met it; `error` is looked at for "connect"."""
    connect = failures.endpoint.timeouts.connect
    match problem:
        case "start":
            return failures.configuration(
                "the HTTP client does not start: check the variables SSL_CERT_FILE, SSL_CERT_DIR and HTTPS_PROXY"
            )
        case "timeout":
            return failures.unreachable(
                f"could not be connected to within {connect:g} s: see that the server runs, or raise timeouts.connect"
            )
        case "connect":
            return failures.unreachable(_connect_problem(error))
        case "proxy":
            return failures.unreachable(
                "is not reached through the proxy: check the variables HTTPS_PROXY and NO_PROXY"
            )
        case "address":
            return failures.configuration(
                "its baseUrl is not an address that starts with http:// or https://: correct it"
            )
        case "header":
            return failures.configuration(
                "its API key or one of its headers holds a character that HTTP forbids: correct it"
            )
        case "crowded":
            return failures.unreachable("has too many requests of this editor open: try again")
        case "closed":
            return failures.dropped()
        case "other":
            return failures.unreachable("could not be asked: check baseUrl and the proxy variables")


def _connect_problem(error: BaseException | None) -> str:
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return (
                    f"has a certificate that is not trusted ({cause.verify_message}): "
                    "if it is your own, name its authority's file in the variable SSL_CERT_FILE"
                )
            case ssl.SSLError():
                return "does not speak TLS as expected: check http:// and https:// in baseUrl"
            case socket.gaierror():
                return "has a host name that is not known: check baseUrl and the network"
            case ConnectionRefusedError():
                return "refuses connections: start the server, or check the host and port in baseUrl"
    return "could not be connected to: check baseUrl and the network"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Walk from an error to what led to it; a connection that tried several addresses holds a group."""
    pending: list[BaseException | None] = [error]
    seen: set[int] = set()
    while pending:
        current = pending.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        pending += (current.__context__, current.__cause__)
        if isinstance(current, BaseExceptionGroup):
            pending += current.exceptions
