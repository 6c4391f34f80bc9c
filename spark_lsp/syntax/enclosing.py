"""What encloses a place in the syntax, from the inside out, as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spark_lsp.syntax.offsets import point_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spark_lsp.core.text import Position
    from spark_lsp.syntax.tree import SyntaxSnapshot

_DEEPEST: Final = 200
"""Nodes that are looked at. More are around a place only in data, and each asks the tree from its root."""


def enclosing_lines(syntax: SyntaxSnapshot, position: Position) -> Iterator[range]:
    """The lines of the nodes around a position, the innermost first, each with more lines than the one before.

    Nothing without a tree, and nothing for the file as a whole.
    """
    if syntax.tree is None:
        return
    point = point_of(syntax.text, syntax.text.clamp(position))
    node = syntax.tree.root_node.descendant_for_point_range(point, point)
    last = range(0)
    for _ in range(_DEEPEST):
        if node is None or node.parent is None:
            return
        start, end = node.start_point, node.end_point
        # Some nodes end with their line ending, on the next row.
        behind = end.row if end.column == 0 and end.row > start.row else end.row + 1
        lines = range(start.row, min(behind, len(syntax.text.lines)))
        if len(lines) > len(last):
            yield lines
            last = lines
        node = node.parent
