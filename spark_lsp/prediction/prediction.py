"""The one edit to suggest next in a text, or none: the nearest that is likely enough and was not refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from spark_lsp.core.edits import Edit
from spark_lsp.core.text import Position, line_content, line_ending
from spark_lsp.prediction.engine import candidates
from spark_lsp.prediction.finding import MOST_CHANGES, line_changes
from spark_lsp.prediction.rules import word_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from spark_lsp.core.edits import Edits
    from spark_lsp.core.history import EditHistory
    from spark_lsp.core.text import Text
    from spark_lsp.prediction.engine import Candidate
    from spark_lsp.prediction.finding import LineChange, Way

ENOUGH: Final = 0.58
"""From so much confidence on a candidate is suggested."""
ENOUGH_AGAIN: Final = 0.55
"""The same of what is like several changes that were the same."""
ENOUGH_TO_GO_ON: Final = 0.2
"""The same right after the user has accepted one, of what is like all that were accepted."""
ENOUGH_ON_A_WALK: Final = 0.4
"""The same of what is not."""
AS_GOOD: Final = 0.03
"""What is less likely than the likeliest by no more than this may come before it, if it is nearer."""
MOST_LINES: Final = 6000
"""Of a text that are looked at."""
ENOUGH_BACK: Final = 0.7
"""The same in the direction from which the user comes, where it is looked for only if it is asked for."""
ENOUGH_ELSEWHERE: Final = 0.8
"""The same in another document."""


@dataclass(frozen=True, slots=True)
class Walk:
    """The user accepts one after another. What was passed over on the way may still come."""

    way: Way
    since: int
    """The line of the last change that was the user's own."""


def predicted(
    text: Text,
    history: EditHistory,
    at: Position,
    is_refused: Callable[[Candidate], bool] = lambda _: False,
    *,
    both_ways: bool = False,
    walk: Walk | None = None,
) -> Candidate | None:
    """What comes next in a text that was changed as its history says, with the cursor at a position.

    It goes on in the direction in which the same was done last, and back only if asked to look both ways.
    Less evidence will do on a walk.
    """
    changed = line_changes(text.lines, history.hunks)
    if not changed:
        return None
    if walk is not None:
        return _nearest(text, changed, walk.way, ENOUGH_ON_A_WALK, at, is_refused, walk.since, ENOUGH_TO_GO_ON)
    way = direction(changed)
    first = _nearest(text, changed, way, ENOUGH, at, is_refused, enough_if_it_fits=ENOUGH_AGAIN)
    if first is not None or not both_ways:
        return first
    return _nearest(text, changed, "up" if way == "down" else "down", ENOUGH_BACK, at, is_refused)


def walk_from(text: Text, history: EditHistory) -> Walk | None:
    """The walk that begins when the next edit of a text is accepted; None if nothing was changed."""
    changed = line_changes(text.lines, history.hunks)
    if not changed:
        return None
    way, newest = direction(changed), [one.line for one in changed[-MOST_CHANGES:]]
    return Walk(way, max(newest) if way == "down" else min(newest))


def direction(changed: Sequence[LineChange]) -> Way:
    """Upwards if the newest change was made below it before, else downwards: an edit elsewhere turns nobody round."""
    newest = changed[-1]
    kinds = _kinds(newest)
    above = any(one.line > newest.line and kinds & _kinds(one) for one in changed[-MOST_CHANGES:-1])
    return "up" if above else "down"


def _kinds(change: LineChange) -> set[tuple[tuple[str, ...], tuple[str, ...]]]:
    """What a change makes of what."""
    kinds = {(rule.removed, rule.added) for rule in word_rules(change.old, change.new)}
    stripped = tuple(line.strip() for line in change.old), tuple(line.strip() for line in change.new)
    return kinds | {stripped}


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
    since: int | None = None,
    enough_if_it_fits: float = 1.0,
) -> Candidate | None:
    """Of the likeliest, the first in this direction from the cursor, or else the nearest to it."""
    least = min(enough, enough_if_it_fits)
    found = _candidates(text, changed, way, since)
    likely = [one for one in found if one.confidence >= (least if one.fits else enough)]

    def order(one: Candidate) -> tuple[bool, int]:
        is_behind = one.line > at.line if way == "up" else max(one.end - 1, one.line) < at.line
        return is_behind, abs(one.line - at.line)

    while likely:
        best = max(one.confidence for one in likely)
        nearest = min((one for one in likely if one.confidence >= best - AS_GOOD), key=order)
        if not is_refused(nearest):
            return nearest
        likely.remove(nearest)
    return None


def _candidates(text: Text, changed: list[LineChange], way: Way, since: int | None) -> list[Candidate]:
    """The candidates; of a long text those around the newest change."""
    lines = text.lines
    if len(lines) <= MOST_LINES:
        return candidates(lines, changed, way, since)
    first = 0 if way == "elsewhere" else max(0, changed[-1].line - MOST_LINES // 2)
    window = lines[first : first + MOST_LINES]
    if way != "elsewhere":
        near = (one for one in changed if first <= one.line and one.end <= first + len(window))
        changed = [replace(one, line=one.line - first) for one in near]
    found = candidates(window, changed, way, None if since is None else since - first)
    is_cut = first + len(window) < len(lines)
    return [
        replace(one, line=one.line + first, end=one.end + first) for one in found if not is_cut or one.end < len(window)
    ]


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
