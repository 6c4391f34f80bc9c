"""Where things are in bytes: tree-sitter counts UTF-8 bytes, a text counts lines and code points.

tree-sitter wants each edit with its offset from the start of the file. Adding up the bytes of 50,000 lines for
that would cost 1 ms a key; `LineOffsets` keeps sums for blocks of lines, so that a key costs some microseconds.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from spark_lsp.core.text import extent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spark_lsp.core.edits import Edit
    from spark_lsp.core.text import Position, Text

_BLOCK: Final = 256  # lines; a block is cut in two before it holds twice as many

Point = tuple[int, int]  # line, and bytes into it


class TreeEdit(NamedTuple):
    """An edit as ``tree.edit`` takes it."""

    start_byte: int
    old_end_byte: int
    new_end_byte: int
    start_point: Point
    old_end_point: Point
    new_end_point: Point


def encode(text: str) -> bytes:
    """UTF-8 as tree-sitter gets to see it: what cannot be encoded (a lone surrogate) is one question mark."""
    return text.encode("utf-8", "replace")


def byte_length(text: str) -> int:
    """The length of `encode` of it, without making it where that is possible."""
    return len(text) if text.isascii() else len(encode(text))


def point_of(text: Text, position: Position) -> Point:
    """A position that exists in a text, in tree-sitter's terms."""
    return position.line, byte_length(text.lines[position.line][: position.column])


@dataclass(frozen=True, slots=True)
class LineOffsets:
    """How many lines and how many bytes each block of a text has. Belongs to one text, which it does not hold.

    Invariant: no block is empty, and together they have the lines and the bytes of the text.
    """

    lines: tuple[int, ...]
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, text: Text) -> Self:
        """Measure a text: about 1 ms for 50,000 lines."""
        lines, sizes = zip(*_measure(text, 0, len(text.lines)), strict=True)
        return cls(lines, sizes)

    @property
    def total(self) -> int:
        """Bytes in the text."""
        return sum(self.sizes)

    def line_start(self, text: Text, line: int) -> int:
        """Bytes before a line of the text that this belongs to."""
        starts = list(accumulate(self.lines, initial=0))
        block = min(bisect_right(starts, line), len(self.lines)) - 1
        return sum(self.sizes[:block]) + byte_length("".join(text.lines[starts[block] : line]))

    def edited(self, edit: Edit, after: Text) -> Self:
        """The offsets of the text after an aligned edit; measures only the blocks that it touches."""
        starts = list(accumulate(self.lines, initial=0))
        first = bisect_right(starts, edit.start.line) - 1
        last = bisect_right(starts, edit.end.line)
        end = starts[last] + edit.new_end.line - edit.end.line
        lines, sizes = zip(*_measure(after, starts[first], end), strict=True)
        return type(self)(
            (*self.lines[:first], *lines, *self.lines[last:]),
            (*self.sizes[:first], *sizes, *self.sizes[last:]),
        )

    def tree_edit(self, before: Text, edit: Edit) -> TreeEdit:
        """An edit of the text that this belongs to, in bytes."""
        start_point = point_of(before, edit.start)
        start = self.line_start(before, edit.start.line) + start_point[1]
        size = extent(edit.new)
        last = byte_length(edit.new[len(edit.new) - size.column :])
        return TreeEdit(
            start,
            start + byte_length(before.slice(edit.start, edit.end)),
            start + byte_length(edit.new),
            start_point,
            point_of(before, edit.end),
            (start_point[0] + size.line, last if size.line else start_point[1] + last),
        )


def _measure(text: Text, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Lines and bytes of even blocks for the lines from first up to last."""
    blocks = max((last - first) // _BLOCK, 1)
    borders = [first + (last - first) * block // blocks for block in range(blocks + 1)]
    for start, end in pairwise(borders):
        yield end - start, byte_length("".join(text.lines[start:end]))
