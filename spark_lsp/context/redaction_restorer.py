"""Puts secrets back into what a model says, while it says it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

MARK: Final = "REDACTED_SECRET_"
"""What placeholders begin with."""
PLACEHOLDER_CODE: Final = "2346789BCFGHJKMNPQVWXYZ"
"""What the rest of them is of: no vowels, so no words, nothing that looks like something else, and no letter that the
mark begins with, so that placeholders never overlap."""

MENTION: Final = re.compile(rf"{MARK[:-1]}(?:_\w{{0,4}})?", re.IGNORECASE)
"""Anything that looks like a placeholder or what is left of one."""
_LONGEST_MENTION: Final = len(MARK) + 4


class Restorer:
    """A transducer: takes a reply in any chunks, gives it with the secrets in it.

    It holds back no more than what may be the beginning of a placeholder. Only the placeholders of its own prompt
    count; any other stays as it is, and `invented` tells that there was one.
    """

    def __init__(self, by_placeholder: Mapping[str, str], own_words: Collection[str] = ()) -> None:
        """`own_words` are those of the prompt's code that look like placeholders and are none."""
        self._secrets = by_placeholder
        self._known = {*by_placeholder, *own_words}
        self._pattern = re.compile("|".join(map(re.escape, by_placeholder))) if by_placeholder else None
        self._held = ""
        self._mentions = ""
        self.invented = False
        """The model wrote a placeholder that stands for nothing."""

    def __repr__(self) -> str:
        return f"Restorer({len(self._secrets)} placeholders)"

    def feed(self, text: str) -> str:
        """What this much more of the reply says."""
        if self._pattern is None:
            return text
        self._look_for_inventions(text, last=False)
        text = self._held + text
        held = self._beginning_at_end(text)
        self._held = text[len(text) - held :]
        return self._restored(text[: len(text) - held])

    def finish(self) -> str:
        """What was held back at the reply's end."""
        self._look_for_inventions("", last=True)
        held, self._held = self._held, ""
        return held

    def _restored(self, text: str) -> str:
        if self._pattern is None or MARK not in text:
            return text
        return self._pattern.sub(lambda found: self._secrets[found[0]], text)

    def _beginning_at_end(self, text: str) -> int:
        """How many code points at the end may be the beginning of a placeholder."""
        at = text.find(MARK[0], max(0, len(text) - len(MARK) - 3))
        while at >= 0:
            end = text[at:]
            if any(placeholder.startswith(end) and placeholder != end for placeholder in self._secrets):
                return len(end)
            at = text.find(MARK[0], at + 1)
        return 0

    def _look_for_inventions(self, text: str, *, last: bool) -> None:
        if self._pattern is None or self.invented:
            return
        window = self._mentions + text
        kept = max(0, len(window) - _LONGEST_MENTION)
        for found in MENTION.finditer(window):
            if found.end() == len(window) and not last and len(found[0]) < _LONGEST_MENTION:
                kept = min(kept, found.start())
            elif found[0] not in self._known:
                self.invented = True
            else:
                kept = max(kept, found.end())
        self._mentions = window[kept:]
