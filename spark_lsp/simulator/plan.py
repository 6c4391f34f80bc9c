"""Decides an answer before it begins: what is said, how fast, and what it counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spark_lsp.simulator.rendering import Counts, Reason
from spark_lsp.simulator.tokens import estimated_tokens, tokens

if TYPE_CHECKING:
    from spark_lsp.simulator.rendering import Asked
    from spark_lsp.simulator.reply import ScriptedReply
    from spark_lsp.simulator.script import Script


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds until the first token, and tokens a second after that; 0 tokens a second means as fast as possible."""

    first_token: float
    tokens_per_second: float


@dataclass(frozen=True, slots=True)
class Plan:
    """One answer. `text` is the part of the reply that is said before any fault."""

    reply: ScriptedReply
    speed: Speed
    text: str
    counts: Counts
    reason: Reason

    @property
    def as_it_is(self) -> bool:
        """Whether the reply is sent as it is, and not as a model's answer."""
        return self.reply.status != 200 or self.reply.body is not None

    @property
    def seconds_to_say(self) -> float:
        """How long all the tokens take, the time until the first not included."""
        rate = self.speed.tokens_per_second
        return (self.reply.thinking + len(tokens(self.text))) / rate if rate else 0.0


@dataclass(frozen=True, slots=True)
class Planner:
    """`tps` and `ttft_ms` hold for replies that have none of their own."""

    script: Script
    tps: float
    ttft_ms: float

    def plan(self, asked: Asked) -> Plan:
        reply = self.script.reply_to(asked.message)
        ttft_ms = self.ttft_ms if reply.ttft_ms is None else reply.ttft_ms
        text = _said(reply)
        return Plan(
            reply=reply,
            speed=Speed(ttft_ms / 1000, self.tps if reply.tps is None else reply.tps),
            text=text,
            counts=Counts(
                input=max(estimated_tokens(asked.prompt), reply.cached_tokens),
                cached=reply.cached_tokens,
                output=reply.thinking + estimated_tokens(text),
                thinking=reply.thinking,
            ),
            reason=_reason(reply),
        )


def _said(reply: ScriptedReply) -> str:
    if reply.fault is None:
        return reply.reply
    return "" if reply.fault == "empty" else reply.reply[: reply.after]


def _reason(reply: ScriptedReply) -> Reason:
    match reply.fault:
        case "length" | "filter":
            return reply.fault
        case _:
            return "stop"
