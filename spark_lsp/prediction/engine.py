"""What comes next in a text, told from what was changed in it last: the same again, where it is likely to be meant.

Pure and bounded: it looks at the newest changes only, at lines that hold the words in question, and at no more places
than `sites.MOST_SITES` a rule.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from spark_lsp.core.diff import changes
from spark_lsp.core.text import line_ending
from spark_lsp.prediction.evidence import Standing, evidence, evidence_of_lines, likelihood
from spark_lsp.prediction.rules import line_rule, word_rules
from spark_lsp.prediction.sites import LineSite, line_sites, word_sites
from spark_lsp.prediction.words import end_of_block

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from spark_lsp.core.history import ChangedLines
    from spark_lsp.prediction.sites import WordSite

MOST_CHANGES: Final = 4
"""Of the newest that are looked at."""
MOST_RULES: Final = 24
"""Of the newest changes that are looked at."""
LARGEST_EXAMPLE: Final = 12
"""Lines on one side. What was pasted or formatted is no example of what is to be done again."""
ENOUGH_TO_JOIN: Final = 0.25
"""What is as likely as this is done along with what is likelier in the same lines."""
_NEAR_WORDS: Final = 4

Way = Literal["down", "up", "elsewhere"]
"""Where to look: below the newest changes, above them, or in all of another text."""


@dataclass(frozen=True, slots=True)
class LineChange:
    """Lines [line, line + len(new)) of a text were others before."""

    line: int
    old: tuple[str, ...]
    new: tuple[str, ...]
    before: str = ""
    """The line before them, and the one behind."""
    behind: str = ""

    @property
    def end(self) -> int:
        return self.line + len(self.new)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Lines [line, end) of a text become others."""

    line: int
    end: int
    new: tuple[str, ...]
    """With line endings, but for the last line of a text that has none."""
    confidence: float


@dataclass(frozen=True, slots=True)
class Found:
    """A rule at a place, and what speaks for it."""

    site: WordSite | LineSite
    evidence: list[str]


def line_changes(lines: Sequence[str], hunks: Iterable[ChangedLines]) -> list[LineChange]:
    """The changed lines without the unchanged ones among them, the newest change last."""
    found: list[LineChange] = []
    for hunk in hunks:
        if not hunk.alone:
            continue
        new = tuple(lines[hunk.line : hunk.end])
        for one in changes(hunk.old, new):
            start, end = hunk.line + one.new_start, hunk.line + one.new_end
            if max(one.old_end - one.old_start, end - start) <= LARGEST_EXAMPLE:
                before, behind = lines[start - 1] if start else "", lines[end] if end < len(lines) else ""
                old = hunk.old[one.old_start : one.old_end]
                found.append(LineChange(start, old, new[one.new_start : one.new_end], before, behind))
    return found


def candidates(
    lines: Sequence[str], changed: Sequence[LineChange], way: Way = "down", since: int | None = None
) -> list[Candidate]:
    """What may come next, from top to bottom; likely or not is for the caller to judge.

    `since` is the line from which on places are still to come, if that is not the last of the changed ones.
    """
    rated = [(likelihood(one.evidence), one.site) for one in found_again(lines, changed, way, since)]
    rated = sorted((one for one in rated if one[0] >= ENOUGH_TO_JOIN), key=lambda one: -one[0])
    chosen: dict[int, list[tuple[float, WordSite]]] = {}
    blocks: list[tuple[float, LineSite]] = []
    taken: set[int] = set()
    for chance, site in rated:
        if isinstance(site, LineSite):
            span = range(site.line, max(site.end, site.line + 1))
            if taken.isdisjoint(span) and chosen.keys().isdisjoint(range(site.line, site.end)):
                blocks.append((chance, site))
                taken.update(span)
        elif site.line not in taken:
            others = chosen.setdefault(site.line, [])
            if site.exact and not any(other.exact for _, other in others):
                others[:] = [(chance, site)]
            elif not any(other.exact or (site.start <= other.end and other.start <= site.end) for _, other in others):
                others.append((chance, site))
    balances = _balances(changed)
    pieces = [Candidate(site.line, site.end, _ended(site, lines), chance) for chance, site in blocks]
    pieces += (
        Candidate(number, number + 1, (line,), chance)
        for number, sites in chosen.items()
        for line, chance in _line_with(lines[number], sites, balances)
    )
    return _joined(pieces)


def found_again(
    lines: Sequence[str], changed: Sequence[LineChange], way: Way = "down", since: int | None = None
) -> Iterator[Found]:
    """Every place where one of the changes may be made again, outside of the changed lines."""
    newest = changed[-MOST_CHANGES:]
    yield from _words_again(lines, newest, way, since)
    yield from _lines_again(lines, newest, way, since)


