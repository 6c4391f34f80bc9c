"""Where the members of a JSON object stand in its text: for edits that leave everything else as it is. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]|[^"{}\[\]]+', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object: where its key begins, and its value. Offsets in code points."""

    key: str
    start: int
    value_start: int
    end: int


@dataclass(frozen=True, slots=True)
class JsonObject:
    """An object: [start, end) with its braces, and its members in order."""

    start: int
    end: int
    members: tuple[Member, ...]

    def member(self, key: str) -> Member | None:
        """The last member of a name: the one that counts."""
        return next((member for member in reversed(self.members) if member.key == key), None)


def json_object(text: str, start: int = 0) -> JsonObject | None:
    """The object that begins there, white space aside. The text must be sound JSON; None if there is no object."""
    at = _after_space(text, start)
    if text[at : at + 1] != "{":
        return None
    begin, at = at, _after_space(text, at + 1)
    members: list[Member] = []
    while (match := _STRING.match(text, at)) is not None:
        value = _after_space(text, _after_space(text, match.end()) + 1)
        end = _value_end(text, value)
        if end is None:
            return None
        members.append(Member(json.loads(match[0]), at, value, end))
        at = _after_space(text, end)
        if text[at : at + 1] == ",":
            at = _after_space(text, at + 1)
    return JsonObject(begin, at + 1, tuple(members)) if text[at : at + 1] == "}" else None


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _value_end(text: str, start: int) -> int | None:
    if text[start : start + 1] not in ("{", "["):
        match = _STRING.match(text, start) or re.compile(r"[^\s,}\]]+").match(text, start)
        return match.end() if match else None
    depth = 0
    for token in _TOKEN.finditer(text, start):
        depth += (token[0] in ("{", "[")) - (token[0] in ("}", "]"))
        if depth == 0:
            return token.end()
    return None
