"""What a server says went wrong, read from the JSON of its error: over HTTP with a status, or in the midst of a stream.

Shapes: OpenAI's ``{"error": {"message", "type", "code"}}``, which most servers share; its events ``{"type": "error",
"code", "message"}`` and, over a WebSocket, ``{"type": "error", "status", "error": {...}}``; Anthropic's ``{"type":
"error", "error": {"type", "message"}}``; llama-server's with a number in `code`; Ollama's ``{"error": "...",
"status"}``; Gemini's list of one. Codes come first; a sentence is only searched where no code says enough.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from spark_lsp.endpoints.retry_after import retry_after
from spark_lsp.endpoints.server_words import words_of_value

Kind: TypeAlias = Literal[
    "no credit", "too much", "rate limit", "overloaded", "key", "no access", "no model", "not supported", "rejected", ""
]
"""What kind of error it is; empty if that is not said."""

_KINDS: Final[dict[Kind, frozenset[str]]] = {
    "no credit": frozenset(
        {"insufficient_quota", "billing_error", "billing_hard_limit_reached", "insufficient_balance", "account_error"}
    ),
    "too much": frozenset(
        {"context_length_exceeded", "exceed_context_size_error", "request_too_large", "string_above_max_length"}
    ),
    "rate limit": frozenset(
        {
            *("rate_limit_exceeded", "rate_limit_error", "rate_limit_reached", "rate_limited", "too_many_requests"),
            *("usage_limit_reached", "token_quota_exceeded", "request_quota_exceeded", "resource_exhausted"),
        }
    ),
    "overloaded": frozenset(
        {
            *("overloaded_error", "overloaded", "server_is_overloaded", "model_overloaded", "slow_down"),
            *("engine_overloaded", "capacity_exceeded", "unavailable_error", "service_unavailable", "unavailable"),
        }
    ),
    "key": frozenset({"invalid_api_key", "authentication_error", "unauthenticated"}),
    "no access": frozenset({"permission_error", "permission_denied"}),
    "no model": frozenset({"model_not_found", "not_found_error", "not_found"}),
    "not supported": frozenset({"not_supported_error"}),
    "rejected": frozenset({"invalid_request_error", "invalid_prompt", "invalid_argument", "badrequesterror"}),
}
"""By kind, the codes of all servers, in lower case, those first that say more than the others beside them."""

_STATUSES: Final[dict[int, Kind]] = {
    400: "rejected",
    401: "key",
    402: "no credit",
    403: "no access",
    404: "no model",
    408: "overloaded",
    425: "overloaded",
    429: "rate limit",
    498: "overloaded",  # Groq is at capacity
    501: "not supported",
    503: "overloaded",
    529: "overloaded",  # Anthropic
}

# vLLM: "maximum context length is"; Anthropic: "prompt is too long", "Your credit balance is too low"; llama-server and
# LM Studio: "context size"; Ollama: "the input length exceeds the context length"; Gemini: "input token count".
_TOO_MUCH: Final = re.compile(r"context (length|size|window)|prompt is too long|input token count", re.IGNORECASE)
_NO_CREDIT: Final = re.compile(r"credit balance|insufficient (balance|credit|funds)", re.IGNORECASE)

# OpenAI: "Please try again in 1.5s", "in 6m0s", "in 250ms"; Gemini: "Please retry in 23.5s".
_WAIT: Final = re.compile(
    r"\b(?:try again|retry) (?:in|after) (?:(\d{1,4})h)?(?:(\d{1,6})m(?!s))?(?:(\d{1,9}(?:\.\d{1,12})?) ?(ms|s))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ServerError:
    """An error by its facts. `words` are the server's own and are not fit to be shown as they are.

    `retry_after` is in seconds.
    """

    kind: Kind
    status: int | None
    codes: frozenset[str]
    retry_after: float | None
    words: str = field(repr=False)


def read_error(value: Any, status: int | None = None) -> ServerError:
    """Read an error's JSON, or any text. `status` is that of the HTTP response, which the JSON need not repeat."""
    if isinstance(value, list) and value:  # Gemini
        value = value[0]
    outer = value if isinstance(value, dict) else {}
    error = outer.get("error")
    inner = error if isinstance(error, dict) else {}
    named = [holder.get(name) for holder in (inner, outer) for name in ("code", "type", "status", "status_code")]
    numbers = [number for number in map(_status, named) if number is not None]
    if status is None and numbers:
        status = numbers[0]
    codes = frozenset(name.lower() for name in named if isinstance(name, str))
    words = words_of_value(value)
    return ServerError(_kind(codes, status, words), status, codes, _wait(outer, inner, words), words)


def _status(value: Any) -> int | None:
    """An HTTP status that is an error; some write it as a string."""
    if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isdecimal():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 400 <= value < 600 else None


def _kind(codes: frozenset[str], status: int | None, words: str) -> Kind:
    if status == 413:  # Groq calls it a rate limit, but waiting does not help
        return "too much"
    kind: Kind = next((kind for kind, names in _KINDS.items() if names & codes), "")
    if kind in ("", "rejected"):
        kind = _STATUSES.get(status or 0, kind)
    if kind in ("", "rejected") and _TOO_MUCH.search(words):
        return "too much"
    if kind in ("", "rejected", "rate limit") and _NO_CREDIT.search(words):
        return "no credit"
    return kind or ("rejected" if status is not None and status < 500 else "")


def _wait(outer: dict[str, Any], inner: dict[str, Any], words: str) -> float | None:
    """How long to wait: by headers that the error brings along (WebSocket), a member (ChatGPT), or the sentence."""
    for holder in (outer, inner):
        headers = holder.get("headers")
        if isinstance(headers, dict):
            said = {name.lower(): str(text) for name, text in headers.items() if isinstance(text, str | int | float)}
            seconds = retry_after(said)
            if seconds is not None:
                return seconds
    resets = inner.get("resets_in_seconds")
    if isinstance(resets, int | float) and not isinstance(resets, bool) and 0 <= resets < float("inf"):
        return float(resets)
    return seconds_in(words)


def seconds_in(words: str) -> float | None:
    """How long a server's sentence asks to wait; None if it does not say."""
    found = _WAIT.search(words)
    if found is None or not any(found.groups()):
        return None
    hours, minutes, number, unit = found.groups()
    seconds = float(number or 0) / (1000 if (unit or "").lower() == "ms" else 1)
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + seconds