def _lines_again(lines: Sequence[str], newest: Sequence[LineChange], way: Way, since: int | None) -> Iterator[Found]:
    found = [(one, line_rule(one.old, one.new, one.before, one.behind)) for one in newest]
    rules = [(one, rule) for one, rule in found if rule is not None]
    if not rules:
        return
    stripped = [line.strip() for line in lines]
    counts = Counter((rule.removed, rule.added) for _, rule in rules)
    for one, rule in rules:
        sites = [site for site in line_sites(rule, lines, stripped) if _is_free(site.line, site.end, newest, way)]
        here = one.line if since is None else since
        left = [site for site in sites if _is_left(site.line, here, here, way)]
        for site in left:
            evidence = evidence_of_lines(
                rule,
                site,
                Standing(
                    counts[rule.removed, rule.added], len(sites) - len(left), len(left), is_newest=one is newest[-1]
                ),
                0 if way == "elsewhere" else abs(site.line - one.line),
            )
            yield Found(site, evidence)


def _words_again(lines: Sequence[str], newest: Sequence[LineChange], way: Way, since: int | None) -> Iterator[Found]:
    rules = [rule for number, one in enumerate(newest) for rule in word_rules(one.old, one.new, number)][-MOST_RULES:]
    counts = Counter((rule.removed, rule.added) for rule in rules)
    sites = [
        [site for site in word_sites(rule, lines) if _is_free(site.line, site.line + 1, newest, way)] for rule in rules
    ]
    parts: dict[tuple[tuple[int, int], int], set[int]] = {}
    """The parts of a change of a line that are to be found in another."""
    for rule, places in zip(rules, sites, strict=True):
        for site in places:
            parts.setdefault((rule.change, site.line), set()).add(rule.part)
    changed_lines = [one.line for one in newest] if since is None else [since]
    first, last = min(changed_lines, default=0), max(changed_lines, default=0)
    for rule, places in zip(rules, sites, strict=True):
        one = newest[rule.change[0]]
        block = 0 if way == "elsewhere" or not places else end_of_block(lines, min(one.line, len(lines) - 1))
        undone = counts[rule.added, rule.removed] > 0 and rule.added != rule.removed
        levels = Counter(
            (min(site.left, _NEAR_WORDS), min(site.right, _NEAR_WORDS), _is_left(site.line, first, last, way))
            for site in places
        )
        for site in places:
            if not _is_left(site.line, first, last, way):
                continue
            passed = left = 0
            for (near, behind, is_left), count in levels.items():
                if near >= min(site.left, _NEAR_WORDS) and behind >= min(site.right, _NEAR_WORDS):
                    passed, left = passed + count * (not is_left), left + count * is_left
            in_block = way == "elsewhere" or one.line <= site.line < block
            standing = Standing(
                counts[rule.removed, rule.added],
                passed,
                left,
                is_newest=one is newest[-1],
                in_block=in_block,
                undone=undone,
            )
            distance = 0 if way == "elsewhere" else abs(site.line - one.line)
            yield Found(
                site, evidence(rule, site, standing, len(parts.get((rule.change, site.line), set()) - {-1}), distance)
            )


def _is_left(line: int, first: int, last: int, way: Way) -> bool:
    """A line is still to come, and not one that was passed and left as it is."""
    return way == "elsewhere" or (line > last if way == "down" else line < first)


def _is_free(start: int, end: int, newest: Iterable[LineChange], way: Way) -> bool:
    """Lines hold nothing that was just changed; a place between two lines is not in the middle of a change."""
    return way == "elsewhere" or not any(start < one.end and one.line < max(end, start + 1) for one in newest)


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


def _line_with(
    line: str, sites: list[tuple[float, WordSite]], balances: set[tuple[int, ...]]
) -> Iterator[tuple[str, float]]:
    """The line with all of the sites' changes, unless that leaves brackets or quotes in disorder."""
    new, chance = line, 1.0
    for likely, site in sorted(sites, key=lambda one: -one[1].start):
        new = new[: site.start] + site.new + new[site.end :]
        chance *= likely
    if not new.strip():
        new = line_ending(line)
    if new != line and _opened(_balance(line, new)) in {_opened(balance) for balance in balances}:
        yield new, chance


def _ended(site: LineSite, lines: Sequence[str]) -> tuple[str, ...]:
    """The new lines with line endings like those around them."""
    ending = line_ending(lines[min(site.line, len(lines) - 1)]) or line_ending(lines[0]) or "\n"
    is_last = site.end == len(lines) and site.end > site.line
    return tuple(line + ("" if is_last and one == len(site.new) - 1 else ending) for one, line in enumerate(site.new))


def _joined(pieces: list[Candidate]) -> list[Candidate]:
    """What touches is one candidate."""
    joined: list[Candidate] = []
    for piece in sorted(pieces, key=lambda piece: (piece.line, piece.end)):
        last = joined[-1] if joined else None
        if last is not None and last.end == piece.line:
            joined[-1] = Candidate(last.line, piece.end, last.new + piece.new, min(last.confidence, piece.confidence))
        else:
            joined.append(piece)
    return joined
