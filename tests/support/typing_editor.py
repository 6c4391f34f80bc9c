"""An editor in the same process in which somebody types and sees ghost text, as VS Code does it.

It asks after every change, cancels the question before, shows the answer if nothing was typed meanwhile, and keeps it
on the screen as long as what is typed agrees. Nothing is debounced here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from support.editor_text import offset_at, range_at
from support.peer import Peer

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

AUTOMATIC = 2


@dataclass(frozen=True)
class Ghost:
    """A suggestion for a text and a place in it. Offsets are in code points."""

    text: str
    """The document that it was made for."""
    cursor: int
    start: int
    end: int
    insert: str
    item: dict[str, Any]

    @property
    def result(self) -> str:
        """The document once it is accepted."""
        return self.text[: self.start] + self.insert + self.text[self.end :]

    @property
    def shown(self) -> str:
        """What stands behind the cursor in grey."""
        already = self.cursor - self.start
        return self.insert[already:]

    @property
    def fits(self) -> bool:
        """It goes on from what stands before the cursor, as ghost text must."""
        return self.start <= self.cursor <= self.end and self.insert.startswith(self.text[self.start : self.cursor])

    @property
    def id(self) -> Any:
        arguments = (self.item.get("command") or {}).get("arguments") or [{}]
        return arguments[0].get("id")


class TypingEditor(Peer):
    """`cursor` is where the last change ended."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.cursor = 0
        self.ghost: Ghost | None = None
        """What is on the screen."""
        self.on_ghost: Callable[[Ghost | None], None] = lambda ghost: None
        """Called when an answer puts something on the screen, or takes it away."""
        self.answers = 0
        self._asking: tuple[int, asyncio.Future[Any]] | None = None

    def range(self, start: int, end: int) -> dict[str, Any]:
        return range_at(self.text, start, end, self.manners.encoding)

    # Changes

    def insert(self, new: str) -> None:
        """Type at the cursor."""
        self.put(self.cursor, self.cursor, new)

    def put(self, start: int, end: int, new: str) -> None:
        """Replace some text; the cursor is behind it then."""
        self.edit(start, end, new)
        self.cursor = start + len(new)
        self.ghost = _typed_along(self.ghost, self.text, self.cursor)

    def edit(self, start: int, end: int, new: str) -> None:
        self.undo_stack.clear()  # nobody undoes here, and every entry would be a whole text
        super().edit(start, end, new)

    # Ghost text

    def start_asking(self, trigger: int = AUTOMATIC) -> tuple[int, asyncio.Future[Any]]:
        params = {
            "textDocument": {"uri": self.uri},
            "position": self.range(self.cursor, self.cursor)["start"],
            "context": {"triggerKind": trigger},
        }
        return self.start_request("textDocument/inlineCompletion", params)

    async def ask(self, trigger: int = AUTOMATIC) -> Ghost | None:
        """Ask at the cursor and wait for the answer."""
        text, cursor = self.text, self.cursor
        answer = await self.start_asking(trigger)[1]
        return self.ghost_of(answer, text, cursor)

    def ask_as_typed(self) -> asyncio.Future[Any]:
        """Ask in place of the question before, and show the answer if it comes in time."""
        if self._asking is not None and not self._asking[1].done():
            self.notify("$/cancelRequest", {"id": self._asking[0]})
        text, cursor = self.text, self.cursor
        self._asking = self.start_asking()

        def answered(future: asyncio.Future[Any]) -> None:
            self.answers += 1
            answer = future.result()
            if "error" not in answer and (self.text, self.cursor) == (text, cursor):
                self.ghost = self.ghost_of(answer, text, cursor)
                self.on_ghost(self.ghost)

        self._asking[1].add_done_callback(answered)
        return self._asking[1]

    def ghost_of(self, answer: dict[str, Any], text: str, cursor: int) -> Ghost | None:
        """The first suggestion of an answer. Fails if no editor could show it."""
        assert "error" not in answer, answer
        result = answer["result"]
        items = result["items"] if isinstance(result, dict) else result
        if not items:
            return None
        item = items[0]
        start = end = cursor
        if (span := item.get("range")) is not None:
            assert span["start"]["line"] == span["end"]["line"], f"the range spans lines: {item}"
            (start, starts_right), (end, ends_right) = (
                offset_at(text, span[side], self.manners.encoding) for side in ("start", "end")
            )
            assert starts_right, item
            assert ends_right, item
        ghost = Ghost(text, cursor, start, end, item["insertText"], item)
        assert ghost.fits, f"it does not begin with what stands before the cursor: {item}"
        return ghost

    def accept(self, ghost: Ghost, length: int | None = None) -> asyncio.Future[Any] | None:
        """Put a suggestion, or so many characters of it, into the text and tell the server as its item says."""
        if length is None:
            self.put(ghost.start, ghost.end, ghost.insert)
        else:
            self.insert(ghost.shown[:length])
        return self.tell_accepted(ghost, length)

    def tell_accepted(self, ghost: Ghost, length: int | None = None) -> asyncio.Future[Any] | None:
        """Run the item's command, as editors do once the text is in place."""
        command = ghost.item.get("command")
        if command is None:
            return None
        argument = {**(command.get("arguments") or [{}])[0], **({} if length is None else {"length": length})}
        return self.start_request("workspace/executeCommand", {"command": command["command"], "arguments": [argument]})[
            1
        ]


def _typed_along(ghost: Ghost | None, text: str, cursor: int) -> Ghost | None:
    """The same suggestion after a key, if what was typed is the beginning of it."""
    if ghost is None or cursor < ghost.cursor:
        return None
    typed = text[ghost.cursor : cursor]
    rest = len(text) - cursor
    same = text[: ghost.cursor] == ghost.text[: ghost.cursor] and text[cursor:] == ghost.text[ghost.cursor :]
    if not same or not ghost.shown.startswith(typed) or len(ghost.shown) == len(typed) or rest < 0:
        return None
    moved = cursor - ghost.cursor
    return Ghost(text, cursor, ghost.start, ghost.end + moved, ghost.insert, ghost.item)
