"""The wire `anthropic`: Messages. Format: https://docs.anthropic.com/en/api/messages-streaming."""

from __future__ import annotations

from typing import Any

from spark_lsp.simulator.rendering import PINGED_EVENTS, Asked, Object, Opening, Reason, Wire
from spark_lsp.simulator.wires.bodies import conversation, error_type, text_of

_REASONS: dict[Reason, str] = {"stop": "end_turn", "length": "max_tokens", "filter": "refusal"}
_ERROR_TYPES = {"server_error": "api_error"}


class AnthropicAnswer:
    """Renders blocks between `message_start` and `message_stop`: one of thinking, should there be any, and one of text.

    The input's tokens are told at the start, the output's at the end.
    """

    __slots__ = ("_index", "_kind", "_opening")

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._index = -1
        self._kind = ""  # of the block that is open

    def opening(self) -> list[Object]:
        message = self._message([], None) | {"usage": self._usage(output=1)}
        return [{"type": "message_start", "message": message}]

    def thinking(self, thought: str) -> list[Object]:
        block = {"type": "thinking", "thinking": "", "signature": ""}
        return [*self._turn_to(block), self._delta({"type": "thinking_delta", "thinking": thought})]

    def text(self, text: str) -> list[Object]:
        block = {"type": "text", "text": ""}
        return [*self._turn_to(block), self._delta({"type": "text_delta", "text": text})]

    def finish(self, reason: Reason) -> list[Object]:
        delta = {"stop_reason": _REASONS[reason], "stop_sequence": None}
        usage = {"output_tokens": self._opening.counts.output}
        return [
            *self._close(),
            {"type": "message_delta", "delta": delta, "usage": usage},
            {"type": "message_stop"},
        ]

    def error(self, message: str) -> Object:
        return _error(500, message)

    def whole(self, text: str, reason: Reason | None) -> Object:
        usage = self._usage(output=self._opening.counts.output)
        return self._message([{"type": "text", "text": text}], reason and _REASONS[reason]) | {"usage": usage}

    def _turn_to(self, block: dict[str, str]) -> list[Object]:
        """Have a block of this type open."""
        if self._kind == block["type"]:
            return []
        closing = self._close()
        self._index += 1
        self._kind = block["type"]
        return [*closing, {"type": "content_block_start", "index": self._index, "content_block": block}]

    def _close(self) -> list[Object]:
        kind, self._kind = self._kind, ""
        if not kind:
            return []
        signature = self._delta({"type": "signature_delta", "signature": "c2NyaXB0ZWQ="})
        return [*([signature] if kind == "thinking" else []), {"type": "content_block_stop", "index": self._index}]

    def _delta(self, delta: dict[str, str]) -> Object:
        return {"type": "content_block_delta", "index": self._index, "delta": delta}

    def _message(self, content: list[dict[str, str]], stop_reason: str | None) -> Object:
        return {
            "id": f"msg_scripted_{self._opening.number}",
            "type": "message",
            "role": "assistant",
            "model": self._opening.asked.model,
            "content": content,
            "stop_reason": stop_reason,
            "stop_sequence": None,
        }

    def _usage(self, *, output: int) -> Object:
        counts = self._opening.counts
        return {
            "input_tokens": counts.input - counts.cached,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": counts.cached,
            "output_tokens": output,
        }


def _read(body: Object) -> Asked | str:
    limit: Any = body.get("max_tokens")
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        return "max_tokens must be an integer of at least 1."
    if not isinstance(body.get("system"), str | list | None):
        return "system must be a string or a list of blocks."
    asked = conversation(body, body.get("messages"), "messages", before=text_of(body.get("system")))
    if isinstance(asked, Asked) and any(
        message.get("role") not in {"user", "assistant"} for message in body["messages"]
    ):
        return "messages must have the role user or assistant; what the system says goes into system."
    return asked


def _error(status: int, message: str) -> Object:
    kind = "overloaded_error" if status == 529 else error_type(status)
    return {"type": "error", "error": {"type": _ERROR_TYPES.get(kind, kind), "message": message}}


ANTHROPIC = Wire("anthropic", PINGED_EVENTS, _read, AnthropicAnswer, _error)
