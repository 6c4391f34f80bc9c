"""The lines round the cursor that a model may change as the next edit, and the code shown around them.

Models of this kind were made for windows of a certain size. Within it, a window that holds whole statements and blocks
is rewritten better than one that cuts through them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.core.text import Position, line_content
from spark_lsp.syntax.enclosing import enclosing_lines
from spark_lsp.syntax.offsets import byte_length

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spark_lsp.core.prompt import WindowSize
    from spark_lsp.core.text import Text
    from spark_lsp.syntax.tree import SyntaxSnapshot

_SHARE_AT_ONCE: Final = 0.75
"""Of the bytes of a window that is filled, for lines above and below alike before the syntax is asked."""
_LARGEST: Final = 12_000
"""Bytes of a window of so and so many lines: longer lines are data."""


@dataclass(frozen=True, slots=True)
class EditWindow:
    """Whole lines of a document, all from 0 and ends excluded."""

    lines: range
    """What may be changed."""
    shown: range | None
    """That, and the code around it that goes along; None if the size leaves that to the budget of the context."""


def edit_window(text: Text, syntax: SyntaxSnapshot, position: Position, size: WindowSize) -> EditWindow | None:
    """The window round a position of a text; None if the line there is too long for one.

    `syntax` may be of an earlier text with its borders moved along.
    """
    position = text.clamp(position)
    line, content = position.line, line_content(text.lines[position.line])
    chosen = _Lines(text, line, _LARGEST if size.grown is None else size.grown)
    if not chosen.fits:
        return None
    always = range(max(0, line - size.above), min(chosen.end, line + size.below + 1))
    chosen.spread(always.start, always.stop)
    if size.grown is None and chosen.lines != always:
        return None
    # In the blanks that a line begins with, what begins behind them counts.
    inside = Position(line, max(position.column, len(content) - len(content.lstrip())))
    nodes = [*enclosing_lines(syntax, inside)] if size.grown is not None or size.around else []
    if size.grown is not None:
        chosen.grow(nodes, filled=size.filled)
    lines = chosen.lines
    if size.around:
        chosen.room(size.around)
        chosen.grow(nodes, filled=True)
    elif size.around_lines:
        first, end = max(0, line - size.around_lines), min(chosen.end, line + size.around_lines + 1)
        return EditWindow(lines, range(min(first, lines.start), max(end, lines.stop)))
    else:
        return EditWindow(lines, None)
    return EditWindow(lines, chosen.lines)


class _Lines:
    """Some lines that become more while there is room for them."""

    def __init__(self, text: Text, line: int, most: int) -> None:
        self._text = text
        self._line = line
        # The empty line behind the last line ending of a document is none, unless the cursor is there.
        self.end = len(text.lines) - (line + 1 < len(text.lines) and not text.lines[-1])
        self.lines = range(line, line + 1)
        self._left = self._most = 0
        self.room(most)
        self._left -= self._size(self.lines)

    @property
    def fits(self) -> bool:
        return self._left >= 0

    def room(self, most: int) -> None:
        """There are so many bytes for more."""
        self._left = self._most = most

    def spread(self, first: int, end: int) -> None:
        """Take lines on both sides by turns up to these."""
        while self._add_one(first, end):
            pass

    def grow(self, nodes: Iterable[range], *, filled: bool) -> None:
        """Take what encloses these lines, from the inside out, for as long as it fits; and any lines if `filled`."""
        everything = (0, self.end)
        if filled:
            kept = int(self._most * (1 - _SHARE_AT_ONCE))
            self._left -= kept
            self.spread(*everything)
            self._left += kept
        for node in nodes:
            wider = range(min(node.start, self.lines.start), max(min(node.stop, self.end), self.lines.stop))
            if not self._take(wider):
                break
        if filled:
            self.spread(*everything)

    def _add_one(self, first: int, end: int) -> bool:
        """Take one more line, on the side that has fewer if there is room there."""
        above, below = self.lines.start - 1, self.lines.stop
        sides = [(self._line - above, above), (below - self._line, below)]
        return any(
            first <= at < end and self._take(range(min(at, self.lines.start), max(at + 1, self.lines.stop)))
            for _, at in sorted(sides)
        )

    def _take(self, wider: range) -> bool:
        more = self._size(range(wider.start, self.lines.start)) + self._size(range(self.lines.stop, wider.stop))
        if more > self._left:
            return False
        self.lines = wider
        self._left -= more
        return True

    def _size(self, lines: range) -> int:
        """Bytes in lines; no more are measured than there is room for."""
        total = 0
        for line in lines:
            total += byte_length(self._text.lines[line])
            if total > self._left:
                break
        return total
