"""The edit that comes next: told from the edits before it, shown by the editor, and not again where it was not wanted.

What is told from the text is told at once. What no rule tells, a model is asked, once at a time for each document: its
answer is moved over what the user typed meanwhile, or dropped where that is in its place.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Final

from spark_lsp.core.edits import apply, overlaps, rebase
from spark_lsp.core.next_edit import NextEdit
from spark_lsp.core.records import VerdictRecord
from spark_lsp.core.refine import difference
from spark_lsp.endpoints.choice import Absent
from spark_lsp.features.next_edit_memory import TextMemory, key_of
from spark_lsp.features.next_edit_model import ask_for_next_edit
from spark_lsp.features.paths import display_path, exclusion
from spark_lsp.prediction.prediction import edits_of, predicted, predicted_elsewhere, walk_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.core.edits import Edits
    from spark_lsp.core.records import Verdict
    from spark_lsp.core.text import Position, Text
    from spark_lsp.features.next_edit_memory import Key
    from spark_lsp.features.services import Services
    from spark_lsp.ledger.refusals import Refusals
    from spark_lsp.prediction.engine import Candidate
    from spark_lsp.prediction.prediction import Walk
    from spark_lsp.session import Document

MOST_OTHERS: Final = 4
"""Other open documents that are looked through."""
OFFLINE: Final = "offline"


@dataclass(slots=True, eq=False)
class ShownEdit:
    """A next edit that the client was given to show."""

    item_id: str
    next_edit: NextEdit
    """As it was made, or found again for a newer version."""
    edits: Edits
    """In the coordinates of `text`."""
    text: Text
    """The document's, as it was reported last."""
    key: Key
    path: str
    walk: Walk | None
    """How it goes on once this one is accepted."""


