"""What encloses a position: the function, class or block of data that an edit without a selection is about.

The queries in ``queries/`` say by these captures what counts as enclosing:

- ``@scope``: a definition (function, method, class, type, CSS rule, TOML table). The innermost one wins.
- ``@block``: what serves where no scope does, if it has more than one line: a call that is given a function, a loop
  of a script, a nested value.
- ``@item``: what serves where no block does either, of any size: a pair of a data file.
- ``@wrapper``: belongs to the definition that is its child, as decorators and ``export`` do.

Namespaces and packages are no scopes: they tend to be the whole file. No pattern begins with the root of the tree:
such a one makes tree-sitter walk over all of a file, 0.5 ms at 50,000 lines, where a query takes 0.02 ms without.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from tree_sitter import QueryCursor

from spark_lsp.core.text import Position, Range, line_content
from spark_lsp.syntax.grammars import scope_query
from spark_lsp.syntax.offsets import byte_length, point_of

if TYPE_CHECKING:
    from tree_sitter import Node

    from spark_lsp.core.text import Text
    from spark_lsp.syntax.tree import SyntaxSnapshot

# Siblings that belong to the definition right below them, in the grammars that do not wrap the two.
_LEADING: Final = frozenset({"attribute_item", "block_comment", "comment", "decorator", "line_comment"})
_REACH: Final = 40  # lines that are looked at above and below the cursor's: a file can be one endless paragraph


def enclosing_scope(syntax: SyntaxSnapshot, position: Position) -> Range | None:
    """The innermost definition or block of data around a position, as whole lines; None if there is none.

    Decorators, attributes and comments right above it are part of it. On a blank line that is indented further
    than the definition above it, that definition still encloses: whoever begins a new line at the end of a
    Python function is in it.
    """
    text = syntax.text
    position = text.clamp(position)
    line = line_content(text.lines[position.line])
    indentation = _indentation(line)
    found = _innermost(syntax, Position(position.line, max(position.column, indentation)))
    above = _line_above(text, position.line)
    if indentation == len(line) > 0 and above is not None:
        continued = _innermost(syntax, Position(above, text.line_length(above)), indented_less_than=indentation)
        if continued is not None and (found is None or continued.start_byte > found.start_byte):
            found = continued
    return None if found is None else _whole_lines(text, found, position.line)


def enclosing_block(syntax: SyntaxSnapshot, position: Position) -> Range:
    """The enclosing scope or else the paragraph round a position, as whole lines."""
    return enclosing_scope(syntax, position) or paragraph(syntax.text, position)


def paragraph(text: Text, position: Position) -> Range:
    """The lines round a position up to the nearest blank ones, but no more than 40 on either side.

    A blank line stands for the gap that it is in: all its blank lines, and one line above and below them, so that
    what is to be written there has something to hold on to.
    """
    first = last = line = text.clamp(position).line
    blank = _is_blank(text, line)
    lowest, highest = max(line - _REACH, 0), min(line + _REACH, len(text.lines) - 1)
    while first > lowest and _is_blank(text, first - 1) == blank:
        first -= 1
    while last < highest and _is_blank(text, last + 1) == blank:
        last += 1
    if blank:
        first, last = max(first - 1, lowest), min(last + 1, highest)
    return _lines(text, first, last)


def _innermost(syntax: SyntaxSnapshot, position: Position, indented_less_than: int | None = None) -> Node | None:
    """The best node around a position (borders included), together with what wraps it."""
    query = None if syntax.grammar is None else scope_query(syntax.grammar)
    if query is None or syntax.tree is None:
        return None
    point = point_of(syntax.text, position)
    cursor = QueryCursor(query)
    # A byte more on either side, since a range finds only what reaches into it.
    cursor.set_point_range((point[0], max(point[1] - 1, 0)), (point[0], point[1] + 1))
    captured: dict[str, list[Node]] = defaultdict(list)
    for _, captures in cursor.matches(syntax.tree.root_node):  # not `captures`, which gives those of half a match too
        for name, nodes in captures.items():
            captured[name] += nodes
    wrappers = {child.id: node for node in captured["wrapper"] for child in node.children}
    choices = (
        captured["scope"],
        [node for node in captured["block"] if _last_row(node) > node.start_point.row],
        captured["item"],
    )
    for nodes in choices:
        around = [
            node
            for node in nodes
            if node.start_point <= point <= node.end_point
            and (indented_less_than is None or _indentation_of(syntax.text, node) < indented_less_than)
        ]
        if around:
            node = max(around, key=lambda node: (node.start_byte, -node.end_byte))
            while (wrapper := wrappers.get(node.id)) is not None:
                node = wrapper
            return node
    return None


def _whole_lines(text: Text, node: Node, line: int) -> Range:
    """The lines of a node with the comments that lead it and without the blank ones at its end; has the line given."""
    first = node.start_point.row
    sibling = node.prev_sibling
    while sibling is not None and _leads(text, sibling, first):
        first = sibling.start_point.row
        sibling = sibling.prev_sibling
    last = min(_last_row(node), len(text.lines) - 1)
    while last > first and _is_blank(text, last):
        last -= 1
    return _lines(text, min(first, line), max(last, line))


def _leads(text: Text, node: Node, row: int) -> bool:
    """True for a comment or an attribute that has the lines just above a row to itself."""
    start = node.start_point
    if node.type not in _LEADING or start.row >= row or _last_row(node) + 1 != row:
        return False
    line = text.lines[start.row]
    return byte_length(line[: _indentation(line)]) == start.column


def _lines(text: Text, first: int, last: int) -> Range:
    end = Position(last + 1, 0) if last + 1 < len(text.lines) else text.end
    return Range(Position(first, 0), end)


def _last_row(node: Node) -> int:
    """The last row with something of a node; some nodes end with their line ending, on the next row."""
    start, end = node.start_point, node.end_point
    return end.row - 1 if end.column == 0 and end.row > start.row else end.row


def _line_above(text: Text, line: int) -> int | None:
    """The nearest line above that is not blank, if it is near enough."""
    near = range(line - 1, max(line - _REACH, 0) - 1, -1)
    return next((above for above in near if not _is_blank(text, above)), None)


def _indentation_of(text: Text, node: Node) -> int:
    return _indentation(text.lines[min(node.start_point.row, len(text.lines) - 1)])


def _indentation(line: str) -> int:
    """Code points of white space that a line begins with; of a blank line all but its line ending."""
    content = line_content(line)
    return len(content) - len(content.lstrip())


def _is_blank(text: Text, line: int) -> bool:
    return not text.lines[line].strip()
