"""The kinds of single values that settings have."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from spark_lsp.settings.problem import Report
    from spark_lsp.settings.tree import KeyPath

LARGEST_INTEGER: Final = 2**53 - 1
"""What every reader of JSON can hold exactly."""

_LONGEST_TEXT: Final = 4096


class Refusal(Enum):
    """What a check gives for a value that does not hold."""

    REFUSED = "refused"


REFUSED: Final = Refusal.REFUSED


@dataclass(frozen=True, slots=True)
class Scalar:
    """A `kinds.Kind`: a single value, which is the same clean and built.

    `test` gives the value back (24.0 as 24 where an integer is wanted), or REFUSED; it must agree with the schema.
    `like` is how `problem.describe` calls a value of the right type, and `words` are all there are, if few.
    """

    expected: str
    like: str
    test: Callable[[object], object]
    described: Mapping[str, Any]
    words: tuple[str, ...] = ()

    def check(self, raw: object, path: KeyPath, report: Report) -> object:
        tested = self.test(raw)
        if tested is REFUSED and self.words and isinstance(raw, str):
            report.misspelt(path, f"expected {self.expected}", raw, self.words)
        elif tested is REFUSED:
            report.expected(path, self.expected, raw, self.like)
        return tested

    def build(self, clean: Any) -> Any:
        return clean

    def dump(self, built: Any) -> object:
        return built

    def schema(self) -> dict[str, Any]:
        return dict(self.described)


def boolean() -> Scalar:
    def test(raw: object) -> object:
        return raw if isinstance(raw, bool) else REFUSED

    return Scalar("true or false", "", test, {"type": "boolean"})


def integer(minimum: int, maximum: int = LARGEST_INTEGER) -> Scalar:
    """A whole number; 24.0 is one too, as JSON has it."""

    def test(raw: object) -> object:
        if not is_number(raw) or not minimum <= raw <= maximum or raw != math.floor(raw):
            return REFUSED
        return int(raw)

    expected = f"an integer of at least {minimum}"
    if maximum != LARGEST_INTEGER:
        expected = f"an integer from {minimum} to {maximum}"
    return Scalar(expected, "", test, {"type": "integer", "minimum": minimum, "maximum": maximum})


def number(maximum: int) -> Scalar:
    """A number from 0 to the maximum."""

    def test(raw: object) -> object:
        return raw if is_number(raw) and 0 <= raw <= maximum else REFUSED

    return Scalar(f"a number from 0 to {maximum}", "", test, {"type": "number", "minimum": 0, "maximum": maximum})


def positive_number(maximum: int) -> Scalar:
    """A number above 0, up to the maximum."""

    def test(raw: object) -> object:
        return raw if is_number(raw) and 0 < raw <= maximum else REFUSED

    described = {"type": "number", "exclusiveMinimum": 0, "maximum": maximum}
    return Scalar(f"a number above 0, at most {maximum}", "", test, described)


def text(expected: str, pattern: str = "", minimum: int = 1, maximum: int = _LONGEST_TEXT) -> Scalar:
    """A string of so many code points, all of it matched by a pattern that Python and JavaScript read alike."""
    compiled = re.compile(pattern or r"[\s\S]*")

    def test(raw: object) -> object:
        if not isinstance(raw, str) or not minimum <= len(raw) <= maximum or not is_unicode(raw):
            return REFUSED
        return raw if compiled.fullmatch(raw) else REFUSED

    described: dict[str, Any] = {"type": "string", "minLength": minimum, "maxLength": maximum}
    if pattern:
        described["pattern"] = pattern
    return Scalar(expected, "a string", test, described)


def choice(words: tuple[str, ...]) -> Scalar:
    def test(raw: object) -> object:
        return raw if isinstance(raw, str) and raw in words else REFUSED

    return Scalar(f"one of {', '.join(words)}", "a string", test, {"enum": list(words)}, words)


def is_number(raw: object) -> TypeGuard[int | float]:
    """False for truth values, which Python counts among the integers. Comparisons with NaN are false anyway."""
    return isinstance(raw, (int, float)) and not isinstance(raw, bool)


def is_unicode(string: str) -> bool:
    """False for a string with half a surrogate pair, which JSON can spell and nobody can send."""
    return string.isascii() or not any("\ud800" <= character <= "\udfff" for character in string)
