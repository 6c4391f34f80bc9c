"""What is wrong with a setting, told without ever repeating the value: it might be a key."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spark_lsp.settings.tree import KeyPath

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_KEY_SHOWN = 60
_MOST_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class Problem:
    """One sentence on something that does not hold, and where it stands. Safe to show and to log."""

    message: str
    key: str = ""
    """A dotted key as TOML spells it, or "" when it is about the whole."""
    where: str = ""
    """A file or the name of another source, or "" when there is only one."""
    line: int | None = None
    """The line in that file, from 1, when it is known."""

    def __str__(self) -> str:
        place = self.where if self.line is None else f"{self.where}:{self.line}"
        return ": ".join(part for part in (place, self.key, self.message) if part)


@dataclass(slots=True)
class Report:
    """Collects the problems of one source: the first fifty one by one, the others as a number.

    A file can hold hundreds of thousands of mistakes; neither the reader nor the time to word them is there.
    """

    where: str = ""
    _problems: list[Problem] = field(default_factory=list)
    _more: int = 0

    @property
    def problems(self) -> list[Problem]:
        if not self._more:
            return list(self._problems)
        return [*self._problems, Problem(f"and {self._more} more problems", where=self.where)]

    def add(self, path: KeyPath, message: str) -> None:
        if len(self._problems) < _MOST_PROBLEMS:
            self._problems.append(Problem(message, shown(path), self.where))
        else:
            self._more += 1

    def expected(self, path: KeyPath, expected: str, raw: object, like: str = "") -> None:
        """Report a wrong value. One that is described by `like` is of the right type at least: no need to say which."""
        described = describe(raw)
        self.add(path, f"expected {expected}" + (f", not {described}" if described != like else ""))

    def misspelt(self, path: KeyPath, message: str, word: str, words: Iterable[str]) -> None:
        """Report a word that is none of those that there are, with the one that was probably meant."""
        close = closest(word, words) if len(self._problems) < _MOST_PROBLEMS else None
        self.add(path, message + (f'; did you mean "{close}"?' if close else ""))


def dotted(path: KeyPath) -> str:
    """A key path as TOML spells it."""
    return ".".join(key if _BARE_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False) for key in path)


def shown(path: KeyPath) -> str:
    """A key path for a message: long keys are cut, and what could upset a terminal is escaped."""
    cut = tuple(key if len(key) <= _LONGEST_KEY_SHOWN else key[:_LONGEST_KEY_SHOWN] + "…" for key in path)
    return dotted(cut) if all(key.isprintable() for key in cut) else json.dumps(".".join(cut))


def closest(word: str, words: Iterable[str]) -> str | None:
    """The word that was probably meant by a misspelt one; case, dashes and underscores do not count."""
    if len(word) > _LONGEST_KEY_SHOWN:
        return None
    by_plain = {_plain(candidate): candidate for candidate in words}
    matches = get_close_matches(_plain(word), by_plain, n=1)
    return by_plain[matches[0]] if matches else None


def _plain(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "")


def describe(raw: object) -> str:
    """What kind of value it is. Only a truth value or a number is repeated, since neither can be a secret."""
    match raw:
        case None:
            return "null"
        case bool():
            return "true" if raw else "false"
        case str():
            return "a string"
        case int() | float():
            # An integer of thousands of digits can be turned neither into a string nor into a float.
            return "so large a number" if abs(raw) >= 1e15 else repr(raw)
        case list() | tuple():
            return "a list"
        case Mapping():
            return "a table"
    return f"a value of type {type(raw).__name__}"
