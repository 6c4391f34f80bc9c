"""Tells a secret's value from what merely stands where one could: names, references, words and stand-ins.

Two measures: a *random* value looks as if a machine had made it; a *password* only has to be no plain word.
"""

from __future__ import annotations

import re
from collections import Counter
from math import log2
from typing import Final

LONGEST: Final = 4096
"""Code points in the longest value that is looked at."""

_STAND_IN: Final = re.compile(
    r"example|change[_-]?(?:it|me|this)|your|placeholder|dummy|x{4}|\*{3}|\.{3}|…|insert|replace|to-?do|fix-?me|sample|"
    r"redacted|foo_?bar|lorem|fake|mock|not[_-]?(?:a[_-]?)?(?:real|secret)|abcdef(?!\d{2})|undefined|test[_-]?(?:pass|token|"
    r"secret|key)|qwerty|asdf|<[a-z]|\bnone\b|\bnull\b|supersecret$",
    re.IGNORECASE,
)
_REFERENCE: Final = re.compile(
    r"\$[\w{(]|\{\{|%\(|%\w+%$|%[sdrv]$|\{\w*(?:[.!:\[][^}]*)?\}|<[^>]*>$|@\w+@$|#\{|\[\w*\]$|&\w+;$|~/|\.\.?/|[A-Za-z]:\\|arn:"
)
"""What stands for a value that is elsewhere."""
_TEMPLATE: Final = re.compile(r"\$\{|\{\{|#\{|%\(\w|\{[A-Za-z_]\w*(?:[.!:\[][^}]*)?\}|\$\(")
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*://|/?(?:[\w.@-]+/)+[\w.@-]*\.[a-z]{1,5}$", re.IGNORECASE)
_SENSITIVE_WORD: Final = re.compile(r"pass|pwd|secret|token|key|cred|auth", re.IGNORECASE)
_WORD: Final = re.compile(
    r"(?:[A-Z](?=[a-z]*[aeiouy])[a-z]{2,}|(?=[a-z]*[aeiouy])[a-z]{3,}|(?=[A-Z]*[AEIOUY])[A-Z]{4,}(?![a-z]))"
)
"""A piece that can be pronounced; of letters that were drawn, less than half are in such pieces."""
_CONSONANTS: Final = re.compile(r"[bcdfghjklmnpqrstvwxz]{5}", re.IGNORECASE)
_MACHINE_MADE: Final = re.compile(r"[A-Za-z0-9_.~+/=:@!#$%^&*-]+$")
_DIGITS: Final = re.compile(r"\d+")
_HEXADECIMAL: Final = re.compile(r"(?:0x)?(?:[0-9a-f]+|[0-9A-F]+)$")
_NAME: Final = re.compile(r"[A-Za-z_$][A-Za-z_$]*(?:[._:/-]+[A-Za-z_]+)*[_-]?\d{0,3}$")
_COMPOUND: Final = re.compile(
    r"(?:[a-z]+\d{0,2}(?:[_-][a-z]+\d{0,2}|[_-]\d{1,4})+|[A-Z]+\d{0,2}(?:[_-][A-Z]+\d{0,2}|[_-]\d{1,4})+)$"
)
"""An identifier of several words."""
_PATTERN: Final = re.compile(r"\[[^\]]*\][*+{?]|\\[wdsbWDS]|\(\?:")
"""A piece of a regular expression."""
_TYPE: Final = re.compile(
    r"(?:u?int|float|bytes|str|utf|[iuf]|sha|md|vec|base|bcrypt|argon|aes|rsa|pbkdf|oauth|http)[_-]?\d{1,4}(?:_t|le|be)?$",
    re.IGNORECASE,
)
_SEQUENCES: Final = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz")


def entropy(value: str) -> float:
    """Shannon's entropy of a value's characters, in bits a character."""
    length = len(value)
    return -sum(count / length * log2(count / length) for count in Counter(value).values())


def is_random(value: str, *, shortest: int = 16) -> bool:
    """Whether a value looks as if a machine had made it."""
    if not shortest <= len(value) <= LONGEST or not _may_be_secret(value):
        return False
    digits = sum(map(len, _DIGITS.findall(value)))
    if _HEXADECIMAL.match(value):
        return bool(digits) and digits < len(value) and len(value) >= 16 and entropy(value) >= 2.5
    letters = sum(character.isalpha() for character in value)
    if not letters or not _MACHINE_MADE.match(value) or (_ADDRESS.match(value) and len(value) < 200):
        return False
    worded = _worded(value)
    if digits == 0:
        return len(value) >= 20 and _is_mixed(value) and worded < 0.6 and entropy(value) >= 3.6
    if worded >= 0.65 and digits <= max(4, len(value) * 0.15) and letters / len(value) - worded <= 0.15:
        return False
    if len(value) < 16:
        return _classes(value) >= 3 and len(_DIGITS.findall(value)) >= 2 and entropy(value) >= 2.8
    return entropy(value) >= 3.0


def is_password(value: str) -> bool:
    """Whether a value may be what somebody, or a machine, chose for a password."""
    if not 6 <= len(value) <= LONGEST or not _may_be_secret(value):
        return False
    if value.isdigit():
        return len(set(value)) >= 4 and not any(value[:6] in sequence for sequence in _SEQUENCES)
    if _TYPE.match(value) or _ADDRESS.match(value) or (("_" in value or "-" in value) and _worded(value) >= 0.7):
        return False
    rest = _SENSITIVE_WORD.sub("", value)
    if rest != value and sum(character.isalnum() for character in rest) <= 5:
        return False
    has_digit, has_letter = bool(_DIGITS.search(value)), any(character.isalpha() for character in value)
    special = any(not character.isalnum() and character not in "_-.:/,;()[]'\"=<>" for character in value)
    return (has_letter and (has_digit or (special and not value.endswith(("!", "?", "*", "…"))))) or is_random(value)


def is_plain(value: str) -> bool:
    """Whether an unquoted value can be nothing but a value: no name, no expression of a programming language."""
    if _NAME.match(value) or any(character in "()[]{},;|<>" for character in value):
        return False
    return not _TYPE.match(value) and not re.fullmatch(r"[-+]?[\d._]+(?:e[-+]?\d+)?[a-zA-Z%]{0,3}", value)


def is_stand_in(value: str) -> bool:
    """Whether a value stands where a secret is to be put, or names one that is elsewhere."""
    # In what was drawn, such words come up by chance, but hardly ever in one case.
    words = (found[0] for found in _STAND_IN.finditer(value, 0, 80))
    if any(word in (word.lower(), word.upper(), word.title()) for word in words):
        return True
    return bool(_REFERENCE.match(value) or _TEMPLATE.search(value))


def _may_be_secret(value: str) -> bool:
    if any(character.isspace() for character in value) or not value.isprintable() or len(set(value)) < 4:
        return False
    if _COMPOUND.match(value) or _PATTERN.search(value):
        return False
    return not is_stand_in(value)


def _worded(value: str) -> float:
    """How much of a value can be pronounced."""
    return sum(len(word) for word in _WORD.findall(value) if not _CONSONANTS.search(word)) / len(value)


def _is_mixed(value: str) -> bool:
    return value != value.lower() and value != value.upper()


def _classes(value: str) -> int:
    lower = any(character.islower() for character in value)
    upper = any(character.isupper() for character in value)
    digit = any(character.isdigit() for character in value)
    return lower + upper + digit + any(not character.isalnum() for character in value)
