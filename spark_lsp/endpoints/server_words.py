"""What a server says in its own words, made fit for one of our messages.

The words are untrusted: they may be long, hold control characters or escape sequences, and repeat the key or the
prompt of the request.
"""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_WORDS = 200  # code points

_ECHO = 20  # code points in a row that the words may share with the prompt before they count as a repetition of it
_LINE_BREAKS = {"Zl", "Zp"}
_DEEPEST = 8  # objects and lists round a message


def is_web_page(content_type: str, body: bytes) -> bool:
    """True when a response is HTML, by its header or by its beginning."""
    start = body[:256].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "html" in content_type.lower() or start.startswith((b"<!doctype", b"<html", b"<head", b"<body"))


def value_of_body(body: bytes) -> Any:
    """Return the body of an error response: what it is as JSON, or the plain text itself."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")


def words_of_value(value: Any) -> str:
    """Return the message in a JSON value: an error object, an object that holds one, or a string; else ``""``.

    Shapes met in the wild: ``{"error": {"message"}}``, ``{"error": "..."}``, ``{"message"}``, ``{"detail": "..."}`` and
    FastAPI's ``{"detail": [{"loc": [...], "msg"}]}``, whose ``input`` repeats the request and is not read.
    """
    for _ in range(_DEEPEST):
        match value:
            case str():
                return value
            case {"error": {} | str() as error} if error:
                value = error
            case {"message": str() as message} | {"detail": str() as message} | {"msg": str() as message}:
                return message
            case {"detail": [{"msg": str() as message, "loc": [*path]}, *_]}:
                return f"{'.'.join(str(step) for step in path if isinstance(step, str | int))}: {message}"
            case [first, *_]:  # Gemini
                value = first
            case {"code": str() as message} | {"type": str() as message}:
                return message
            case _:
                break
    return ""


def quotable(words: str, *, secrets: Iterable[str], prompt: Iterable[str]) -> str:
    """Return `words` as at most MAX_WORDS code points on one line, with no control characters, secrets or prompt.

    Empty when nothing is left, or when the words repeat a part of the prompt.
    """
    # A body may be large; what lies far behind the cut can be dropped before the slow steps.
    line = "".join(_visible(character) for character in words[: 8 * MAX_WORDS])
    for secret in secrets:
        line = line.replace(secret, "[secret]")
    line = " ".join(line.replace('"', "'").split())
    if len(line) > MAX_WORDS:
        line = line[: MAX_WORDS - 1].rstrip() + "…"
    return "" if _repeats(line, prompt) else line


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in _LINE_BREAKS or character.isspace():
        return " "
    return "" if category.startswith("C") else character


def _repeats(line: str, prompt: Iterable[str]) -> bool:
    texts = [" ".join(text.replace('"', "'").split()) for text in prompt]
    runs = [line[start : start + _ECHO] for start in range(len(line) - _ECHO + 1)]
    return any(run in text for text in texts for run in runs)
