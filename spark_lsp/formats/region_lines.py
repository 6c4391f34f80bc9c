"""A region's lines as a model sees them, and its new lines with the document's own line endings.

Models do not keep line endings or the final newline; documents must. So formats compare lines without endings,
and what comes back gets the endings here: those of the lines replaced, else of the neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.core.diff import Change, changes
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

    def blocks(self, hunk: LineHunk, *, last_line_ends: bool | None = None) -> list[Block]:
        """The smallest edits of a hunk over `contents`, in the coordinates of the region's text.

        Where the hunk reaches the region's end, `last_line_ends` says whether the last line is to have a line ending;
        None leaves that as it is.
        """
        old = self.contents[hunk.start : hunk.end]
        if hunk.end < len(self._lines) or (self._endings and last_line_ends == bool(self._endings[-1])):
            last_line_ends = None
        found = changes(old, hunk.new)
        if last_line_ends is not None and old and hunk.new and (not found or found[-1].old_end < len(old)):
            # The last line stays but for its ending.
            change = Change(len(old) - 1, len(old), len(hunk.new) - 1, len(hunk.new))
            if found and found[-1].old_end == change.old_start:
                change = Change(found[-1].old_start, change.old_end, found.pop().new_start, change.new_end)
            found.append(change)
        return [
            block
            for change in found
            for block in blocks(
                self._lines,
                self._with_endings(
                    hunk.start + change.old_start,
                    hunk.start + change.old_end,
                    list(hunk.new[change.new_start : change.new_end]),
                    last_line_ends,
                ),
            )
        ]

    def _with_endings(self, start: int, end: int, new: list[str], last_line_ends: bool | None) -> LineHunk:
        at_end = end == len(self._lines)
        was_open = bool(at_end and end and not self._endings[-1])
        is_open = was_open if last_line_ends is None else at_end and not last_line_ends
        if start and ((was_open and start == end) or (is_open and not new)):
            # The line before becomes or ceases to be the last one, the one without an ending: it changes too.
            start -= 1
            new.insert(0, self.contents[start])
        endings = [self._ending(start, end, offset) for offset in range(len(new))]
        if new and is_open:
            endings[-1] = ""
        return LineHunk(start, end, tuple(line + ending for line, ending in zip(new, endings, strict=True)))

    def _ending(self, start: int, end: int, offset: int) -> str:
        """The ending for a new line: of the line it replaces, else of the nearest line before, else the usual."""
        if start < end:
            return self._endings[min(start + offset, end - 1)] or self._usual
        return (self._endings[start - 1] if start else "") or self._usual
