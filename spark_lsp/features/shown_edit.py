"""A next edit that the client was given to show, and what the user makes of it while they type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from spark_lsp.core.edits import apply, overlaps, rebase
from spark_lsp.core.next_edit import rest_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spark_lsp.core.edits import Edit, Edits
    from spark_lsp.core.next_edit import NextEdit
    from spark_lsp.core.text import Text
    from spark_lsp.features.next_edit_memory import Key
    from spark_lsp.prediction.prediction import Walk

Fate: TypeAlias = Literal["moved", "begun", "accepted", "withdrawn"]
"""The user typed elsewhere; or in its place, as it says; or all of it; or something else."""


@dataclass(slots=True, eq=False)
class ShownEdit:
    """A next edit that the client was given to show. Done to `text`, `edits` give what it was made for."""

    item_id: str
    next_edit: NextEdit
    """As it was made."""
    edits: Edits
    """What is left of it, in the coordinates of `text`."""
    text: Text
    """The document's, as it was reported last; the file's, if it is not open."""
    version: int | None
    """The document's; None for a file."""
    key: Key
    path: str
    walk: Walk | None
    """How it goes on once this one is accepted."""
    fate: Fate | None = None
    """What was made of it last; None as long as it is as it was made."""

    @property
    def after(self) -> Text:
        """The text once it is accepted."""
        return apply(self.text, self.edits)

    def follow(self, edits: Sequence[Edit], text: Text, version: int) -> Fate:
        """The document has this text now, by these edits, each in the coordinates of the text before it."""
        self.fate = self._follow(edits, text)
        self.version = version
        return self.fate

    def _follow(self, edits: Sequence[Edit], text: Text) -> Fate:
        moved = self.edits
        for edit in edits:
            if overlaps(moved, (edit,)):
                break
            moved = rebase(moved, (edit,))
        else:
            self.edits, self.text = moved, text
            return "moved"
        if self.after == text:
            return "accepted"
        rest = rest_of(self.text, self.edits, text)
        if rest is None:
            return "withdrawn"
        self.edits, self.text = rest, text
        return "begun"
