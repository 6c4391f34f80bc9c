"""Reads an HTTP body that is a stream of JSON objects, and gives each to the wire's dialect.

What servers send differs from what they say, so the first bytes tell what a body is: server-sent events, one JSON
object (a server that does not stream), or a web page. JSON lines (Ollama) are told by the wire.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from spark_lsp.endpoints.answer import Answer
from spark_lsp.endpoints.server_sent_events import MAX_EVENT_BYTES, ServerSentEvents

if TYPE_CHECKING:
    from spark_lsp.endpoints.answer import Dialect
    from spark_lsp.endpoints.errors import EndpointError
    from spark_lsp.endpoints.events import Event
    from spark_lsp.endpoints.failures import Failures

_Kind: TypeAlias = Literal["stream", "object", "page"]


class Splitter(Protocol):
    """Cuts a stream of bytes into the JSON of its objects. `overflowed` ends it: one was too large."""

    @property
    def overflowed(self) -> bool: ...

    def feed(self, data: bytes) -> list[bytes]: ...

    def close(self) -> list[bytes]: ...


class StreamParser:
    """Parses a streamed answer, or a whole one from a server that does not stream. See `wire.Parser`.

    Without a `splitter` the stream is server-sent events; a stream of JSON lines brings its own, and then an object at
    the beginning is the first of the stream.
    """

    __slots__ = (
        "_answer",
        "_body",
        "_closed",
        "_dialect",
        "_failures",
        "_heard",
        "_kind",
        "_objects_stream",
        "_splitter",
    )

    def __init__(self, dialect: Dialect, failures: Failures, splitter: Splitter | None = None) -> None:
        self._dialect = dialect
        self._failures = failures
        self._answer = Answer(failures)
        self._closed = False  # nothing more is read
        self._kind: _Kind | None = None  # until there are bytes to tell it from
        self._body = bytearray()  # as long as the kind is not known, and the whole of an object
        self._objects_stream = splitter is not None
        self._splitter: Splitter = splitter or ServerSentEvents()
        self._heard = False  # anything but comments

    @property
    def finished(self) -> bool:
        return self._answer.finished

    @property
    def failure(self) -> EndpointError | None:
        return self._answer.failure

    def feed(self, data: bytes) -> list[Event]:
        if self._closed:
            return []
        if self._kind is None:
            self._body += data
            self._kind = _kind_of(self._body, objects_stream=self._objects_stream)
            data = bytes(self._body)
        elif self._kind == "object":
            self._body += data
        if self._kind == "stream":
            self._take_payloads(self._splitter.feed(data))
        elif self._kind == "page":
            self._end(self._failures.web_page())
        if self._splitter.overflowed or len(self._body) > MAX_EVENT_BYTES:
            self._end(self._failures.too_large())
        return self._answer.take_events()

    def close(self) -> list[Event]:
        if not self._closed:
            if self._kind == "object":
                self._take_object()
            else:
                payloads = self._splitter.close()
                self._heard = self._heard or bool(payloads)
                # An event that the end of the stream cut is no sign of a wrong format.
                self._take_payloads([payload for payload in payloads if _parse(payload) is not None])
            self._end(self._failures.cut() if self._heard else self._failures.silent())  # unless the finish has come
        return self._answer.take_events()

    def _end(self, failure: EndpointError) -> None:
        """Read no more; it is a failure unless the answer is whole or has failed before."""
        self._answer.fail(failure)
        self._closed = True

    def _take_payloads(self, payloads: list[bytes]) -> None:
        for payload in payloads:
            if self._closed:
                return
            if payload.strip() == b"[DONE]":
                self._end(self._failures.cut())  # unless the finish has come
            elif payload.strip():
                self._heard = True
                chunk = _parse(payload)
                if chunk is None:
                    self._end(self._failures.unreadable())
                else:
                    self._dialect.take_chunk(chunk, self._answer)
                    self._closed = self._answer.ended

    def _take_object(self) -> None:
        self._heard = True
        body = _parse(bytes(self._body))
        if body is None:
            self._answer.fail(self._failures.unreadable())
        elif body.get("error"):
            self._answer.fail(self._failures.reported(body))
        else:
            self._dialect.take_whole(body, self._answer)


def _kind_of(body: bytes | bytearray, *, objects_stream: bool) -> _Kind | None:
    """Tell by its first bytes what a body is: servers mislabel all kinds, and no event stream starts like the rest."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        return None
    if start.startswith(b"<"):
        return "page"
    return "object" if start.startswith((b"{", b"[")) and not objects_stream else "stream"


def _parse(payload: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
