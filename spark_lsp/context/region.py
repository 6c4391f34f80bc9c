"""The region that an edit may change, from what the user selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.core.prompt import Region
from spark_lsp.core.text import Position, Range, Text
from spark_lsp.syntax.scopes import enclosing_block

if TYPE_CHECKING:
    from spark_lsp.syntax.tree import SyntaxSnapshot


def edit_region(text: Text, syntax: SyntaxSnapshot, selected: Range) -> Region:
    """The selection, or for an empty one what encloses it in the syntax.

    Blanks before and behind the selection on its lines are taken along, so that a selection of whole statements
    is one of whole lines, whichever way it was made.
    """
    start, end = sorted((text.clamp(selected.start), text.clamp(selected.end)))
    if start == end:
        block = enclosing_block(syntax, start)
        start, end = text.clamp(block.start), text.clamp(block.end)
    else:
        start, end = _with_blanks(text, start, end)
    return Region(Text.of(text.slice(start, end)), start)


def _with_blanks(text: Text, start: Position, end: Position) -> tuple[Position, Position]:
    if not text.lines[start.line][: start.column].strip(" \t"):
        start = Position(start.line, 0)
    if end.column and not text.lines[end.line][end.column :].strip(" \t\r\n"):
        end = Position(end.line + 1, 0) if end.line + 1 < len(text.lines) else text.end
    return start, end
