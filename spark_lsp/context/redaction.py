"""Secrets in code never leave the machine: they go into prompts as placeholders, and come back exact.

A placeholder is one word in capitals that ends in four characters drawn at random, `REDACTED_SECRET_7KQ2`: valid in
strings, settings files and identifiers of any language, plain enough to be copied, and nothing of the secret is in it.
A secret has the same one for as long as the session lasts, so that prompts stay as they are and caches hit.

A secret is a piece of one line: of a key block, every line is one. So lines stay lines, in prompts and in replies.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from spark_lsp.context.redaction_restorer import MARK, MENTION, PLACEHOLDER_CODE, Restorer
from spark_lsp.context.secret_finder import KEY_BLOCK, KEY_BLOCK_LINES, Secret, SecretFinder, apart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from spark_lsp.core.text import Text

_CODE_LENGTH: Final = 4
_SOUGHT_AGAIN: Final = 32
"""As many secrets, the latest, are recognised by what they are wherever they come up again."""
_SHORTEST_SOUGHT: Final = 7
"""Code points. Shorter ones are only secrets where they were found."""
_MOST_SECRETS: Final = 4096
"""The vault forgets the oldest beyond that; they get new placeholders when they come up again."""


_ANY_MENTION: Final = re.compile(rf"(?=({MENTION.pattern}))", MENTION.flags)


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of what goes into a prompt."""

    part: str
    """What it is, for people: "region", "instruction" ..."""
    text: str
    first_line: int = 0
    """The line of its document that it begins in, from 0."""
    follows: bool = False
    """It goes on where the passage before it ends, so that a secret may reach from one into the other."""
    sent: bool = True
    """False for what is only looked at for what it says about the passages that follow it."""


@dataclass(frozen=True, slots=True)
class RedactedSecret:
    """A secret that was taken out, without it."""

    kind: str
    part: str
    line: int
    """In its document or text, from 0."""
    placeholder: str


@dataclass(frozen=True, slots=True)
class Redaction:
    """Passages without their secrets, and how to put those back."""

    texts: tuple[str, ...]
    """The passages' texts, in their order."""
    secrets: tuple[RedactedSecret, ...] = ()
    """In the order of the passages; only of those that are sent."""
    _by_placeholder: Mapping[str, str] = field(default_factory=dict, repr=False)
    _in_texts: frozenset[str] = field(default=frozenset(), repr=False)
    """Words of the texts themselves that look like placeholders."""

    def restorer(self) -> Restorer:
        """What puts the secrets back into one reply."""
        return Restorer(self._by_placeholder, self._in_texts)

    def hide(self, message: str) -> str:
        """A message without the secrets, also where it quotes no more than the beginning of one."""
        for placeholder, secret in self._by_placeholder.items():
            for length in range(len(secret), min(len(secret), 4) - 1, -1):
                if (quoted := secret[:length]) in message:
                    message = message.replace(quoted, placeholder)
                    break
        return message


