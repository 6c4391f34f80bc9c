"""From a hunk of whole lines to the smallest text edits that do it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spark_lsp.core.diff import Change, changes, common_length
from spark_lsp.core.edits import Edit, Edits
from spark_lsp.core.hunks import LineHunk
from spark_lsp.core.text import Position, extent, split_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spark_lsp.core.text import Text

_CHARACTER = re.compile(r"\r\n|[\s\S]")
_SHORT_AGREEMENT = 2
"""Code points that may be sent although they stand there already, to make one edit of two."""
_LARGEST_LOOKED_INTO = 4000
"""Characters of a block, old and new together, above which whole lines are sent."""


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbouring lines that change together: what a user keeps or reverts at once."""

    start: int
    """The first old line."""
    removed: int
    """Old lines that go."""
    added: int
    """New lines that come."""
    edits: Edits


def blocks(old: Sequence[str], hunk: LineHunk) -> list[Block]:
    """The blocks of changed lines in a hunk, each with its smallest edits, in the coordinates of the old lines.

    `old` and the hunk's lines carry their line endings. The edits of all blocks, done together, do the hunk.
    """
    return [
        _block(
            old, hunk.start + change.old_start, hunk.start + change.old_end, hunk.new[change.new_start : change.new_end]
        )
        for change in changes(old[hunk.start : hunk.end], hunk.new)
    ]


def smallest(text: Text, edit: Edit) -> Edits:
    """The smallest edits of the same effect. A client may send a whole document for one character."""
    old = split_lines(text.slice(edit.start, edit.end))
    found = blocks(old, LineHunk(0, len(old), tuple(split_lines(edit.new))))
    return tuple(
        Edit(edit.start + small.start, edit.start + small.end, small.new) for block in found for small in block.edits
    )


def difference(old: Text, new: Text) -> Edits:
    """The smallest edits that lead from one text to another. Looks at the lines between those that they share only."""
    one, other = old.lines, new.lines
    head = common_length(one, other)
    tail = common_length(one[head:][::-1], other[head:][::-1])
    if head == len(one) - tail == len(other) - tail:
        return ()
    start = Position(head, 0) if head < len(one) else old.end
    end = Position(len(one) - tail, 0) if tail else old.end
    return smallest(old, Edit(start, end, "".join(other[head : len(other) - tail])))


def _block(old: Sequence[str], start: int, end: int, new: tuple[str, ...]) -> Block:
    before, after = "".join(old[start:end]), "".join(new)
    edits: Edits
    if before and after and len(before) + len(after) <= _LARGEST_LOOKED_INTO:
        edits = _inside_lines(before, after, Position(start, 0))
    else:
        edits = (Edit(Position(start, 0), Position(start, 0) + extent(before), after),)
    return Block(start, end - start, len(new), edits)


def _inside_lines(before: str, after: str, origin: Position) -> Edits:
    """Edits by character. A line ending counts as one character, so that none is ever cut."""
    old, new = _CHARACTER.findall(before), _CHARACTER.findall(after)
    edits: list[Edit] = []
    at, position = 0, origin
    for change in _without_short_agreements(changes(old, new), old):
        start = position + extent("".join(old[at : change.old_start]))
        position = start + extent("".join(old[change.old_start : change.old_end]))
        at = change.old_end
        edits.append(Edit(start, position, "".join(new[change.new_start : change.new_end])))
    return tuple(edits)


def _without_short_agreements(found: list[Change], old: Sequence[str]) -> list[Change]:
    """One change for two that a few characters part: an edit for every second letter serves nobody."""
    merged: list[Change] = []
    for change in found:
        last = merged[-1] if merged else None
        between = old[last.old_end : change.old_start] if last else ()
        if last and len(between) <= _SHORT_AGREEMENT and not any(part in "\r\n" for part in between):
            merged[-1] = Change(last.old_start, change.old_end, last.new_start, change.new_end)
        else:
            merged.append(change)
    return merged
