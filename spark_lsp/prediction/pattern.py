"""What varies in a change of words: a name or number that the change repeats stands for whatever is in its place.

`clamp(a, a.low)` became `clamp_low(a)`: where `clamp(b, b.low)` stands, `clamp_low(b)` is meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.prediction.words import is_name, is_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spark_lsp.prediction.rules import WordRule

Kind = tuple[tuple[str, ...], tuple[str, ...]]
"""What was removed, and what was added."""
NEAR: Final = 6
"""Words on either side of a change among which a repeated word is looked for."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """The words of an example, some of which may be others elsewhere, each the same throughout."""

    words: tuple[str, ...]
    """What was removed, and so much before and behind it that all free words and one that is fixed are there."""
    before: int
    """So many of them are in front of what was removed."""
    free: frozenset[str]
    anchor: str
    """The fixed name that every place must have."""

    def places(self, texts: Sequence[str]) -> list[int]:
        """The indexes in a line where what is removed may begin, told from the anchor."""
        offset = self.before - self.words.index(self.anchor)
        return [at + offset for at, word in enumerate(texts) if word == self.anchor]

    def binding(self, texts: Sequence[str], at: int) -> dict[str, str] | None:
        """What the free words are where what is removed begins at an index; None where the pattern does not fit."""
        start = at - self.before
        if start < 0 or start + len(self.words) > len(texts):
            return None
        found: dict[str, str] = {}
        for wanted, word in zip(self.words, texts[start : start + len(self.words)], strict=True):
            if wanted not in self.free:
                if wanted != word:
                    return None
            elif not is_value(word) or found.setdefault(wanted, word) != word:
                return None
        return found if len(set(found.values())) == len(found) else None


def pattern_of(rule: WordRule) -> Pattern | None:
    """What varies in a rule; None if nothing does, or if nothing would be left that tells where it applies."""
    left, right = rule.left[:0:-1][:NEAR], rule.right[:NEAR]
    near = {*left, *right}
    free = {
        word
        for word in {*rule.removed, *rule.added}
        if is_value(word) and (word in rule.removed) + (word in rule.added) + (word in near) > 1
    }
    before = behind = 0
    for word in free - (set(rule.removed) & set(rule.added)):
        to_left, to_right = _distance(left, word), _distance(right, word)
        if to_left <= to_right:
            before = max(before, to_left)
        else:
            behind = max(behind, to_right)
    fixed = [word for word in rule.removed if is_name(word) and word not in free]
    fixed += [word for word in (*left[:before], *right[:behind]) if is_name(word) and word not in free]
    if free and not fixed:
        distance, is_left, word = min(
            (
                (_distance(side, word), side is left, word)
                for side in (left, right)
                for word in side
                if is_name(word) and word not in free
            ),
            default=(NEAR + 1, False, ""),
        )
        if not word:
            return None
        fixed = [word]
        before, behind = (max(before, distance), behind) if is_left else (before, max(behind, distance))
    if not free:
        return None
    words = (*left[:before][::-1], *rule.removed, *right[:behind])
    return Pattern(words, before, frozenset(free), max(fixed, key=len))


def _distance(side: Sequence[str], word: str) -> int:
    return side.index(word) + 1 if word in side else NEAR + 1


def kind_of(rule: WordRule, pattern: Pattern | None) -> Kind:
    """What became what, with the words that vary numbered: two changes of one kind are the same change."""
    numbers: dict[str, str] = {}

    def known(words: tuple[str, ...]) -> tuple[str, ...]:
        if pattern is None:
            return words
        return tuple(numbers.setdefault(word, f"<{len(numbers)}>") if word in pattern.free else word for word in words)

    return known(rule.removed), known(rule.added)
