"""What a model's answer is made of, whatever wire it came over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

FinishReason: TypeAlias = Literal["stop", "length", "filter", "other"]


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer's text, never empty; the pieces in order are the text."""

    text: str


@dataclass(frozen=True, slots=True)
class Thinking:
    """The model made a token that is not text (reasoning): nothing to show, but it is at work."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens so far, as the server counts them; the last one of a stream counts.

    `cached_tokens` is the part of `input_tokens` that the provider took from its prompt cache.
    """

    input_tokens: int
    cached_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Units:
    """What the provider charges in units of its own: an opaque number."""

    name: str
    amount: float


@dataclass(frozen=True, slots=True)
class Finish:
    """The answer is complete as far as the server is concerned.

    At most one in a stream; only Usage and Units follow it.

    "stop": the model ended it; "length": the token limit did; "filter": the provider withheld or refused the rest;
    "other": something that this wire does not know, such as a tool call.
    """

    reason: FinishReason


Event: TypeAlias = TextDelta | Thinking | Usage | Units | Finish
