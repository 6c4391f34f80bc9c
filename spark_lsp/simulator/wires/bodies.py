"""What the bodies of requests have in common, whatever the wire."""

from __future__ import annotations

from typing import Any

from spark_lsp.simulator.rendering import MODEL, Asked, Object

NOT_AN_OBJECT = "The body must be a JSON object."


def model_of(body: Object) -> str:
    model = body.get("model")
    return model if isinstance(model, str) else MODEL


def text_of(content: Any) -> str:
    """The text of a message's content: a string, or the parts of a list that have a text."""
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def conversation(
    body: Object, messages: Any, name: str, *, before: str = "", include_usage: bool = True
) -> Asked | str:
    """Read a list of messages that the member `name` of a body holds; `before` is what was said ahead of them."""
    if not isinstance(messages, list) or not messages or not all(isinstance(message, dict) for message in messages):
        return f"{name} must be a list of objects, and not empty."
    texts = [(message.get("role"), text_of(message.get("content"))) for message in messages]
    return Asked(
        model=model_of(body),
        message=next((text for role, text in reversed(texts) if role == "user"), ""),
        prompt="\n".join([before, *(text for _, text in texts)] if before else [text for _, text in texts]),
        stream=bool(body.get("stream")),
        include_usage=include_usage,
    )


def hole(
    body: Object,
    prefix: str,
    suffix: str,
    *,
    more: tuple[str, ...] = (),
    stream: bool = False,
    include_usage: bool = True,
) -> Asked:
    """A text that goes on, up to a suffix; `more` goes along. `stream` is what the wire does unless it is told."""
    return Asked(
        model=model_of(body),
        message="\n".join(part for part in (prefix, suffix) if part),
        prompt="\n".join(part for part in (*more, prefix, suffix) if part),
        stream=bool(body.get("stream", stream)),
        include_usage=include_usage,
    )


def wants_usage(body: Object) -> bool:
    """Whether OpenAI's option says that a stream is to end with its usage."""
    options = body.get("stream_options")
    return isinstance(options, dict) and bool(options.get("include_usage"))


def openai_error(status: int, message: str) -> Object:
    """The error of OpenAI, and of most who are compatible with it."""
    return {"error": {"message": message, "type": error_type(status), "param": None, "code": None}}


def error_type(status: int) -> str:
    match status:
        case 401:
            return "authentication_error"
        case 403:
            return "permission_error"
        case 404:
            return "not_found_error"
        case 429:
            return "rate_limit_error"
        case _:
            return "server_error" if status >= 500 else "invalid_request_error"


def openai_usage(asked_input: int, cached: int, output: int, thinking: int) -> Object:
    """The tokens by the names of Chat Completions."""
    return {
        "prompt_tokens": asked_input,
        "completion_tokens": output,
        "total_tokens": asked_input + output,
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens_details": {"reasoning_tokens": thinking},
    }
