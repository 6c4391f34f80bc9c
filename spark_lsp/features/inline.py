"""Suggestions at the cursor: there at once, right for the text as it is, and quiet where they are not wanted.

Whoever asks is answered from what is known, if the user has only typed what was suggested anyway. Else a model is asked
at once. While its answer comes, it serves as long as what the user types agrees with it; as soon as it does not, its
stream is closed and the model is asked anew. Nothing here waits for a pause.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Final

from spark_lsp.core.suggestions import Place, Suggestion, agreement
from spark_lsp.core.text import Position
from spark_lsp.features.inline_ahead import look_ahead, prepare_soon
from spark_lsp.features.inline_gates import why_it_does_not_fit, why_it_is_unwelcome, why_not_asked
from spark_lsp.features.inline_run import InlineRun
from spark_lsp.features.inline_state import Ask, CursorState, InlineItem, ending_at
from spark_lsp.features.inline_verdicts import Shown, Verdicts
from spark_lsp.features.paths import display_path, exclusion
from spark_lsp.features.speculation import SECONDS_TO_BE_READ

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from spark_lsp.core.suggestions import Match
    from spark_lsp.features.services import Services
    from spark_lsp.ledger.refusals import Refusals
    from spark_lsp.session import Document

logger = logging.getLogger(__name__)

PARTIAL_SECONDS: Final = 0.6
"""So long the rest of a suggestion is waited for, once its first line is there."""
SECONDS_TO_BE_ASKED_AGAIN: Final = 0.3
"""So long a stream goes on that agrees with what is typed and that nobody waits for: clients cancel on each key."""
SECONDS_FOR_THE_NEXT_KEY: Final = 0.004
"""So long a cancelled request's stream goes on, since clients cancel just before they report the key."""
SECONDS_TO_CORRECT_A_SLIP: Final = 3.0
"""What is typed in place of a suggestion, and taken back within that, does not refuse it."""


