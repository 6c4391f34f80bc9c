"""The words in names and prose, so that what is called alike can be found."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_WORD: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[^\W\d_a-zA-Z]+")
_IDENTIFIER: Final = re.compile(r"[^\W\d]\w*")
_EMPTY: Final = frozenset(
    (
        *("a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "get", "has", "if", "in", "is", "it", "new"),
        *("not", "of", "on", "or", "self", "set", "test", "tests", "that", "the", "this", "to", "with"),
    )
)
_SHORTEST: Final = 2
_LONGEST_TEXT: Final = 4_000


@lru_cache(maxsize=20_000)
def words_of(name: str) -> frozenset[str]:
    """The words of a name in any style, in small letters and without plural; those that say nothing are left out."""
    found = (_stem(word.lower()) for word in _WORD.findall(name[:_LONGEST_TEXT]))
    return frozenset(word for word in found if len(word) >= _SHORTEST and word not in _EMPTY)


def identifiers(text: str) -> set[str]:
    """The words of a text that could be names in a program."""
    return set(_IDENTIFIER.findall(text))


def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word
