"""When the cursor is left alone: places where nobody is asked, and texts that are not shown. Each has a reason."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from spark_lsp.core.code_lines import is_closing, width
from spark_lsp.core.edits import Edit
from spark_lsp.core.text import Position, line_content
from spark_lsp.syntax.gate import fits_its_definition
from spark_lsp.syntax.surroundings import inside

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from spark_lsp.core.history import EditHistory
    from spark_lsp.core.text import Text
    from spark_lsp.session import Snapshot
    from spark_lsp.settings.model import InlineSettings

_OPENS: Final = "([{,=:<>+-*/%&|!? \t"
"""What can stand before the cursor where an expression is about to begin."""
_FRESH_HUNKS: Final = 2
_LINES_BELOW: Final = 40
_SHORTEST_UNDONE: Final = 2


def why_not_asked(snapshot: Snapshot, position: Position, last: Sequence[Edit], settings: InlineSettings) -> str | None:
    """Why no model is asked for this place without having been told to; None if one is."""
    line = line_content(snapshot.text.lines[position.line])
    before, rest = line[: position.column], line[position.column :]
    if f"x{before[-1:]}{rest[:1]}".isidentifier() and before and rest:
        return "in the middle of a word"
    if rest.strip() and not is_closing(rest):
        if not before.strip():
            return "in front of the code of its line"
        if before[-1] not in _OPENS:
            return "in the middle of a line"
    if last and last[0].start == position and not any(edit.new for edit in last):
        return "after a deletion"
    place = inside(snapshot.syntax, position)
    if place == "comment" and not settings.in_comments:
        return "in a comment (inline.inComments)"
    if place == "string" and not settings.in_strings:
        return "in a string (inline.inStrings)"
    return None


async def why_it_does_not_fit(
    snapshot: Snapshot, position: Position, new: str, replaced: int, clock: Callable[[], float]
) -> str | None:
    """Why a text is not shown at a position, whoever asks for it; None if it fits. `new` has the document's endings."""
    edit = Edit(position, Position(position.line, position.column + replaced), new)
    parses = await fits_its_definition(snapshot.syntax, edit, clock)
    if parses is False:
        return "the file would not parse any more"
    rest = line_content(snapshot.text.lines[position.line])[position.column + replaced :]
    if rest.strip() and not is_closing(rest) and not parses:
        return "nobody knows whether it fits the code behind the cursor"
    if _repeats(snapshot.text, position, new, rest):
        return "it repeats the lines that follow"
    return None


def why_it_is_unwelcome(text: Text, position: Position, new: str, replaced: int, history: EditHistory) -> str | None:
    """Why a text is not shown without having been asked for."""
    if _undoes(text, position, new, replaced, history):
        return "it undoes what was just changed"
    return None


def _repeats(text: Text, position: Position, new: str, rest: str) -> bool:
    """Whether the first of the suggested lines stand right below."""
    if rest.strip():
        return False
    before = text.lines[position.line][: position.column]
    suggested = [line for line in (before + new).replace("\r", "\n").split("\n") if line.strip()]
    if before.strip() and new.lstrip(" \t").startswith(("\r", "\n")):
        suggested = suggested[1:]  # the cursor's own line stays as it is
    below = (line_content(line) for line in text.lines[position.line + 1 : position.line + _LINES_BELOW])
    following = list(islice((line for line in below if line.strip()), 2))
    if not suggested or not following:
        return False
    first, there = suggested[0], following[0]
    if first.strip() != there.strip() or width(first) != width(there):
        return False
    return len(suggested) < 2 or len(following) < 2 or suggested[1].strip() == following[1].strip()


def _undoes(text: Text, position: Position, new: str, replaced: int, history: EditHistory) -> bool:
    """Whether the text brings back lines that were changed or deleted a moment ago."""
    if len(new.strip()) < _SHORTEST_UNDONE:
        return False
    line = text.lines[position.line]
    made = line[: position.column] + new + line_content(line)[position.column + replaced :]
    lines = [one.strip() for one in made.replace("\r", "\n").split("\n") if one.strip()]
    for hunk in history.hunks[-_FRESH_HUNKS:]:
        if not hunk.line - 1 <= position.line <= hunk.end:
            continue
        old = {one.strip() for one in hunk.old if one.strip()}
        now = {one.strip() for one in text.lines[hunk.line : hunk.end]}
        if lines and any(one in old - now for one in lines) and all(one in old for one in lines):
            return True
    return False
