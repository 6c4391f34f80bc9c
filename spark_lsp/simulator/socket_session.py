"""The wire `responses-ws` on one WebSocket: one answer at a time, each may build on the last.

The rules are OpenAI's: https://platform.openai.com/docs/guides/websocket-mode.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from spark_lsp.simulator.channel import SocketChannel
from spark_lsp.simulator.rendering import Opening, encode
from spark_lsp.simulator.speech import Speech
from spark_lsp.simulator.wires.responses import ResponsesAnswer, error_frame, read_responses

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.simulator.plan import Plan, Planner
    from spark_lsp.simulator.record import RecordedRequest
    from spark_lsp.simulator.rendering import Object
    from spark_lsp.simulator.web_socket import WebSocket

CREATE = "response.create"


@dataclass(frozen=True, slots=True)
class SessionRules:
    """What the session of a WebSocket has from its simulator. `age` is how long a connection lasts, in seconds."""

    planner: Planner
    age: float
    record: Callable[[Any], RecordedRequest]
    """Note a message, by its JSON."""
    next_number: Callable[[], int]
    """The number of an answer."""


class SocketSession:
    """Answers the messages of one WebSocket, until its connection closes."""

    def __init__(self, socket: WebSocket, rules: SessionRules) -> None:
        self._socket = socket
        self._rules = rules
        self._running: asyncio.Task[None] | None = None
        self._last_id: str | None = None
        """Of the response that the next one may build on."""

    async def serve(self) -> None:
        """Take messages until this task is cancelled, which is what the connection does at its end."""
        expiry = asyncio.get_running_loop().time() + self._rules.age
        async with asyncio.TaskGroup() as tasks:
            while True:
                message = await self._socket.message()
                record = self._rules.record(_json(message))
                answer = self._prepare(record, expired=asyncio.get_running_loop().time() >= expiry)
                if isinstance(answer, dict):
                    self._send(answer)
                    record.ended.set()
                elif answer is not None:
                    self._running = tasks.create_task(self._answer(*answer, record))

    def _prepare(self, record: RecordedRequest, *, expired: bool) -> tuple[ResponsesAnswer, Plan] | Object | None:
        """Check a message; return the answer to give, or an error, or nothing if all is said."""
        body = record.body
        if not isinstance(body, dict):
            return error_frame(400, "A message must be a JSON object.")
        if body.get("type") != CREATE:
            return error_frame(400, f"A message must have the type {CREATE}.", param="type")
        if self._running is not None and not self._running.done():
            return error_frame(400, "A response is in progress on this connection.", code="response_in_progress")
        if expired:
            code = "websocket_connection_limit_reached"
            minutes = f"{self._rules.age / 60:g} minutes"
            return error_frame(400, f"Responses websocket connection limit reached ({minutes}).", code=code)
        previous = body.get("previous_response_id")
        if previous is not None and previous != self._last_id:
            code = "previous_response_not_found"
            message = f"Previous response with id '{previous}' not found."
            return error_frame(400, message, code=code, param="previous_response_id")
        only_prepare = body.get("generate") is False
        if only_prepare and body.get("input") == []:
            body = {**body, "input": [{"role": "user", "content": ""}]}  # the input is to come with the next request
        asked = read_responses(body)
        if isinstance(asked, str):
            self._last_id = None
            return error_frame(400, asked)
        plan = self._rules.planner.plan(asked)
        counts = replace(plan.counts, output=0, thinking=0) if only_prepare else plan.counts
        answer = ResponsesAnswer(Opening(asked, counts, int(time.time()), self._rules.next_number()))
        if only_prepare:
            self._last_id = answer.id
            self._send(*answer.opening()[:1], *answer.finish("stop"))
            record.ended.set()
            return None
        return answer, plan

    async def _answer(self, answer: ResponsesAnswer, plan: Plan, record: RecordedRequest) -> None:
        self._last_id = None  # a turn that fails leaves nothing to build on
        try:
            if plan.as_it_is:
                await asyncio.sleep(plan.speed.first_token)
                self._send_as_it_is(plan)
                return
            await Speech(answer, plan, record.note_first_token).stream(SocketChannel(self._socket))
            if plan.reply.fault in {None, "length", "filter", "empty"}:
                self._last_id = answer.id
        except asyncio.CancelledError:
            record.closed_early = True
            raise
        finally:
            record.ended.set()

    def _send_as_it_is(self, plan: Plan) -> None:
        reply = plan.reply
        if reply.body is not None:
            self._socket.send([reply.body.encode()])
        else:
            self._send(error_frame(reply.status, reply.reply) | {"headers": dict(reply.headers)})

    def _send(self, *objects: Object) -> None:
        self._socket.send([encode(each) for each in objects])


def _json(message: str | bytes) -> Any:
    """The JSON of a text message; None for what is none."""
    if isinstance(message, bytes):
        return None
    try:
        return json.loads(message)
    except (ValueError, RecursionError):
        return None
