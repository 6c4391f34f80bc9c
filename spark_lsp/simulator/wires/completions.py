"""The wire `completions`: OpenAI's older Completions, with a `suffix` for the text behind the hole.

Format: https://platform.openai.com/docs/api-reference/completions.
"""

from __future__ import annotations

from spark_lsp.simulator.rendering import DONE_EVENTS, FINGERPRINT, Asked, Object, Opening, Reason, Wire
from spark_lsp.simulator.wires.bodies import hole, openai_error, openai_usage, wants_usage

_REASONS: dict[Reason, str] = {"stop": "stop", "length": "length", "filter": "content_filter"}


class CompletionsAnswer:
    """Renders chunks with `choices[0].text`. There is no thinking here."""

    __slots__ = ("_opening",)

    def __init__(self, opening: Opening) -> None:
        self._opening = opening

    def opening(self) -> list[Object]:
        return []

    def thinking(self, thought: str) -> list[Object]:  # noqa: ARG002
        return []

    def text(self, text: str) -> list[Object]:
        return [self._chunk(text, None)]

    def finish(self, reason: Reason) -> list[Object]:
        last = self._chunk("", reason)
        return [last, self._base() | {"choices": [], **self._usage()}] if self._opening.asked.include_usage else [last]

    def error(self, message: str) -> Object:
        return openai_error(500, message)

    def whole(self, text: str, reason: Reason | None) -> Object:
        return self._chunk(text, reason) | self._usage()

    def _chunk(self, text: str, reason: Reason | None) -> Object:
        choice = {"text": text, "index": 0, "logprobs": None, "finish_reason": reason and _REASONS[reason]}
        return self._base() | {"choices": [choice]}

    def _base(self) -> Object:
        return {
            "id": f"cmpl-scripted-{self._opening.number}",
            "object": "text_completion",
            "created": self._opening.created,
            "model": self._opening.asked.model,
            "system_fingerprint": FINGERPRINT,
        }

    def _usage(self) -> Object:
        counts = self._opening.counts
        return {"usage": openai_usage(counts.input, counts.cached, counts.output, counts.thinking)}


def _read(body: Object) -> Asked | str:
    prompt, suffix = body.get("prompt"), body.get("suffix")
    if not isinstance(prompt, str):
        return "prompt must be a string."
    if not isinstance(suffix, str | None):
        return "suffix must be a string or null."
    return hole(body, prompt, suffix or "", include_usage=wants_usage(body))


COMPLETIONS = Wire("completions", DONE_EVENTS, _read, CompletionsAnswer, openai_error)
