"""The edit that is likely to come next, whoever thought of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.core.code_lines import Brackets
from spark_lsp.core.diff import common_length
from spark_lsp.core.edits import Edit, apply
from spark_lsp.core.refine import smallest
from spark_lsp.core.text import Position

if TYPE_CHECKING:
    from spark_lsp.core.edits import Edits
    from spark_lsp.core.text import Text

OFFLINE: Final = "offline"
"""The source of what the text tells, without a model."""


@dataclass(frozen=True, slots=True)
class NextEdit:
    """An edit that is likely to come next, for one document as it is now, or for a file that is not open."""

    uri: str
    version: int | None
    """The document's; None for a file."""
    edits: Edits
    """Sorted and disjoint, in the coordinates of that document's text."""
    source: str
    """`OFFLINE`, or the name of the format that a model was asked in."""
    confidence: float
    """From 0 to 1."""
    file: Text | None = None
    """What the file holds that is not open; None for a document."""


def rest_of(before: Text, edits: Edits, now: Text) -> Edits | None:
    """What is left of edits of a text that somebody is doing by hand; None if that is not what the text says now.

    They may have deleted some of what goes, from either side, and typed some of what comes, from its beginning. What is
    between the first and the last thing that changes goes and comes, too. Brackets that editors close are allowed for.
    """
    after = apply(before, edits)
    first, behind = edits[0].start.line, len(before.lines) - edits[-1].end.line - 1
    end = len(now.lines) - behind
    if end <= first or now.lines[:first] != before.lines[:first]:
        return None
    if behind and now.lines[end:] != before.lines[-behind:]:
        return None
    old, new, there = ("".join(text.lines[first : len(text.lines) - behind]) for text in (before, after, now))
    head, tail, shared = common_length(old, new), common_length(old[::-1], new[::-1]), min(len(old), len(new))
    ways = {(head, tail)}
    if head + tail > shared:  # of what is there twice, either may be the one that goes or comes
        own = min(max(edits[0].start.column, shared - tail), head)
        ways = {(own, shared - own), (head, shared - head)}
    if not any(_is_on_the_way(old, new, there, *way) for way in ways):
        return None
    return smallest(now, Edit(Position(first, 0), Position(end, 0) if behind else now.end, new))


def _is_on_the_way(old: str, new: str, there: str, head: int, tail: int) -> bool:
    """Whether a text is between an old one and a new one that share so many characters at either end."""
    if len(there) < head + tail or there[:head] != old[:head] or there[len(there) - tail :] != old[len(old) - tail :]:
        return False
    goes, comes, typed = (text[head : len(text) - tail] for text in (old, new, there))
    begun = max(common_length(typed, goes), common_length(typed, comes))
    kept = common_length(typed[::-1], goes[::-1])
    return kept + begun >= len(typed) or Brackets().feed(typed[:begun]).closing.startswith(typed[begun:])
