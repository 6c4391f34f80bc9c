"""Lines cut into words, numbers, operators and single brackets or quotes: what changes are told and found by.

No grammar: it serves every language, and text that does not parse while it is being changed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from spark_lsp.core.code_lines import indentation
from spark_lsp.core.text import line_content

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORD = re.compile(r"\d+(?:\.\d+)+|\w+|[()\[\]{}\"'`,;]|[^\w\s()\[\]{}\"'`,;]+")
_COMMENT = re.compile(r"\s*(?://|#|--|/?\*|<!--)")
START, END = "^", "$"
"""The borders of a line among its words."""


class Word(NamedTuple):
    """A word of a line, or a piece of its punctuation. Columns count code points; the end is not part of it."""

    text: str
    start: int
    end: int


@lru_cache(maxsize=4096)
def words_of(line: str) -> tuple[Word, ...]:
    """The words of a line, without its blanks and its line ending."""
    return tuple(Word(match[0], match.start(), match.end()) for match in _WORD.finditer(line_content(line)))


@lru_cache(maxsize=4096)
def bordered(line: str) -> tuple[str, ...]:
    """The words of a line as they are written, between its borders."""
    return (START, *_WORD.findall(line_content(line)), END)


def is_name(word: str) -> bool:
    """A word in the narrower sense, and no number."""
    return word[0].isalpha() or word[0] == "_"


@lru_cache(maxsize=1024)
def names_in(line: str) -> int:
    """How many names a line has."""
    return sum(is_name(word.text) for word in words_of(line))


@lru_cache(maxsize=1024)
def shape(line: str) -> tuple[str, ...]:
    """The words of a line, with the same for every name and number."""
    return tuple("x" if is_value(word) else word for word in bordered(line))


def is_value(word: str) -> bool:
    """A name or a number: what may be another at another place."""
    return word[:1].isalnum() or word[:1] == "_"


def is_comment(line: str) -> bool:
    """The line looks like one of a comment in most languages."""
    return _COMMENT.match(line) is not None


def is_in_string(line: str, column: int) -> bool:
    """A quotation mark is open before a column, as far as a line tells."""
    head = line[:column]
    return any((head.count(quote) - head.count(f"\\{quote}")) % 2 for quote in "\"'`")


def end_of_block(lines: Sequence[str], line: int, *, opened: bool) -> int:
    """The first line behind the block that a line is in, or that it opens."""
    depth = len(indentation(lines[line]))
    for at in range(line + 1, len(lines)):
        content = lines[at].lstrip()
        if content and not content.startswith((")", "}", "]", "{")):
            here = len(lines[at]) - len(content)
            if here < depth or (here == depth and opened):
                return at
    return len(lines)
