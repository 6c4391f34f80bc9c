"""What models are asked about next edits: one request at a time for each document, now or ahead of time.

A request is known again by the text that it is about. So what was asked for the time after an acceptance serves however
that came about: by a command, by the editor, or typed by hand.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from spark_lsp.endpoints.errors import EndpointError
from spark_lsp.features.next_edit_model import foresee

if TYPE_CHECKING:
    from spark_lsp.core.next_edit import NextEdit
    from spark_lsp.core.text import Position, Text
    from spark_lsp.features.services import Services
    from spark_lsp.session import Snapshot

logger = logging.getLogger(__name__)

SECONDS_FOR_THE_NEXT_KEY: Final = 0.004
"""So long a request goes on when its last waiter cancels: clients do so just before they report a key and ask again."""


class NextEditRun:
    """One request, and its answer once it is there. It runs from the start, and ends at once when it is closed."""

    def __init__(
        self, services: Services, snapshot: Snapshot, position: Position, *, is_ahead: bool, follows: str | None = None
    ) -> None:
        self.text = snapshot.text
        """What it is about."""
        self.follows = follows
        """The shown edit that has to be accepted before it is; None if it has been, or if nothing has to."""
        self.is_ahead = is_ahead
        """Nobody has asked yet."""
        self.closed = False
        self.waiting = 0
        """Those who wait for the answer."""
        self._failed = False
        self.task = asyncio.get_running_loop().create_task(self._run(services, snapshot, position))

    async def _run(self, services: Services, snapshot: Snapshot, position: Position) -> NextEdit | None:
        try:
            return await foresee(services, snapshot, position)
        except EndpointError as failure:
            logger.info("No next edit: %s.", failure.message.removesuffix("."))
        except Exception as mistake:  # noqa: BLE001 (it is only a suggestion)
            # Of ours. What it says may hold the user's code; where it happened does not.
            logger.error("A next edit broke: %s", type(mistake).__name__)  # noqa: TRY400
        self._failed = True
        return None

    @property
    def is_idle(self) -> bool:
        """It goes on without anybody having asked."""
        return self.is_ahead and not self.waiting and not self.task.done()

    def close(self) -> None:
        """Nobody wants the answer any more."""
        self.closed = True
        self.task.cancel()

    def serves(self, text: Text) -> bool:
        """Whether its answer is one for a document with this text.

        What was asked by somebody is moved over what was typed since, as long as it runs. What was asked ahead is for
        its own text, and stays.
        """
        if self.closed or (self.task.done() and (self._failed or not self.is_ahead)):
            return False
        return (self.follows is None and not self.task.done()) or text == self.text


class NextEditRuns:
    """Those of all documents, the newest of each."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._newest: dict[str, NextEditRun] = {}

    def is_running(self, uri: str) -> bool:
        """A request for a document is on its way."""
        run = self._newest.get(uri)
        return run is not None and not run.task.done()

    def knows(self, uri: str, text: Text) -> bool:
        """The answer for a document with this text is there, or on its way."""
        run = self._newest.get(uri)
        return run is not None and run.serves(text)

    async def answer(self, snapshot: Snapshot, position: Position) -> tuple[NextEdit, Text] | None:
        """What comes next in a document, and the text that this is for.

        Cancelling closes the request, unless somebody else waits for it, or asks a moment later.
        """
        uri = snapshot.uri
        run = self._newest.get(uri)
        if run is None or not run.serves(snapshot.text):
            run = self._begin(uri, NextEditRun(self._services, snapshot, position, is_ahead=False))
        elif run.text == snapshot.text:
            run.follows = None
        run.waiting += 1
        try:
            found = await asyncio.shield(run.task)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            return None  # it was closed
        finally:
            run.waiting -= 1
            asyncio.get_running_loop().call_later(SECONDS_FOR_THE_NEXT_KEY, self._close_if_unwanted, uri, run)
        return None if found is None else (found, run.text)

    def ask_ahead(self, snapshot: Snapshot, position: Position, follows: str | None) -> None:
        """Ask about a document as it will be once the shown edit of this name is accepted; as it is, without one."""
        run = NextEditRun(self._services, snapshot, position, is_ahead=True, follows=follows)
        self._begin(snapshot.uri, run)

    def changed(self, uri: str, text: Text) -> None:
        """A document has this text now: what was asked ahead for another that was to follow is of no use any more."""
        run = self._newest.get(uri)
        if run is not None and run.is_idle and run.follows is None and run.text != text:
            self._close(uri)

    def accepted(self, uri: str, item_id: str) -> None:
        """The edit of this name was accepted, or is about to be."""
        run = self._newest.get(uri)
        if run is not None and run.follows == item_id:
            run.follows = None

    def withdrawn(self, uri: str, item_id: str) -> None:
        """The edit of this name will not be accepted."""
        run = self._newest.get(uri)
        if run is not None and run.follows == item_id:
            self._close(uri)

    def closed(self, uri: str) -> None:
        """The document was closed."""
        self._close(uri)

    def _begin(self, uri: str, run: NextEditRun) -> NextEditRun:
        self._close(uri)
        self._newest[uri] = run
        return run

    def _close_if_unwanted(self, uri: str, run: NextEditRun) -> None:
        if self._newest.get(uri) is run and not run.waiting and not run.task.done():
            self._close(uri)

    def _close(self, uri: str) -> None:
        if run := self._newest.pop(uri, None):
            run.close()
