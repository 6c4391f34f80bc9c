"""Finds where in a text the hunks of a diff belong: by what they say stands there, and only then by their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from spark_lsp.formats.reply import ReplyError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from spark_lsp.formats.unified_diff import DiffHunk

_FORMS: Final[tuple[Callable[[str], str], ...]] = (str, str.rstrip)


@dataclass(frozen=True, slots=True)
class PlacedHunk:
    """Lines start..end of a text (end excluded) become the new lines; unchanged ones at its ends are left out."""

    start: int
    end: int
    new: tuple[str, ...]
    words: str
    """Something of it to name it by."""
    reaches: int
    """The line behind the last one that it quotes."""
    old_ends: bool
    """Whether the last old line that it quotes has a line ending."""
    new_ends: bool
    """Whether the last line that it leaves there has one."""


@dataclass(frozen=True, slots=True)
class _Search:
    """A hunk and the lines where it fits."""

    hunk: DiffHunk
    starts: list[int]


class DiffPlaces:
    """Places hunks in lines without endings.

    `region` are the lines that may change. `offset` is what the file has before the first of the lines.
    """

    def __init__(self, lines: Sequence[str], region: range, offset: int) -> None:
        self._lines = lines
        self._region = region
        self._offset = offset
        self._numbers: dict[Callable[[str], str], dict[str, list[int]]] = {}

    def of(self, hunks: Iterable[DiffHunk]) -> list[PlacedHunk]:
        """A place for each hunk, none overlapping. Raises `ReplyError` if one has no place, or no certain one.

        What fits in one place only comes first: it shows by how much the model miscounts.
        """
        searches = [self._search(hunk) for hunk in hunks]
        placed: dict[int, PlacedHunk] = {}
        drifts: dict[int, int] = {}
        for number, search in enumerate(searches):
            if len(search.starts) == 1:
                placed[number] = self._placed(search.hunk, search.starts[0])
                if search.hunk.start is not None:
                    drifts[number] = search.starts[0] - (search.hunk.start - self._offset)
        for number, search in enumerate(searches):
            if number not in placed:
                drift = drifts[min(drifts, key=lambda other: abs(other - number))] if drifts else 0
                placed[number] = self._chosen(search, drift, placed.values())
        found = [placed[number] for number in sorted(placed)]
        _check_apart(found)
        return found

    def _search(self, hunk: DiffHunk) -> _Search:
        """Where a hunk fits: exactly, else but for trailing blanks, else in other readings of what it may mean."""
        if self._lines and not hunk.old:
            raise _nothing_quoted()
        for reading in (hunk, hunk.without_talk(), hunk.without_signs()):
            for form in _FORMS:
                if reading is not None and (starts := self._starts(reading.old, form)):
                    return _Search(reading, starts)
        raise ReplyError(
            f"The model's diff does not fit: “{_words(hunk)}” and the lines around it do not stand in the file as it "
            "says; try again or use the format “rewrite”."
        )

    def _starts(self, old: list[str], form: Callable[[str], str]) -> list[int]:
        if not old:
            return [0]  # of an empty file
        if form not in self._numbers:
            self._numbers[form] = _numbers(self._lines, form)
        numbers = self._numbers[form]
        old = [form(line) for line in old]
        rarest = min(range(len(old)), key=lambda number: len(numbers.get(old[number], ())))
        starts = (number - rarest for number in numbers.get(old[rarest], ()))
        return [
            start
            for start in starts
            if start >= 0 and [form(line) for line in self._lines[start : start + len(old)]] == old
        ]

    def _chosen(self, search: _Search, drift: int, taken: Collection[PlacedHunk]) -> PlacedHunk:
        """The one place of a hunk that fits in several."""
        found = {start: self._placed(search.hunk, start) for start in search.starts}
        free = {start: hunk for start, hunk in found.items() if not any(_overlap(hunk, other) for other in taken)}
        said = search.hunk.start
        expected = None if said is None else said - self._offset + drift
        if expected in free:
            return free[expected]
        if not any(line.strip() for line in search.hunk.old):
            raise _nothing_quoted()
        inside = {start: hunk for start, hunk in free.items() if self._is_inside(hunk)}
        if len(inside) == 1:
            return next(iter(inside.values()))
        if expected is not None and inside:
            # A number that is a little off tells places apart that are far from each other.
            distances = sorted((abs(start - expected), start) for start in inside)
            if 2 * distances[0][0] < distances[1][0]:
                return inside[distances[0][1]]
        raise ReplyError(
            f"The model's hunk at “{_words(search.hunk)}” fits {len(search.starts)} places; select less or say more "
            "exactly what is meant."
        )

    def _is_inside(self, hunk: PlacedHunk) -> bool:
        return self._region.start <= hunk.start and hunk.end <= self._region.stop

    def _placed(self, hunk: DiffHunk, start: int) -> PlacedHunk:
        """A hunk whose old lines begin at `start`. What it leaves as it is stays as the text has it."""
        changed = hunk.changed
        first = start + sum(line.sign != "+" for line in hunk.lines[: changed.start])
        at, new = first, []
        for line in hunk.lines[changed.start : changed.stop]:
            if line.sign != "-":
                new.append(line.text if line.sign == "+" else self._lines[at])
            if line.sign != "+":
                at += 1
        return PlacedHunk(
            first,
            at,
            tuple(new),
            _words(hunk),
            at + len(hunk.lines) - changed.stop,
            next((line.ends for line in reversed(hunk.lines) if line.sign != "+"), True),
            next((line.ends for line in reversed(hunk.lines) if line.sign != "-"), True),
        )


def _numbers(lines: Sequence[str], form: Callable[[str], str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number, line in enumerate(lines):
        found.setdefault(form(line), []).append(number)
    return found


def _overlap(one: PlacedHunk, other: PlacedHunk) -> bool:
    return one.start < other.end and other.start < one.end


def _check_apart(hunks: list[PlacedHunk]) -> None:
    in_order = sorted(hunks, key=lambda hunk: (hunk.start, hunk.end))
    for hunk, following in pairwise(in_order):
        if _overlap(hunk, following):
            raise ReplyError(
                f"The model's diff changes “{following.words}” twice; try again or use the format “rewrite”."
            )


def _nothing_quoted() -> ReplyError:
    return ReplyError(
        "The model sent a hunk that quotes no line to find its place by; try again or use the format “rewrite”."
    )


def _words(hunk: DiffHunk) -> str:
    """A line of a hunk that a user can find it by: the first that goes, else one around it, else one that comes."""
    removed = [line.text for line in hunk.lines if line.sign == "-"]
    added = [line.text for line in hunk.lines if line.sign == "+"]
    return next((line.strip() for line in (*removed, *hunk.old, *added) if line.strip()), "")[:80]
