"""The edit that comes next: told from the edits before it, shown by the editor, and not again where it was not wanted.

What is told from the text is told at once. What no rule tells, a model is asked, once at a time for each document: its
answer is moved over what the user typed meanwhile, or dropped where that is in its place.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Final

from spark_lsp.core.edits import move, overlaps, rebase
from spark_lsp.core.next_edit import OFFLINE, NextEdit
from spark_lsp.core.records import VerdictRecord
from spark_lsp.core.refine import difference
from spark_lsp.endpoints.choice import Absent
from spark_lsp.features.next_edit_files import FurtherFiles
from spark_lsp.features.next_edit_memory import TextMemory, key_of
from spark_lsp.features.next_edit_runs import NextEditRuns
from spark_lsp.features.paths import display_path, exclusion, file_path
from spark_lsp.features.shown_edit import ShownEdit
from spark_lsp.features.speculation import SECONDS_TO_BE_READ, Acceptance, is_worth_asking
from spark_lsp.prediction.prediction import edits_of, predicted, predicted_elsewhere, walk_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.core.edits import Edits
    from spark_lsp.core.history import EditHistory
    from spark_lsp.core.records import Verdict
    from spark_lsp.core.text import Position, Text
    from spark_lsp.features.services import Services
    from spark_lsp.ledger.refusals import Refusals
    from spark_lsp.prediction.engine import Candidate
    from spark_lsp.prediction.prediction import Walk
    from spark_lsp.session import Document, Snapshot

MOST_OTHERS: Final = 4
"""Other open documents that are looked through."""


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
        self._runs = NextEditRuns(services)
        self._further = FurtherFiles(services, services.editor.hunks_changed)
        self._awaited: dict[str, asyncio.Event] = {}
        """Files that somebody waits for to be opened, by their paths."""
        self._acceptance = Acceptance()
        self._numbers = count(1)

    # What comes next

    def find(self, uri: str, position: Position, *, is_asked: bool = False) -> NextEdit | None:
        """The next edit for somebody who is at a position of a document.

        It is looked for in the document, then in others that are open, then in files of the repository.
        If the user has asked for it, it is looked for in front of the last edits, too.
        """
        document = self._document(uri)
        if document is None:
            return None
        text, walk = document.text, self._walk_at(document)
        return self._told(document, text, document.history, text.clamp(position), walk, is_asked=is_asked)

    def find_here(self, uri: str, position: Position) -> NextEdit | None:
        """The same, looked for in the document alone."""
        document = self._document(uri)
        if document is None:
            return None
        text, is_refused = document.text, self._is_refused(document, document.text)
        found = predicted(text, document.history, text.clamp(position), is_refused, walk=self._walk_at(document))
        return _next_edit(document, text, found) if found is not None else None

    def suggest(self, uri: str, position: Position, *, is_asked: bool = False) -> ShownEdit | None:
        """The next edit to show, as far as it is told from the text, or as the user has begun to do it by hand."""
        shown = self._shown.get(uri)
        if shown is not None and shown.fate == "begun" and self._document(uri) is not None:
            return shown
        found = self.find(uri, position, is_asked=is_asked)
        return self.show(found) if found is not None else None

    async def ask(self, uri: str, position: Position) -> ShownEdit | None:
        """The next edit that a model foresees, where somebody has edited something. Cancelling ends the asking."""
        session = self._services.session
        document = session.documents.get(uri)
        if document is None or not session.settings.next_edit.enabled or not document.history.hunks:
            return None
        shown = self._shown.get(uri)
        if shown is not None and shown.fate != "moved" and shown.next_edit.source != OFFLINE:
            return shown  # nothing else has changed since a model was asked
        snapshot = document.snapshot()
        answer = await self._runs.answer(snapshot, snapshot.text.clamp(position))
        if answer is None or session.documents.get(uri) is not document:
            return None
        found, text = answer
        changes = difference(text, document.text)
        if overlaps(found.edits, changes):
            return None
        edits = rebase(found.edits, changes)
        if self._is_unwanted(uri, document.text, edits):
            return None
        return self.show(replace(found, version=document.version, edits=edits))

    def show(self, next_edit: NextEdit) -> ShownEdit | None:
        """Give it a name, by which the client says what became of it; None if the text is another by now."""
        uri, document = next_edit.uri, self._services.session.documents.get(next_edit.uri)
        text = next_edit.file if document is None else document.text
        if text is None or (document is not None and document.version != next_edit.version):
            return None
        shown = self._shown.get(uri)
        if shown is None or shown.edits != next_edit.edits or (shown.text is not text and shown.text != text):
            if shown is not None:
                self._runs.withdrawn(uri, shown.item_id)
            walk = None
            if document is not None:
                walk = self._walk_at(document) or walk_from(text, document.history)
            shown = self._shown[uri] = ShownEdit(
                f"next-{next(self._numbers)}",
                next_edit,
                next_edit.edits,
                text,
                next_edit.version,
                key_of(text, next_edit.edits),
                display_path(self._services.session, uri),
                walk,
            )
        if document is not None:
            asyncio.get_running_loop().call_later(SECONDS_TO_BE_READ, self._look_ahead, shown, document)
        return shown

    def fits(self, shown: ShownEdit) -> bool:
        """The document, or the file that is not open, still has the text that the edit is for."""
        document = self._services.session.documents.get(shown.next_edit.uri)
        if document is not None:
            return document.text == shown.text
        return self._further.fits(shown.next_edit.uri, shown.text)

    async def until_open(self, uri: str, seconds: float) -> Document | None:
        """Wait for the client to open a file; None if it does not within so many seconds."""
        path = file_path(uri)
        opened = self._awaited.setdefault(path, asyncio.Event())
        try:
            async with asyncio.timeout(seconds):
                await opened.wait()
        except TimeoutError:
            pass
        finally:
            self._awaited.pop(path, None)
        documents = self._services.session.documents.values()
        return next((document for document in documents if file_path(document.uri) == path), None)

    def walk_on(self, uri: str, position: Position) -> None:
        """The user has applied one by a command, and may do so again: have a model say what comes then."""
        if (document := self._services.session.documents.get(uri)) is not None:
            snapshot = document.snapshot()
            asyncio.get_running_loop().call_later(SECONDS_TO_BE_READ, self._ask_ahead, document, snapshot, position)

    def _look_ahead(self, shown: ShownEdit, document: Document) -> None:
        """Have a model say what follows an edit that the user seems to be looking at."""
        is_shown = self._shown.get(document.uri) is shown and shown.text is document.text
        if is_shown and not self._runs.is_running(document.uri):
            snapshot = document.snapshot().edited(shown.edits)
            self._ask_ahead(document, snapshot, move(shown.edits[-1].end, shown.edits), shown)

    def _ask_ahead(
        self, document: Document, snapshot: Snapshot, position: Position, shown: ShownEdit | None = None
    ) -> None:
        """Have a model say what comes next in a document that has become what the snapshot says.

        Not if the text tells it, if a model is at work for the document, or if it is not worth the tokens.
        """
        services, uri, runs = self._services, document.uri, self._runs
        is_there = shown is not None or document.text is snapshot.text
        if not document.open or not is_there or not services.session.settings.next_edit.enabled:
            return
        if runs.is_running(uri) or runs.knows(uri, snapshot.text):
            return
        endpoint = services.catalog.at_hand("nextEdit", services.session.settings)
        if not is_worth_asking(services, endpoint, self._acceptance):
            return
        walk = shown.walk if shown is not None else self._walk_at(document)
        if self._document(uri) and self._told(document, snapshot.text, snapshot.history, position, walk):
            return
        runs.ask_ahead(snapshot, position, shown.item_id if shown is not None else None)

    # From the client

    def opened(self, uri: str) -> None:
        """The document was opened; it may be a file that an edit was shown for, with the edit in it or without."""
        document, path = self._services.session.documents[uri], file_path(uri)
        self._memories[uri] = TextMemory(document.text)
        key = next((one for one in self._shown if file_path(one) == path), None)
        shown = self._shown.pop(key) if key is not None else None
        if shown is not None and shown.version is None:
            if document.text == shown.text:
                shown.version = document.version
                shown.next_edit = replace(shown.next_edit, uri=uri, version=document.version, file=None)
                self._shown[uri] = shown
            elif document.text == shown.after:
                document.history, shown.text = document.history.after(shown.text, shown.edits)
                shown.edits = ()
                shown.next_edit = replace(shown.next_edit, uri=uri)
                self._shown[uri] = shown
                self._settled(shown, "accepted")
        if (awaited := self._awaited.get(path)) is not None:
            awaited.set()
        self._further.opened(uri)
        self._further.changed(uri)

    def changed(self, uri: str) -> None:
        """The document was changed: what is shown moves along, was accepted, or is withdrawn."""
        document = self._services.session.documents.get(uri)
        if document is None:
            return
        if (memory := self._memories.get(uri)) is not None:
            memory.changed(document.text, document.last_edits)
        self._further.changed(uri)
        self._runs.changed(uri, document.text)
        shown = self._shown.get(uri)
        if shown is None:
            return
        match shown.follow(document.last_edits, document.text, document.version):
            case "accepted":
                self._settled(shown, "accepted")
            case "withdrawn":
                self._withdraw(shown)
            case "moved":
                self._runs.withdrawn(uri, shown.item_id)

    def closed(self, uri: str) -> None:
        """The document was closed."""
        self._shown.pop(uri, None)
        self._runs.closed(uri)
        self._memories.pop(uri, None)
        self._accepted.pop(uri, None)

    def files_changed(self) -> None:
        """The graph of a workspace folder knows more or other files now."""
        documents = self._services.session.documents.values()
        if newest := max((one for one in documents if one.turn), key=lambda one: one.turn, default=None):
            self._further.changed(newest.uri)

    def stop(self) -> None:
        """The server ends."""
        self._further.stop()

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
        uri, accepted = shown.next_edit.uri, verdict == "accepted"
        self._judge(shown, verdict)
        self._acceptance.note(accepted=accepted)
        if accepted:
            document, walk = self._services.session.documents.get(uri), shown.walk
            if document is not None:
                walk = walk or walk_from(document.text, document.history)
                self._accepted[uri] = shown.after, walk
            elif shown.version is None:
                self._further.accepted(uri, shown.text)
            self._runs.accepted(uri, shown.item_id)
        else:
            self._runs.withdrawn(uri, shown.item_id)
        del self._shown[uri]

    def _withdraw(self, shown: ShownEdit) -> None:
        """The user goes on with something else, which says nothing against it elsewhere."""
        uri = shown.next_edit.uri
        self._acceptance.note(accepted=False)
        self._runs.withdrawn(uri, shown.item_id)
        del self._shown[uri]

    def _judge(self, shown: ShownEdit, verdict: Verdict) -> None:
        endpoint, model = OFFLINE, OFFLINE
        if shown.next_edit.source != OFFLINE:
            choice = self._services.catalog.choice("nextEdit", self._services.session.settings)
            if isinstance(choice, Absent):
                return
            endpoint, model = choice.name, choice.settings.model or ""
        self._services.book.judge(VerdictRecord(time.time(), "nextEdit", endpoint, model, verdict))

    def _walk_at(self, document: Document) -> Walk | None:
        """The walk that the document's user is on."""
        text, walk = self._accepted.get(document.uri, (None, None))
        return walk if text == document.text else None

    # What is told from the text

    def _document(self, uri: str) -> Document | None:
        """The document, if something may be told from its text."""
        session = self._services.session
        document, settings = session.documents.get(uri), session.settings.next_edit
        if document is None or not settings.enabled or not settings.offline or exclusion(session, uri):
            return None
        return document

    def _told(
        self,
        document: Document,
        text: Text,
        history: EditHistory,
        at: Position,
        walk: Walk | None,
        *,
        is_asked: bool = False,
    ) -> NextEdit | None:
        """What comes next if this is the document's text and history."""
        candidate = predicted(text, history, at, self._is_refused(document, text), both_ways=is_asked, walk=walk)
        if candidate is not None:
            return _next_edit(document, text, candidate)
        for other in self._others(document):
            found = predicted_elsewhere(other.text, text, history, self._is_refused(other, other.text))
            if found is not None:
                return _next_edit(other, other.text, found)
        further = self._further.next(document, self._is_unwanted)
        if further is None:
            return None
        there = self._services.session.documents.get(further.uri)
        version, file = (None, further.text) if there is None else (there.version, None)
        return NextEdit(further.uri, version, further.edits, OFFLINE, further.confidence, file)

    def _is_refused(self, document: Document, text: Text) -> Callable[[Candidate], bool]:
        return lambda candidate: self._is_unwanted(document.uri, text, edits_of(text, candidate))

    def _is_unwanted(self, uri: str, text: Text, edits: Edits) -> bool:
        """These edits of a text were refused, or undone."""
        key, memory = key_of(text, edits), self._memories.get(uri)
        if memory is not None and key in memory.undone:
            return True
        return (display_path(self._services.session, uri), *key) in self._refusals

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


def _next_edit(document: Document, text: Text, candidate: Candidate) -> NextEdit:
    return NextEdit(document.uri, document.version, edits_of(text, candidate), OFFLINE, candidate.confidence)
