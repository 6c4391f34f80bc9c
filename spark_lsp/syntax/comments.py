"""What a comment or a docstring says first."""

from __future__ import annotations

import re
from typing import Final

_LONGEST: Final = 300  # code points
_QUOTE: Final = re.compile(r"""[rRbBuUfF]{0,2}(\"{3}|'{3}|["'])""")
# The marks that a line of a comment can begin and end with, in all the languages that we know.
_MARKS: Final = re.compile(r"\s*(?:///?!?|//!|/\*+!?|\*+(?!/)|\#+[:!]?|--+(?:\[=*\[)?[-|]*|;+)?\s*")
_END: Final = re.compile(r"\s*(?:\*+/|\]=*\])?\s*$")
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]*>")


def first_line(comment: str) -> str:
    """The first line of a comment or a string that says something, without its marks and without tags; "" for none."""
    comment = comment.strip()
    quote = _QUOTE.match(comment)
    if quote is not None:
        comment = comment[quote.end() :].removesuffix(quote[1])
    for line in comment.splitlines():
        marks = _MARKS.match(line)
        said = _TAG.sub("", _END.sub("", line[marks.end() if marks else 0 :])).strip()
        if any(character.isalnum() for character in said):
            return said[:_LONGEST]
    return ""
