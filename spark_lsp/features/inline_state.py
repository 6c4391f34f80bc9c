"""What goes on at the cursor of one document: who asked, what runs, what is shown, and where the cursor may be."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from spark_lsp.core.edits import move
from spark_lsp.core.suggestions import Suggestions, agreement
from spark_lsp.core.text import Position, extent, line_ending

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spark_lsp.core.edits import Edit
    from spark_lsp.core.suggestions import Match, Suggestion
    from spark_lsp.core.text import Text
    from spark_lsp.features.inline_run import InlineRun
    from spark_lsp.features.inline_verdicts import Shown
    from spark_lsp.session import Document

PAUSE: Final = 1.0
"""Seconds without a key after which typing begins anew, and a model is trusted anew."""
_MOST_EDITS: Final = 8
_ADDED_BY_EDITORS: Final = ")]}\"'`>"


@dataclass(frozen=True, slots=True)
class InlineItem:
    """A suggestion to show: it takes the place of what is between two positions of the cursor's line."""

    item_id: str
    text: str
    start: Position
    end: Position


@dataclass(frozen=True, slots=True, eq=False)
class Ask:
    """A request of the client's, at one moment of its document."""

    position: Position
    text: Text
    automatic: bool
    at: float


@dataclass(slots=True, eq=False)
class CursorState:
    """What goes on at the cursor of one document."""

    document: Document
    suggestions: Suggestions = field(default_factory=Suggestions)
    newest: Ask | None = None
    run: InlineRun | None = None
    next_run: InlineRun | None = None
    """For what may follow the suggestion that is shown."""
    foretold: Suggestion | None = None
    """What the text itself has told last."""
    shown: Shown | None = None
    doubtful: Shown | None = None
    """What the user has typed something else for just now: a slip, or a refusal."""
    cursors: tuple[Position, ...] = ()
    """Where the cursor may be: what was asked for tells, after a change only the change."""
    last_key: float = -PAUSE
    distrust: bool = False
    """What a model said was wrong a moment ago: the next answer is not waited for to find out whether it is, too."""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    preparing: asyncio.Task[None] | None = None
    told: tuple[int, str] | None = None
    """The line for which there was no suggestion last, and why; -1 for what has nothing to do with lines."""

    def changed(self, now: float) -> None:
        """The document was changed at this time, in seconds on the loop's clock."""
        if now - self.last_key > PAUSE:
            self.distrust = False
        self.last_key = now
        self.cursors = cursors_after(self.document.last_edits)

    def agreement(self, suggestion: Suggestion) -> Match | None:
        """How a suggestion goes on where the cursor may be; None if the document disagrees with it."""
        found = (agreement(suggestion, self.document.text, cursor) for cursor in self.cursors)
        return next((match for match in found if match is not None), None)

    def forget_foretold(self) -> None:
        """Another change may have told something else, unless the user is just taking it over."""
        if self.foretold is not None and (self.shown is None or self.shown.suggestion is not self.foretold):
            self.suggestions.remove(self.foretold)
            self.foretold = None

    def wake(self) -> None:
        self.news.set()
        self.news = asyncio.Event()


def cursors_after(edits: Sequence[Edit]) -> tuple[Position, ...]:
    """Where the cursor may be after some edits: behind what one inserted, or inside, if an editor added to it."""
    found: list[Position] = []
    for at, edit in enumerate(edits[:_MOST_EDITS]):
        inserted = edit.new
        inside = [inserted]
        while inside[-1] and inside[-1][-1] in _ADDED_BY_EDITORS and len(inside) < 3:
            inside.append(inside[-1][:-1])
        if "\n" in inserted:
            inside.append(inserted.rpartition("\n")[0].removesuffix("\r"))
        for text in inside:
            position = edit.start + extent(text)
            for later in edits[at + 1 : _MOST_EDITS]:
                position = move(position, (later,))
            found.append(position)
    return tuple(dict.fromkeys(found))


def ending_at(text: Text, position: Position) -> str:
    """What ends the lines about a position."""
    lines = text.lines
    return (
        line_ending(lines[position.line])
        or line_ending(lines[max(0, position.line - 1)])
        or line_ending(lines[0])
        or "\n"
    )
