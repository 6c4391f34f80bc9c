"""Markdown code fences, for prompts and replies (CommonMark 0.31, section 4.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_FENCE = re.compile(r" {0,3}(?P<marks>`{3,}|~{3,})(?P<info>[^`\r\n]*)$")
_BACKTICKS = re.compile(r"^ {0,3}(`{3,})", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fence:
    """A line that opens or closes a fenced block."""

    mark: str
    length: int
    info: str

    def closes(self, opening: Fence) -> bool:
        return self.mark == opening.mark and self.length >= opening.length and not self.info


def fence(line: str) -> Fence | None:
    """Read a line without its ending as a fence."""
    match = _FENCE.match(line.rstrip())
    if match is None:
        return None
    marks = match["marks"]
    return Fence(marks[0], len(marks), match["info"].strip())


def fence_for(texts: Iterable[str]) -> str:
    """A fence longer than every fence in the texts, so that none of them closes it."""
    longest = max((len(match[1]) for text in texts for match in _BACKTICKS.finditer(text)), default=2)
    return "`" * (longest + 1)


def in_fence(text: str, language: str) -> str:
    """A text in a fence that it cannot close itself."""
    marks = fence_for((text,))
    newline = "" if text.endswith("\n") else "\n"
    return f"{marks}{language}\n{text}{newline}{marks}"
