"""Where in a text the changes that were made last may be made again.

Bounded: it looks at the newest changes only, at lines that hold the words in question, and at no more places than
`sites.MOST_SITES`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from operator import ge
from typing import TYPE_CHECKING, Final, Literal

from spark_lsp.core.diff import changes, common_length
from spark_lsp.prediction.evidence import Standing, evidence, evidence_of_lines
from spark_lsp.prediction.names import opens_its_scope
from spark_lsp.prediction.pattern import kind_of, pattern_of
from spark_lsp.prediction.rules import line_rule, word_rules
from spark_lsp.prediction.searched import SearchedLines
from spark_lsp.prediction.sites import (
    MOST_SITES,
    MOST_SITES_OF_A_RULE,
    LineSite,
    WordSite,
    line_sites,
    word_sites,
)
from spark_lsp.prediction.words import end_of_block

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from spark_lsp.core.history import ChangedLines
    from spark_lsp.prediction.pattern import Kind
    from spark_lsp.prediction.rules import WordRule

MOST_CHANGES: Final = 4
"""Of the newest that are looked at."""
MOST_RULES: Final = 24
"""Of the newest changes that are looked at."""
LARGEST_EXAMPLE: Final = 12
"""Lines on one side. What was pasted or formatted is no example of what is to be done again."""
AROUND: Final = 4
"""Lines before and behind a change that a place is compared with."""
_NEAR_WORDS: Final = 4

Way = Literal["down", "up", "elsewhere"]
"""Where to look: below the newest changes, above them, or in all of another text."""


@dataclass(frozen=True, slots=True)
class LineChange:
    """Lines [line, line + len(new)) of a text were others before."""

    line: int
    old: tuple[str, ...]
    new: tuple[str, ...]
    before: tuple[str, ...] = ()
    """Some lines before them, the nearest first, and some behind."""
    behind: tuple[str, ...] = ()

    @property
    def end(self) -> int:
        return self.line + len(self.new)


@dataclass(frozen=True, slots=True)
class Found:
    """A rule at a place, and what speaks for it."""

    site: WordSite | LineSite
    evidence: list[str]
    change: int
    """Which of the changes it does again."""
    part: int | None
    """Which part of it, if not all."""
    fits: bool
    """The same was done several times, and the place is like all of them."""

    @property
    def lines(self) -> range:
        """The lines that it changes."""
        return range(self.site.line, self.site.line + 1 if isinstance(self.site, WordSite) else self.site.end)

    def holds(self, part: Found) -> bool:
        """It changes all that another changes in one of its lines."""
        if isinstance(self.site, LineSite) or isinstance(part.site, LineSite):
            return True
        return self.site.start <= part.site.start and part.site.end <= self.site.end


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
                old = hunk.old[one.old_start : one.old_end]
                found.append(line_change(lines, start, old, new[one.new_start : one.new_end]))
    return found


def line_change(lines: Sequence[str], line: int, old: Sequence[str], new: Sequence[str]) -> LineChange:
    """The change that put new lines into a text in the place of old ones."""
    end = line + len(new)
    before = tuple(lines[max(0, line - AROUND) : line][::-1])
    return LineChange(line, tuple(old), tuple(new), before, tuple(lines[end : end + AROUND]))


def found_again(
    lines: Sequence[str], changed: Sequence[LineChange], way: Way = "down", since: int | None = None
) -> Iterator[Found]:
    """Every place where one of the changes may be made again, outside of the changed lines."""
    newest, searched = changed[-MOST_CHANGES:], SearchedLines(lines)
    yield from _words_again(searched, newest, way, since)
    yield from _lines_again(searched, newest, way, since)


def _lines_again(lines: SearchedLines, newest: Sequence[LineChange], way: Way, since: int | None) -> Iterator[Found]:
    found = [(one, line_rule(one.old, one.new, one.before, one.behind)) for one in newest]
    rules = [(one, rule) for one, rule in found if rule is not None]
    if not rules:
        return
    counts = Counter((rule.removed, rule.added) for _, rule in rules)
    for one, rule in rules:
        sites = [
            site for site in line_sites(rule, lines.lines, lines.stripped) if _is_free(site.line, site.end, newest, way)
        ]
        here = one.line if since is None else since
        left = [site for site in sites if _is_left(site.line, here, here, way)]
        for site in left:
            found_evidence = evidence_of_lines(
                rule,
                site,
                Standing(
                    counts[rule.removed, rule.added],
                    is_newest=one is newest[-1],
                    passed=len(sites) - len(left),
                    left=len(left),
                ),
                0 if way == "elsewhere" else abs(site.line - one.line),
            )
            fits = counts[rule.removed, rule.added] > 1
            yield Found(site, found_evidence, newest.index(one), None, fits)


def _words_again(lines: SearchedLines, newest: Sequence[LineChange], way: Way, since: int | None) -> Iterator[Found]:
    rules = [rule for number, one in enumerate(newest) for rule in word_rules(one.old, one.new, number)][-MOST_RULES:]
    patterns = [pattern_of(rule) for rule in rules]
    kinds = [kind_of(rule, pattern) for rule, pattern in zip(rules, patterns, strict=True)]
    counts, shared = Counter(kinds), _shared(rules, kinds)
    declarers = {kind: rule.role for rule, kind in zip(rules, kinds, strict=True) if rule.is_name and rule.declares}
    most = min(MOST_SITES_OF_A_RULE, MOST_SITES // max(1, len(rules)))
    sites = [
        [
            site
            for site in word_sites(rule, pattern, lines, newest[rule.change[0]].line, most)
            if _is_free(site.line, site.line + 1, newest, way)
        ]
        for rule, pattern in zip(rules, patterns, strict=True)
    ]
    parts: dict[tuple[tuple[int, int], int], set[int]] = {}
    """The parts of a change of a line that are to be found in another."""
    for rule, places in zip(rules, sites, strict=True):
        for site in places:
            parts.setdefault((rule.change, site.line), set()).add(rule.part)
    changed_lines = [one.line for one in newest] if since is None else [since]
    first, last = min(changed_lines, default=0), max(changed_lines, default=0)
    blocks: dict[tuple[int, bool], range] = {}
    for rule, kind, places in zip(rules, kinds, sites, strict=True):
        left = [site for site in places if _is_left(site.line, first, last, way)]
        if not left:
            continue
        one = newest[rule.change[0]]
        place = one.line, rule.role == "defines" or opens_its_scope(rule.left)
        block = blocks.get(place)
        if block is None:
            block = blocks[place] = _block(lines.lines, *place) if way != "elsewhere" else range(len(lines.lines))
        declared = declarers.get(kind, "")
        standing = Standing(
            counts[kind],
            is_newest=one is newest[-1],
            shared=sum(shared[kind]),
            declared=declared,
            is_gone=not any(
                site.declares for site in places if declared in ("imports", "defines") or site.line in block
            ),
            varies=len({(other.removed, other.added) for other, its in zip(rules, kinds, strict=True) if its == kind})
            > 1,
            undone=counts[kind[::-1]] > 0 and rule.added != rule.removed,
        )
        levels = Counter((_level(site), _is_left(site.line, first, last, way)) for site in places)
        for site in left:
            passed, still = (
                sum(
                    count
                    for (level, is_left), count in levels.items()
                    if is_left is wanted and all(map(ge, level, _level(site)))
                )
                for wanted in (False, True)
            )
            fits = site.left >= shared[kind][0] and site.right >= shared[kind][1]
            its = replace(standing, passed=passed, left=still, in_block=site.line in block, fits=fits)
            distance = 0 if way == "elsewhere" else abs(site.line - one.line)
            beside = len(parts[rule.change, site.line] - {-1})
            found = evidence(rule, site, its, beside, distance)
            is_again = counts[kind] > 1 and fits and (rule.is_whole or beside == rule.parts) and not its.is_another
            yield Found(site, found, rule.change[0], None if rule.part < 0 else rule.part, is_again)


def _level(site: WordSite) -> tuple[int, int]:
    """How much of what is next to a place is the example's."""
    return min(site.left, _NEAR_WORDS), min(site.right, _NEAR_WORDS)


