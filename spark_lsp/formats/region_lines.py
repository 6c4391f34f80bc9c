"""A region's lines as a model sees them, and its new lines with the document's own line endings.

Models do not keep line endings or the final newline; documents must. So formats compare lines without endings,
and what comes back gets the endings here: those of the lines replaced, else of the neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.core.diff import changes
from spark_lsp.core.hunks import LineHunk
from spark_lsp.core.refine import Block, blocks
from spark_lsp.core.text import line_content, line_ending

if TYPE_CHECKING:
    from spark_lsp.core.text import Text


class RegionLines:
    """The lines of a region, with and without their endings."""

    def __init__(self, text: Text, usual_ending: str) -> None:
        """Take a region's text, and the line ending that its document uses."""
        lines = text.lines if text.lines[-1] else text.lines[:-1]
        self._lines = lines
        self.contents = [line_content(line) for line in lines]
        self._endings = [line_ending(line) for line in lines]
        self._usual = usual_ending

    def blocks(self, hunk: LineHunk) -> list[Block]:
        """The smallest edits of a hunk over `contents`, in the coordinates of the region's text."""
        old = self.contents[hunk.start : hunk.end]
        return [
            block
            for change in changes(old, hunk.new)
            for block in blocks(
                self._lines,
                self._with_endings(
                    hunk.start + change.old_start,
                    hunk.start + change.old_end,
                    list(hunk.new[change.new_start : change.new_end]),
                ),
            )
        ]

    def _with_endings(self, start: int, end: int, new: list[str]) -> LineHunk:
        at_open_end = end == len(self._lines) and end and not self._endings[-1]
        if at_open_end and start and not (new and start < end):
            # The line before becomes or ceases to be the last one, the one without an ending: it changes too.
            start -= 1
            new.insert(0, self.contents[start])
        endings = [self._ending(start, end, offset) for offset in range(len(new))]
        if at_open_end and new:
            endings[-1] = ""
        return LineHunk(start, end, tuple(line + ending for line, ending in zip(new, endings, strict=True)))

    def _ending(self, start: int, end: int, offset: int) -> str:
        """The ending for a new line: of the line it replaces, else of the nearest line before, else the usual."""
        if start < end:
            return self._endings[min(start + offset, end - 1)] or self._usual
        return (self._endings[start - 1] if start else "") or self._usual
