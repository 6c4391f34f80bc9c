"""The lines of a text, searched for words again and again."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_LINES: Final = 300
"""A word that more lines hold than this tells nothing."""


class SearchedLines:
    """Some lines, and which of them hold what was asked for so far."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self._text = "".join(lines)
        self._starts = [0, *accumulate(map(len, lines))]
        self._found: dict[str, tuple[int, ...]] = {}
        self._stripped: list[str] | None = None

    @property
    def stripped(self) -> list[str]:
        """The lines without indentation and line endings."""
        if self._stripped is None:
            self._stripped = [line.strip() for line in self.lines]
        return self._stripped

    def holding(self, word: str) -> tuple[int, ...]:
        """The numbers of the lines with a text that lies in one line; none if there are too many."""
        found = self._found.get(word)
        if found is None:
            found = self._found[word] = self._holding(word)
        return found

    def _holding(self, word: str) -> tuple[int, ...]:
        numbers: list[int] = []
        at = self._text.find(word)
        while at >= 0:
            number = bisect_right(self._starts, at) - 1
            numbers.append(number)
            if len(numbers) > MOST_LINES:
                return ()
            at = self._text.find(word, self._starts[number + 1])
        return tuple(numbers)