def _block(lines: Sequence[str], line: int, opened: bool) -> range:
    """The block that a line is in, from it on, or the block that it opens."""
    return range(line, end_of_block(lines, min(line, len(lines) - 1), opened=opened))


def _shared(rules: Sequence[WordRule], kinds: Sequence[Kind]) -> dict[Kind, tuple[int, int]]:
    """How many words before and behind the changes of a kind are the same in all of them."""
    firsts: dict[Kind, WordRule] = {}
    found: dict[Kind, tuple[int, int]] = {}
    for rule, kind in zip(rules, kinds, strict=True):
        first = firsts.setdefault(kind, rule)
        left, right = found.get(kind, (len(rule.left), len(rule.right)))
        left = min(left, common_length(first.left[::-1], rule.left[::-1]))
        found[kind] = left, min(right, common_length(first.right, rule.right))
    return found


def _is_left(line: int, first: int, last: int, way: Way) -> bool:
    """A line is still to come, and not one that was passed and left as it is."""
    return way == "elsewhere" or (line > last if way == "down" else line < first)


def _is_free(start: int, end: int, newest: Iterable[LineChange], way: Way) -> bool:
    """Lines hold nothing that was just changed; a place between two lines is not in the middle of a change."""
    return way == "elsewhere" or not any(start < one.end and one.line < max(end, start + 1) for one in newest)
