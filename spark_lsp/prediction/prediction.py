"""The one edit to suggest next in a text, or none: the nearest that is likely enough and was not refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spark_lsp.core.edits import Edit
from spark_lsp.core.text import Position, line_content, line_ending
from spark_lsp.prediction.engine import candidates, line_changes

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.core.edits import Edits
    from spark_lsp.core.history import EditHistory
    from spark_lsp.core.text import Text
    from spark_lsp.prediction.engine import Candidate, LineChange, Way

ENOUGH: Final = 0.71
"""From so much confidence on a candidate is suggested."""
AS_GOOD: Final = 0.03
"""What is less likely than the likeliest by no more than this may come before it, if it is nearer."""
ENOUGH_ELSEWHERE: Final = 0.9
"""The same in another document, or in the direction from which the user comes."""


def predicted(
    text: Text,
    history: EditHistory,
    at: Position,
    is_refused: Callable[[Candidate], bool] = lambda _: False,
    *,
    both_ways: bool = False,
) -> Candidate | None:
    """What comes next in a text that was changed as its history says, with the cursor at a position.

    It goes on in the direction in which the last changes went, and back only if asked to look both ways.
    """
    changed = line_changes(text.lines, history.hunks)
    if not changed:
        return None
    ways: list[Way] = ["down", "up"]
    if len(changed) > 1 and changed[-1].line < changed[-2].line:
        ways.reverse()
    first = _nearest(text, changed, ways[0], ENOUGH, at, is_refused)
    if first is not None or not both_ways:
        return first
    return _nearest(text, changed, ways[1], ENOUGH_ELSEWHERE, at, is_refused)


def predicted_elsewhere(
    text: Text, changed_text: Text, history: EditHistory, is_refused: Callable[[Candidate], bool] = lambda _: False
) -> Candidate | None:
    """What comes next in one text, told from the changes of another."""
    changed = line_changes(changed_text.lines, history.hunks)
    if not changed:
        return None
    return _nearest(text, changed, "elsewhere", ENOUGH_ELSEWHERE, Position(0, 0), is_refused)


def _nearest(
    text: Text,
    changed: list[LineChange],
    way: Way,
    enough: float,
    at: Position,
    is_refused: Callable[[Candidate], bool],
) -> Candidate | None:
    """Of the likeliest, the first in this direction from the cursor, or else the nearest to it."""
    found = [one for one in candidates(text.lines, changed, way) if one.confidence >= enough and not is_refused(one)]

    def order(one: Candidate) -> tuple[bool, int]:
        is_behind = one.line > at.line if way == "up" else max(one.end - 1, one.line) < at.line
        return is_behind, abs(one.line - at.line)

    best = max((one.confidence for one in found), default=0.0)
    return min((one for one in found if one.confidence >= best - AS_GOOD), key=order, default=None)


def edits_of(text: Text, candidate: Candidate) -> Edits:
    """A candidate as one edit of the text; where lines replace lines, it leaves the last line ending alone."""
    start, new = Position(candidate.line, 0), "".join(candidate.new)
    if candidate.end >= len(text.lines):
        return (Edit(start, text.end, new),)
    if candidate.new and candidate.line < candidate.end:
        last = candidate.end - 1
        ending = line_ending(text.lines[last])
        if ending == line_ending(candidate.new[-1]):
            content = line_content(text.lines[last])
            return (Edit(start, Position(last, len(content)), new[: len(new) - len(ending)]),)
    return (Edit(start, Position(candidate.end, 0), new),)
