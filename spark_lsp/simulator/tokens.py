"""Cuts text into pieces of the size of a model's tokens. No tokenizer: the sizes are what matters here."""

from __future__ import annotations

import re

# A run of white space travels with the word behind it, as in most vocabularies; about four characters each.
_TOKEN = re.compile(r"\s*(?:\w{1,5}|[^\w\s]{1,3})|\s+")


def tokens(text: str) -> list[str]:
    """Cut a text into tokens; joined, they are the text."""
    return _TOKEN.findall(text)


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a text has, by the rule of four characters each."""
    return (len(text) + 3) // 4
