"""The wire `llama-infill`: llama-server's own /infill and /completion.

Format: https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md.
"""

from __future__ import annotations

from typing import Any

from spark_lsp.simulator.rendering import EVENTS, Asked, Object, Opening, Reason, Wire
from spark_lsp.simulator.wires.bodies import error_type, hole

# No filter is known here.
_STOP_TYPES: dict[Reason, str] = {"stop": "eos", "length": "limit", "filter": "eos"}


class LlamaAnswer:
    """Renders chunks with `content`; the last one has `stop` and the counts. There is no thinking here."""

    __slots__ = ("_opening", "_said")

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._said = 0

    def opening(self) -> list[Object]:
        return []

    def thinking(self, thought: str) -> list[Object]:  # noqa: ARG002
        return []

    def text(self, text: str) -> list[Object]:
        self._said += 1
        return [
            {
                "index": 0,
                "content": text,
                "tokens": [0],
                "stop": False,
                "id_slot": 0,
                "tokens_predicted": self._said,
                "tokens_evaluated": self._opening.counts.input,
            }
        ]

    def finish(self, reason: Reason) -> list[Object]:
        return [self.whole("", reason)]

    def error(self, message: str) -> Object:
        return _error(500, message)

    def whole(self, text: str, reason: Reason | None) -> Object:
        counts = self._opening.counts
        return {
            "index": 0,
            "content": text,
            "tokens": [],
            "id_slot": 0,
            "stop": reason is not None,
            "model": self._opening.asked.model,
            "tokens_predicted": counts.output,
            "tokens_evaluated": counts.input,
            "has_new_line": "\n" in text,
            "truncated": False,
            "stop_type": _STOP_TYPES[reason] if reason else "none",
            "stopping_word": "",
            "tokens_cached": counts.input + counts.output,  # all that the slot holds now
            "timings": {
                "cache_n": counts.cached,
                "prompt_n": counts.input - counts.cached,
                "predicted_n": counts.output,
            },
        }


def _read_infill(body: Object) -> Asked | str:
    for name in ("input_prefix", "input_suffix"):
        if not isinstance(body.get(name), str):
            return f"{name} must be a string."
    extra: Any = body.get("input_extra", [])
    if not isinstance(extra, list) or not all(
        isinstance(file, dict) and isinstance(file.get("text"), str) for file in extra
    ):
        return "input_extra must be a list of objects with a text."
    if not isinstance(body.get("prompt", ""), str):
        return "prompt must be a string."
    files = tuple(file["text"] for file in extra)
    return hole(body, body["input_prefix"] + body.get("prompt", ""), body["input_suffix"], more=files)


def _read_completion(body: Object) -> Asked | str:
    if not isinstance(body.get("prompt"), str):
        return "prompt must be a string."
    return hole(body, body["prompt"], "")


def _error(status: int, message: str) -> Object:
    return {"error": {"code": status, "message": message, "type": error_type(status)}}


LLAMA_INFILL = Wire("llama-infill", EVENTS, _read_infill, LlamaAnswer, _error)
LLAMA_COMPLETION = Wire("llama-infill", EVENTS, _read_completion, LlamaAnswer, _error)
