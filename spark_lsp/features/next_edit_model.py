"""The next edit as a model foresees it: one request, and what of the answer can be shown."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from spark_lsp.core.edits import Edit
from spark_lsp.core.hunks import LineHunk
from spark_lsp.core.next_edit import NextEdit
from spark_lsp.core.text import Position, Text, line_ending
from spark_lsp.endpoints.errors import EndpointError
from spark_lsp.endpoints.events import Finish, TextDelta
from spark_lsp.endpoints.model_client import Purpose
from spark_lsp.features.extras import extras_for
from spark_lsp.features.next_edit_request import prepare_next_edit
from spark_lsp.features.paths import exclusion
from spark_lsp.formats.next_edit_formats import read_reply
from spark_lsp.formats.region_lines import RegionLines
from spark_lsp.formats.stops import TextUntilStop
from spark_lsp.syntax.gate import parses_no_worse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spark_lsp.core.edits import Edits
    from spark_lsp.endpoints.events import Event
    from spark_lsp.endpoints.request import Endpoint
    from spark_lsp.features.next_edit_request import PreparedNextEdit
    from spark_lsp.features.services import Services
    from spark_lsp.session import Snapshot

logger = logging.getLogger(__name__)

CONFIDENCE: Final = 0.5
"""Models do not say how sure they are."""
_PURPOSE: Final = Purpose("nextEdit", automatic=True)


async def ask_for_next_edit(services: Services, snapshot: Snapshot, position: Position) -> NextEdit | None:
    """Ask the endpoint for next edits what comes next at a position of a document; None if there is nothing to show.

    The edits are for the snapshot, whatever becomes of the document meanwhile. To cancel it closes the stream. What
    goes wrong is nobody's concern but the log's: it is only a suggestion.
    """
    try:
        return await foresee(services, snapshot, position)
    except EndpointError as failure:
        _log(failure.message)
        return None


async def foresee(services: Services, snapshot: Snapshot, position: Position) -> NextEdit | None:
    """The same for who wants to know of failures. Raises EndpointError."""
    endpoint = await services.catalog.endpoint_at_once("nextEdit", services.session.settings)
    if isinstance(endpoint, str):
        return None  # the status says so
    found = await _ask(services, snapshot, position, endpoint)
    if isinstance(found, NextEdit):
        return found
    _log(found)
    return None


def _log(reason: str) -> None:
    logger.info("No next edit: %s.", reason.removesuffix("."))


async def _ask(services: Services, snapshot: Snapshot, position: Position, endpoint: Endpoint) -> NextEdit | str:
    """The next edit, or in a sentence why there is none."""
    settings = services.session.settings
    if reason := exclusion(services.session, snapshot.uri):
        return f"Nothing of this file may be sent, because it {reason}."
    clock = asyncio.get_running_loop().time
    around, extras = services.context_of(snapshot.uri), extras_for(services, snapshot)
    prepared = prepare_next_edit(services.session, services.vault, snapshot, position, endpoint, clock, around, extras)
    if isinstance(prepared, str):
        return prepared
    reply = _Reply(prepared)
    async with services.models.ask(endpoint, prepared.request(endpoint), _PURPOSE, settings) as batches:
        async for events in batches:
            reply.take(events)
            if reply.ended:
                break
    edits = edits_of(snapshot.text, reply.hunks())
    if not edits:
        return "The model sees nothing to change."
    if await parses_no_worse(snapshot.syntax, edits, clock) is False:
        return "It would have broken the file."
    return NextEdit(snapshot.uri, snapshot.version, edits, prepared.format.name, CONFIDENCE)


def edits_of(text: Text, hunks: Sequence[LineHunk]) -> Edits:
    """The smallest edits that do hunks of a document's lines, with the line endings of the document."""
    if not hunks:
        return ()
    # With a line on either side, whose endings tell those of new lines.
    first, end = max(0, hunks[0].start - 1), min(len(text.lines), hunks[-1].end + 1)
    region = RegionLines(Text.from_lines(text.lines[first:end]), line_ending(text.lines[0]) or "\n")
    most, start = len(region.contents), Position(first, 0)
    inside = (LineHunk(min(hunk.start - first, most), min(hunk.end - first, most), hunk.new) for hunk in hunks)
    found = (edit for hunk in inside for block in region.blocks(hunk) for edit in block.edits)
    return tuple(Edit(start + edit.start, start + edit.end, edit.new) for edit in found)


class _Reply:
    """The text of a reply up to the first stop, with the secrets put back."""

    def __init__(self, prepared: PreparedNextEdit) -> None:
        self._prepared = prepared
        self._restorer = prepared.redaction.restorer()
        self._until = TextUntilStop(prepared.format.stops)
        self._text = ""
        self._whole: bool | None = True
        """None if the provider withheld the answer."""

    @property
    def ended(self) -> bool:
        """Nothing that comes later counts: the stream can be closed."""
        return self._until.ended

    def take(self, events: list[Event]) -> None:
        for event in events:
            match event:
                case TextDelta():
                    self._text += self._until.feed(self._restorer.feed(event.text))
                case Finish(reason="length"):
                    self._whole = self._until.ended
                case Finish(reason=reason) if reason != "stop":
                    self._whole = None

    def hunks(self) -> tuple[LineHunk, ...]:
        """What the reply says; nothing if it was withheld or has placeholders in it that stand for no secret."""
        self._text += self._until.feed(self._restorer.finish()) + self._until.finish()
        if self._whole is None or self._restorer.invented:
            return ()
        return read_reply(self._prepared.format, self._prepared.context, self._text, whole=self._whole)
