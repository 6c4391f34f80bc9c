"""The wire `responses`: OpenAI's Responses over HTTP, as server-sent events.

Format: https://platform.openai.com/docs/api-reference/responses-streaming. Servers differ in whether they name events
(`event:` lines) and number them, so that only `type` tells them apart and no other member is relied on. The events are
the same over a WebSocket (`responses_socket.py`), but for `error`, which is flat here and nested there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from spark_lsp.endpoints.answer import count
from spark_lsp.endpoints.events import FinishReason, Usage
from spark_lsp.endpoints.stream_parser import StreamParser
from spark_lsp.endpoints.wire import endpoint_url, json_request, messages_of, output_limit, without_system

if TYPE_CHECKING:
    from spark_lsp.endpoints.answer import Answer
    from spark_lsp.endpoints.failures import Failures
    from spark_lsp.endpoints.request import CompletionRequest, Endpoint
    from spark_lsp.endpoints.wire import HttpRequest, Parser

# OpenAI's models that reason answer 400 to a temperature; gpt-oss, which runs elsewhere, takes one. Whoever knows of a
# model that does, too, has `temperature` in the endpoint's extraBody.
_REFUSES_TEMPERATURE = re.compile(r"(?:gpt-(?:[5-9]|\d\d)|o\d|codex)", re.IGNORECASE)

_LEAST_OUTPUT_TOKENS = 16  # OpenAI answers 400 to fewer; other servers have no such limit

_INCOMPLETE: dict[object, FinishReason] = {"max_output_tokens": "length", "content_filter": "filter"}


class ResponsesWire:
    """POST {baseUrl}/responses with `stream: true`."""

    def request(self, endpoint: Endpoint, request: CompletionRequest) -> HttpRequest:
        body = {**responses_body(endpoint, request), "stream": True}
        return json_request(endpoint, endpoint_url(endpoint.base_url, "/responses"), body)

    def parser(self, failures: Failures) -> Parser:
        return StreamParser(ResponsesDialect(), failures)


def responses_body(endpoint: Endpoint, request: CompletionRequest) -> dict[str, Any]:
    """The body of a request over HTTP or a WebSocket, without `stream` and without the endpoint's extraBody.

    This wire has no seed, no stops and no predicted output. Raises ValueError if the base URL cannot be parsed.
    """
    instructions, conversation = without_system(messages_of(request.prompt))
    body: dict[str, Any] = {
        "model": endpoint.model,
        "input": conversation,
        "max_output_tokens": _limit(endpoint, request),
        "store": False,
    }
    if instructions:
        body["instructions"] = instructions
    if endpoint.temperature is not None and not _REFUSES_TEMPERATURE.match(endpoint.model.rpartition("/")[2]):
        body["temperature"] = endpoint.temperature
    return body


def _limit(endpoint: Endpoint, request: CompletionRequest) -> int:
    limit = output_limit(endpoint, request)
    host = urlsplit(endpoint.base_url).hostname or ""
    is_openai = host == "api.openai.com" or host.endswith(".openai.azure.com")
    return max(limit, _LEAST_OUTPUT_TOKENS) if is_openai else limit


def _reached_limit(usage: Usage | None, failures: Failures) -> bool:
    """True when the answer has as many tokens as were allowed: llama-server calls it completed all the same."""
    limit = failures.endpoint.extra_body.get("max_output_tokens", _limit(failures.endpoint, failures.request))
    return usage is not None and isinstance(limit, int) and usage.output_tokens >= limit


class ResponsesDialect:
    """Reads the events of a response, or a response as one object. `response_id` is None until one comes."""

    __slots__ = ("_asides", "_refused", "_said", "response_id")

    def __init__(self) -> None:
        self.response_id: str | None = None
        self._refused = False
        self._said = False  # any text, in pieces
        self._asides: set[str] = set()  # ids of messages that are no part of the answer

    def take_chunk(self, chunk: dict[str, Any], answer: Answer) -> None:
        kind = chunk.get("type")
        if kind == "error" or chunk.get("error"):
            answer.fail(answer.failures.reported(chunk))
            return
        response = chunk.get("response")
        if isinstance(response, dict):
            self._remember(response)
        match kind:
            case "response.output_item.added":
                self._take_item(chunk.get("item"))
            case "response.output_text.delta":
                self._take_text(chunk, answer)
            case "response.refusal.delta" | "response.refusal.done":
                self._refused = True
                answer.thinking()
            case "response.completed" | "response.incomplete" | "response.failed":
                self._end(response if isinstance(response, dict) else {}, kind.removeprefix("response."), answer)
            case str() if kind.endswith(".delta"):  # of reasoning, or of a tool call
                answer.thinking()

    def take_whole(self, body: dict[str, Any], answer: Answer) -> None:
        status = body.get("status")
        if not isinstance(status, str) or not isinstance(body.get("output"), list):
            answer.fail(answer.failures.unreadable())
            return
        self._remember(body)
        self._end(body, status, answer)

    def _remember(self, response: dict[str, Any]) -> None:
        if isinstance(response.get("id"), str):
            self.response_id = response["id"]

    def _take_item(self, item: Any) -> None:
        if isinstance(item, dict) and _is_aside(item) and isinstance(item.get("id"), str):
            self._asides.add(item["id"])

    def _take_text(self, chunk: dict[str, Any], answer: Answer) -> None:
        text, item_id = chunk.get("delta"), chunk.get("item_id")
        if not isinstance(text, str):
            return
        if isinstance(item_id, str) and item_id in self._asides:
            answer.thinking()
            return
        self._said = self._said or bool(text)
        answer.text(text)

    def _end(self, response: dict[str, Any], status: str, answer: Answer) -> None:
        """Take the response as it is in the end. With any other status than these three it has not ended."""
        usage = _usage_of(response)
        if status == "failed":
            answer.usage(usage)
            answer.fail(answer.failures.reported(response))
            return
        if not self._said:  # in pieces
            self._take_output(response, answer)
        if status == "completed":
            whole: FinishReason = "length" if _reached_limit(usage, answer.failures) else "stop"
            answer.finish("filter" if self._refused else whole)
        elif status == "incomplete":
            details = response.get("incomplete_details")
            reason = details.get("reason") if isinstance(details, dict) else None
            answer.finish(_INCOMPLETE.get(reason, "other") if isinstance(reason, str) else "other")
        answer.usage(usage)

    def _take_output(self, response: dict[str, Any], answer: Answer) -> None:
        for item in _dicts(response.get("output")):
            if item.get("type") == "message" and not _is_aside(item):
                for part in _dicts(item.get("content")):
                    if part.get("type") == "refusal":
                        self._refused = True
                    elif isinstance(part.get("text"), str):
                        answer.text(part["text"])


def _is_aside(item: dict[str, Any]) -> bool:
    """True for what gpt-5.3-codex and later models say on the way to their answer."""
    return item.get("phase") == "commentary"


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _usage_of(response: dict[str, Any]) -> Usage | None:
    usage = response.get("usage")
    if not isinstance(usage, dict):
        return None
    details = usage.get("input_tokens_details")
    return Usage(
        input_tokens=count(usage.get("input_tokens")),
        cached_tokens=count(details.get("cached_tokens")) if isinstance(details, dict) else 0,
        output_tokens=count(usage.get("output_tokens")),
    )
