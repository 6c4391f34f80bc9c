"""How a reply looks on the wire `chat`: the chunks of a stream, or one whole answer. Pure: JSON in, bytes out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

MODEL = "spark-scripted"
FINGERPRINT = "scripted"


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What the simulator takes from a request's body. `prompt` is the text of all messages, to estimate tokens."""

    model: str
    message: str
    prompt: str
    stream: bool
    include_usage: bool


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    """Renders one answer. `created` is in seconds since the epoch."""

    request: ChatRequest
    created: int

    def opening(self) -> bytes:
        return self._chunk({"role": "assistant", "content": ""})

    def text(self, text: str) -> bytes:
        return self._chunk({"content": text})

    def finish(self, reason: str) -> bytes:
        return self._chunk({}, reason)

    def usage(self, input_tokens: int, output_tokens: int) -> bytes:
        return _event(
            self._base("chat.completion.chunk") | {"choices": [], "usage": _usage(input_tokens, output_tokens)}
        )

    def done(self) -> bytes:
        return b"data: [DONE]\n\n"

    def whole(self, text: str, reason: str | None, input_tokens: int, output_tokens: int) -> bytes:
        """Return the answer to a request that does not ask for a stream."""
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": reason}
        usage = _usage(input_tokens, output_tokens)
        return encode(self._base("chat.completion") | {"choices": [choice], "usage": usage})

    def _chunk(self, delta: dict[str, str], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return _event(self._base("chat.completion.chunk") | {"choices": [choice]})

    def _base(self, kind: str) -> dict[str, Any]:
        return {
            "id": "chatcmpl-scripted",
            "object": kind,
            "created": self.created,
            "model": self.request.model,
            "system_fingerprint": FINGERPRINT,
        }


def parse_chat_request(body: Any) -> ChatRequest | str:
    """Return the request, or one sentence that says what is wrong with it."""
    if not isinstance(body, dict):
        return "The body must be a JSON object."
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(message, dict) for message in messages):
        return "messages must be a list of objects, and not empty."
    texts = [(message.get("role"), _text(message.get("content"))) for message in messages]
    options = body.get("stream_options")
    model = body.get("model")
    return ChatRequest(
        model=model if isinstance(model, str) else MODEL,
        message=next((text for role, text in reversed(texts) if role == "user"), ""),
        prompt="\n".join(text for _, text in texts),
        stream=bool(body.get("stream")),
        include_usage=isinstance(options, dict) and bool(options.get("include_usage")),
    )


def error_event(message: str) -> bytes:
    return _event(error_object(message, "server_error"))


def garbage_event() -> bytes:
    return b"data: {this is not JSON\n\n"


def error_object(message: str, kind: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}


def models_object(created: int) -> dict[str, Any]:
    model = {"id": MODEL, "object": "model", "created": created, "owned_by": "spark-lsp"}
    return {"object": "list", "data": [model]}


def encode(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _event(value: Any) -> bytes:
    return b"data: " + encode(value) + b"\n\n"


def _usage(input_tokens: int, output_tokens: int) -> dict[str, Any]:
    return {
        "prompt_tokens": input_tokens,
        "completion_tokens": output_tokens,
        "total_tokens": input_tokens + output_tokens,
        "prompt_tokens_details": {"cached_tokens": 0},
    }


def _text(content: Any) -> str:
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""
