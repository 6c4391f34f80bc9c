"""The wires that look like Chat Completions: `chat` itself, `mistral-fim` and `inception-edit`.

Format: https://platform.openai.com/docs/api-reference/chat-streaming, https://docs.mistral.ai/api/#tag/fim.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.simulator.rendering import DONE_EVENTS, FINGERPRINT, Asked, Object, Opening, Reason, Wire
from spark_lsp.simulator.wires.bodies import conversation, hole, openai_error, openai_usage, wants_usage

if TYPE_CHECKING:
    from spark_lsp.simulator.rendering import Answer

_REASONS: dict[Reason, str] = {"stop": "stop", "length": "length", "filter": "content_filter"}
# Mistral refuses what it does not know (https://docs.mistral.ai/api/#tag/fim).
_MISTRAL_MEMBERS = {
    *("model", "prompt", "suffix", "max_tokens", "min_tokens", "stop", "random_seed", "temperature", "top_p"),
    *("metadata", "stream"),
}


class ChatAnswer:
    """Renders chunks with `choices[0].delta`. The usage has a chunk of its own, or is on the last one (Mistral)."""

    __slots__ = ("_id", "_opening", "_own_usage_chunk")

    def __init__(self, opening: Opening, *, own_usage_chunk: bool = True) -> None:
        self._opening = opening
        self._own_usage_chunk = own_usage_chunk
        self._id = f"chatcmpl-scripted-{opening.number}"

    def opening(self) -> list[Object]:
        return [self._chunk({"role": "assistant", "content": ""})]

    def thinking(self, thought: str) -> list[Object]:
        return [self._chunk({"reasoning_content": thought})]

    def text(self, text: str) -> list[Object]:
        return [self._chunk({"content": text})]

    def finish(self, reason: Reason) -> list[Object]:
        last = self._chunk({}, _REASONS[reason])
        if not self._own_usage_chunk:
            return [last | {"usage": self._usage()}]
        if not self._opening.asked.include_usage:
            return [last]
        return [last, self._base("chat.completion.chunk") | {"choices": [], "usage": self._usage()}]

    def error(self, message: str) -> Object:
        return openai_error(500, message)

    def whole(self, text: str, reason: Reason | None) -> Object:
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": reason and _REASONS[reason]}
        return self._base("chat.completion") | {"choices": [choice], "usage": self._usage()}

    def _chunk(self, delta: dict[str, str], reason: str | None = None) -> Object:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return self._base("chat.completion.chunk") | {"choices": [choice]}

    def _base(self, kind: str) -> Object:
        return {
            "id": self._id,
            "object": kind,
            "created": self._opening.created,
            "model": self._opening.asked.model,
            "system_fingerprint": FINGERPRINT,
        }

    def _usage(self) -> Object:
        counts = self._opening.counts
        return openai_usage(counts.input, counts.cached, counts.output, counts.thinking)


def _read_chat(body: Object) -> Asked | str:
    return conversation(body, body.get("messages"), "messages", include_usage=wants_usage(body))


def _read_mistral(body: Object) -> Asked | str:
    unknown = sorted(set(body) - _MISTRAL_MEMBERS)
    if unknown:
        return f"Extra inputs are not permitted: {', '.join(unknown)}."
    prompt, suffix = body.get("prompt"), body.get("suffix")
    if not isinstance(prompt, str):
        return "prompt must be a string."
    if not isinstance(suffix, str | None):
        return "suffix must be a string or null."
    return hole(body, prompt, suffix or "")


def _read_inception(body: Object) -> Asked | str:
    asked = conversation(body, body.get("messages"), "messages", include_usage=wants_usage(body))
    if isinstance(asked, Asked) and [message.get("role") for message in body["messages"]] != ["user"]:
        return "messages must hold one user message, and nothing else."
    return asked


def _answer_mistral(opening: Opening) -> Answer:
    return ChatAnswer(opening, own_usage_chunk=False)


def _mistral_error(status: int, message: str) -> Object:
    return {"object": "error", **openai_error(status, message)["error"]}


CHAT = Wire("chat", DONE_EVENTS, _read_chat, ChatAnswer, openai_error)
MISTRAL_FIM = Wire("mistral-fim", DONE_EVENTS, _read_mistral, _answer_mistral, _mistral_error)
INCEPTION_EDIT = Wire("inception-edit", DONE_EVENTS, _read_inception, ChatAnswer, openai_error)
