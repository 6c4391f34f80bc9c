"""Where a rule may apply again in a text, and how much the place is like that of the example."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from spark_lsp.core.code_lines import indentation
from spark_lsp.core.diff import common_length
from spark_lsp.prediction.names import is_member, role
from spark_lsp.prediction.rules import CONTEXT
from spark_lsp.prediction.searched import MOST_LINES
from spark_lsp.prediction.words import bordered, is_comment, is_in_string, is_name, is_value, names_in, shape, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spark_lsp.prediction.pattern import Pattern
    from spark_lsp.prediction.rules import LineRule, WordRule
    from spark_lsp.prediction.searched import SearchedLines
    from spark_lsp.prediction.words import Word

MOST_SITES: Final = 800
"""Of all rules together that are looked at."""
MOST_SITES_OF_A_RULE: Final = 100
"""Those next to the example."""
NEAR: Final = 4
"""Words on either side of a change one of which a place must have where none was removed."""
ALIKE: Final = 8
"""Words further off than those that are the same, that are looked at."""


@dataclass(frozen=True, slots=True)
class WordSite:
    """A place in a line where a rule may apply."""

    line: int
    start: int
    end: int
    """Columns of what is replaced."""
    new: str
    left: int
    """So many words in front of it are those of the example."""
    right: int
    alike_left: int
    """So many names further off are those of the example, where others between them may differ."""
    alike_right: int
    whole: bool
    """The whole line is that of the example."""
    by_call: bool
    """It was found as the end of the same call."""
    in_comment: bool
    in_string: bool
    exact: bool
    """All of the line's change is that of the example."""
    declares: bool
    """The line says what the word is that is replaced."""
    is_member: bool
    """A dot is in front of it."""
    is_varied: bool
    """Words that the change repeats are others here than in the example."""


def word_sites(
    rule: WordRule, pattern: Pattern | None, lines: SearchedLines, line: int, most: int
) -> Iterator[WordSite]:
    """The places next to a line where the rule's words are to be found, or where it would put some.

    First those that have the same words, then those where others vary; no more than `most` of each.
    """
    yield from islice(_plain_sites(rule, lines, line), most)
    if pattern is not None:
        yield from islice(_varied_sites(rule, pattern, lines, line), most)


def _plain_sites(rule: WordRule, lines: SearchedLines, near: int) -> Iterator[WordSite]:
    for number in sorted(_numbers(rule, lines), key=lambda number: abs(number - near)):
        line = lines.lines[number]
        if all(word in line for word in rule.removed):
            texts = bordered(line)
            for index in _places(texts, rule):
                site = _site(rule, number, line, texts, index)
                if site is not None:
                    yield site


def _varied_sites(rule: WordRule, pattern: Pattern, lines: SearchedLines, near: int) -> Iterator[WordSite]:
    """The places that are the example's but for words that vary."""
    for number in sorted(lines.holding(pattern.anchor), key=lambda number: abs(number - near)):
        line = lines.lines[number]
        texts = bordered(line)
        for index in pattern.places(texts):
            binding = pattern.binding(texts, index)
            if binding is not None and any(word != other for word, other in binding.items()):
                site = _site(rule.bound(binding), number, line, texts, index, is_varied=True)
                if site is not None:
                    yield site


def _numbers(rule: WordRule, lines: SearchedLines) -> Sequence[int]:
    """The lines that hold what is removed, or else one of the words near it; those that tell most, if they are many."""
    removed = [word for word in rule.removed if is_value(word)]
    if removed:
        return lines.holding(max(removed, key=len))
    near = {*rule.callee[:1], *rule.left[-NEAR:], *rule.right[:NEAR]}
    found: set[int] = set()
    for numbers in sorted((lines.holding(word) for word in near if is_name(word)), key=len):
        if len(found) + len(numbers) > MOST_LINES:
            break
        found.update(numbers)
    return sorted(found)


