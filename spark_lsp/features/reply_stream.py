"""Reads a model's reply to an edit: text becomes blocks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from spark_lsp.core.records import Consumption
from spark_lsp.endpoints.events import Finish, TextDelta
from spark_lsp.formats.reply import ReplyError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from spark_lsp.core.refine import Block
    from spark_lsp.endpoints.events import Event
    from spark_lsp.endpoints.model_client import ModelAnswer, ModelClient, Purpose
    from spark_lsp.endpoints.request import Endpoint
    from spark_lsp.features.edit_request import PreparedEdit
    from spark_lsp.features.restyling import StyleGuard
    from spark_lsp.settings.model import Settings


class EditFailure(Exception):
    """The edit cannot be done; the message is for the user."""


class ReplyStream:
    """One request to a model and its reply."""

    def __init__(self, endpoint: Endpoint, prepared: PreparedEdit, guard: StyleGuard | None = None) -> None:
        self.endpoint = endpoint
        self.prepared = prepared
        self.guard = guard
        self._parser = prepared.format.parser(prepared.context)
        self._restorer = prepared.redaction.restorer()
        self._answer: ModelAnswer | None = None
        self.blocks: list[Block] = []
        """All blocks so far that are to be applied, in the coordinates of the region."""
        self.complete = False
        """The model has said all that it will, and it was good."""
        self.first_token: float | None = None
        """When the first token came, on the loop's clock."""

    async def read(
        self,
        models: ModelClient,
        purpose: Purpose,
        settings: Settings,
        take: Callable[[Block], None],
        completed: Callable[[], Awaitable[None]],
    ) -> None:
        """Read to the end; `take` gets every block as soon as it is final, `completed` is called behind the last.

        What the reply means is known at its finish; only usage may follow. Raises `EndpointError`, `ReplyError` or
        `EditFailure`, and what `completed` raises.
        """
        try:
            await self._read(models, purpose, settings, take, completed)
        except ReplyError as error:
            raise ReplyError(self.prepared.redaction.hide(str(error))) from None  # It may quote a line.

    async def _read(
        self,
        models: ModelClient,
        purpose: Purpose,
        settings: Settings,
        take: Callable[[Block], None],
        completed: Callable[[], Awaitable[None]],
    ) -> None:
        request = self.prepared.request(self.endpoint)
        async with models.ask(self.endpoint, request, purpose, settings) as self._answer:
            async for events in self._answer:
                text, finish = self._note(events)
                if self.complete:
                    continue
                found = self._parser.feed(self._restorer.feed(text)) if text else []
                self._hand_over(found, take)
                if finish:
                    self._check(finish)
                    self._hand_over(self._parser.feed(self._restorer.finish()), take)
                    self._hand_over(self._parser.finish(), take)
                    await completed()
                    self.complete = True

    @property
    def invented_placeholder(self) -> bool:
        """The model wrote something that looks like a secret's placeholder and stands for none."""
        return self._restorer.invented

    def _note(self, events: list[Event]) -> tuple[str, Finish | None]:
        """The text in some events, and the finish if it is among them."""
        text: list[str] = []
        finish: Finish | None = None
        for event in events:
            match event:
                case TextDelta():
                    text.append(event.text)
                case Finish():
                    finish = event
        if text and self.first_token is None:
            self.first_token = asyncio.get_running_loop().time()
        return "".join(text), finish

    def _check(self, finish: Finish) -> None:
        limit = self.endpoint.max_output_tokens
        if finish.reason == "length":
            raise EditFailure(
                f"The reply was cut at the limit of {limit} tokens: select less, or raise maxOutputTokens."
            )
        if finish.reason != "stop":
            raise EditFailure(
                "The provider withheld the rest of the reply: rephrase the instruction or use another model."
            )

    def _hand_over(self, blocks: list[Block], take: Callable[[Block], None]) -> None:
        for block in self.guard.kept(blocks) if self.guard else blocks:
            self.blocks.append(block)
            take(block)

    @property
    def consumption(self) -> Consumption:
        """Tokens and USD so far. Before the first text, all that is known is the prompt."""
        return self._answer.consumption if self._answer else Consumption(self.prepared.tokens)
