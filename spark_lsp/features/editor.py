"""What features ask of the editor, whatever protocol leads there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.core.edits import Edits
    from spark_lsp.core.text import Range, Text


@dataclass(frozen=True, slots=True)
class Batch:
    """Edits to apply to one document."""

    uri: str
    version: int | None
    """The version of the text that the edits are for; None for a file that is not open."""
    text: Text
    """That text."""
    edits: Edits
    label: str
    first: bool
    """The first batch of an edit: a step of undo may begin before it."""
    last: bool
    """Known to be the last one: a step of undo may end behind it."""
    confirm: bool = False
    """The user is to look at the edits and to agree."""


class Progress(Protocol):
    """A sign that work goes on."""

    def end(self, message: str) -> None: ...


class Editor(Protocol):
    """The client. Only `apply` waits for it."""

    @property
    def can_confirm(self) -> bool:
        """The client can show a batch and ask the user before it applies it."""
        ...

    async def configured(self) -> None:
        """Wait until the client has told its settings, if it has any to tell."""
        ...

    def misread(self, edits: Edits, made_for: Text, text: Text) -> Edits:
        """The edits as the client reads them if it applies them to another text than the one they were made for."""
        ...

    async def apply(self, batch: Batch) -> bool:
        """Have a batch applied; the client's word on whether it was, which proves nothing."""
        ...

    def begin_progress(self, title: str, cancel: Callable[[], None]) -> Progress:
        """Show that something has begun; `cancel` is called if the user asks for it."""
        ...

    @property
    def can_show(self) -> bool:
        """The client can bring a place before the user's eyes."""
        ...

    def show(self, uri: str, place: Range, text: Text | None = None) -> None:
        """Bring a place of a document before the user's eyes, if the client can; it may open the document for that.

        For one that is not open the text is needed.
        """
        ...

    def hunks_changed(self) -> None:
        """What can be kept or reverted is not the same as before."""
        ...
