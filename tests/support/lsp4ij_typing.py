"""Somebody who types in a JetBrains IDE, and the ghost text that LSP4IJ shows there.

Sources: `LSPInlineCompletionProvider` and `LSPInlineCompletionSupport` of github.com/redhat-developer/lsp4ij, for when
it asks and what it makes of the answer; IntelliJ's inline completion (`InlineCompletionSkipTextElement`,
`InlineCompletionGrayTextElement` and what happens to them when they are typed over) for how it looks and is accepted.

Time is the test's own: it passes when `wait` is called, and nothing sleeps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from support.editor_text import offset_at

if TYPE_CHECKING:
    import asyncio

    from support.json_rpc import Message
    from support.lsp4ij_document import Lsp4ijDocument, Span
    from support.lsp4ij_editor import Lsp4ijEditor

DELAY = 0.3
"""Seconds after the last key until it asks. Nothing when it is called for by hand."""
AUTOMATIC = 2
CLOSING = {"(": ")", "[": "]", "{": "}", '"': '"', "'": "'"}


@dataclass(frozen=True)
class GhostText:
    """What stands at the caret: text of the document that is skipped over, then grey text."""

    skipped: str
    grey: str


class Lsp4ijTyping:
    """One caret in one document. `ghost` is what is on the screen."""

    def __init__(self, editor: Lsp4ijEditor, document: Lsp4ijDocument, caret: int) -> None:
        self.editor = editor
        self.document = document
        self.caret = caret
        self.ghost: GhostText | None = None
        self.variants: list[GhostText] = []
        self.asked = 0
        self._due: float | None = None
        self._now = 0.0
        self._asking: tuple[int, asyncio.Future[Message]] | None = None

    # Keys

    def type(self, text: str) -> None:
        """Press keys. The IDE closes brackets and quotation marks, and lets them be typed over."""
        for key in text:
            self._press(key)

    def _press(self, key: str) -> None:
        following = self.document.text[self.caret : self.caret + 1]
        if key == following and key in CLOSING.values() and self.ghost is None:
            self.caret += 1
            return
        spans: list[Span] = [(self.caret, self.caret, key)]
        if key in CLOSING and not following.strip():
            spans.append((self.caret, self.caret, CLOSING[key]))
        self._typed_over(key if len(spans) == 1 else "")
        self.document.command(spans)
        self.caret += len(key)
        if self.ghost is None:
            self._due = self._now + DELAY

    def _typed_over(self, key: str) -> None:
        """Grey text that begins with what is typed stays, without its beginning; any other key hides it."""
        ghost = self.ghost
        if ghost is None:
            return
        agrees = bool(key) and not ghost.skipped and ghost.grey.startswith(key) and len(ghost.grey) > len(key)
        self.ghost = GhostText("", ghost.grey[len(key) :]) if agrees else None

    def go(self, caret: int) -> None:
        """Move the caret without a change: the ghost text goes, and nothing is asked."""
        self.caret, self.ghost, self._due = caret, None, None

    # Ghost text

    async def wait(self, seconds: float = DELAY) -> GhostText | None:
        """Let time pass without a key, and the question that is due be answered."""
        self._now += seconds
        if self._due is None or self._now < self._due:
            return self.ghost
        self._due = None
        return await self.call()

    async def call(self) -> GhostText | None:
        """Ask here and now, as *Call Inline Completion* does."""
        before = self.document.text, self.caret
        answer = await self.editor.answer_to(self.start_asking())
        if before == (self.document.text, self.caret):
            items = answer["items"] if isinstance(answer, dict) else answer or []
            self.variants = [shown for item in items if (shown := self._shown(item)) is not None]
            self.ghost = self.variants[0] if self.variants else None
        return self.ghost

    def start_asking(self) -> asyncio.Future[Message]:
        """Ask, and call the question before off."""
        if self._asking is not None and not self._asking[1].done():
            self.editor.connection.notify("$/cancelRequest", {"id": self._asking[0]})
        self.asked += 1
        params = {
            "textDocument": {"uri": self.document.uri},
            "position": self.document.position(self.caret),
            "context": {"triggerKind": AUTOMATIC},
        }
        self._asking = self.editor.connection.request("textDocument/inlineCompletion", params)
        return self._asking[1]

    def _shown(self, item: Message) -> GhostText | None:
        """What LSP4IJ makes of an item: its command is not looked at, and a snippet is shown as it is written."""
        insert = item["insertText"]
        insert = insert["value"] if isinstance(insert, dict) else insert
        if not insert.strip():
            return None
        if "\r" in insert:
            self.document.problems.append(f"IntelliJ refuses carriage returns: {insert!r}")
        text, caret, skipped = self.document.text, self.caret, ""
        if (span := item.get("range")) is not None:
            start, end = (offset_at(text, span[side], self.document.encoding)[0] for side in ("start", "end"))
            if start < caret <= end and caret - start < len(insert):
                if text[start:caret] != insert[: caret - start]:
                    self.document.problems.append(f"LSP4IJ would leave {text[start:caret]!r} in front of {item}")
                insert = insert[caret - start :]
            skipped = text[caret:end]
        return GhostText(skipped, insert)

    @property
    def preview(self) -> str:
        """The document as it looks, with the grey text in it."""
        ghost, text = self.ghost, self.document.text
        if ghost is None:
            return text
        at = self.caret + len(ghost.skipped)
        return text[:at] + ghost.grey + text[at:]

    def accept(self) -> None:
        """Press Tab: the text as it looks, as one step of undo, and not a word to the server but the change."""
        ghost: Any = self.ghost
        assert ghost is not None, "no ghost text to accept"
        at = self.caret + len(ghost.skipped)
        self.ghost = None
        self.document.command([(at, at, ghost.grey)])
        self.caret = at + len(ghost.grey)