def _site(
    rule: WordRule,
    number: int,
    line: str,
    texts: tuple[str, ...],
    index: int,
    *,
    is_varied: bool = False,
) -> WordSite | None:
    """The place in a line where a rule would apply at a word."""
    size = len(rule.removed)
    before, behind = texts[max(0, index - CONTEXT) : index][::-1], texts[index + size : index + size + CONTEXT]
    wanted = rule.left[::-1]
    left, right = common_length(before, wanted), common_length(behind, rule.right)
    alike_left, alike_right = _alike(before, wanted, left), _alike(behind, rule.right, right)
    by_call = bool(rule.callee) and index in _ends_of_calls(texts, rule.callee)
    if not (by_call or is_varied or any(map(is_value, rule.removed))):
        near = (*rule.left[len(rule.left) - left :], *rule.right[:right])
        if alike_left + alike_right == 0 and (left + right < 2 or not any(map(is_name, near))):
            return None
    if rule.added != rule.removed and rule.added and _is_done(rule, texts, index):
        return None
    span = _span(rule, line, words_of(line), index - 1, index - 1 + size)
    if span is None:
        return None
    start, end, new = span
    if by_call and texts[index - 1] == "(":
        new = new.lstrip(", ")
    whole = left == len(rule.left) and right == len(rule.right) and left + right + size == len(texts)
    return WordSite(
        number,
        start,
        end,
        new,
        left,
        right,
        alike_left,
        alike_right,
        whole,
        by_call,
        is_comment(line),
        is_in_string(line, start),
        whole and rule.is_whole,
        rule.is_name and role(texts[:index], texts[index + 1 :]) != "uses",
        is_member(texts[:index]),
        is_varied,
    )


def _alike(one: Sequence[str], other: Sequence[str], start: int) -> int:
    """How many names are the same in a few words from an index on, where names and numbers may differ."""
    same = 0
    for at in range(start, min(start + ALIKE, len(one), len(other))):
        mine, yours = one[at], other[at]
        if mine == yours:
            same += is_value(mine)
        elif not (is_value(mine) and is_value(yours)):
            break
    return same


def _places(texts: tuple[str, ...], rule: WordRule) -> Iterator[int]:
    """The indexes between the borders of a line where the removed words begin; for none, those next to a known word."""
    removed, size = rule.removed, len(rule.removed)
    if not size:
        left, right = rule.left[-1], rule.right[0]
        yield from (index for index in range(1, len(texts)) if texts[index - 1] == left or texts[index] == right)
        return
    for index in range(1, len(texts) - size):
        if texts[index] == removed[0] and texts[index : index + size] == removed:
            yield index


def _is_done(rule: WordRule, texts: Sequence[str], index: int) -> bool:
    """What the rule would add is there already."""
    size = len(rule.added)
    if is_name(rule.added[0]) and texts[index - 1] == rule.added[0]:
        return True
    if not rule.removed:
        return texts[index : index + size] == rule.added or texts[index - size : index] == rule.added
    # `a` became `b.a`: not once more where it says so.
    for at in range(size - len(rule.removed) + 1):
        if (
            rule.added[at : at + len(rule.removed)] == rule.removed
            and texts[index - at : index - at + size] == rule.added
        ):
            return True
    return False


def _span(rule: WordRule, line: str, words: Sequence[Word], first: int, last: int) -> tuple[int, int, str] | None:
    """What is to be replaced in a line, and by what, with the blanks that the example has changed."""
    content = line.rstrip("\r\n")
    gap_start = words[first - 1].end if first else len(line) - len(line.lstrip(" \t"))
    gap_end = words[last].start if last < len(words) else len(content)
    start = words[first].start if first < last else gap_end
    end = words[last - 1].end if first < last else gap_end
    before, behind = content[gap_start:start], content[end:gap_end]
    if first == last:
        old_blanks = "".join(rule.old_blanks)
        if before == old_blanks:
            return gap_start, gap_end, rule.new_blanks[0] + rule.new + rule.new_blanks[1]
        if last == len(words) or rule.new_blanks[0] == "":
            return gap_start, gap_start, rule.new_blanks[0] + rule.new
        return gap_end, gap_end, rule.new + rule.new_blanks[1]
    if not rule.added:
        kept = "".join(rule.new_blanks)
        if (before, behind) == rule.old_blanks:
            return gap_start, gap_end, kept
        return (start, gap_end, "") if before else (gap_start, end, "")
    if rule.old_blanks == rule.new_blanks or (before, behind) != rule.old_blanks:
        return start, end, rule.new
    return gap_start, gap_end, rule.new_blanks[0] + rule.new + rule.new_blanks[1]