class SecretVault:
    """Knows the secrets of a session by their placeholders. One for a session; never written anywhere."""

    def __init__(self, draw: Callable[[str], str] = secrets.choice) -> None:
        """`draw` picks a character at random."""
        self._draw = draw
        self._finder = SecretFinder()
        self._placeholders: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self._used: set[str] = set()

    def redact(self, passages: Sequence[Passage]) -> Redaction:
        """Take the secrets out of the passages of one prompt."""
        found = self._found(passages)
        self._find_again(passages, found)
        if not any(found):
            return Redaction(tuple(passage.text for passage in passages))
        texts: list[str] = []
        taken_out: list[RedactedSecret] = []
        by_placeholder: dict[str, str] = {}
        own = _like_placeholders(passages)
        for passage, spans in zip(passages, found, strict=True):
            pieces: list[str] = []
            at = 0
            for span in apart(spans):
                secret = passage.text[span.start : span.end]
                placeholder = self._placeholder(secret, span.kind, own)
                by_placeholder[placeholder] = secret
                pieces += (passage.text[at : span.start], placeholder)
                at = span.end
                if passage.sent:
                    line = passage.first_line + _line_endings(passage.text, span.start)
                    taken_out.append(RedactedSecret(span.kind, passage.part, line, placeholder))
            texts.append("".join((*pieces, passage.text[at:])))
        return Redaction(tuple(texts), tuple(taken_out), MappingProxyType(by_placeholder), own)

    def _found(self, passages: Sequence[Passage]) -> list[list[Secret]]:
        """The secrets in each passage. One that reaches over a border is one on each side."""
        found: list[list[Secret]] = []
        for together in _groups(passages):
            spans = self._finder.find("".join(passage.text for passage in together))
            start = 0
            for passage in together:
                end = start + len(passage.text)
                found.append(
                    [
                        Secret(max(span.start, start) - start, min(span.end, end) - start, span.kind)
                        for span in spans
                        if span.start < end and start < span.end
                    ]
                )
                start = end
        return found

    def _find_again(self, passages: Sequence[Passage], found: list[list[Secret]]) -> None:
        """Add what is known for a secret, from here or from before, and stands where nothing gives it away."""
        known = {secret: self._kinds[secret] for secret in islice(reversed(self._kinds), _SOUGHT_AGAIN)}
        for passage, spans in zip(passages, found, strict=True):
            known |= {passage.text[span.start : span.end]: span.kind for span in spans}
        for secret, kind in known.items():
            if len(secret) < _SHORTEST_SOUGHT or kind == KEY_BLOCK:
                continue
            for passage, spans in zip(passages, found, strict=True):
                at = passage.text.find(secret)
                while at >= 0:
                    end = at + len(secret)
                    if _stands_alone(passage.text, at, end):
                        spans.append(Secret(at, end, kind))
                    at = passage.text.find(secret, end)

    def _placeholder(self, secret: str, kind: str, avoided: frozenset[str]) -> str:
        """The placeholder of a secret; a new one if the texts happen to hold it as a word of their own."""
        placeholder = self._placeholders.get(secret)
        if placeholder is None or placeholder in avoided:
            placeholder = self._new(avoided)
        self._placeholders.pop(secret, None)
        self._kinds.pop(secret, None)
        self._placeholders[secret], self._kinds[secret] = placeholder, kind
        if len(self._placeholders) > _MOST_SECRETS:
            oldest = next(iter(self._placeholders))
            del self._placeholders[oldest], self._kinds[oldest]
        return placeholder

    def _new(self, avoided: frozenset[str]) -> str:
        while True:
            placeholder = MARK + "".join(self._draw(PLACEHOLDER_CODE) for _ in range(_CODE_LENGTH))
            if placeholder not in self._used and placeholder not in avoided:
                self._used.add(placeholder)
                return placeholder


def lines_above(text: Text, line: int) -> str:
    """What stands right above a line and is not sent, but tells what the line is: a key may have begun there."""
    return "".join(text.lines[max(0, line - KEY_BLOCK_LINES) : line])


def _groups(passages: Sequence[Passage]) -> list[list[Passage]]:
    groups: list[list[Passage]] = []
    for passage in passages:
        if passage.follows and groups:
            groups[-1].append(passage)
        else:
            groups.append([passage])
    return groups


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a piece of a text is not just a part of a longer word."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() and text[start].isalnum()) and not (after.isalnum() and text[end - 1].isalnum())


def _like_placeholders(passages: Iterable[Passage]) -> frozenset[str]:
    """What in the texts themselves looks like a placeholder, also where two such words overlap."""
    return frozenset(found[1] for passage in passages for found in _ANY_MENTION.finditer(passage.text))


def _line_endings(text: str, end: int) -> int:
    """How many lines end before a position."""
    return text.count("\n", 0, end) + text.count("\r", 0, end) - text.count("\r\n", 0, end)
