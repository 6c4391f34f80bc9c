"""One scripted reply: what to say, how fast, and what goes wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

Fault: TypeAlias = Literal[
    "refuse",  # the connection is closed without an answer
    "silence",  # no answer at all, until the client leaves
    "stall",  # the stream stands still until the client leaves
    "cut",  # the connection ends in the middle of the stream
    "reset",  # the same, by a TCP reset
    "no-finish",  # the stream ends well, but without a finish
    "error-event",  # an error in the middle of the stream
    "garbage",  # an event that is not JSON
    "web-page",  # a page of HTML, with the status 200
    "length",  # the token limit ends it
    "filter",  # a content filter ends it
    "empty",  # it finishes without a word
]
FAULTS: tuple[str, ...] = get_args(Fault)


@dataclass(frozen=True, slots=True)
class ScriptedReply:
    """One reply. With `body` or a `status` other than 200 it is sent as it is, otherwise as a model's answer.

    `when` must occur in the last user message; None fits every request. `after` counts the characters of the reply
    that come before the fault. `ttft_ms` (until the first token) and `tps` (tokens a second) override the simulator's.

    `cached_tokens` is how much of the prompt is said to come from a cache, `thinking` how many tokens of reasoning come
    before the text. `comments` is how many keep-alives precede each piece of a stream; a stream that waits or stalls
    sends as many every 50 ms. `upgrade` is the status of the answer to every request for a WebSocket, in place of one.
    """

    when: str | None = None
    reply: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    content_type: str = "application/json"
    ttft_ms: float | None = None
    tps: float | None = None
    fault: Fault | None = None
    after: int = 0
    cached_tokens: int = 0
    thinking: int = 0
    comments: int = 0
    upgrade: int | None = None
