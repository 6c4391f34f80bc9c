"""The seam between what is said and how it looks: what a wire of the simulator is.

A wire reads the body of a request, and renders an answer as JSON objects; its framing makes bytes of them. Neither
waits or knows a clock: the pace and the faults are those of `speech.py`, the same for all wires.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

MODEL = "spark-scripted"
FINGERPRINT = "scripted"

Object: TypeAlias = "dict[str, Any]"
Reason: TypeAlias = Literal["stop", "length", "filter"]
"""Why an answer ends: the model ended it, the token limit did, or a content filter. A wire says it in its own words."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the simulator takes from a request's body.

    `message` is where a script's `when` is looked for: the last user message, or the text around the hole. `prompt` is
    everything that was said, to estimate tokens. `include_usage` is whether a stream ends with the tokens' count.
    """

    model: str
    message: str
    prompt: str
    stream: bool
    include_usage: bool = True


@dataclass(frozen=True, slots=True)
class Counts:
    """Tokens, as the answer reports them. `cached` is a part of `input`, `thinking` a part of `output`."""

    input: int
    cached: int
    output: int
    thinking: int


@dataclass(frozen=True, slots=True)
class Opening:
    """What an answer knows of itself before it begins. `created` is in seconds since the epoch."""

    asked: Asked
    counts: Counts
    created: int
    number: int
    """Of the answer in its simulator, for ids."""


class Answer(Protocol):
    """Renders one answer, piece by piece in the order of the methods, or whole. It may remember what it said."""

    def opening(self) -> list[Object]:
        """What comes at once, before the first token."""
        ...

    def thinking(self, thought: str) -> list[Object]:
        """A token of reasoning; nothing on a wire that has none."""
        ...

    def text(self, text: str) -> list[Object]: ...

    def finish(self, reason: Reason) -> list[Object]:
        """Everything that makes the answer whole, the usage included."""
        ...

    def error(self, message: str) -> Object:
        """An error in the middle of the stream."""
        ...

    def whole(self, text: str, reason: Reason | None) -> Object:
        """The answer to a request that does not ask for a stream; a reason of None leaves it unfinished."""
        ...


@dataclass(frozen=True, slots=True)
class Framing:
    """How the objects of a stream become bytes. `end` closes a stream that is whole.

    `keep_alive` says nothing; it is empty where there is no such thing.
    """

    content_type: str
    frame: Callable[[Object], bytes]
    keep_alive: bytes
    garbage: bytes
    end: bytes = b""


@dataclass(frozen=True, slots=True)
class Wire:
    """One wire. `read` gives one sentence for a body that is none, or the object that needs no model to answer."""

    name: str
    framing: Framing
    read: Callable[[Object], Asked | Object | str]
    answer: Callable[[Opening], Answer]
    error: Callable[[int, str], Object]
    """The body of an error answer, from its status and what is wrong."""


def encode(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _event(value: Object) -> bytes:
    return b"data: " + encode(value) + b"\n\n"


def _named_event(value: Object) -> bytes:
    return b"event: " + str(value["type"]).encode() + b"\n" + _event(value)


def _line(value: Object) -> bytes:
    return encode(value) + b"\n"


_COMMENT = b": keep-alive\n\n"
_GARBAGE = b"data: {this is not JSON\n\n"

EVENTS = Framing("text/event-stream", _event, _COMMENT, _GARBAGE)
DONE_EVENTS = Framing("text/event-stream", _event, _COMMENT, _GARBAGE, end=b"data: [DONE]\n\n")
NAMED_EVENTS = Framing("text/event-stream", _named_event, _COMMENT, _GARBAGE)
PINGED_EVENTS = Framing("text/event-stream", _named_event, b'event: ping\ndata: {"type":"ping"}\n\n', _GARBAGE)
LINES = Framing("application/x-ndjson", _line, b"", b"{this is not JSON\n")
