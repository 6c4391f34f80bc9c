"""What goes into a prompt round the code at hand, piece by piece, and what was left out and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from spark_lsp.core.prompt import tokens_in

PartKind: TypeAlias = Literal[
    "manifest", "definition", "skeleton", "caller", "sibling", "recent edit", "diagnostic", "after", "before"
]


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a prompt, with where it comes from and why it is there."""

    kind: PartKind
    path: str
    """The file that it is from, as the user would name it."""
    line: int
    """Where it begins there, from 0."""
    end_line: int
    """The line behind it."""
    text: str
    """Whole lines, as they stand in the file."""
    score: float = 0.0
    """How likely it is needed, from 0 to 1."""
    why: str = ""

    @property
    def tokens(self) -> int:
        return tokens_in(len(self.text))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that was considered and is not in the prompt."""

    path: str
    line: int
    name: str
    score: float
    reason: Literal["budget", "unreadable", "changed"]
    """No room; its file may not be read, or cannot; it is not where the index has seen it."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a prompt gets, in the order in which it stands there, and the best of what it does not get."""

    parts: tuple[Part, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def tokens(self) -> int:
        return sum(part.tokens for part in self.parts)

    def of(self, *kinds: PartKind) -> tuple[Part, ...]:
        """The parts of some kinds."""
        return tuple(part for part in self.parts if part.kind in kinds)
