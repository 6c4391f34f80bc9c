"""The one mutable state: open documents, settings, and the edits that run or can still be taken back.

Written only by synchronous code on the event loop, in the order in which messages come in. A feature takes what is
immutable (`Document.snapshot`) before it first awaits, and afterwards asks here whether that still holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

from spark_lsp.core.diagnostics import Diagnostics
from spark_lsp.core.edits import Edit, align
from spark_lsp.core.history import MOST_AT_ONCE, EditHistory
from spark_lsp.core.refine import smallest
from spark_lsp.core.text import ORIGIN, Text
from spark_lsp.settings.model import Settings
from spark_lsp.syntax.tree import SyntaxTree

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable, Iterator

    from spark_lsp.core.delivery import Delivery
    from spark_lsp.core.edits import Edits
    from spark_lsp.syntax.tree import SyntaxSnapshot


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A document at one moment."""

    uri: str
    language_id: str
    version: int
    text: Text
    syntax: SyntaxSnapshot
    history: EditHistory = EditHistory()  # noqa: RUF009 (it is frozen)
    """What was changed last."""
    diagnostics: Diagnostics = Diagnostics()  # noqa: RUF009 (it is frozen)
    """What the client last told of it."""

    def edited(self, edits: Edits) -> Snapshot:
        """The document as it would be once some aligned edits are done, and the same version still."""
        history, text = self.history.after(self.text, edits)
        syntax = self.syntax.edited(edits)
        return replace(self, text=text, syntax=syntax, history=history)


class Document:
    """An open document. Its text is what the client last said; `deliveries` follow every change of it."""

    def __init__(self, uri: str, language_id: str, version: int, text: Text, turns: Iterator[int]) -> None:
        self.uri = uri
        self.language_id = language_id
        self.version = version
        self.text = text
        self.syntax = SyntaxTree(language_id, text)
        self.history = EditHistory()
        self.diagnostics = Diagnostics()
        self.turn = 0
        """When it was changed last, in the order of all documents' changes; 0 for never."""
        self._turns = turns
        self.deliveries: list[Delivery] = []
        self.last_edits: tuple[Edit, ...] = ()
        """What the client reported last, each in the coordinates of the text before it."""
        self.on_change: list[Callable[[], None]] = []
        """Called once after every message that changed the text, and when the document is closed."""
        self.open = True

    def snapshot(self) -> Snapshot:
        return Snapshot(
            self.uri,
            self.language_id,
            self.version,
            self.text,
            self.syntax.snapshot(),
            self.history,
            self.diagnostics,
        )

    def change(self, edits: Iterable[Edit], version: int) -> None:
        """Take over changes that the client made, each in the coordinates of the text before it.

        Costs what the edits touch and a copy of the list of lines. Never raises: positions are clamped.
        """
        done: list[Edit] = []
        history = self.history
        for edit in edits:
            before = self.text
            start, end = sorted((before.clamp(edit.start), before.clamp(edit.end)))
            clamped = align(before, Edit(start, end, edit.new))
            done.append(clamped)
            self.text = before.splice(clamped.start, clamped.end, clamped.new)
            self.syntax.edited(clamped, self.text)
            self.history = self.history.changed(before, clamped, self.text)
            self.diagnostics = self.diagnostics.changed(before, clamped, self.text)
            if self.deliveries:
                change = smallest(before, clamped)
                for delivery in self.deliveries:
                    delivery.changed(change, self.text)
        if len(done) > MOST_AT_ONCE and sum(hunk not in history.hunks for hunk in self.history.hunks) > 1:
            # In several places. Keys in one place may come together, too, if a client waits for a pause.
            self.history = self.history.together(history)
        self.version = version
        self.last_edits = tuple(done)
        self.turn = next(self._turns)
        self._tell()

    def replace(self, new: str, version: int) -> None:
        """Take over a whole new text."""
        self.change((Edit(ORIGIN, self.text.end, new),), version)

    def close(self) -> None:
        self.open = False
        self._tell()

    def _tell(self) -> None:
        for listener in tuple(self.on_change):
            listener()


@dataclass(slots=True, eq=False)
class ActiveEdit:
    """An edit that runs, or the last one of its document, whose hunks can be kept or reverted."""

    edit_id: str
    document: Document
    delivery: Delivery
    label: str
    task: asyncio.Task[None] | None = None
    """The work, while it goes on."""
    done: bool = False
    """The work is over. Before it has begun, it is not."""
    withdrawn: bool = False
    """Nobody wants it any more."""
    on_forget: Callable[[], None] = lambda: None
    """Called once, when nothing of the edit can be taken back any more."""

    def cancel(self) -> None:
        """Stop the work, if it still goes on or has yet to begin."""
        self.withdrawn = True
        if self.task is not None:
            self.task.cancel()


@dataclass(slots=True)
class Session:
    """Everything that outlives a request."""

    settings: Settings = field(default_factory=Settings)
    workspace_folders: list[str] = field(default_factory=list)
    """Paths in the file system."""
    documents: dict[str, Document] = field(default_factory=dict)
    edits: dict[str, ActiveEdit] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _turns: count[int] = field(default_factory=lambda: count(1))

    def open(self, uri: str, language_id: str, version: int, text: str) -> Document:
        """Take over a document. One that is open already is opened anew."""
        self.close(uri)
        document = self.documents[uri] = Document(uri, language_id, version, Text.of(text), self._turns)
        return document

    def close(self, uri: str) -> None:
        document = self.documents.pop(uri, None)
        if document is None:
            return
        document.close()
        for edit in [edit for edit in self.edits.values() if edit.document is document]:
            self.forget(edit)

    def begin_edit(self, document: Document, delivery: Delivery, label: str) -> ActiveEdit:
        """Register an edit that starts now. The finished ones of its document are kept as they are, for good."""
        for other in [other for other in self.edits.values() if other.document is document and other.done]:
            self.forget(other)
        edit = ActiveEdit(f"edit-{next(self._numbers)}", document, delivery, label)
        self.edits[edit.edit_id] = edit
        document.deliveries.append(delivery)
        return edit

    def forget(self, edit: ActiveEdit) -> None:
        """Nothing of this edit can be taken back any more; a running one is cancelled."""
        known = self.edits.pop(edit.edit_id, None) is not None
        if edit.delivery in edit.document.deliveries:
            edit.document.deliveries.remove(edit.delivery)
        edit.cancel()
        if known:
            edit.on_forget()

    def last_edit(self, uri: str) -> ActiveEdit | None:
        """The newest edit of a document that is not forgotten."""
        return next((edit for edit in reversed(self.edits.values()) if edit.document.uri == uri), None)
