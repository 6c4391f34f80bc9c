"""An editor without anybody in front of it: what a feature asks for is done to the session's document at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.core.edits import Edits
    from spark_lsp.core.text import Range, Text
    from spark_lsp.features.editor import Batch
    from spark_lsp.session import Document


class LocalEditor:
    """Serves one document. `on_batch` is called after each batch. It satisfies the port `features.editor.Editor`."""

    def __init__(self, document: Document, on_batch: Callable[[], None]) -> None:
        self._document = document
        self._on_batch = on_batch

    @property
    def can_confirm(self) -> bool:
        return False

    async def configured(self) -> None:
        """The settings are there from the start."""

    def misread(self, edits: Edits, made_for: Text, text: Text) -> Edits:  # noqa: ARG002
        return edits

    async def apply(self, batch: Batch) -> bool:
        document = self._document
        # From the bottom up, as each edit is to be in the coordinates of the text before it.
        document.change(reversed(batch.edits), document.version + 1)
        self._on_batch()
        return True

    def begin_progress(self, title: str, cancel: Callable[[], None]) -> _NoProgress:  # noqa: ARG002
        return _NoProgress()

    @property
    def can_show(self) -> bool:
        return False

    def show(self, uri: str, place: Range, text: Text | None = None) -> None:
        """There is nobody to show anything to."""

    def hunks_changed(self) -> None:
        pass


class _NoProgress:
    """Whoever runs the command shows progress in a way of their own."""

    def end(self, message: str) -> None:
        pass