class NextEdits:
    """One for the life of a server."""

    def __init__(self, services: Services, refusals: Refusals) -> None:
        self._services = services
        self._refusals = refusals
        self._shown: dict[str, ShownEdit] = {}
        """The newest of each document."""
        self._accepted: dict[str, tuple[Text, Walk | None]] = {}
        """What documents were once the last one that was accepted was in them, and how the user came there."""
        self._memories: dict[str, TextMemory] = {}
        self._asking: dict[str, asyncio.Task[NextEdit | None]] = {}
        """The request to a model that runs, or ran last, for each document."""
        self._asked_about: dict[str, Text] = {}
        """The text that it is about."""
        self._numbers = count(1)

    # What comes next

    def find(self, uri: str, position: Position, *, is_asked: bool = False) -> NextEdit | None:
        """The next edit for somebody who is at a position of a document: in it, or else in another that is open.

        If the user has asked for it, it is looked for in front of the last edits, too.
        """
        session = self._services.session
        document, settings = session.documents.get(uri), session.settings.next_edit
        if document is None or not settings.enabled or not settings.offline or exclusion(session, uri):
            return None
        text = document.text
        at = text.clamp(position)
        accepted = self._accepted.get(uri)
        walk = accepted[1] if accepted is not None and accepted[0] == text else None
        candidate = predicted(text, document.history, at, self._is_refused(document), both_ways=is_asked, walk=walk)
        if candidate is not None:
            return _next_edit(document, candidate)
        for other in self._others(document):
            found = predicted_elsewhere(other.text, text, document.history, self._is_refused(other))
            if found is not None:
                return _next_edit(other, found)
        return None

    def suggest(self, uri: str, position: Position, *, is_asked: bool = False) -> ShownEdit | None:
        """The next edit to show, as far as it is told from the text."""
        found = self.find(uri, position, is_asked=is_asked)
        return self.show(found) if found is not None else None

    async def ask(self, uri: str, position: Position) -> ShownEdit | None:
        """The next edit that a model foresees, where somebody has edited something. Cancelling ends the asking."""
        session = self._services.session
        document = session.documents.get(uri)
        if document is None or not session.settings.next_edit.enabled or not document.history.hunks:
            return None
        asking = self._asking.get(uri)
        if asking is None or asking.done():
            snapshot = document.snapshot()
            asking = asyncio.create_task(ask_for_next_edit(self._services, snapshot, snapshot.text.clamp(position)))
            self._asking[uri] = asking
            self._asked_about[uri] = snapshot.text
        text = self._asked_about[uri]
        found = await asking
        if found is None or session.documents.get(uri) is not document:
            return None
        changes = difference(text, document.text)
        if overlaps(found.edits, changes):
            return None
        edits = rebase(found.edits, changes)
        if (display_path(session, uri), *key_of(document.text, edits)) in self._refusals:
            return None
        return self.show(replace(found, version=document.version, edits=edits))

    def show(self, next_edit: NextEdit) -> ShownEdit | None:
        """Give it a name, by which the client says what became of it; None if the text is another by now."""
        document = self._services.session.documents.get(next_edit.uri)
        if document is None or document.version != next_edit.version:
            return None
        shown = self._shown.get(next_edit.uri)
        if shown is not None and shown.edits == next_edit.edits:
            shown.next_edit = next_edit
            return shown
        path = display_path(self._services.session, next_edit.uri)
        shown = ShownEdit(
            f"next-{next(self._numbers)}",
            next_edit,
            next_edit.edits,
            document.text,
            key_of(document.text, next_edit.edits),
            path,
            self._walk(document),
        )
        self._shown[next_edit.uri] = shown
        return shown

    # From the client

    def opened(self, uri: str) -> None:
        """The document was opened."""
        self._shown.pop(uri, None)
        document = self._services.session.documents[uri]
        self._memories[uri] = TextMemory(document.text)

    def changed(self, uri: str) -> None:
        """The document was changed: what is shown moves along, was accepted, or is withdrawn."""
        document = self._services.session.documents.get(uri)
        if document is None:
            return
        if (memory := self._memories.get(uri)) is not None:
            memory.changed(document.text, document.last_edits)
        shown = self._shown.get(uri)
        if shown is None:
            return
        edits = shown.edits
        for edit in document.last_edits:
            if overlaps(edits, (edit,)):
                if apply(shown.text, shown.edits) == document.text:
                    self._settled(shown, "accepted")
                else:
                    del self._shown[uri]
                return
            edits = rebase(edits, (edit,))
        shown.edits, shown.text = edits, document.text

    def closed(self, uri: str) -> None:
        """The document was closed."""
        self._shown.pop(uri, None)
        self._asked_about.pop(uri, None)
        if asking := self._asking.pop(uri, None):
            asking.cancel()
        self._memories.pop(uri, None)
        self._accepted.pop(uri, None)

    def seen(self, item_id: str) -> None:
        """The client shows it."""
        if (shown := self._by_id(item_id)) is not None:
            self._judge(shown, "shown")

    def accepted(self, item_id: str) -> None:
        """The client has put it into the text, or is about to."""
        if (shown := self._by_id(item_id)) is not None:
            self._settled(shown, "accepted")

    def refused(self, item_id: str) -> None:
        """The user does not want it, here and now or ever."""
        if (shown := self._by_id(item_id)) is not None:
            self._refusals.add(shown.path, *shown.key)
            self._settled(shown, "rejected")

    def _by_id(self, item_id: str) -> ShownEdit | None:
        return next((shown for shown in self._shown.values() if shown.item_id == item_id), None)

    def _settled(self, shown: ShownEdit, verdict: Verdict) -> None:
        self._judge(shown, verdict)
        if verdict == "accepted":
            self._accepted[shown.next_edit.uri] = apply(shown.text, shown.edits), shown.walk
        del self._shown[shown.next_edit.uri]

    def _judge(self, shown: ShownEdit, verdict: Verdict) -> None:
        endpoint, model = OFFLINE, OFFLINE
        if shown.next_edit.source != OFFLINE:
            choice = self._services.catalog.choice("nextEdit", self._services.session.settings)
            if isinstance(choice, Absent):
                return
            endpoint, model = choice.name, choice.settings.model or ""
        self._services.book.judge(VerdictRecord(time.time(), "nextEdit", endpoint, model, verdict))

    def _walk(self, document: Document) -> Walk | None:
        """The walk that goes on, or begins here."""
        text, walk = self._accepted.get(document.uri, (None, None))
        return walk if walk is not None and text == document.text else walk_from(document.text, document.history)

    # What is not offered

    def _is_refused(self, document: Document) -> Callable[[Candidate], bool]:
        path, memory = display_path(self._services.session, document.uri), self._memories.get(document.uri)

        def is_refused(candidate: Candidate) -> bool:
            key = key_of(document.text, edits_of(document.text, candidate))
            return (path, *key) in self._refusals or (memory is not None and key in memory.undone)

        return is_refused

    def _others(self, document: Document) -> list[Document]:
        """Other open documents of the same folder that may be quoted, those first that were changed last."""
        services = self._services
        around = services.context_of(document.uri)
        if around is None:
            return []
        found = []
        for other in sorted(services.session.documents.values(), key=lambda other: -other.turn):
            there = services.context_of(other.uri) if other is not document else None
            if there is None or there[0] is not around[0] or there[1] not in around[0].graph.hashes:
                continue
            if exclusion(services.session, other.uri) is None:
                found.append(other)
        return found[:MOST_OTHERS]


def _next_edit(document: Document, candidate: Candidate) -> NextEdit:
    edits = edits_of(document.text, candidate)
    return NextEdit(document.uri, document.version, edits, OFFLINE, candidate.confidence)
