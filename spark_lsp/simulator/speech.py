"""Says a scripted reply on an open connection, token by token at its pace, with the fault that the script wants."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spark_lsp.simulator.chat_answer import encode, error_event, error_object, garbage_event
from spark_lsp.simulator.tokens import estimated_tokens, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from spark_lsp.simulator.chat_answer import ChatAnswer
    from spark_lsp.simulator.connection import Connection
    from spark_lsp.simulator.reply import ScriptedReply

_ERROR = "The script wants an error here."
_UNPACED = 64  # tokens at a time when there is no rate to keep


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds until the first token, and tokens a second after that; 0 tokens a second means as fast as possible."""

    first_token: float
    tokens_per_second: float


@dataclass(frozen=True, slots=True)
class Speech:
    """One reply on its way. Both methods return when the response has ended, in whatever way the script wants it."""

    connection: Connection
    answer: ChatAnswer
    reply: ScriptedReply
    speed: Speed
    headers: Mapping[str, str]
    on_first_token: Callable[[], None]

    async def stream(self) -> None:
        """Say it as server-sent events."""
        connection, answer, fault = self.connection, self.answer, self.reply.fault
        if await self._never_begins():
            return
        text = spoken(self.reply)
        connection.start(200, {**self.headers, "content-type": "text/event-stream", "cache-control": "no-cache"})
        connection.send([answer.opening()])
        await asyncio.sleep(self.speed.first_token)
        self.on_first_token()
        await self._say(text)
        match fault:
            case "stall":
                await _wait_for_the_client_to_leave()
            case "cut":
                connection.cut()
            case "reset":
                connection.reset()
            case "no-finish":
                connection.end()
            case "error-event":
                connection.send([error_event(_ERROR)])
                connection.end()
            case "garbage":
                connection.send([garbage_event()])
                connection.end()
            case _:
                connection.send([answer.finish(finish_reason(self.reply))])
                if answer.request.include_usage:
                    connection.send([answer.usage(estimated_tokens(answer.request.prompt), estimated_tokens(text))])
                connection.send([answer.done()])
                connection.end()

    async def send(self) -> None:
        """Send it as one JSON object, after the time that saying it would take."""
        connection, answer, fault = self.connection, self.answer, self.reply.fault
        if await self._never_begins():
            return
        text = spoken(self.reply)
        rate = self.speed.tokens_per_second
        await asyncio.sleep(self.speed.first_token + (len(tokens(text)) / rate if rate else 0))
        self.on_first_token()
        headers = {**self.headers, "content-type": "application/json"}
        prompt_tokens = estimated_tokens(answer.request.prompt)
        reason = None if fault == "no-finish" else finish_reason(self.reply)
        body = answer.whole(text, reason, prompt_tokens, estimated_tokens(text))
        match fault:
            case "error-event":
                connection.respond(200, headers, encode(error_object(_ERROR, "server_error")))
            case "garbage":
                connection.respond(200, headers, body.replace(b'"', b"'"))
            case "stall" | "cut" | "reset":
                connection.start(200, {**headers, "content-length": str(len(body))})
                connection.send([body[: len(body) // 2]])
                if fault == "stall":
                    await _wait_for_the_client_to_leave()
                elif fault == "cut":
                    connection.cut()
                else:
                    connection.reset()
            case _:
                connection.respond(200, headers, body)

    async def _never_begins(self) -> bool:
        if self.reply.fault == "refuse":
            self.connection.cut()
        elif self.reply.fault == "silence":
            await _wait_for_the_client_to_leave()
        return self.reply.fault in {"refuse", "silence"}

    async def _say(self, text: str) -> None:
        pieces = tokens(text)
        rate = self.speed.tokens_per_second
        loop = asyncio.get_running_loop()
        begin = loop.time()
        sent = 0
        while sent < len(pieces):
            # A sleep ends up to a millisecond late; what is due by then goes together, so that the mean rate holds.
            due = int((loop.time() - begin) * rate) + 1 if rate else sent + _UNPACED
            due = max(due, sent + 1)
            self.connection.send([self.answer.text(piece) for piece in pieces[sent:due]])
            sent = due
            await self.connection.drain()
            await asyncio.sleep(max(0.0, begin + sent / rate - loop.time()) if rate and sent < len(pieces) else 0)


def spoken(reply: ScriptedReply) -> str:
    """Return the part of a reply's text that is said."""
    if reply.fault is None:
        return reply.reply
    return "" if reply.fault == "empty" else reply.reply[: reply.after]


def finish_reason(reply: ScriptedReply) -> str:
    match reply.fault:
        case "length":
            return "length"
        case "filter":
            return "content_filter"
        case _:
            return "stop"


async def _wait_for_the_client_to_leave() -> None:
    """Wait until the task is cancelled, which is what a connection does when its client leaves."""
    await asyncio.get_running_loop().create_future()
