"""The lines to insert in a chat model's reply: without fences, thoughts and talk."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from spark_lsp.formats.fences import Fence, fence
from spark_lsp.formats.reply import PROSE_LANGUAGES, is_talk

if TYPE_CHECKING:
    from spark_lsp.core.prompt import InlineContext

_SENTENCE: Final = re.compile(r"[A-Z][^={};]* [^={};]* [^={};]*[.:!]$")
_WORDS_MAY_FOLLOW: Final = re.compile(r"""["'`#%;*]|//|--""")
"""In a line up to the cursor: a comment or a string, where words are what somebody wants to have completed."""
_HELD_LINES: Final = 12
"""Lines of apparent talk that are held while a fence may still come."""


class _State(Enum):
    START = auto()
    THOUGHT = auto()
    BARE = auto()
    FENCED = auto()
    DONE = auto()


class HoleLines:
    """Finds the lines to insert, one by one; a line given is never taken back. They may be words: a comment's, say.

    Talk is what is said before a fence. Without one, it is talk only if it begins as models speak, and if no words are
    to be expected at the cursor.
    """

    def __init__(self, context: InlineContext) -> None:
        line = context.before.rpartition("\n")[2]
        self._words = context.language in PROSE_LANGUAGES or _WORDS_MAY_FOLLOW.search(line) is not None
        self._state = _State.START
        self._held: list[str] = []
        self._opening: Fence | None = None
        self._depth = 0

    @property
    def ended(self) -> bool:
        return self._state is _State.DONE

    def feed(self, line: str) -> list[str]:
        match self._state:
            case _State.START:
                return self._start(line)
            case _State.THOUGHT:
                if "</think>" in line:
                    self._state = _State.START
                return []
            case _State.BARE:
                return [line]
            case _State.FENCED:
                return self._fenced(line)
            case _State.DONE:
                return []

    def finish(self) -> list[str]:
        """What was held, if it is more than talk and blank lines."""
        held, self._held = self._held, []
        return self._without_talk(held)

    def _start(self, line: str) -> list[str]:
        stripped = line.strip()
        if stripped.startswith("<think>"):
            self._held = []
            self._state = _State.START if "</think>" in line else _State.THOUGHT
            return []
        if opening := fence(line):
            self._state, self._opening, self._held = _State.FENCED, opening, []
            return []
        self._held.append(line)
        if not stripped or (len(self._held) < _HELD_LINES and (is_talk(stripped) or _SENTENCE.match(stripped))):
            return []
        self._state = _State.BARE
        lines, self._held = self._held, []
        return self._without_talk(lines)

    def _without_talk(self, lines: list[str]) -> list[str]:
        first = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
        talk = first < len(lines) and not self._words and is_talk(lines[first].strip())
        if not talk:
            return lines
        if lines[first].rstrip().endswith(":"):  # what it announces follows
            return self._without_talk(lines[first + 1 :])
        return []

    def _fenced(self, line: str) -> list[str]:
        opening, this = self._opening, fence(line)
        assert opening is not None
        if this is None or this.mark != opening.mark or this.length < opening.length:
            return [line]
        # A fence with a language in it opens a block in the text itself.
        if this.info:
            self._depth += 1
        elif self._depth:
            self._depth -= 1
        else:
            self._state = _State.DONE
            return []
        return [line]
