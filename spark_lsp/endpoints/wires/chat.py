"""The wire `chat`: OpenAI's Chat Completions as the many servers speak it that call themselves compatible.

Format: https://platform.openai.com/docs/api-reference/chat-streaming. What servers make of it differs, so the
dialect requires no field that it can do without: an answer is complete with a `finish_reason`; `[DONE]`, `usage`,
`role` and the content type are welcome and optional; a server that does not stream answers with one JSON object.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from spark_lsp.endpoints.answer import count
from spark_lsp.endpoints.events import FinishReason, Usage
from spark_lsp.endpoints.stream_parser import StreamParser
from spark_lsp.endpoints.wire import endpoint_url, json_request, messages_of, with_sampling

if TYPE_CHECKING:
    from spark_lsp.endpoints.answer import Answer
    from spark_lsp.endpoints.failures import Failures
    from spark_lsp.endpoints.request import CompletionRequest, Endpoint
    from spark_lsp.endpoints.wire import HttpRequest, Parser

# What limits a request. OpenAI's models that reason refuse the old name, and Cerebras documents only the new one, but
# the old one is all that many local servers know. An endpoint elsewhere that wants the new name has it in its
# extraBody: with a number, which is sent as it is, or with null for the limit of the request at hand.
_NEW_NAME = "max_completion_tokens"
_HOSTS_WITH_THE_NEW_NAME = {"api.openai.com", "api.cerebras.ai"}

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
            "messages": messages_of(request.prompt),
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if _NEW_NAME in endpoint.extra_body or urlsplit(endpoint.base_url).hostname in _HOSTS_WITH_THE_NEW_NAME:
            body[_NEW_NAME] = min(request.max_output_tokens, endpoint.max_output_tokens)
            if endpoint.extra_body.get(_NEW_NAME) is None:
                extra = {key: value for key, value in endpoint.extra_body.items() if key != _NEW_NAME}
                endpoint = replace(endpoint, extra_body=extra)
        else:
            body["max_tokens"] = min(request.max_output_tokens, endpoint.max_output_tokens)
        with_sampling(body, endpoint, request)
        return json_request(endpoint, endpoint_url(endpoint.base_url, "/chat/completions"), body)

    def parser(self, failures: Failures) -> Parser:
        return StreamParser(ChatDialect(), failures)


class ChatDialect:
    """Reads chunks with `choices[0].delta`, and a whole answer with `choices[0].message`."""

    __slots__ = ("_refused",)

    def __init__(self) -> None:
        self._refused = False

    def take_chunk(self, chunk: dict[str, Any], answer: Answer) -> None:
        self._take(chunk, "delta", answer)

    def take_whole(self, body: dict[str, Any], answer: Answer) -> None:
        if choice_of(body):
            self._take(body, "message", answer)
        else:
            answer.fail(answer.failures.unreadable())

    def _take(self, chunk: dict[str, Any], part: str, answer: Answer) -> None:
        if chunk.get("error"):
            answer.fail(answer.failures.reported(chunk))
            return
        choice = choice_of(chunk)
        delta = choice.get(part)
        if isinstance(delta, dict):
            text = _text(delta.get("content"))
            if text:
                answer.text(text)
            elif delta.get("reasoning") or delta.get("reasoning_content") or delta.get("content"):
                answer.thinking()
            self._refused = self._refused or bool(delta.get("refusal"))
        reason = choice.get("finish_reason")
        if part == "message":
            reason = reason or "stop"
        if reason == "error":  # Mistral
            answer.fail(answer.failures.reported({}))
            return
        if reason:
            answer.finish("filter" if self._refused else finish_reason(reason))
        answer.usage(usage_of(chunk))


def choice_of(chunk: dict[str, Any]) -> dict[str, Any]:
    """The first of the `choices`; empty if there is none."""
    match chunk.get("choices"):
        case [dict() as choice, *_]:
            return choice
        case _:
            return {}


def finish_reason(reason: object) -> FinishReason:
    return _FINISH_REASONS.get(reason, "other") if isinstance(reason, str) else "other"


def _text(content: Any) -> str:
    """Return the text of a `content`, which is a string, null, or a list of parts (Mistral)."""
    if isinstance(content, list):
        return "".join(part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str))
    return content if isinstance(content, str) else ""


def usage_of(chunk: dict[str, Any]) -> Usage | None:
    """What a chunk says of tokens, in OpenAI's names or those of its variants."""
    usage = chunk.get("usage")
    if not isinstance(usage, dict):
        groq = chunk.get("x_groq")
        usage = groq.get("usage") if isinstance(groq, dict) else None
        if not isinstance(usage, dict):
            return None
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    if cached is None:
        cached = usage.get("prompt_cache_hit_tokens", usage.get("cached_input_tokens"))  # DeepSeek; Inception
    return Usage(
        input_tokens=count(usage.get("prompt_tokens")),
        cached_tokens=count(cached),
        output_tokens=count(usage.get("completion_tokens")),
    )
