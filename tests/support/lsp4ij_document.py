"""A document as IntelliJ keeps it and LSP4IJ changes it.

Sources, in github.com/redhat-developer/lsp4ij: `LanguageClientImpl.applyEdit` (a write command; the answer is
`applied: true` whatever came of it), `LSPIJUtils.applyWorkspaceEdit` and `doApplyEdits` (versions and labels are not
looked at; edits go from first to last, at places that move along; carriage returns are dropped; the document is saved
afterwards), `DocumentContentSynchronizer` (what has changed is reported once the document is committed, after the
answer).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from support.editor_document import Batch, EditorDocument
from support.editor_text import offset_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from support.json_rpc import Message

Span = tuple[int, int, str]


@dataclass
class Lsp4ijDocument(EditorDocument):
    """`text` has line feeds only; `ending` is what the file is saved with."""

    ending: str = "\n"
    undo_stack: list[str] = field(default_factory=list)
    """The text before each command: somebody's typing, or one `workspace/applyEdit`."""
    saves: int = 0
    late: int = 0
    """Batches that came for an older text, and were put into this one all the same."""
    touched: int = 0
    """Where the last change ended."""
    on_change: Callable[[], None] = lambda: None

    @classmethod
    def of_file(cls, uri: str, content: str, encoding: str, notify: Callable[[str, Message], None]) -> Lsp4ijDocument:
        """As IntelliJ loads a file: it holds line feeds whatever the file has."""
        ending = "\r\n" if "\r\n" in content else "\n"
        return cls(uri, content.replace("\r\n", "\n"), encoding, notify, ending=ending)

    @property
    def saved(self) -> str:
        """What saving writes."""
        return self.text.replace("\n", self.ending)

    def take(self, batch: Batch, answer: Callable[[bool], None]) -> None:
        """Apply a batch to the text as it is now, whatever text it was made for."""
        self.batches.append(batch)
        self.on_batch(batch)
        if any("snippet" in edit for edit in batch.edits):
            self.problems.append(f"LSP4IJ drops snippets: {batch.edits}")
        self.undo_stack.append(self.text)
        answer(True)
        in_time = batch.version == self.version
        self.late += not in_time
        self._in_turn(self._marked(batch.edits, in_time=in_time))
        self.save()
        self.after_batch(batch)

    def replace(self, start: int, end: int, new: str) -> None:
        self.command([(start, end, new)])

    def command(self, spans: Sequence[Span]) -> None:
        """Change several places at once, as one step of undo."""
        self.undo_stack.append(self.text)
        self._in_turn(spans)

    def undo(self) -> None:
        """Take back the last command."""
        self._in_turn([_difference(self.text, self.undo_stack.pop())])

    def save(self) -> None:
        self.saves += 1
        self.notify("textDocument/didSave", {"textDocument": {"uri": self.uri}})

    def _marked(self, edits: Sequence[Any], *, in_time: bool) -> list[Span]:
        """Where the edits go; positions that the text does not have are clamped.

        What is wrong with edits that were made for this very text is a problem.
        """
        spans: list[Span] = []
        for edit in edits:
            start, start_is_right = offset_at(self.text, edit["range"]["start"], self.encoding)
            end, end_is_right = offset_at(self.text, edit["range"]["end"], self.encoding)
            if in_time and not (start_is_right and end_is_right and start <= end):
                self.problems.append(f"the text has no range {edit['range']}")
            if end >= start:
                spans.append((start, end, edit["newText"].replace("\r", "")))
        for (_, above, _), (below, _, _) in pairwise(sorted(spans)):
            if in_time and below <= above:
                self.problems.append(f"LSP4IJ has no order for edits that touch: {edits}")
        return spans

    def _in_turn(self, spans: Sequence[Span]) -> None:
        """Make the changes one after another, each at the place that those before it have moved it to."""
        self._texts.append(self.text)
        changes: list[Message] = []
        left = list(spans)
        while left:
            start, end, new = left.pop(0)
            if self.text[start:end] == new:
                continue
            changes.append({"range": self.range(start, end), "rangeLength": end - start, "text": new})
            self.text = self.text[:start] + new + self.text[end:]
            self.touched = start + len(new)
            moved = len(new) - (end - start)
            left = [(one + moved, two + moved, text) if one >= end else (one, two, text) for one, two, text in left]
        if not changes:
            return
        self.version += 1
        document = {"uri": self.uri, "version": self.version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})
        self.on_change()


def _difference(old: str, new: str) -> Span:
    """The one span that makes the new text of the old one."""
    most = min(len(old), len(new))
    start = next((at for at in range(most) if old[at] != new[at]), most)
    common = next((at for at in range(most - start) if old[-1 - at] != new[-1 - at]), most - start)
    return start, len(old) - common, new[start : len(new) - common]
