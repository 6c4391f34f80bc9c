"""Finds secrets in code, line by line, and remembers what it found: of a text that is typed in, one line is new.

Lines that are new are searched together, since a search costs little more for many lines than for one. What reaches
over lines (key blocks, a value on the line behind its name) is put together from what is known of each line.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from spark_lsp.context.secret_assignments import (
    MEASURES,
    NEXT_PLAIN_VALUE,
    NEXT_VALUE,
    Assigned,
    Awaited,
    assigned_secrets,
)
from spark_lsp.context.secret_rules import RULES, SecretRule
from spark_lsp.core.text import line_content, split_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

KEY_BLOCK: Final = "private-key"
KEY_BLOCK_LINES: Final = 128
"""As many lines as the longest key block may have; whoever shows a piece of a file has so many before it searched."""

_REMEMBERED_LINES: Final = 8192
_LONG_LINE: Final = 2000
"""Code points in lines that are not remembered, of minified files."""
_REACH_BACK: Final = 100
_REACH_ON: Final = 400
"""Code points before and after an anchor in which its secret is looked for."""
_RUN: Final = re.compile(r"[A-Za-z0-9_.~+/=$:%-]{18,}")
"""Every secret with a format of its own is in such a run, but for those of `_LOOSE`."""
_LOOSE: Final = ("curl", "login")
_BLOCK_BEGIN: Final = re.compile(r"-----BEGIN[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|^[ \t]*Private-Lines:[ \t]*\d+")
_BLOCK_END: Final = re.compile(r"-----END[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_MATERIAL: Final = re.compile(r"(?:\\+[nr])*((?:[A-Za-z0-9+/=]|\\+[nr](?=[A-Za-z0-9+/=])){4,})")
_KEY_LINE: Final = re.compile(
    r"[\s\"'`+>#*.|,;()&$\\-]*(?:[A-Za-z-]{3,20}: ?[^\"']*|[A-Za-z0-9+/=]*(?:\\[nr])*)[\s\"'`+,;).&\\]*$"
)
_DATA_OF_SECRET: Final = re.compile(r"[ \t]+[\w.-]+:[ \t]+[\"']?([A-Za-z0-9+/]{6,}={0,2})[\"']?[ \t]*$")


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret is in a text, in code points; never across lines."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class _Line:
    """What is known of a line."""

    secrets: tuple[Secret, ...] = ()
    awaits: str | None = None
    """The kind of secret that a name at its end announces."""
    key_block: bool = False
    """It begins or ends a key block."""


_KUBERNETES_SECRET: Final = "kind: Secret"  # noqa: S105 (a word of Kubernetes)
_NOTHING: Final = _Line()


class SecretFinder:
    """Finds secrets in texts. One for a session, so that it knows the lines."""

    def __init__(self) -> None:
        self._known: dict[str, _Line] = {}
        self._known_before: dict[str, _Line] = {}

    def find(self, text: str) -> list[Secret]:
        """All secrets in a text, in order; none touches another, none goes over the end of a line."""
        contents, widths = _cut(text)
        known = self._looked_at(contents)
        if all(line is _NOTHING for line in known) and _KUBERNETES_SECRET not in text:
            return []
        starts = [0, *accumulate(widths or (len(content) + 1 for content in contents))]
        found: list[Secret] = []
        awaits = None
        for line, content, start in zip(known, contents, starts, strict=False):
            if line is not _NOTHING or awaits:
                found += [Secret(start + secret.start, start + secret.end, secret.kind) for secret in line.secrets]
                if awaits and (secret := _awaited(content, awaits)):
                    found.append(Secret(start + secret.start, start + secret.end, secret.kind))
                awaits = line.awaits
        if any(line.key_block for line in known):
            found += _key_blocks(contents, starts, known)
        if _KUBERNETES_SECRET in text:
            found += _kubernetes_data(contents, starts)
        return apart(found)

    def _looked_at(self, contents: list[str]) -> list[_Line]:
        """What is known of each line; what is not known yet is found out."""
        known = self._known
        facts = list(map(known.get, contents))
        if None in facts:
            new: list[int] = []
            for number, fact in enumerate(facts):
                if fact is None:
                    if (earlier := self._known_before.get(contents[number])) is None:
                        new.append(number)
                    else:
                        facts[number] = known[contents[number]] = earlier
            for number, fact in zip(new, _search([contents[number] for number in new]), strict=True):
                facts[number] = fact
                if len(contents[number]) <= _LONG_LINE:
                    known[contents[number]] = fact
            if len(known) > _REMEMBERED_LINES:
                self._known, self._known_before = {}, known
        return [fact or _NOTHING for fact in facts]


def _cut(text: str) -> tuple[list[str], list[int] | None]:
    """The lines of a text without their endings, and how long each is with it; None for one code point more."""
    if "\r" not in text:
        return text.split("\n"), None
    lines = split_lines(text)
    return [line_content(line) for line in lines], list(map(len, lines))


def apart(secrets: Iterable[Secret]) -> list[Secret]:
    """The secrets in order, those that overlap made one: of the kind of the longest."""
    merged: list[Secret] = []
    for secret in sorted(secrets, key=lambda secret: (secret.start, -secret.end)):
        last = merged[-1] if merged else None
        if last is None or secret.start >= last.end:
            merged.append(secret)
        elif secret.end > last.end:
            longer = last if last.end - last.start >= secret.end - secret.start else secret
            merged[-1] = Secret(last.start, secret.end, longer.kind)
    return merged


def _search(contents: Sequence[str]) -> list[_Line]:
    """What there is to know of lines without endings, each by itself."""
    text = "\n".join(contents)
    secrets: dict[int, list[Secret]] = {}
    awaits: dict[int, str] = {}
    ends: list[int] = []
    end = -1
    for content in contents:
        end += len(content) + 1
        ends.append(end)
    numbers = _LineNumbers(ends)
    for found in (*_formatted(text), *assigned_secrets(text)):
        if isinstance(found, Awaited):
            awaits[numbers.of(found.position)] = found.kind
        else:
            number = numbers.of(found.start)
            start = ends[number] - len(contents[number])
            secrets.setdefault(number, []).append(Secret(found.start - start, found.end - start, found.kind))
    blocks = "PRIVATE KEY" in text or "Private-Lines" in text
    return [
        _Line(
            tuple(secrets.get(number, ())),
            awaits.get(number),
            blocks and bool(_BLOCK_BEGIN.search(content) or _BLOCK_END.search(content)),
        )
        if number in secrets
        or number in awaits
        or (blocks and "Private" in content)
        or (blocks and "PRIVATE" in content)
        else _NOTHING
        for number, content in enumerate(contents)
    ]


class _LineNumbers:
    """Finds the line of a position in a text."""

    def __init__(self, ends: list[int]) -> None:
        self._ends = ends

    def of(self, position: int) -> int:
        return bisect_left(self._ends, position)


def _formatted(text: str) -> Iterator[Assigned]:
    """Secrets that have a format of their own."""
    runs = "\n".join(_RUN.findall(text))
    for rule in RULES:
        for anchor in rule.anchors:
            if anchor in (text if anchor in _LOOSE else runs):
                yield from _at_anchor(text, anchor, rule)


def _at_anchor(text: str, anchor: str, rule: SecretRule) -> Iterator[Assigned]:
    at = text.find(anchor)
    while at >= 0:
        following = at + len(anchor)
        if rule.at_anchor:
            found = rule.pattern.match(text, at)
        else:
            low = max(0, at - _REACH_BACK)
            found = rule.pattern.search(text, max(text.rfind("\n", low, at) + 1, low), at + _REACH_ON)
        if found:
            group = 1 if rule.pattern.groups else 0
            yield Assigned(found.start(group), found.end(group), rule.kind)
            following = max(following, found.end())
        at = text.find(anchor, following)


def _awaited(line: str, kind: str) -> Secret | None:
    """The secret at the beginning of a line whose name is on the line before."""
    if value := NEXT_VALUE.match(line):
        group = "v" if value["v"] is not None else "v2"
        if MEASURES[kind](value[group]):
            return Secret(value.start(group), value.end(group), kind)
    elif (plain := NEXT_PLAIN_VALUE.match(line)) and MEASURES[kind](plain[1]):
        return Secret(plain.start(1), plain.end(1), kind)
    return None


def _key_blocks(lines: Sequence[str], starts: Sequence[int], known: Sequence[_Line]) -> Iterator[Secret]:
    """The lines of private keys, each a secret for itself, so that lines stay lines.

    Of a block whose beginning or end is cut off, as many lines as look like one.
    """
    inside = False
    block_ended = -1
    for number, line in enumerate(lines):
        begin = _BLOCK_BEGIN.search(line) if known[number].key_block else None
        end = _BLOCK_END.search(line) if known[number].key_block else None
        if end and not inside and (begin is None or end.start() < begin.start()):
            first = number
            # Of a block, only the last line may be short.
            while first - 1 > block_ended and _is_key_line(lines[first - 1], 4 if first == number else 40):
                first -= 1
            for before in range(first, number):
                yield from _material(lines[before], starts[before], 0, len(lines[before]))
            yield from _material(line, starts[number], 0, end.start())
            block_ended = number
        if begin:
            inside = end is None or end.start() < begin.start()
            stop = end.start() if end and not inside else len(line)
            yield from _material(line, starts[number], begin.end(), stop)
        elif inside:
            if end:
                inside, block_ended = False, number
                yield from _material(line, starts[number], 0, end.start())
            elif _KEY_LINE.match(line):
                yield from _material(line, starts[number], 0, len(line))
            else:
                inside, block_ended = False, number


def _is_key_line(line: str, shortest: int) -> bool:
    return any(len(found[1]) >= shortest for found in _KEY_MATERIAL.finditer(line)) and bool(_KEY_LINE.match(line))


def _material(line: str, at: int, start: int, stop: int) -> Iterator[Secret]:
    for found in _KEY_MATERIAL.finditer(line, start, stop):
        yield Secret(at + found.start(1), at + found.end(1), KEY_BLOCK)


def _kubernetes_data(contents: Sequence[str], starts: Sequence[int]) -> Iterator[Secret]:
    """The data of a Kubernetes Secret, which are in Base64 under any name."""
    is_data, is_secret = False, True
    for content, start in zip(contents, starts, strict=False):
        if content.startswith("---"):
            is_data, is_secret = False, True
        elif content and not content[0].isspace():
            if content.startswith("kind:"):
                is_secret = content.rstrip() == _KUBERNETES_SECRET
            is_data = content.rstrip() in ("data:", "stringData:")
        elif is_data and is_secret and (found := _DATA_OF_SECRET.match(content)):
            yield Secret(start + found.start(1), start + found.end(1), "kubernetes-secret")