def _ends_of_calls(texts: Sequence[str], callee: tuple[str, ...]) -> set[int]:
    """The indexes of the brackets that close calls of a name."""
    found = set()
    for index in range(len(texts) - 1):
        if (texts[index], texts[index + 1]) == callee:
            depth = 0
            for at in range(index + 2, len(texts)):
                if texts[at] == "(":
                    depth += 1
                elif texts[at] == ")":
                    if not depth:
                        found.add(at)
                        break
                    depth -= 1
    return found


@dataclass(frozen=True, slots=True)
class LineSite:
    """Lines [line, end) that a rule may replace."""

    line: int
    end: int
    new: tuple[str, ...]
    """With indentation, without line endings."""
    before: int
    """So many lines before it are those of the example, and so many behind it."""
    behind: int
    alike: int
    """So many of the lines next to it are not those of the example, but the same apart from names and numbers."""


def line_sites(rule: LineRule, lines: Sequence[str], stripped: Sequence[str]) -> Iterator[LineSite]:
    """Every place where the rule's lines are to be found, or where it would put some."""
    count = 0
    for at in _starts(rule, stripped):
        end = at + len(rule.removed)
        above, below = stripped[max(0, at - len(rule.before)) : at][::-1], stripped[end : end + len(rule.behind)]
        before, behind = common_length(above, rule.before), common_length(below, rule.behind)
        beside = at if rule.removed or not (at and stripped[at - 1]) else at - 1
        base = indentation(lines[beside])
        if rule.cut > len(base):
            continue
        base = base[: len(base) - rule.cut] + rule.step
        new = tuple(base + line if line else line for line in rule.added)
        if not rule.removed and _is_there(rule, stripped, at):
            continue
        alike = is_alike(above[before:], rule.before[before:]) + is_alike(below[behind:], rule.behind[behind:])
        yield LineSite(at, end, new, before, behind, alike)
        count += 1
        if count >= MOST_SITES_OF_A_RULE:
            return


def _starts(rule: LineRule, stripped: Sequence[str]) -> Iterator[int]:
    """The lines where the rule's old lines begin, or before which it would insert."""
    if rule.removed:
        size = len(rule.removed)
        key = max(range(size), key=lambda index: len(rule.removed[index]))
        for at, line in enumerate(stripped):
            start = at - key
            if line == rule.removed[key] and start >= 0 and tuple(stripped[start : start + size]) == rule.removed:
                yield start
        return
    before, behind = "".join(rule.before[:1]), "".join(rule.behind[:1])
    telling = [names_in(line) > 0 for line in (before, behind)]
    for at in range(1, len(stripped)):
        if (telling[0] and stripped[at - 1] == before) or (telling[1] and stripped[at] == behind):
            yield at


def is_alike(lines: Sequence[str], others: Sequence[str]) -> bool:
    """The first of some lines is the first of others but for names and numbers."""
    return bool(lines and others) and shape(lines[0]) == shape(others[0])


def _is_there(rule: LineRule, stripped: Sequence[str], at: int) -> bool:
    added, size = tuple(map(str.strip, rule.added)), len(rule.added)
    return tuple(stripped[at : at + size]) == added or tuple(stripped[max(0, at - size) : at]) == added
