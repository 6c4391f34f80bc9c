"""The wires `responses` and `responses-ws`: OpenAI's Responses, as server-sent events and as WebSocket messages.

Format: https://platform.openai.com/docs/api-reference/responses-streaming, and for the WebSocket
https://platform.openai.com/docs/guides/websocket-mode.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from spark_lsp.simulator.rendering import NAMED_EVENTS, Asked, Object, Opening, Reason, Wire
from spark_lsp.simulator.wires.bodies import conversation, error_type, model_of, openai_error, text_of

Status: TypeAlias = Literal["queued", "in_progress", "completed", "incomplete", "failed", "cancelled"]

_INCOMPLETE: dict[Reason, str] = {"length": "max_output_tokens", "filter": "content_filter"}


class ResponsesAnswer:
    """Renders numbered events from `response.created` to the terminal one."""

    __slots__ = ("_item", "_number", "_opening", "_output", "_text", "id")

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._number = -1  # of the last event
        self._item: Object | None = None  # the output item that is open
        self._output: list[Object] = []
        self._text = ""
        self.id = f"resp_scripted_{opening.number}"

    def opening(self) -> list[Object]:
        response = self.response("in_progress")
        return [
            self._event("response.created", response=response),
            self._event("response.in_progress", response=response),
        ]

    def thinking(self, thought: str) -> list[Object]:
        item = {"id": f"rs_scripted_{self._opening.number}", "type": "reasoning", "summary": []}
        opened = self._turn_to(item)
        return [
            *opened,
            self._event("response.reasoning_summary_text.delta", **self._place("summary_index"), delta=thought),
        ]

    def text(self, text: str) -> list[Object]:
        opened = self._turn_to(self._message("in_progress", []))
        if opened:
            part = _part("")
            opened.append(self._event("response.content_part.added", **self._place(), part=part))
        self._text += text
        return [*opened, self._event("response.output_text.delta", **self._place(), delta=text, logprobs=[])]

    def finish(self, reason: Reason) -> list[Object]:
        closing = self._close()
        status: Status = "incomplete" if reason in _INCOMPLETE else "completed"
        response = self.response(status, reason=reason, output=self._output)
        return [*closing, self._event(f"response.{status}", response=response)]

    def error(self, message: str) -> Object:
        return self._event("error", code="server_error", message=message, param=None)

    def whole(self, text: str, reason: Reason | None) -> Object:
        if reason is None:
            return self.response("in_progress")
        status: Status = "incomplete" if reason in _INCOMPLETE else "completed"
        return self.response(status, reason=reason, output=[self._message("completed", [_part(text)])])

    def response(
        self, status: Status, *, reason: Reason = "stop", output: list[Object] | None = None, error: str | None = None
    ) -> Object:
        """The response as an object in this state; the usage is there once it has ended."""
        counts = self._opening.counts
        usage = {
            "input_tokens": counts.input,
            "input_tokens_details": {"cached_tokens": counts.cached},
            "output_tokens": counts.output,
            "output_tokens_details": {"reasoning_tokens": counts.thinking},
            "total_tokens": counts.input + counts.output,
        }
        return {
            "id": self.id,
            "object": "response",
            "created_at": self._opening.created,
            "status": status,
            "error": {"code": "server_error", "message": error} if error is not None else None,
            "incomplete_details": {"reason": _INCOMPLETE[reason]} if reason in _INCOMPLETE else None,
            "model": self._opening.asked.model,
            "output": output or [],
            "usage": usage if status in {"completed", "incomplete"} else None,
            "metadata": {"x-spark-simulator": "scripted"},
        }

    def _turn_to(self, item: Object) -> list[Object]:
        """Have an output item of this type open."""
        if self._item is not None and self._item["type"] == item["type"]:
            return []
        closing = self._close()
        self._item = item
        return [*closing, self._event("response.output_item.added", output_index=len(self._output), item=item)]

    def _close(self) -> list[Object]:
        if self._item is None:
            return []
        events = []
        item = self._item
        if item["type"] == "message":
            item = self._message("completed", [_part(self._text)])
            events = [
                self._event("response.output_text.done", **self._place(), text=self._text, logprobs=[]),
                self._event("response.content_part.done", **self._place(), part=_part(self._text)),
            ]
        events.append(self._event("response.output_item.done", output_index=len(self._output), item=item))
        self._output.append(item)
        self._item = None
        return events

    def _place(self, part: str = "content_index") -> Object:
        assert self._item is not None
        return {"item_id": self._item["id"], "output_index": len(self._output), part: 0}

    def _message(self, status: str, content: list[Object]) -> Object:
        identifier = f"msg_scripted_{self._opening.number}"
        return {"id": identifier, "type": "message", "status": status, "role": "assistant", "content": content}

    def _event(self, kind: str, **members: Any) -> Object:
        self._number += 1
        return {"type": kind, "sequence_number": self._number, **members}


def _part(text: str) -> Object:
    return {"type": "output_text", "text": text, "annotations": []}


def read_responses(body: Object) -> Asked | str:
    """Read a request; whether there is to be a stream is up to who asks."""
    instructions, given = body.get("instructions"), body.get("input")
    if not isinstance(instructions, str | None):
        return "instructions must be a string."
    if isinstance(given, str) and given:
        prompt = "\n".join(part for part in (instructions, given) if part)
        return Asked(model_of(body), given, prompt, stream=bool(body.get("stream")))
    if isinstance(given, list) and any(
        isinstance(item, dict) and not isinstance(item.get("content"), str | list) for item in given
    ):
        return "input must hold items with a content."
    asked = conversation(body, given, "input", before=text_of(instructions))
    return "input must be a string or a list of objects, and not empty." if isinstance(asked, str) else asked


def error_frame(status: int, message: str, *, code: str | None = None, param: str | None = None) -> Object:
    """The error of the WebSocket, which is not that of the event stream."""
    kind = error_type(status)
    return {
        "type": "error",
        "status": status,
        "error": {"type": kind, "code": code, "message": message, "param": param},
    }


RESPONSES = Wire("responses", NAMED_EVENTS, read_responses, ResponsesAnswer, openai_error)
