"""From a change of some lines to rules: what was replaced by what, between which words, so that it can be done again.

A change gives several rules, from the narrowest to the widest. None of them says how likely it is to be meant.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from spark_lsp.core.code_lines import indentation
from spark_lsp.core.diff import changes
from spark_lsp.core.text import line_content
from spark_lsp.prediction.names import role
from spark_lsp.prediction.words import END, START, Word, is_comment, is_in_string, is_name, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from spark_lsp.prediction.names import Role

CONTEXT: Final = 60
"""Words on either side of a change that are looked at."""
MOST_WORDS: Final = 400
"""Of a change, on either side: a larger one is no example of anything."""
_PAIRS: Final = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class WordRule:
    """Some words of one line became others."""

    removed: tuple[str, ...]
    added: tuple[str, ...]
    left: tuple[str, ...]
    """The words in front of the change in its line, the nearest last; a whole line's begin with START."""
    right: tuple[str, ...]
    """The words behind it, the nearest first."""
    new: str
    """What was added as it is written, blanks at both ends included."""
    old_blanks: tuple[str, str]
    """The blanks before and behind what was removed; where nothing was, all of them are before it."""
    new_blanks: tuple[str, str]
    callee: tuple[str, ...]
    """The call whose last argument was added: its name and bracket; empty for all else."""
    in_comment: bool
    in_string: bool
    change: tuple[int, int]
    """Which change of which lines it belongs to."""
    part: int
    """Which of the change's parts it is, from 0; -1 for all of them as one."""
    parts: int
    """So many parts the change has."""
    is_all: bool
    """The change had no other part."""
    role: Role
    """What the example's line does with what was changed."""

    @property
    def is_whole(self) -> bool:
        """It is all that changed in its line."""
        return self.part < 0 or self.parts == 1

    @property
    def is_name(self) -> bool:
        """Another name came in the place of one."""
        return len(self.removed) == 1 and is_name(self.removed[0])

    @property
    def declares(self) -> bool:
        """The example's line says what the name is, for other lines to use it."""
        return self.role != "uses"

    def bound(self, words: Mapping[str, str]) -> WordRule:
        """The same rule with other words in the place of some."""

        def other(old: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(words.get(word, word) for word in old)

        new, at = "", 0
        for word in words_of(self.new):
            new += self.new[at : word.start] + words.get(word.text, word.text)
            at = word.end
        return replace(
            self,
            removed=other(self.removed),
            added=other(self.added),
            left=other(self.left),
            right=other(self.right),
            new=new + self.new[at:],
            callee=other(self.callee),
        )


@dataclass(frozen=True, slots=True)
class LineRule:
    """Whole lines became others, or came between others, or went. Lines are without indentation and line ending."""

    removed: tuple[str, ...]
    added: tuple[str, ...]
    """Without line endings, and without the indentation that they share."""
    before: tuple[str, ...]
    """The lines before the change, the nearest first, and those behind it."""
    behind: tuple[str, ...]
    step: str
    """The indentation that what was added has in addition to the line that it is found by."""
    cut: int
    """So many characters less of that line's indentation it has."""


@dataclass(frozen=True, slots=True)
class _Placed:
    word: Word
    line: int


def _flat(lines: Sequence[str]) -> list[_Placed]:
    """The words of some lines, each line closed by an empty one."""
    flat: list[_Placed] = []
    for number, line in enumerate(lines):
        flat += (_Placed(word, number) for word in words_of(line))
        flat.append(_Placed(Word("", len(line_content(line)), len(line_content(line))), number))
    return flat


def word_rules(old: Sequence[str], new: Sequence[str], number: int = 0) -> Iterator[WordRule]:
    """The rules of a change within lines, which has a number; none for one that is very large."""
    if len(old) == len(new):
        changed = [at for at, (one, other) in enumerate(zip(old, new, strict=True)) if one != other]
        for at in changed:
            yield from _rules_of([old[at]], [new[at]], (number, at), alone=len(changed) == 1)
    elif old and new:
        yield from _rules_of(old, new, (number, 0), alone=False)


def _rules_of(old: Sequence[str], new: Sequence[str], change: tuple[int, int], *, alone: bool) -> Iterator[WordRule]:
    before, after = _flat(old), _flat(new)
    if max(len(before), len(after)) > MOST_WORDS:
        return
    found = changes([one.word.text for one in before], [one.word.text for one in after])
    parts = [(one.old_start, one.old_end, one.new_start, one.new_end) for one in found]
    if not parts:
        return
    pair = _Pair(old, new, before, after, change, len(parts))
    for part, span in enumerate(parts):
        if (rule := pair.rule(span, part, is_all=alone and len(parts) == 1)) is not None:
            yield rule
    whole = pair.with_blanks((parts[0][0], parts[-1][1], parts[0][2], parts[-1][3])) if alone or len(old) == 1 else None
    if whole is not None and whole not in parts and (rule := pair.rule(whole, -1, is_all=alone)) is not None:
        yield rule


@dataclass(frozen=True, slots=True)
class _Pair:
    """The old and the new lines of a change, and their words."""

    old: Sequence[str]
    new: Sequence[str]
    before: list[_Placed]
    after: list[_Placed]
    change: tuple[int, int]
    parts: int

    def with_blanks(self, span: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        """All of the change in one line, blanks counted."""
        start, end, new_start, new_end = span
        for index in range(1, start):
            if self._blank(self.old, self.before, index) != self._blank(self.new, self.after, index):
                start, new_start = index, index
                break
        behind = len(self.before) - end
        for index in range(behind - 1):
            if self._blank(self.old, self.before, -1 - index) != self._blank(self.new, self.after, -1 - index):
                end, new_end = len(self.before) - 1 - index, len(self.after) - 1 - index
                break
        return start, end, new_start, new_end

    @staticmethod
    def _blank(lines: Sequence[str], words: list[_Placed], index: int) -> str:
        """The blanks before a word, of a single line."""
        return lines[0][words[index - 1].word.end : words[index].word.start]

    def rule(self, span: tuple[int, int, int, int], part: int, *, is_all: bool) -> WordRule | None:
        start, end, new_start, new_end = span
        removed = tuple(one.word.text for one in self.before[start:end])
        added = tuple(one.word.text for one in self.after[new_start:new_end])
        if "" in removed or "" in added:
            return None
        if not any(word[0].isalnum() or word[0] == "_" for word in (*removed, *added)) and not (removed and added):
            return None
        line, new_line = self.before[start].line, self.after[new_start].line
        here = [one.word for one in self.before if one.line == line]
        there = [one.word for one in self.after if one.line == new_line]
        first = start - next(index for index, one in enumerate(self.before) if one.line == line)
        new_first = new_start - next(index for index, one in enumerate(self.after) if one.line == new_line)
        last, new_last = first + len(removed), new_first + len(added)
        left = (START, *(word.text for word in here[:first]))[-CONTEXT:]
        right = (*(word.text for word in here[last:-1]), END)[:CONTEXT]
        return WordRule(
            removed,
            added,
            left,
            right,
            self.new[new_line][there[new_first].start : there[new_last - 1].end] if added else "",
            _blanks(self.old[line], here, first, last),
            _blanks(self.new[new_line], there, new_first, new_last),
            _callee([word.text for word in here], first) if not removed else (),
            is_comment(self.old[line]),
            is_in_string(self.old[line], here[first].start),
            self.change,
            part,
            self.parts,
            is_all,
            role(left, right),
        )


def line_rule(old: Sequence[str], new: Sequence[str], before: Sequence[str], behind: Sequence[str]) -> LineRule | None:
    """The rule of a change of whole lines; None for one that is within a line.

    `before` and `behind` are the lines around it, the nearest first.
    """
    if len(old) == len(new) == 1:
        return None
    removed, added = tuple(line.strip() for line in old), tuple(line_content(line).rstrip() for line in new)
    if not any(map(str.strip, (*removed, *added))):
        return None
    beside = old or [next((line for line in (*before[:1], *behind[:1]) if line.strip()), "")]
    wanted = indentation(beside[0])
    shared = min((indentation(line) for line in added if line), key=len, default=wanted)
    if shared.startswith(wanted):
        step, cut = shared[len(wanted) :], 0
    elif wanted.startswith(shared):
        step, cut = "", len(wanted) - len(shared)
    else:
        return None
    rest = tuple(line[len(shared) :] for line in added)
    return LineRule(
        removed,
        rest,
        tuple(line.strip() for line in before),
        tuple(line.strip() for line in behind),
        step,
        cut,
    )


def _blanks(line: str, words: Sequence[Word], first: int, last: int) -> tuple[str, str]:
    """The blanks before and behind some words. The indentation of a line is not the change's business."""
    before = line[words[first - 1].end : words[first].start] if first else ""
    if first == last:
        return before, ""
    return before, line[words[last - 1].end : words[last].start]


def _callee(words: Sequence[str], at: int) -> tuple[str, ...]:
    """The name and the opening bracket of the call that ends at a word."""
    opening = _PAIRS.get(words[at]) if at < len(words) else None
    if opening != "(":
        return ()
    depth = 0
    for index in range(at - 1, 0, -1):
        if words[index] == ")":
            depth += 1
        elif words[index] == "(":
            if not depth:
                return (words[index - 1], "(") if is_name(words[index - 1]) else ()
            depth -= 1
    return ()
