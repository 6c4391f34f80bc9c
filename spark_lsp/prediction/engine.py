"""What comes next in a text, told from what was changed in it last: the same again, where it is likely to be meant.

Pure and bounded: it looks at the newest changes only, at lines that hold the words in question, and at no more places
than `sites.MOST_SITES` a rule.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.core.diff import changes
from spark_lsp.core.text import line_content, line_ending
from spark_lsp.prediction.evidence import Example, evidence, evidence_of_lines, likelihood
from spark_lsp.prediction.rules import line_rule, word_rules
from spark_lsp.prediction.sites import LineSite, line_sites, word_sites

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from spark_lsp.core.history import ChangedLines
    from spark_lsp.prediction.rules import LineRule, WordRule
    from spark_lsp.prediction.sites import WordSite

MOST_CHANGES: Final = 4
"""Of the newest that are looked at."""
ENOUGH_TO_JOIN: Final = 0.25
"""What is as likely as this is done along with what is likelier in the same lines."""
_NEAR_WORDS: Final = 4


@dataclass(frozen=True, slots=True)
class LineChange:
    """Lines [line, line + len(new)) of a text were others before."""

    line: int
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Lines [line, end) of a text become others."""

    line: int
    end: int
    new: tuple[str, ...]
    """With line endings."""
    confidence: float


@dataclass(frozen=True, slots=True)
class Found:
    """A rule at a place, and what speaks for it."""

    site: WordSite | LineSite
    example: Example | None
    """None for whole lines."""
    evidence: list[str]


def line_changes(lines: Sequence[str], hunks: Iterable[ChangedLines]) -> list[LineChange]:
    """The changed lines without the unchanged ones among them, the newest change last."""
    found: list[LineChange] = []
    for hunk in hunks:
        new = lines[hunk.line : hunk.end]
        found += (
            LineChange(
                hunk.line + one.new_start, hunk.old[one.old_start : one.old_end], tuple(new[one.new_start : one.new_end])
            )
            for one in changes(hunk.old, new)
        )
    return found


def candidates(lines: Sequence[str], changed: Sequence[LineChange]) -> list[Candidate]:
    """What may come next, from top to bottom; likely or not is for the caller to judge."""
    rated = sorted(((likelihood(one.evidence), one) for one in found_again(lines, changed)), key=lambda one: -one[0])
    chosen: dict[int, list[tuple[float, WordSite]]] = {}
    blocks: list[tuple[float, LineSite]] = []
    taken: set[int] = set()
    balances = _balances(changed)
    for chance, one in rated:
        if chance < ENOUGH_TO_JOIN:
            break
        site = one.site
        if isinstance(site, LineSite):
            span = range(site.line, max(site.end, site.line + 1))
            if taken.isdisjoint(span) and chosen.keys().isdisjoint(range(site.line, site.end)):
                blocks.append((chance, site))
                taken.update(span)
        elif site.line not in taken:
            others = chosen.setdefault(site.line, [])
            if all(site.end < other.start or other.end < site.start for _, other in others):
                others.append((chance, site))
    pieces = [Candidate(site.line, site.end, _ended(site.new, lines), chance) for chance, site in blocks]
    pieces += (
        Candidate(number, number + 1, (line,), chance)
        for number, sites in chosen.items()
        for line, chance in _line_with(lines[number], sites, balances)
    )
    return _joined(pieces)


def found_again(lines: Sequence[str], changed: Sequence[LineChange]) -> Iterator[Found]:
    """Every place where one of the changes may be made again, outside of the changed lines."""
    newest = changed[-MOST_CHANGES:]
    spans = [(one.line, one.line + len(one.new)) for one in newest]
    stripped = [line.strip() for line in lines]
    yield from _words_again(lines, newest, spans)
    rules = []
    for number, one in enumerate(newest):
        end = one.line + len(one.new)
        before, behind = lines[one.line - 1] if one.line else "", lines[end] if end < len(lines) else ""
        if (rule := line_rule(one.old, one.new, before, behind)) is not None:
            rules.append((number, one, rule))
    counts = Counter((rule.removed, rule.added) for *_, rule in rules)
    for number, one, rule in rules:
        sites = [site for site in line_sites(rule, lines, stripped) if not _within(site.line, max(site.end, site.line + 1), spans)]
        passed = [site for site in sites if site.line < one.line]
        left = [site for site in sites if site.line > one.line]
        support = counts[rule.removed, rule.added]
        for site in left:
            found = evidence_of_lines(
                rule, site, support, len(passed), len(left), site.line - one.line, newest=number == len(newest) - 1
            )
            yield Found(site, None, found)


def _words_again(
    lines: Sequence[str], newest: Sequence[LineChange], spans: Sequence[tuple[int, int]]
) -> Iterator[Found]:
    rules: list[WordRule] = []
    for number, one in enumerate(newest):
        rules += word_rules(one.old, one.new, number)
    counts = Counter((rule.removed, rule.added) for rule in rules)
    sites = [[site for site in word_sites(rule, lines) if not _within(site.line, site.line + 1, spans)] for rule in rules]
    parts: dict[tuple[tuple[int, int], int], set[int]] = {}
    for rule, places in zip(rules, sites, strict=True):
        for site in places:
            if rule.part >= 0:
                parts.setdefault((rule.change, site.line), set()).add(rule.part)
    last = max((start for start, _ in spans), default=0)
    for rule, places in zip(rules, sites, strict=True):
        example = Example(
            rule,
            newest[rule.change[0]].line,
            counts[rule.removed, rule.added],
            newest=rule.change[0] == len(newest) - 1,
            undone_by=counts[rule.added, rule.removed] > 0,
        )
        levels = Counter((min(site.left, _NEAR_WORDS), min(site.right, _NEAR_WORDS), site.line > last) for site in places)
        for site in places:
            if site.line < last:
                continue
            passed = left = 0
            for (near, behind, is_left), count in levels.items():
                if near >= min(site.left, _NEAR_WORDS) and behind >= min(site.right, _NEAR_WORDS):
                    passed, left = passed + count * (not is_left), left + count * is_left
            beside = len(parts.get((rule.change, site.line), ()))
            yield Found(site, example, evidence(example, site, passed, left, beside))


def _within(start: int, end: int, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start < last and first < end for first, last in spans)


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
    if new != line and _opened(_balance(line, new)) in {_opened(balance) for balance in balances}:
        yield new, chance


def _ended(new: Sequence[str], lines: Sequence[str]) -> tuple[str, ...]:
    ending = line_ending(lines[0]) or "\n"
    return tuple(line_content(line) + ending for line in new)


def _joined(pieces: list[Candidate]) -> list[Candidate]:
    """What touches is one candidate."""
    joined: list[Candidate] = []
    for piece in sorted(pieces, key=lambda piece: (piece.line, piece.end)):
        last = joined[-1] if joined else None
        if last is not None and last.end == piece.line:
            joined[-1] = Candidate(last.line, piece.end, last.new + piece.new, last.confidence * piece.confidence)
        else:
            joined.append(piece)
    return joined
