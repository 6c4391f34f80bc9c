"""The wire `ollama`: /api/generate, as JSON lines. Format: https://docs.ollama.com/api/generate."""

from __future__ import annotations

from datetime import UTC, datetime

from spark_lsp.simulator.rendering import LINES, MODEL, Asked, Object, Opening, Reason, Wire
from spark_lsp.simulator.wires.bodies import hole

_REASONS: dict[Reason, str] = {"stop": "stop", "length": "length", "filter": "stop"}  # no filter is known here
_NANOSECONDS_A_TOKEN = 1_000_000


class OllamaAnswer:
    """Renders lines with `response`, or `thinking`; the last one is `done` and has the counts."""

    __slots__ = ("_opening",)

    def __init__(self, opening: Opening) -> None:
        self._opening = opening

    def opening(self) -> list[Object]:
        return []

    def thinking(self, thought: str) -> list[Object]:
        return [self._line("") | {"thinking": thought}]

    def text(self, text: str) -> list[Object]:
        return [self._line(text)]

    def finish(self, reason: Reason) -> list[Object]:
        return [self.whole("", reason)]

    def error(self, message: str) -> Object:
        return _error(500, message)

    def whole(self, text: str, reason: Reason | None) -> Object:
        counts = self._opening.counts
        if reason is None:
            return self._line(text)
        return self._line(text) | {
            "done": True,
            "done_reason": _REASONS[reason],
            "total_duration": (counts.input + counts.output) * _NANOSECONDS_A_TOKEN,
            "load_duration": 0,
            "prompt_eval_count": counts.input,
            "prompt_eval_duration": counts.input * _NANOSECONDS_A_TOKEN,
            "eval_count": counts.output,
            "eval_duration": counts.output * _NANOSECONDS_A_TOKEN,
        }

    def _line(self, text: str) -> Object:
        created = datetime.fromtimestamp(self._opening.created, UTC).isoformat()
        return {"model": self._opening.asked.model, "created_at": created, "response": text, "done": False}


def _read(body: Object) -> Asked | Object | str:
    model, prompt, suffix = body.get("model"), body.get("prompt", ""), body.get("suffix")
    if not isinstance(model, str) or not model:
        return "model must be a string, and not empty."
    if not isinstance(prompt, str):
        return "prompt must be a string."
    if not isinstance(suffix, str | None):
        return "suffix must be a string or null."
    if not prompt:  # only loads the model
        return {"model": model, "created_at": "", "response": "", "done": True, "done_reason": "load"}
    return hole(body, prompt, suffix or "", stream=True)


def _error(status: int, message: str) -> Object:  # noqa: ARG001
    return {"error": message}


def tags_object(created: int) -> Object:
    """The answer of GET /api/tags: the models that are there."""
    modified = datetime.fromtimestamp(created, UTC).isoformat()
    model = {"name": MODEL, "model": MODEL, "modified_at": modified, "size": 0, "digest": "scripted", "details": {}}
    return {"models": [model]}


OLLAMA = Wire("ollama", LINES, _read, OllamaAnswer, _error)
