"""Where a rule may apply again in a text, and how much the place is like that of the example."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.core.code_lines import indentation
from spark_lsp.prediction.rules import END, START
from spark_lsp.prediction.words import is_comment, is_in_string, is_name, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spark_lsp.prediction.rules import LineRule, WordRule
    from spark_lsp.prediction.words import Word

MOST_SITES: Final = 100
"""Of a rule that are looked at; the first ones in the text."""
MOST_LINES: Final = 300
"""A rule that hangs on a word of more lines than this says nothing."""


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
    whole: bool
    """The whole line is that of the example."""
    by_call: bool
    """It was found as the end of the same call."""
    in_comment: bool
    in_string: bool
    exact: bool
    """All of the line's change is that of the example."""


def word_sites(rule: WordRule, lines: Sequence[str]) -> Iterator[WordSite]:
    """Every place where the rule's words are to be found, or where it would put some."""
    key = _key(rule)
    if key is None:
        return
    likely = [(number, line) for number, line in enumerate(lines) if key in line]
    if len(likely) > MOST_LINES:
        return
    others = [word for word in dict.fromkeys(rule.removed) if word != key]
    count = 0
    for number, line in likely:
        if all(word in line for word in others):
            for site in _sites_in(rule, number, line):
                yield site
                count += 1
        if count >= MOST_SITES:
            return


def _key(rule: WordRule) -> str | None:
    """The longest word that every place must have."""
    if rule.removed:
        return max(rule.removed, key=len)
    if rule.callee:
        return rule.callee[0]
    near = (*rule.left[-2:], *rule.right[:2])
    names = [word for word in near if is_name(word)]
    # One word in front or one behind it, whichever tells more.
    return max(names, key=len) if names else None


def _sites_in(rule: WordRule, number: int, line: str) -> Iterator[WordSite]:
    words = words_of(line)
    texts = (START, *(word.text for word in words), END)
    size = len(rule.removed)
    comment = is_comment(line)
    calls = _ends_of_calls(texts, rule.callee) if rule.callee else set()
    for index in _places(texts, rule.removed):
        left, right = _common(texts[:index][::-1], rule.left[::-1]), _common(texts[index + size :], rule.right)
        by_call = index in calls
        if not size and not by_call and (left + right < 2 or not (left and right)) and max(left, right) < 2:
            continue
        if rule.added != rule.removed and rule.added and _is_done(rule, texts, index):
            continue
        span = _span(rule, line, words, index - 1, index - 1 + size)
        if span is None:
            continue
        start, end, new = span
        if by_call and texts[index - 1] == "(":
            new = new.lstrip(", ")
        whole = left == len(rule.left) and right == len(rule.right) and left + right + size == len(texts)
        yield WordSite(
            number,
            start,
            end,
            new,
            left,
            right,
            whole,
            by_call,
            comment,
            is_in_string(line, start),
            whole and rule.is_whole,
        )


def _places(texts: tuple[str, ...], removed: tuple[str, ...]) -> Iterator[int]:
    """The indexes between the borders of a line where some words begin; for none, every one."""
    size = len(removed)
    if not size:
        yield from range(1, len(texts))
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


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for mine, yours in zip(one, other, strict=False):
        if mine != yours:
            break
        count += 1
    return count


@dataclass(frozen=True, slots=True)
class LineSite:
    """Lines [line, end) that a rule may replace."""

    line: int
    end: int
    new: tuple[str, ...]
    """With indentation, without line endings."""
    before: bool
    """The line before it is that of the example."""
    behind: bool


def line_sites(rule: LineRule, lines: Sequence[str], stripped: Sequence[str]) -> Iterator[LineSite]:
    """Every place where the rule's lines are to be found, or where it would put some."""
    count = 0
    for at in _starts(rule, stripped):
        end = at + len(rule.removed)
        before, behind = stripped[at - 1] if at else "", stripped[end] if end < len(stripped) else ""
        beside = at if rule.removed or not before else at - 1
        base = indentation(lines[beside])
        if rule.cut > len(base):
            continue
        base = base[: len(base) - rule.cut] + rule.step
        new = tuple(base + line if line else line for line in rule.added)
        if not rule.removed and _is_there(rule, stripped, at):
            continue
        yield LineSite(at, end, new, before == rule.before, behind == rule.behind)
        count += 1
        if count >= MOST_SITES:
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
    telling = [any(is_name(word.text) for word in words_of(line)) for line in (rule.before, rule.behind)]
    for at in range(1, len(stripped)):
        if (telling[0] and stripped[at - 1] == rule.before) or (telling[1] and stripped[at] == rule.behind):
            yield at


def _is_there(rule: LineRule, stripped: Sequence[str], at: int) -> bool:
    added, size = tuple(map(str.strip, rule.added)), len(rule.added)
    return tuple(stripped[at : at + size]) == added or tuple(stripped[max(0, at - size) : at]) == added
