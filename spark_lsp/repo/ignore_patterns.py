"""The patterns of one ignore file (gitignore(5)), asked about one entry of a folder at a time.

Git looks at each folder on the way to a file by itself, and never into one that is ignored. So a pattern here is for
the entry that it names and not for what lies under it: who asks goes down from the top and stops at what is ignored.
"""

from __future__ import annotations

import re
import sys
import warnings
from dataclasses import dataclass
from typing import Final

from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from spark_lsp.repo.exclude import without_much_backtracking

_MOST_PATTERNS: Final = 20_000
_LONGEST_PATTERN: Final = 1000
_FLAGS: Final = re.DOTALL | (re.IGNORECASE if sys.platform in ("win32", "darwin") else 0)
"""Where two spellings are one file, git asks for no case either."""

# What pathspec puts at the end: a pattern for anything, or for folders only; and for all under a folder.
_ANY_END: Final = "(?:(?P<ps_d>/)|$)"
_FOLDER_END: Final = "(?P<ps_d>/)"

_CLASSES: Final = {
    "[:alnum:]": "a-zA-Z0-9",
    "[:alpha:]": "a-zA-Z",
    "[:blank:]": " \t",
    "[:digit:]": "0-9",
    "[:lower:]": "a-z",
    "[:space:]": " \t\r\n\v\f",
    "[:upper:]": "A-Z",
    "[:xdigit:]": "0-9a-fA-F",
}


@dataclass(frozen=True, slots=True)
class IgnorePatterns:
    """The patterns of a file, last one first."""

    _any: re.Pattern[str]
    """Matches if one of the patterns does."""
    _patterns: tuple[tuple[re.Pattern[str], bool], ...]

    def verdict(self, entry: str) -> bool | None:
        """Whether an entry is ignored; None if nothing here is about it.

        The entry is relative to the ignore file's folder, with slashes, and one at the end if it is a folder.
        """
        if not self._any.search(entry):
            return None
        return next((ignores for pattern, ignores in self._patterns if pattern.search(entry)), None)


def parse_ignore_file(content: str) -> IgnorePatterns | None:
    """The patterns of an ignore file, or None if there are none. A line that is no pattern is left out, as git does."""
    found: list[tuple[str, bool]] = []
    for line in content.removeprefix("\ufeff").split("\n")[:_MOST_PATTERNS]:
        compiled = _regex(line.removesuffix("\r"))
        if compiled is not None:
            found.append(compiled)
    if not found:
        return None
    return IgnorePatterns(
        re.compile("|".join(f"(?:{regex})" for regex, _ in found), _FLAGS),
        tuple((re.compile(regex, _FLAGS), ignores) for regex, ignores in reversed(found)),
    )


def _regex(pattern: str) -> tuple[str, bool] | None:
    if not pattern.strip() or pattern.startswith("#") or len(pattern) > _LONGEST_PATTERN:
        return None
    if "[:" in pattern:
        for name, characters in _CLASSES.items():
            pattern = pattern.replace(name, characters)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of re, on what brackets may mean one day
            regex, ignores = GitIgnoreSpecPattern.pattern_to_regex(pattern)
            if regex is None or ignores is None:
                return None
            regex = _for_one_entry(without_much_backtracking(regex))
            re.compile(regex, _FLAGS)
    except (ValueError, re.error, RecursionError):
        return None
    return regex, ignores


def _for_one_entry(regex: str) -> str:
    if regex.endswith(_ANY_END):
        return f"{regex.removesuffix(_ANY_END)}/?$"
    if regex.endswith(_FOLDER_END):
        return f"{regex.removesuffix(_FOLDER_END)}/$"
    # "a/**" is for what is in the folder, and not for the folder itself.
    return f"{regex}." if regex.endswith("/") else regex
