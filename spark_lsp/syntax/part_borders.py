"""Where a file can be cut into parts that are read one by one: between siblings, at the start of a line.

What lies on both sides of such a border is only the root and nodes that can be read in parts, and no comment or
annotation ends on the line above it, since that would belong to what is below. It is never in front of the first child
of a node, which may be a docstring.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from tree_sitter import Node, TreeCursor

    from spark_lsp.core.text import Text

_BODIES: Final = frozenset({"block", "class_body", "declaration_list", "preproc_if", "preproc_ifdef"})
# What a line with the end of a comment or an annotation begins or ends with; more than these do no harm.
_COMMENT_STARTS: Final = ("#", "//", "/*", "--", "@")
_CONTINUES: Final = (
    ".",
    "?",
    "-",
    ":",
    "!",
    ")",
    "]",
    "}",
)  # the line above, for whoever looks for what a name belongs to
_COMMENT_ENDS: Final = ("*/", "]", "=end")


@dataclass(frozen=True, slots=True)
class Borders:
    """The borders of one tree."""

    text: Text
    root: Node
    containers: AbstractSet[str]
    """Nodes that can be read in parts."""

    def chain(self, row: int, byte: int) -> list[Node] | None:
        """The nodes around the start of a line, outermost first, without the root; None if it is no border."""
        cursor = self.root.walk()
        chain: list[Node] = []
        while cursor.goto_first_child_for_byte(byte) is not None:
            node = cursor.node
            if node is None:
                return None
            if node.start_byte >= byte:
                parent = chain[-1] if chain else self.root
                return (
                    chain if node.start_point[0] == row and self._is_border(parent, node.prev_sibling, node) else None
                )
            if node.type not in self.containers:
                return None
            chain.append(node)
        return None

    def following(self, row: int, stop: int, byte: int) -> int | None:
        """The first border from a line on, which begins at a byte, and in front of the line `stop`."""
        return self._search(self.root.walk(), row, stop, byte)

    def _search(self, cursor: TreeCursor, row: int, stop: int, byte: int) -> int | None:
        parent = cursor.node
        if row >= stop or parent is None or cursor.goto_first_child_for_byte(byte) is None:
            return None
        node = cursor.node
        before = None if node is None else node.prev_sibling
        while node is not None:
            start = node.start_point[0]
            if start >= stop:
                return None
            if start >= row and self._is_border(parent, before, node):
                return start
            if node.type in self.containers and node.end_point[0] > row:
                found = self._search(node.walk(), row, stop, byte)
                if found is not None:
                    return found
            before = node
            node = cursor.node if cursor.goto_next_sibling() else None
        return None

    def _is_border(self, parent: Node, before: Node | None, node: Node) -> bool:
        if before is None or not node.is_named or (parent.type not in _BODIES and parent != self.root):
            return False
        if before.has_error or node.has_error:  # what seems to be two things may be one that is broken
            return False
        row, end = node.start_point[0], before.end_point
        last = end[0] - 1 if end[1] == 0 and end[0] > before.start_point[0] else end[0]
        if last >= row:
            return False
        if self.text.lines[row].lstrip().startswith(_CONTINUES):
            return False
        above = self.text.lines[row - 1].strip()
        return not above.startswith(_COMMENT_STARTS) and not above.endswith(_COMMENT_ENDS)
