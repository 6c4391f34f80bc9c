"""What comes next in a text, told from what was changed in it last: the same again, where it is likely to be meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.core.text import line_ending
from spark_lsp.prediction.evidence import likelihood
from spark_lsp.prediction.finding import MOST_CHANGES, found_again
from spark_lsp.prediction.sites import LineSite, WordSite

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spark_lsp.prediction.finding import Found, LineChange, Way

ENOUGH_TO_JOIN: Final = 0.25
"""What is as likely as this is done along with what is likelier in the same line."""
ENOUGH_FOR_LINES: Final = 0.35
"""What is as likely as this is done along with the lines that it touches."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Lines [line, end) of a text become others."""

    line: int
    end: int
    new: tuple[str, ...]
    """With line endings, but for the last line of a text that has none."""
    confidence: float
    fits: bool = False
    """It is like all of several changes that were the same."""


@dataclass(frozen=True, slots=True)
class _Rated:
    """A place, and how likely it is."""

    chance: float
    found: Found


def candidates(
    lines: Sequence[str],
    changed: Sequence[LineChange],
    way: Way = "down",
    since: int | None = None,
    least: float = ENOUGH_TO_JOIN,
) -> list[Candidate]:
    """What may come next and is as likely as `least`, from top to bottom; if that is enough is for the caller to judge.

    `since` is the line from which on places are still to come, if that is not the last of the changed ones.
    """
    rated = [_Rated(likelihood(one.evidence), one) for one in found_again(lines, changed, way, since)]
    rated = sorted((one for one in _without_parts(rated) if one.chance >= least), key=lambda one: -one.chance)
    chosen: dict[int, list[_Rated]] = {}
    blocks: list[Candidate] = []
    taken: set[int] = set()
    for one in rated:
        site = one.found.site
        if isinstance(site, LineSite):
            span = range(site.line, max(site.end, site.line + 1))
            if taken.isdisjoint(span) and chosen.keys().isdisjoint(range(site.line, site.end)):
                blocks.append(Candidate(site.line, site.end, _ended(site, lines), one.chance, one.found.fits))
                taken.update(span)
        elif site.line not in taken:
            others = chosen.setdefault(site.line, [])
            exact = any(_word_site(other).exact for other in others)
            if site.exact and not exact:
                others[:] = [one]
            elif not exact and not any(
                site.start <= _word_site(other).end and _word_site(other).start <= site.end for other in others
            ):
                others.append(one)
    balances = {_opened(balance) for balance in _balances(changed)}
    return _joined([*blocks, *_changed_lines(lines, chosen, balances)])


def _word_site(one: _Rated) -> WordSite:
    assert isinstance(one.found.site, WordSite)
    return one.found.site


def _without_parts(rated: list[_Rated]) -> list[_Rated]:
    """Where all of a change fits, no part of it is done alone; all of it is as likely as the likeliest part."""
    wholes: dict[tuple[int, int], list[Found]] = {}
    for one in rated:
        if one.found.part is None:
            for line in one.found.lines:
                wholes.setdefault((one.found.change, line), []).append(one.found)
    kept: list[_Rated] = []
    raised: dict[int, float] = {}
    for one in rated:
        part = one.found
        around = None
        if part.part is not None:
            around = next((whole for whole in wholes.get((part.change, part.site.line), ()) if whole.holds(part)), None)
        if around is None:
            kept.append(one)
        else:
            raised[id(around)] = max(raised.get(id(around), 0.0), one.chance)
    return [_Rated(max(one.chance, raised.get(id(one.found), 0.0)), one.found) for one in kept]


def _balances(changed: Sequence[LineChange]) -> set[tuple[int, ...]]:
    """How the changes altered the number of brackets and quotes in their lines."""
    found = {(0,) * len(_BRACKETS)}
    for one in changed[-MOST_CHANGES:]:
        if len(one.old) == len(one.new):
            found.update(_balance(old, new) for old, new in zip(one.old, one.new, strict=True))
    return found


_BRACKETS: Final = "()[]{}\"'`"


def _balance(old: str, new: str) -> tuple[int, ...]:
    return tuple(new.count(bracket) - old.count(bracket) for bracket in _BRACKETS)


def _opened(balance: tuple[int, ...]) -> tuple[int, ...]:
    """So many brackets of each kind are opened, and whether a string is."""
    return (
        *(balance[index] - balance[index + 1] for index in range(0, 6, 2)),
        *(balance[index] % 2 for index in range(6, 9)),
    )


def _changed_lines(
    lines: Sequence[str], chosen: dict[int, list[_Rated]], balances: set[tuple[int, ...]]
) -> Iterator[Candidate]:
    """The lines with all of their changes, but for those where that leaves brackets or quotes in disorder."""
    for number, its in chosen.items():
        line = new = lines[number]
        chance = 1.0
        for one in sorted(its, key=lambda one: -_word_site(one).start):
            site = _word_site(one)
            new = new[: site.start] + site.new + new[site.end :]
            chance *= one.chance
        if not new.strip():
            new = line_ending(line)
        if new != line and _opened(_balance(line, new)) in balances:
            yield Candidate(number, number + 1, (new,), chance, all(one.found.fits for one in its))


def _ended(site: LineSite, lines: Sequence[str]) -> tuple[str, ...]:
    """The new lines with line endings like those around them."""
    ending = line_ending(lines[min(site.line, len(lines) - 1)]) or line_ending(lines[0]) or "\n"
    is_last = site.end == len(lines) and site.end > site.line
    return tuple(line + ("" if is_last and one == len(site.new) - 1 else ending) for one, line in enumerate(site.new))


def _joined(pieces: list[Candidate]) -> list[Candidate]:
    """What touches is one candidate, but for what is rather not meant."""
    joined: list[Candidate] = []
    for piece in sorted(pieces, key=lambda piece: (piece.line, piece.end)):
        last = joined[-1] if joined else None
        if last is not None and last.end == piece.line and min(last.confidence, piece.confidence) >= ENOUGH_FOR_LINES:
            chance = min(last.confidence, piece.confidence)
            joined[-1] = Candidate(last.line, piece.end, last.new + piece.new, chance, last.fits and piece.fits)
        else:
            joined.append(piece)
    return joined
