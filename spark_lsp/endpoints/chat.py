"""The wire `chat`: OpenAI's Chat Completions as the many servers speak it that call themselves compatible.

Format: https://platform.openai.com/docs/api-reference/chat-streaming. What servers make of it differs, so the
parser requires no field that it can do without: an answer is complete with a `finish_reason`; `[DONE]`, `usage`,
`role` and the content type are welcome and optional; a server that does not stream answers with one JSON object.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from spark_lsp.endpoints.events import Event, Finish, FinishReason, TextDelta, Thinking, Usage
from spark_lsp.endpoints.server_sent_events import MAX_EVENT_BYTES, ServerSentEvents
from spark_lsp.endpoints.wire import HttpRequest, endpoint_url

if TYPE_CHECKING:
    from spark_lsp.endpoints.errors import EndpointError
    from spark_lsp.endpoints.failures import Failures
    from spark_lsp.endpoints.request import CompletionRequest, Endpoint

_FINISH_REASONS: dict[str, FinishReason] = {
    "stop": "stop",
    "eos": "stop",
    "eos_token": "stop",  # text-generation-inference
    "stop_sequence": "stop",
    "end_turn": "stop",
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",  # Mistral
    "content_filter": "filter",
}


class ChatWire:
    """POST {baseUrl}/chat/completions with `stream: true`."""

    def request(self, endpoint: Endpoint, request: CompletionRequest) -> HttpRequest:
        body: dict[str, Any] = {
            "model": endpoint.model,
            "messages": [{"role": message.role, "content": message.content} for message in request.messages],
            "stream": True,
            "stream_options": {"include_usage": True},
            # Deprecated at OpenAI, but the only name that many local servers know. Whoever needs the other name
            # puts it into extraBody.
            "max_tokens": min(request.max_output_tokens, endpoint.max_output_tokens),
        }
        if "max_completion_tokens" in endpoint.extra_body:
            del body["max_tokens"]
        if endpoint.temperature is not None:
            body["temperature"] = endpoint.temperature
        if endpoint.seed is not None:
            body["seed"] = endpoint.seed
        if request.stop:
            body["stop"] = list(request.stop)
        body |= endpoint.extra_body
        body = {key: value for key, value in body.items() if value is not None}
        headers = {
            "accept": "text/event-stream, application/json",
            "accept-encoding": "identity",  # compression makes proxies collect the stream
            "content-type": "application/json",
        }
        if endpoint.api_key is not None:
            headers["authorization"] = f"Bearer {endpoint.api_key}"
        headers |= {name.lower(): value for name, value in endpoint.headers.items()}
        return HttpRequest(
            method="POST",
            url=endpoint_url(endpoint.base_url, "/chat/completions"),
            headers=headers,
            # A lone surrogate, which an editor can send, has no place in UTF-8 and would fail the whole request.
            content=json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"),
        )

    def parser(self, failures: Failures) -> ChatParser:
        return ChatParser(failures)


class ChatParser:
    """Parses a streamed answer, or a whole one from a server that does not stream. See `wire.Parser`."""

    __slots__ = (
        "_body",
        "_ended",
        "_failures",
        "_heard",
        "_kind",
        "_refused",
        "_splitter",
        "_usage",
        "failure",
        "finished",
    )

    def __init__(self, failures: Failures) -> None:
        self.finished = False
        self.failure: EndpointError | None = None
        self._failures = failures
        self._ended = False  # nothing more is read
        self._kind: Literal["events", "object", "page"] | None = None  # until there are bytes to tell it from
        self._body = bytearray()  # as long as the kind is not known, and the whole of an object
        self._splitter = ServerSentEvents()
        self._usage: Usage | None = None
        self._refused = False
        self._heard = False  # anything but comments

    def feed(self, data: bytes) -> list[Event]:
        if self._ended:
            return []
        if self._kind is None:
            self._body += data
            self._kind = _kind_of(self._body)
            data = bytes(self._body)
        elif self._kind == "object":
            self._body += data
        events: list[Event] = []
        if self._kind == "events":
            self._take_payloads(self._splitter.feed(data), events)
        elif self._kind == "page":
            self._fail(self._failures.web_page())
        if self._splitter.overflowed or len(self._body) > MAX_EVENT_BYTES:
            self._fail(self._failures.too_large())
        return events

    def close(self) -> list[Event]:
        events: list[Event] = []
        if not self._ended:
            if self._kind == "object":
                self._take_object(events)
            else:
                payloads = self._splitter.close()
                self._heard = self._heard or bool(payloads)
                # An event that the end of the stream cut is no sign of a wrong format.
                self._take_payloads([payload for payload in payloads if _parse(payload) is not None], events)
            self._fail(self._failures.cut() if self._heard else self._failures.silent())  # unless the finish has come
        return events

    def _fail(self, failure: EndpointError) -> None:
        """End, with a failure unless the answer is whole or has failed before, which is the cause of what follows."""
        if not self.finished:
            self.failure = self.failure or failure
        self._ended = True

    def _take_payloads(self, payloads: list[bytes], events: list[Event]) -> None:
        for payload in payloads:
            if self._ended:
                return
            if payload.strip() == b"[DONE]":
                self._fail(self._failures.cut())  # unless the finish has come
            elif payload.strip():
                self._heard = True
                chunk = _parse(payload)
                if chunk is None:
                    self._fail(self._failures.unreadable())
                else:
                    self._take_chunk(chunk, "delta", events)

    def _take_object(self, events: list[Event]) -> None:
        answer = _parse(bytes(self._body))
        if answer is None or not (_choice(answer) or answer.get("error")):
            self._fail(self._failures.unreadable())
        else:
            self._take_chunk(answer, "message", events)

    def _take_chunk(self, chunk: dict[str, Any], part: str, events: list[Event]) -> None:
        """Take one chunk of a stream (`part` is "delta") or one whole answer ("message")."""
        if chunk.get("error"):
            self._fail(self._failures.reported(chunk))
            return
        choice = _choice(chunk)
        delta = choice.get(part)
        if isinstance(delta, dict) and not self.finished:
            text = _text(delta.get("content"))
            if text:
                events.append(TextDelta(text))
            elif delta.get("reasoning") or delta.get("reasoning_content") or delta.get("content"):
                events.append(Thinking())
            self._refused = self._refused or bool(delta.get("refusal"))
        reason = choice.get("finish_reason")
        if part == "message":
            reason = reason or "stop"
        if reason == "error":  # Mistral
            self._fail(self._failures.reported({}))
            return
        if reason and not self.finished:
            self.finished = True
            events.append(Finish("filter" if self._refused else _FINISH_REASONS.get(str(reason), "other")))
        usage = _usage(chunk)
        if usage is not None and usage != self._usage:
            self._usage = usage
            events.append(usage)


def _kind_of(body: bytes | bytearray) -> Literal["events", "object", "page"] | None:
    """Tell by its first bytes what a body is: servers mislabel all kinds, and no event stream starts like the rest."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        return None
    if start.startswith(b"<"):
        return "page"
    return "object" if start.startswith((b"{", b"[")) else "events"


def _parse(payload: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _choice(chunk: dict[str, Any]) -> dict[str, Any]:
    match chunk.get("choices"):
        case [dict() as choice, *_]:
            return choice
        case _:
            return {}


def _text(content: Any) -> str:
    """Return the text of a `content`, which is a string, null, or a list of parts (Mistral)."""
    if isinstance(content, list):
        return "".join(part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str))
    return content if isinstance(content, str) else ""


def _usage(chunk: dict[str, Any]) -> Usage | None:
    usage = chunk.get("usage")
    if not isinstance(usage, dict):
        groq = chunk.get("x_groq")
        usage = groq.get("usage") if isinstance(groq, dict) else None
        if not isinstance(usage, dict):
            return None
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    return Usage(
        input_tokens=_count(usage.get("prompt_tokens")),
        cached_tokens=_count(usage.get("prompt_cache_hit_tokens") if cached is None else cached),  # DeepSeek
        output_tokens=_count(usage.get("completion_tokens")),
    )


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value >= 0 else 0
