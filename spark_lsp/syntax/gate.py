"""Does a text still parse as well once it is edited? Asked of what a model wrote, before the user gets it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from spark_lsp.core.edits import Edit, apply
from spark_lsp.core.text import Position, Text
from spark_lsp.syntax.grammars import load
from spark_lsp.syntax.parse import Parse
from spark_lsp.syntax.tree import SLICE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Tree

    from spark_lsp.core.edits import Edits
    from spark_lsp.syntax.tree import SyntaxSnapshot

GATE_SECONDS: Final = 0.25
"""Most edits take a millisecond or two. A busy machine must not open the gate."""
_MOST_LINES: Final = 400
_MOST_CHARACTERS: Final = 20_000
"""Of what is parsed at once."""
_MOST_VISITS: Final = 20_000  # nodes; about 2 ms


async def parses_no_worse(
    before: SyntaxSnapshot, edits: Edits, clock: Callable[[], float], seconds: float = GATE_SECONDS
) -> bool | None:
    """Whether the snapshot's text parses no worse once all these aligned edits are done. Holds up the loop for a slice.

    A text without errors must stay without; one that has some may keep as many. On the commits of the development
    data this lets all edits of sound code pass and stops four of five in which one bracket, quote or colon is
    missing. With an error elsewhere in the file it stops as many, and 4 in 100 good edits with them, because one
    error can lead to others further down.

    None if that is unknown, which callers take for fine: there is no grammar, no tree yet, or not enough time.
    """
    if before.grammar is None or before.tree is None or before.offsets is None:
        return None
    language = load(before.grammar)
    if language is None:
        return None
    until = clock() + seconds
    old = before.tree
    if not before.current:
        caught_up = await _parsed(Parse(language, before.text, old), lambda: False, clock, until)
        if caught_up is None:
            return None
        old = caught_up
    moved = old.copy()
    for edit in reversed(edits):  # from the end, so that the offsets of those still to come stay right
        moved.edit(*before.offsets.tree_edit(before.text, edit))
    was_sound = not old.root_node.has_error
    parse = Parse(language, apply(before.text, edits), moved)
    new = await _parsed(parse, lambda: was_sound and parse.in_error, clock, until)
    if was_sound and parse.in_error:
        return False
    if new is None:
        return None
    if was_sound or not new.root_node.has_error:
        return not new.root_node.has_error
    had, has = error_count(old), error_count(new)
    return None if had is None or has is None else has <= had


async def fits_its_definition(before: SyntaxSnapshot, edit: Edit, clock: Callable[[], float]) -> bool | None:
    """The same for one small edit, asked of the definition that it is in alone, as if there were nothing else.

    For what has to be known between two keystrokes: a whole file of 10,000 lines takes 5 ms to parse anew after the
    smallest change, and a definition of 50 lines a fifth of one. It is the outermost one, or between two of them the
    one above with the lines in between. Where that is too long, the whole file is parsed.
    """
    lines = _definition_around(before, edit)
    language = None if before.grammar is None else load(before.grammar)
    if lines is None or language is None:
        return await parses_no_worse(before, (edit,), clock)
    text = Text.from_lines(before.text.lines[lines.start : lines.stop])
    inside = Edit(_up(edit.start, lines.start), _up(edit.end, lines.start), edit.new)
    new = Parse(language, apply(text, (inside,)), None).run(lambda: False)
    assert new is not None
    if not new.root_node.has_error:
        return True
    old = Parse(language, text, None).run(lambda: False)
    assert old is not None
    if not old.root_node.has_error:
        return False
    had, has = error_count(old), error_count(new)
    return None if had is None or has is None else has <= had


def _definition_around(before: SyntaxSnapshot, edit: Edit) -> range | None:
    """The lines of the outermost definition that an edit is in; None if nobody knows, or there are too many."""
    if before.tree is None or before.offsets is None:
        return None
    first, last = edit.start.line, edit.end.line
    # A cursor, since a node's own way to find a child crashes where there is none.
    cursor = before.tree.walk()
    found = cursor.goto_first_child_for_byte(before.offsets.line_start(before.text, first)) is not None
    if not found and not cursor.goto_last_child():
        return None
    node = cursor.node
    assert node is not None
    start, end = node.start_point.row, node.end_point.row
    if found and start > last:  # between two
        if not cursor.goto_previous_sibling() or (node := cursor.node) is None:
            return None
        start, end = node.start_point.row, last
    elif found and cursor.goto_previous_sibling() and (node := cursor.node) is not None and node.end_point.row >= start:
        start = node.start_point.row
    lines = range(min(start, first), min(max(end, last) + 1, len(before.text.lines)))
    size = sum(map(len, before.text.lines[lines.start : lines.stop])) if len(lines) <= _MOST_LINES else None
    return lines if size is not None and size <= _MOST_CHARACTERS else None


def _up(position: Position, lines: int) -> Position:
    return Position(position.line - lines, position.column)


async def _parsed(parse: Parse, enough: Callable[[], bool], clock: Callable[[], float], until: float) -> Tree | None:
    """The tree, a slice at a time; None if it is not there when it is time or enough is known."""
    while True:
        stop_at = min(until, clock() + SLICE_SECONDS)
        tree = parse.run(lambda: enough() or clock() >= stop_at)  # noqa: B023 (done with before the next turn)
        if tree is not None or enough() or clock() >= until:
            return tree
        await asyncio.sleep(0)


def error_count(tree: Tree) -> int | None:
    """Nodes in error or missing; looks only where there are any. None if the count would take too long."""
    count = visits = 0
    cursor = tree.walk()
    while True:
        node = cursor.node
        visits += 1
        if node is None or visits > _MOST_VISITS:
            return None
        count += node.is_error or node.is_missing
        if node.has_error and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return count