class InlineSuggestions:
    """One for the life of a server. Everything but what `suggest` returns happens at once."""

    def __init__(
        self,
        services: Services,
        refusals: Refusals,
        foretell: Callable[[Document, Position], Suggestion | None] = lambda *_: None,
    ) -> None:
        """`foretell` gives what the text tells without a model."""
        self._services = services
        self._foretell = foretell
        self._states: dict[str, CursorState] = {}
        self._numbers = count(1)
        self.verdicts = Verdicts(services.book, refusals)

    # From the client

    def suggest(
        self, uri: str, position: Position, *, automatic: bool
    ) -> list[InlineItem] | Awaitable[list[InlineItem]]:
        """What to show at a position; at once if it is known. `automatic` is what no user has asked for."""
        document = self._services.session.documents.get(uri)
        settings = self._services.session.settings
        if document is None or not settings.inline.enabled:
            return []
        state = self._state(document)
        position = document.text.clamp(position)
        ask = Ask(position, document.text, automatic, asyncio.get_running_loop().time())
        state.newest, state.cursors = ask, (position,)
        state.forget_foretold()
        state.wake()
        self._close_losers(state)
        if automatic and self.verdicts.is_tired():
            return self._quiet(state, position, "many were refused in a row")
        found = state.suggestions.find(document.text, position)
        if found is not None and found.suggestion.complete and found.replaced in found.suggestion.fits:
            return self._shown(state, ask, found, found.suggestion.fits[found.replaced])
        if found is None or not (found.suggestion.complete and found.remainder):
            told = self._foretell(document, position)
            if told is not None:
                return self._foretold(state, ask, told)
        return self._asked(state, ask, is_known=found is not None)

    def changed(self, uri: str) -> None:
        """The document was changed."""
        document = self._services.session.documents.get(uri)
        state = self._states.get(uri)
        if document is None or state is None:
            return
        state.changed(asyncio.get_running_loop().time())
        self._follow(state)
        self._close_losers(state)
        state.wake()

    def closed(self, uri: str) -> None:
        """The document was closed."""
        state = self._states.pop(uri, None)
        if state is not None:
            self._close(state.run)
            self._close(state.next_run)
            if state.preparing is not None:
                state.preparing.cancel()
            state.wake()

    def accepted(self, item_id: str, length: int | None) -> None:
        """The client has put an item into the text, or so many code points of it."""
        state, shown = self._by_id(item_id)
        if state is not None and shown is not None:
            whole = length is None or length >= len(shown.suggestion.text)
            shown.accepted = len(shown.suggestion.text) if length is None else length
            self.verdicts.accepted(shown, all_of_it=whole)
            if whole:
                state.shown = None

    def seen(self, item_id: str) -> None:
        """The client shows an item."""
        _, shown = self._by_id(item_id)
        if shown is not None:
            shown.since = asyncio.get_running_loop().time()

    def refused(self, item_id: str) -> None:
        """The user does not want an item."""
        state, shown = self._by_id(item_id)
        if state is not None and shown is not None:
            self.verdicts.refused(shown)
            state.suggestions.remove(shown.suggestion)
            state.shown = None

    def stop(self) -> None:
        """Close all streams."""
        for uri in tuple(self._states):
            self.closed(uri)

    # Answers

    async def _foretold(self, state: CursorState, ask: Ask, told: Suggestion) -> list[InlineItem]:
        """What the text tells, if nothing speaks against it, and else what a model says."""
        state.suggestions.add(told)
        state.foretold = told
        found = agreement(told, ask.text, ask.position)
        verdict = "" if found is None else await self._why_it_does_not_fit(state, ask, found)
        if state.newest is not ask or state.document.text is not ask.text:
            return []
        if found is not None and (items := self._shown(state, ask, found, verdict)):
            told.fits[found.replaced] = verdict
            return items
        state.forget_foretold()
        asked = self._asked(state, ask, is_known=False)
        return asked if isinstance(asked, list) else await asked

    def _asked(self, state: CursorState, ask: Ask, *, is_known: bool) -> list[InlineItem] | Awaitable[list[InlineItem]]:
        """What a model says, or has begun to say; at once if none is asked."""
        if ask.automatic and not is_known:
            document, settings = state.document, self._services.session.settings.inline
            reason = why_not_asked(document.snapshot(), ask.position, document.last_edits, settings)
            if reason is not None:
                return self._quiet(state, ask.position, reason)
        return self._wait(state, ask)

    async def _wait(self, state: CursorState, ask: Ask) -> list[InlineItem]:
        """The answer, as soon as there is one. One that is overtaken by a key or another request is empty."""
        try:
            return await self._answer(state, ask)
        except asyncio.CancelledError:
            self._cancelled(state, ask)
            raise

    async def _answer(self, state: CursorState, ask: Ask) -> list[InlineItem]:
        document, loop = state.document, asyncio.get_running_loop()
        asked: InlineRun | None = None
        first_line_at: float | None = None
        while state.newest is ask and document.open and document.text is ask.text:
            news = state.news
            found = state.suggestions.find(ask.text, ask.position)
            run = state.run
            if found is not None and found.suggestion.complete:
                verdict = await self._why_it_does_not_fit(state, ask, found)
                found.suggestion.fits[found.replaced] = verdict
                if state.newest is ask:
                    return self._shown(state, ask, found, verdict)
                continue
            if asked is not None and asked.over:
                return self._quiet(state, None, asked.problem) if asked.problem else []
            if asked is None and found is None and exclusion(self._services.session, document.uri):
                return self._quiet(state, None, "this file is never sent")
            if found is None or (found.ahead and state.distrust and run is not None and run.started < ask.at):
                asked = self._begin(state, ask)
                continue
            wait = None
            if found.remainder and found.suggestion.has_line:
                first_line_at = loop.time() if first_line_at is None else first_line_at
                wait = first_line_at + PARTIAL_SECONDS - loop.time()
                if wait <= 0 and not await self._why_it_does_not_fit(state, ask, found):
                    return self._shown(state, ask, found, "") if state.newest is ask else []
            try:
                async with asyncio.timeout(wait if wait is not None and wait > 0 else None):
                    await news.wait()
            except TimeoutError:
                pass
        return []

    def _begin(self, state: CursorState, ask: Ask) -> InlineRun:
        """Ask a model, now."""
        if state.run is not None and not state.run.over:
            self._give_up(state, state.run)
        suggestion = Suggestion(Place.at(ask.text, ask.position), self._services.session.settings.inline.max_lines)
        state.suggestions.add(suggestion)
        told, snapshot = partial(self._told, state), state.document.snapshot()
        state.run = InlineRun(
            self._services, snapshot, ask.text, ask.position, suggestion, told, automatic=ask.automatic
        )
        prepare_soon(self._services, state, ask.position)
        return state.run

    def _told(self, state: CursorState, run: InlineRun) -> None:
        if run.problem is not None:
            state.suggestions.remove(run.suggestion)
            self._services.activity.note_automatic(run.problem if run.failed else None, None)
        elif run.suggestion.complete:
            self._services.activity.note_automatic(None, run.first_token)
        if run is state.run:
            suggestion = run.suggestion
            if suggestion.complete and suggestion.text and state.agreement(suggestion) is None:
                state.distrust = True
            self._close_losers(state)
        state.wake()

    def _shown(self, state: CursorState, ask: Ask, found: Match, verdict: str) -> list[InlineItem]:
        """The item for a match, unless something speaks against it: the verdict on whether it fits, or else manners."""
        if not found.remainder.strip():
            return self._quiet(state, ask.position, "the model has nothing to add")
        document, suggestion = state.document, found.suggestion
        text = found.remainder.replace("\n", ending_at(ask.text, ask.position))
        reason = verdict or (self._why_it_is_unwelcome(state, ask, found, text) if ask.automatic else None)
        if reason:
            return self._quiet(state, ask.position, reason)
        shown = state.shown
        if shown is None or shown.suggestion is not suggestion:
            if shown is not None:
                self.verdicts.passed_over(shown)
            run = next((one for one in (state.run, state.next_run) if one and one.suggestion is suggestion), None)
            path = display_path(self._services.session, document.uri)
            shown = Shown(
                f"inline-{next(self._numbers)}",
                suggestion,
                document,
                path,
                run.endpoint if run else None,
                ask.at,
                found.remainder,
                foretold=suggestion is state.foretold,
            )
            state.shown = shown
            told, acceptance = partial(self._told, state), self.verdicts.acceptance
            loop = asyncio.get_running_loop()
            loop.call_later(SECONDS_TO_BE_READ, look_ahead, self._services, state, ask, shown, acceptance, told)
        shown.remainder = found.remainder
        state.told = None
        end = Position(ask.position.line, ask.position.column + found.replaced)
        return [InlineItem(shown.item_id, text, ask.position, end)]

    async def _why_it_does_not_fit(self, state: CursorState, ask: Ask, found: Match) -> str:
        """Why what is left of a suggestion does not fit; "" if it does."""
        if not found.remainder.strip():
            return ""
        text = found.remainder.replace("\n", ending_at(ask.text, ask.position))
        clock = asyncio.get_running_loop().time
        return await why_it_does_not_fit(state.document.snapshot(), ask.position, text, found.replaced, clock) or ""

    def _why_it_is_unwelcome(self, state: CursorState, ask: Ask, found: Match, text: str) -> str | None:
        suggestion = found.suggestion
        path = display_path(self._services.session, state.document.uri)
        if self.verdicts.was_refused(path, suggestion.place.before, suggestion.text):
            return "it was refused here before"
        if suggestion.place.before == ask.text.lines[ask.position.line][: ask.position.column]:
            return why_it_is_unwelcome(ask.text, ask.position, text, found.replaced, state.document.history)
        return None

    def _quiet(self, state: CursorState, position: Position | None, reason: str) -> list[InlineItem]:
        """Nothing, and the log says why; once for a line, or once if it has nothing to do with that."""
        told = (-1 if position is None else position.line, reason)
        if state.told != told:
            state.told = told
            logger.info("No suggestion: %s.", reason.removesuffix("."))
        return []

    # Streams

    def _close_losers(self, state: CursorState) -> None:
        """Close the streams that what is typed, or asked for elsewhere, has made useless."""
        run = state.run
        if run is not None and not run.over:
            found = state.agreement(run.suggestion)
            if found is None or found.early:
                state.distrust = state.distrust or bool(run.suggestion.text)
                self._give_up(state, run)
                state.run = None
        if state.next_run is not None and state.agreement(state.next_run.suggestion) is None:
            if not state.next_run.over:
                self._give_up(state, state.next_run)
            state.next_run = None

    def _cancelled(self, state: CursorState, ask: Ask) -> None:
        """The client has withdrawn a request: its stream goes on only as long as a next one may want it."""

        def look(seconds: float) -> None:
            if state.newest is not ask or state.run is None or state.run.over:
                return
            if seconds and state.document.text is not ask.text:
                asyncio.get_running_loop().call_later(seconds, look, 0.0)
            else:
                self._give_up(state, state.run)
                state.run = None

        asyncio.get_running_loop().call_later(SECONDS_FOR_THE_NEXT_KEY, look, SECONDS_TO_BE_ASKED_AGAIN)

    def _give_up(self, state: CursorState, run: InlineRun) -> None:
        run.close()
        state.suggestions.remove(run.suggestion)

    def _close(self, run: InlineRun | None) -> None:
        if run is not None and not run.over:
            run.close()

    # What users make of it

    def _follow(self, state: CursorState) -> None:
        """After a change: whether what is shown was accepted, typed along with, or overtaken."""
        edits = state.document.last_edits
        if state.shown is None and state.doubtful and state.agreement(state.doubtful.suggestion):
            state.shown, state.doubtful = state.doubtful, None  # it was a slip
        shown = state.shown
        if shown is None:
            return
        found = state.agreement(shown.suggestion)
        if found is None:
            self._overtake(state)
            return
        progress = len(shown.remainder) - len(found.remainder)
        shown.remainder = found.remainder
        if progress > 1 and any(len(edit.new) > 1 for edit in edits):
            shown.accepted += progress
            state.distrust = False
            if not found.remainder:
                self.verdicts.accepted(shown, all_of_it=True)
                state.shown = None
        elif progress > 0:
            shown.typed += progress
            state.distrust = False

    def _overtake(self, state: CursorState) -> None:
        """The user goes on with something else, for good or by a slip."""
        shown, state.shown = state.shown, None
        if shown is None:
            return
        if not self.verdicts.was_seen(shown):
            self.verdicts.overtaken(shown)
            return
        state.doubtful = shown

        def decide() -> None:
            if state.shown is not shown:
                self.verdicts.overtaken(shown, seen=True)

        asyncio.get_running_loop().call_later(SECONDS_TO_CORRECT_A_SLIP, decide)

    def _by_id(self, item_id: str) -> tuple[CursorState | None, Shown | None]:
        for state in self._states.values():
            if state.shown is not None and state.shown.item_id == item_id:
                return state, state.shown
        return None, None

    def _state(self, document: Document) -> CursorState:
        state = self._states.get(document.uri)
        if state is None or state.document is not document:
            self.closed(document.uri)
            state = self._states[document.uri] = CursorState(document)
        return state
