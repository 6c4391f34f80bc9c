"""The lines of code in a model's reply: without fences, thoughts, preamble and afterword.

A reply is code in a fence or bare code. What the model says around it is dropped as far as it can be told from
code; where it cannot, it is taken as code, since a fence is what the prompt asks for.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING

from spark_lsp.core.text import line_content, split_lines
from spark_lsp.formats.fences import Fence, fence

if TYPE_CHECKING:
    from collections.abc import Sequence

PROSE_LANGUAGES = frozenset({"", "asciidoc", "latex", "markdown", "plaintext", "restructuredtext", "rst", "text"})

_PROSE = re.compile(
    r"(?:certainly|sure|of course|okay|ok|great|got it|absolutely|here(?:'s| is| are)|below is|the following|"
    r"this is the|the (?:updated|modified|refactored|edited|fixed|new|revised|complete|full) |"
    r"i(?:'ve|'ll|'m| have| will| am| can| cannot|(?: can|can|can)(?:not|'t)| could| would)\b|"
    r"(?:i'm )?sorry|unfortunately|as an ai|updated code|explanation|note:)",
    re.IGNORECASE,
)
_UNSAID = r"(?:rest|remainder|remaining|existing|other|unchanged|same|previous)\b"
_ELISION = re.compile(
    rf"[#/*;<!-]*\s*(?:\.{{3}}|…)\s*\(?(?:the )?{_UNSAID}"
    rf"|[#/*;<!-]+\s*\(?(?:the )?{_UNSAID} .{{0,60}}(?:unchanged|the same|here|\.{{3}}|…)",
    re.IGNORECASE,
)
"""A comment that stands for code, as models write where they were asked for all of it."""
_HELD_LINES = 12
"""Lines of apparent prose that are held while a fence may still come."""


def is_talk(line: str) -> bool:
    """Whether a line, without its indentation, begins as models begin to speak about what they write."""
    return _PROSE.match(line) is not None


class ReplyError(Exception):
    """The reply cannot be used; the message says why in one sentence for the user."""


class LineSplitter:
    """Cuts text that comes in any chunks into lines without their endings."""

    def __init__(self) -> None:
        self._rest = ""

    def feed(self, text: str) -> list[str]:
        lines = split_lines(self._rest + text)
        self._rest = ""
        # A final \r may be the first half of \r\n.
        if lines and not lines[-1].endswith("\n"):
            self._rest = lines.pop()
        return [line_content(line) for line in lines]

    def finish(self) -> list[str]:
        """The last line, if it came without an ending."""
        rest, self._rest = self._rest, ""
        return [line_content(rest)] if rest else []


class _State(Enum):
    START = auto()
    THOUGHT = auto()
    BARE = auto()
    FENCED = auto()
    DONE = auto()


class ReplyLines:
    """Finds the code in a reply, line by line. Pure; a line given is never taken back."""

    def __init__(self, region: Sequence[str], language: str) -> None:
        """The region's lines without endings help to tell code from what is said about it."""
        self._splitter = LineSplitter()
        self._known = {line.strip() for line in region}
        self._first = next((line.strip() for line in region if line.strip()), "")
        self._region_fences = [found for line in region if (found := fence(line))]
        self._prose_document = language in PROSE_LANGUAGES
        self._state = _State.START
        self._held: list[str] = []
        self._opening: Fence | None = None
        self._depth = 0

    def feed(self, text: str) -> list[str]:
        """Lines of code that this much more of the reply completes."""
        return [line for whole in self._splitter.feed(text) for line in self._take(whole)]

    def finish(self) -> list[str]:
        """The reply is complete. Raises `ReplyError` if it is prose where code was asked for."""
        lines = [line for whole in self._splitter.finish() for line in self._take(whole)]
        if self._state is _State.START:
            said = next((line.strip() for line in self._held if line.strip()), "")
            if said and not self._prose_document:
                raise ReplyError(f"The model answered with words instead of code: “{said[:100]}”.")
            lines += self._held
        return lines

    def _take(self, line: str) -> list[str]:
        match self._state:
            case _State.START:
                return self._start(line)
            case _State.THOUGHT:
                if "</think>" in line:
                    self._state = _State.START
                return []
            case _State.BARE:
                return self._checked(line)
            case _State.FENCED:
                return self._fenced(line)
            case _State.DONE:
                return []

    def _start(self, line: str) -> list[str]:
        stripped = line.strip()
        if stripped.startswith("<think>") and not any(self._held) and stripped not in self._known:
            self._state = _State.START if "</think>" in line else _State.THOUGHT
            return []
        opening = fence(line)
        if opening and stripped != self._first:
            self._state, self._opening, self._held = _State.FENCED, opening, []
            return []
        if not stripped or (self._is_prose(stripped) and len(self._held) < _HELD_LINES):
            self._held.append(line)
            return []
        said = [held for held in self._held if held.strip()]
        if said and said[-1].rstrip().endswith(":") and not self._prose_document:
            self._held = []
        self._state = _State.BARE
        lines, self._held = self._held, []
        return [*lines, *self._checked(line)]

    def _is_prose(self, stripped: str) -> bool:
        return stripped not in self._known and is_talk(stripped)

    def _fenced(self, line: str) -> list[str]:
        opening, this = self._opening, fence(line)
        assert opening is not None
        if this is None or this.mark != opening.mark or this.length < opening.length:
            if self._held:
                self._held.append(line)
                return []
            return self._checked(line)
        if not self._may_hold_fences(opening):
            if not this.info:
                self._state = _State.DONE
                return []
            return self._checked(line)
        # Where the text may hold such fences itself, this one ends the reply or belongs to a block in the text.
        if this.info:
            self._depth += 1
        elif self._depth:
            self._depth -= 1
        elif not self._held:
            self._held.append(line)
            return []
        lines, self._held = [*self._held, line], []
        return lines

    def _may_hold_fences(self, opening: Fence) -> bool:
        return self._prose_document or any(
            inner.mark == opening.mark and inner.length >= opening.length for inner in self._region_fences
        )

    def _checked(self, line: str) -> list[str]:
        if not self._prose_document and line.strip() not in self._known and _ELISION.match(line.strip()):
            raise ReplyError(
                f"The model left code out (“{line.strip()[:80]}”); try a smaller selection or another model."
            )
        return [line]
