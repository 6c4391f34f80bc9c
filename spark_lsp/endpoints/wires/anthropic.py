"""The wire `anthropic`: Anthropic's Messages, as server-sent events.

Format: https://docs.claude.com/en/api/messages-streaming. Its events have names, but their `type` says the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from spark_lsp.endpoints.answer import count
from spark_lsp.endpoints.events import FinishReason, Usage
from spark_lsp.endpoints.stream_parser import StreamParser
from spark_lsp.endpoints.wire import (
    KeyHeader,
    endpoint_url,
    json_request,
    messages_of,
    output_limit,
    without_system,
)

if TYPE_CHECKING:
    from spark_lsp.endpoints.answer import Answer
    from spark_lsp.endpoints.failures import Failures
    from spark_lsp.endpoints.request import CompletionRequest, Endpoint
    from spark_lsp.endpoints.wire import HttpRequest, Parser

_VERSION = {"anthropic-version": "2023-06-01"}

# From Claude Opus 4.7 on, models answer 400 to a temperature ("`temperature` is deprecated for this model"). So of
# Claude's only these get one, and models of others, behind servers that speak this wire.
_CLAUDE_WITH_TEMPERATURE = re.compile(r"claude-(?:instant|[23]|[a-z]+-4(?:$|@|[-.][0-6](?!\d)|-\d{8}))")

_FINISH_REASONS: dict[str, FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "filter",
}

_INPUT_COUNTS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
_CACHED, _OUTPUT = "cache_read_input_tokens", "output_tokens"


class AnthropicWire:
    """POST {baseUrl}/v1/messages with `stream: true`; the base URL may have the /v1 already."""

    def request(self, endpoint: Endpoint, request: CompletionRequest) -> HttpRequest:
        system, conversation = without_system(messages_of(request.prompt))
        body: dict[str, Any] = {
            "model": endpoint.model,
            "max_tokens": output_limit(endpoint, request),
            "messages": conversation,
            "stream": True,
        }
        if system:
            body["system"] = system
        if endpoint.temperature is not None and _takes_temperature(endpoint.model):
            body["temperature"] = max(0, min(1, endpoint.temperature))
        if stops := [stop for stop in request.stop if not stop.isspace()]:  # white space alone is refused
            body["stop_sequences"] = stops
        url = endpoint_url(endpoint.base_url, "/v1/messages", instead_of=("/v1",))
        return json_request(endpoint, url, body, key_header=KeyHeader("x-api-key"), more_headers=_VERSION)

    def parser(self, failures: Failures) -> Parser:
        return StreamParser(AnthropicDialect(), failures)


def _takes_temperature(model: str) -> bool:
    name = model.rpartition("/")[2].lower()
    return not name.startswith("claude") or _CLAUDE_WITH_TEMPERATURE.match(name) is not None


class AnthropicDialect:
    """Reads the events of a message, or a message as one object."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def take_chunk(self, chunk: dict[str, Any], answer: Answer) -> None:
        match chunk:
            case {"type": "error"}:
                answer.fail(answer.failures.reported(chunk))
            case {"type": "message_start", "message": dict() as message}:
                answer.usage(self._usage(message))
            case {"type": "content_block_start", "content_block": dict() as block}:
                _take_block(block, answer)
            case {"type": "content_block_delta", "delta": {"type": "text_delta", "text": str() as text}}:
                answer.text(text)
            case {"type": "content_block_delta"}:  # of thinking, its signature, or a tool call
                answer.thinking()
            case {"type": "message_delta"}:
                delta = chunk.get("delta")
                if isinstance(delta, dict) and delta.get("stop_reason"):
                    answer.finish(_finish_of(delta))
                answer.usage(self._usage(chunk))
            case {"type": "message_stop"}:
                answer.finish("stop")  # if it did not say why it ended
            case {"error": error} if error:
                answer.fail(answer.failures.reported(chunk))

    def take_whole(self, body: dict[str, Any], answer: Answer) -> None:
        content = body.get("content")
        if not isinstance(content, list):
            answer.fail(answer.failures.unreadable())
            return
        for block in content:
            if isinstance(block, dict):
                _take_block(block, answer)
        if body.get("stop_reason"):
            answer.finish(_finish_of(body))
        answer.usage(self._usage(body))

    def _usage(self, holder: dict[str, Any]) -> Usage | None:
        """The counts so far. They only grow; some servers know the input at the beginning, others at the end."""
        usage = holder.get("usage")
        if not isinstance(usage, dict):
            return None
        for name in (*_INPUT_COUNTS, _OUTPUT):
            self._counts[name] = max(self._counts.get(name, 0), count(usage.get(name)))
        # What was cached, or is from now on, is not in `input_tokens`.
        return Usage(
            input_tokens=sum(self._counts[name] for name in _INPUT_COUNTS),
            cached_tokens=self._counts[_CACHED],
            output_tokens=self._counts[_OUTPUT],
        )


def _take_block(block: dict[str, Any], answer: Answer) -> None:
    """A block of content, whole or as it begins."""
    match block:
        case {"type": "text", "text": str() as text}:
            answer.text(text)
        case {"type": "thinking" | "redacted_thinking"}:
            answer.thinking()


def _finish_of(holder: dict[str, Any]) -> FinishReason:
    reason = holder.get("stop_reason")
    return _FINISH_REASONS.get(reason, "other") if isinstance(reason, str) else "other"
