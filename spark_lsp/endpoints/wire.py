"""The seam between a wire format and the transport: what a wire must do, with no I/O in it.

A wire builds an HTTP request and makes a parser; the parser turns the response's bytes into events. Neither waits,
reads a clock or knows the HTTP library, so that each can be tested with literals.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit, urlunsplit

from spark_lsp.core.prompt import Prompt, TextPrompt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spark_lsp.endpoints.errors import EndpointError
    from spark_lsp.endpoints.events import Event
    from spark_lsp.endpoints.failures import Failures
    from spark_lsp.endpoints.request import CompletionRequest, Endpoint


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request, ready to be sent. Header names are in lower case."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)  # holds the key
    content: bytes = field(repr=False)


class Parser(Protocol):
    """Reads one response body, in whatever pieces it comes.

    `feed` and `close` never raise: what the bytes hold before a failure is returned, and `failure` is set. After that,
    and after `close`, nothing more is read. `finished` turns true with the Finish event; from then on the answer is
    whole, whatever becomes of the connection.
    """

    @property
    def finished(self) -> bool: ...

    @property
    def failure(self) -> EndpointError | None: ...

    def feed(self, data: bytes) -> list[Event]:
        """Take the next bytes and return the events that they complete, often none."""
        ...

    def close(self) -> list[Event]:
        """Take note that no more bytes come; without a finish so far, `failure` is set."""
        ...


class Wire(Protocol):
    """One way to speak with a model server."""

    def request(self, endpoint: Endpoint, request: CompletionRequest) -> HttpRequest:
        """Build the request for a streamed answer. Raises ValueError if the endpoint's URL cannot be parsed."""
        ...

    def parser(self, failures: Failures) -> Parser:
        """Make the parser for one answer; `failures` words what can go wrong."""
        ...


def endpoint_url(base_url: str, path: str, *, instead_of: tuple[str, ...] = ()) -> str:
    """Append a wire's path to a base URL, before its query; a base URL that has the path already stays as it is.

    If the base URL's path ends with one of `instead_of`, that gives way to `path`: "/v1", say, for a server whose own
    paths stand beside it. Raises ValueError if the base URL cannot be parsed.
    """
    parts = urlsplit(base_url)
    base = parts.path.rstrip("/")
    if not base.endswith(path):
        ending = next((ending for ending in instead_of if base.endswith(ending)), "")
        base = base.removesuffix(ending) + path
    return urlunsplit(parts._replace(path=base))


@dataclass(frozen=True, slots=True)
class KeyHeader:
    """The header that holds the key, and what stands before the key in it. The name is in lower case."""

    name: str
    scheme: str = ""


BEARER = KeyHeader("authorization", "Bearer ")


def json_request(
    endpoint: Endpoint,
    url: str,
    body: dict[str, Any],
    *,
    key_header: KeyHeader = BEARER,
    more_headers: Mapping[str, str] | None = None,
) -> HttpRequest:
    """The POST of a JSON body, with what the endpoint's settings add to or take from body and headers.

    `more_headers` are the wire's own; their names are in lower case.
    """
    body = {key: value for key, value in {**body, **endpoint.extra_body}.items() if value is not None}
    headers = {
        "accept": "text/event-stream, application/json",
        "accept-encoding": "identity",  # compression makes proxies collect the stream
        "content-type": "application/json",
        **(more_headers or {}),
    }
    if endpoint.api_key is not None:
        headers[key_header.name] = key_header.scheme + endpoint.api_key
    headers |= {name.lower(): value for name, value in endpoint.headers.items()}
    return HttpRequest("POST", url, headers, json_bytes(body))


def json_bytes(value: Any) -> bytes:
    """JSON as it is sent. A lone surrogate, which an editor can send, has no place in UTF-8: it becomes a "?"."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def with_sampling(body: dict[str, Any], endpoint: Endpoint, request: CompletionRequest, *, seed: str = "seed") -> None:
    """Add temperature, seed (under its name on this wire) and stops to a body, each where there is one."""
    if endpoint.temperature is not None:
        body["temperature"] = endpoint.temperature
    if endpoint.seed is not None:
        body[seed] = endpoint.seed
    if request.stop:
        body["stop"] = list(request.stop)


def output_limit(endpoint: Endpoint, request: CompletionRequest) -> int:
    """The most tokens to ask for: what the task needs, capped by the endpoint's own limit."""
    return min(request.max_output_tokens, endpoint.max_output_tokens)


def messages_of(prompt: Prompt | TextPrompt) -> list[dict[str, str]]:
    """A conversation as most wires spell it; a text to be continued is what the user says."""
    if isinstance(prompt, TextPrompt):
        return [{"role": "user", "content": prompt.prefix}]
    return [{"role": message.role, "content": message.content} for message in prompt.messages]


def without_system(messages: list[dict[str, str]]) -> tuple[str, list[dict[str, str]]]:
    """A conversation for wires where what the system says stands apart: that, which may be empty, and the rest."""
    system = "\n\n".join(message["content"] for message in messages if message["role"] == "system")
    return system, [message for message in messages if message["role"] != "system"]


def text_of(prompt: Prompt | TextPrompt) -> TextPrompt:
    """A prompt for wires that know no roles: there a conversation is a text whose next part is the answer."""
    if isinstance(prompt, TextPrompt):
        return prompt
    return TextPrompt("\n\n".join([*(message.content for message in prompt.messages), ""]))
