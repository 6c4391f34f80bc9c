"""One request to a model for a suggestion, and its answer while it comes."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from spark_lsp.core.ghost_text import Hole, shape
from spark_lsp.endpoints.errors import EndpointError
from spark_lsp.endpoints.events import Finish, TextDelta
from spark_lsp.endpoints.model_client import Purpose
from spark_lsp.features.extras import extras_for
from spark_lsp.features.inline_request import prepare_inline

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.core.suggestions import Suggestion
    from spark_lsp.core.text import Position, Text
    from spark_lsp.endpoints.events import Event
    from spark_lsp.endpoints.request import Endpoint
    from spark_lsp.features.inline_request import PreparedInline
    from spark_lsp.features.services import Services
    from spark_lsp.session import Snapshot

logger = logging.getLogger(__name__)

_TURNS_OF_AN_ANSWER: Final = 4
"""Of the loop, from the suggestion to the bytes that are sent: the waiting task, the gate, the protocol's callback."""


class InlineRun:
    """Fills a suggestion. `told` is called whenever there is more of it, and at the end.

    The stream is closed as soon as the suggestion has come to its natural end, and when the run is closed. Nothing here
    is ever raised: what goes wrong is in `problem`.
    """

    def __init__(
        self,
        services: Services,
        snapshot: Snapshot,
        text: Text,
        position: Position,
        suggestion: Suggestion,
        told: Callable[[InlineRun], None],
        *,
        automatic: bool,
    ) -> None:
        """Begin. `text` is the snapshot's, or what becomes of it when something is accepted."""
        self.suggestion = suggestion
        self.endpoint: Endpoint | None = None
        self.problem: str | None = None
        """Why there is no suggestion, in words for the log or the status."""
        self.failed = False
        """The endpoint gave no good answer."""
        self.first_token: float | None = None
        """Seconds from the start."""
        self._services = services
        self._snapshot = snapshot
        self._text = text
        self._position = position
        self._hole: Hole | None = None
        self._told = told
        self._closed = False
        self._purpose = Purpose("inline", automatic=automatic)
        self.started = asyncio.get_running_loop().time()
        self._task = asyncio.get_running_loop().create_task(self._run())

    @property
    def over(self) -> bool:
        return self.suggestion.complete or self._task.done()

    def close(self) -> None:
        """Nobody wants it any more."""
        self._closed = True
        self._task.cancel()

    async def _run(self) -> None:
        try:
            await self._ask()
        except EndpointError as failure:
            self.problem, self.failed = failure.message, True
        except Exception as mistake:  # noqa: BLE001 (it is only a suggestion)
            # Of ours. What it says may hold the user's code; where it happened does not.
            logger.error("A suggestion broke: %s", type(mistake).__name__)  # noqa: TRY400
            self.problem = "Something broke inside spark-lsp."
        if not self._closed:
            self.suggestion.complete = self.suggestion.complete or self.problem is not None
            self._told(self)

    async def _ask(self) -> None:
        services = self._services
        settings = services.session.settings
        endpoint = await services.catalog.endpoint_at_once("inline", settings)
        if isinstance(endpoint, str):
            self.problem = endpoint
            return
        self.endpoint = endpoint
        prepared = prepare_inline(
            services.session,
            services.vault,
            replace(self._snapshot, text=self._text),
            self._position,
            endpoint,
            asyncio.get_running_loop().time,
            services.context_of(self._snapshot.uri),
            extras_for(services, self._snapshot),
        )
        if prepared is None:
            self.problem = "The file holds control tokens of the model's format: nothing was sent."
            return
        # While the endpoint is at work: it takes a fifth of a millisecond.
        asyncio.get_running_loop().call_soon(self._hole_here)
        async with services.models.ask(endpoint, prepared.request(endpoint), self._purpose, settings) as batches:
            reader = _Reader(prepared, self._hole_here())
            async for events in batches:
                if self.first_token is None:
                    self.first_token = asyncio.get_running_loop().time() - self.started
                reader.take(events)
                if reader.withheld:
                    self.problem = "The provider withheld the answer."
                    return
                self._grow(reader)
                if self.suggestion.complete:
                    await _let_the_answer_out()
                    if not reader.finished:
                        return  # which closes the stream; one that has ended anyhow is read to its end
            reader.end()
            self._grow(reader)

    def _hole_here(self) -> Hole:
        """The place that the text is for."""
        if self._hole is None:
            most_lines = self._services.session.settings.inline.max_lines
            self._hole = Hole.at(self._text, self._position, most_lines)
        return self._hole

    def _grow(self, reader: _Reader) -> None:
        shaped = reader.shaped
        suggestion = self.suggestion
        if shaped.text != suggestion.text or shaped.ended or reader.has_line != suggestion.has_line:
            suggestion.text, suggestion.replaced, suggestion.complete = shaped.text, shaped.replaced, shaped.ended
            suggestion.has_line = reader.has_line
            self._told(self)


async def _let_the_answer_out() -> None:
    """Leave the loop to whoever waits for the suggestion: reading on, closing and bookkeeping can come after that."""
    for _ in range(_TURNS_OF_AN_ANSWER):
        await asyncio.sleep(0)


class _Reader:
    """From events to the text that fits the hole."""

    def __init__(self, prepared: PreparedInline, hole: Hole) -> None:
        self._parser = prepared.format.parser(prepared.context)
        self._restorer = prepared.redaction.restorer()
        self._hole = hole
        self._raw = ""
        self._whole = False
        self.finished = False
        """The model has said that it is done: only what it cost may still come."""
        self.withheld = False
        self.shaped = shape("", hole, whole=False)

    @property
    def has_line(self) -> bool:
        """The first line with something in it is whole."""
        return "\n" in self._raw.lstrip()

    def take(self, events: list[Event]) -> None:
        """What these events add."""
        for event in events:
            match event:
                case TextDelta() if not self._whole:
                    self._raw += self._parser.feed(self._restorer.feed(event.text))
                    if self._parser.ended:
                        self._raw += self._parser.finish()
                        self._whole = True
                case Finish(reason="stop"):
                    self.finished = True
                    self.end()
                case Finish(reason="length"):
                    self.finished = True
                    self._cut()
                case Finish():
                    self.withheld = True
        self.shaped = shape(self._raw, self._hole, whole=self._whole)

    def end(self) -> None:
        """The model has said all that it will."""
        if not self._whole:
            self._raw += self._parser.feed(self._restorer.finish()) + self._parser.finish()
            self._whole = True
            self.shaped = shape(self._raw, self._hole, whole=True)

    def _cut(self) -> None:
        """The answer was cut at a limit: its last line is half a line."""
        if not self._whole:
            self.end()
            self._raw = self._raw.rpartition("\n")[0]
