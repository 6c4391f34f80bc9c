"""What a position is in the middle of: a comment, a string, or code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from spark_lsp.syntax.offsets import point_of

if TYPE_CHECKING:
    from spark_lsp.core.text import Position
    from spark_lsp.syntax.tree import SyntaxSnapshot

Inside: TypeAlias = Literal["comment", "string", "code"]


def inside(syntax: SyntaxSnapshot, position: Position) -> Inside:
    """What a position of the snapshot's text is in. Code where nobody knows better.

    The end of a comment that ends with its line is in it still; behind the last quotation mark of a string is code.
    """
    if syntax.tree is None:
        return "code"
    row, column = point_of(syntax.text, syntax.text.clamp(position))
    if not column:
        node = syntax.tree.root_node.descendant_for_point_range((row, 0), (row, 0))
    else:
        node = syntax.tree.root_node.descendant_for_point_range((row, column - 1), (row, column))
    point = (row, column)
    while node is not None:
        if "comment" in node.type:
            return "comment" if node.start_point < point else "code"
        if "interpolation" in node.type or "substitution" in node.type:
            return "code"
        if node.type.endswith(("string", "string_literal", "template_string", "char_literal", "heredoc_body")):
            return "string" if node.start_point < point < node.end_point else "code"
        node = node.parent
    return "code"
