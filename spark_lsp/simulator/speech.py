"""Says a planned answer, token by token at its pace, with the fault that the script wants; the same for every wire."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spark_lsp.simulator.channel import PAGE
from spark_lsp.simulator.rendering import encode
from spark_lsp.simulator.tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from spark_lsp.simulator.channel import Channel
    from spark_lsp.simulator.connection import Connection
    from spark_lsp.simulator.plan import Plan
    from spark_lsp.simulator.rendering import Answer, Object

ERROR = "The script wants an error here."

_UNPACED = 64  # tokens at a time when there is no rate to keep
_KEEP_ALIVE_INTERVAL = 0.05  # seconds, where a stream waits that has keep-alives
_THOUGHT = "hm "


@dataclass(frozen=True, slots=True)
class Speech:
    """One answer on its way. Its methods return when it has ended, in whatever way the script wants it."""

    answer: Answer
    plan: Plan
    on_first_token: Callable[[], None]

    async def stream(self, channel: Channel) -> None:
        """Say it piece by piece."""
        answer, fault = self.answer, self.plan.reply.fault
        if fault == "web-page":
            await asyncio.sleep(self.plan.speed.first_token)
            channel.page()
            return
        if fault == "refuse":
            channel.cut()
            return
        if fault == "silence":
            await _until_the_client_leaves()
        channel.begin()
        channel.send(answer.opening())
        await self._wait(channel, self.plan.speed.first_token)
        self.on_first_token()
        await self._say(channel)
        match fault:
            case "stall":
                await self._wait(channel, None)
            case "cut":
                channel.cut()
            case "reset":
                channel.reset()
            case "no-finish":
                channel.end_early()
            case "error-event":
                channel.fail(answer.error(ERROR), ERROR)
            case "garbage":
                channel.garbage()
            case _:
                channel.send(answer.finish(self.plan.reason))
                channel.end()

    async def send(self, connection: Connection, headers: Mapping[str, str], error: Object) -> None:
        """Send it as one JSON object, after the time that saying it would take; `error` is what an error looks like."""
        if self.plan.reply.fault == "refuse":
            connection.cut()
            return
        if self.plan.reply.fault == "silence":
            await _until_the_client_leaves()
        await asyncio.sleep(self.plan.speed.first_token + self.plan.seconds_to_say)
        self.on_first_token()
        reason = None if self.plan.reply.fault == "no-finish" else self.plan.reason
        body = self.answer.whole(self.plan.text, reason)
        await send_whole(self.plan, connection, headers, body=body, error=error)

    async def _say(self, channel: Channel) -> None:
        pieces: list[str | None] = [*[None] * self.plan.reply.thinking, *tokens(self.plan.text)]
        rate = self.plan.speed.tokens_per_second
        loop = asyncio.get_running_loop()
        begin = loop.time()
        sent = 0
        while sent < len(pieces):
            # A sleep ends up to a millisecond late; what is due by then goes together, so that the mean rate holds.
            due = int((loop.time() - begin) * rate) + 1 if rate else sent + _UNPACED
            due = max(due, sent + 1)
            self._send(channel, pieces[sent:due])
            sent = due
            await channel.drain()
            await asyncio.sleep(max(0.0, begin + sent / rate - loop.time()) if rate and sent < len(pieces) else 0)

    def _send(self, channel: Channel, pieces: list[str | None]) -> None:
        """Send pieces; None is a thought."""
        objects: list[Object] = []
        for piece in pieces:
            said = self.answer.thinking(_THOUGHT) if piece is None else self.answer.text(piece)
            if self.plan.reply.comments:
                self._keep_alive(channel)
                channel.send(said)
            else:
                objects += said
        channel.send(objects)

    async def _wait(self, channel: Channel, seconds: float | None) -> None:
        """Wait so long, or until the client leaves; with keep-alives, should the script want them."""
        if not self.plan.reply.comments:
            await (_until_the_client_leaves() if seconds is None else asyncio.sleep(seconds))
            return
        waited = 0.0
        while seconds is None or waited < seconds:
            self._keep_alive(channel)
            pause = _KEEP_ALIVE_INTERVAL if seconds is None else min(_KEEP_ALIVE_INTERVAL, seconds - waited)
            await asyncio.sleep(pause)
            waited += pause

    def _keep_alive(self, channel: Channel) -> None:
        for _ in range(self.plan.reply.comments):
            channel.keep_alive()


async def send_whole(
    plan: Plan, connection: Connection, headers: Mapping[str, str], *, body: Object, error: Object
) -> None:
    """Send an answer that is one object, with what the script wants to go wrong with it."""
    headers = {**headers, "content-type": "application/json"}
    content = encode(body)
    match plan.reply.fault:
        case "web-page":
            connection.respond(200, {**headers, "content-type": "text/html; charset=utf-8"}, PAGE)
        case "error-event":
            connection.respond(200, headers, encode(error))
        case "garbage":
            connection.respond(200, headers, content.replace(b'"', b"'"))
        case "stall" | "cut" | "reset":
            connection.start(200, {**headers, "content-length": str(len(content))})
            connection.send([content[: len(content) // 2]])
            if plan.reply.fault == "stall":
                await _until_the_client_leaves()
            elif plan.reply.fault == "cut":
                connection.cut()
            else:
                connection.reset()
        case _:
            connection.respond(200, headers, content)


async def _until_the_client_leaves() -> None:
    """Wait until the task is cancelled, which is what a connection does when its client leaves."""
    await asyncio.get_running_loop().create_future()
