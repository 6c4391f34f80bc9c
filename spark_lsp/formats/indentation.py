"""Repair of a reply whose lines are all indented too little or too much by the same blanks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.core.code_lines import indentation

if TYPE_CHECKING:
    from collections.abc import Sequence

_WITNESSES = 3
"""Lines with text that are looked at before it is decided."""


class Shift:
    """Replaces one indentation that all lines share by another. Blank lines stay as they are."""

    def __init__(self, wrong: str, right: str) -> None:
        self._wrong = wrong
        self._right = right

    def __call__(self, line: str) -> str:
        text = line.lstrip(" \t")
        if not text:
            return line
        blanks = indentation(line)
        if blanks.startswith(self._wrong):
            return self._right + blanks[len(self._wrong) :] + text
        return self._right[: max(0, len(self._right) - len(self._wrong) + len(blanks))] + text


class Reindentation:
    """Gives lines the indentation of a document, learned from lines that stand in it and were quoted with another.

    Covers a quotation that is shifted as a whole and one with spaces for tabs, or the other way round.
    """

    def __init__(self, here_by_said: dict[str, str]) -> None:
        self._here = here_by_said
        steps = [(said, here) for said, here in here_by_said.items() if said and here]
        shifted = here_by_said.get("", "") != ""
        self._step = ("", "") if shifted or not steps else min(steps, key=lambda step: len(step[0]))

    @classmethod
    def learned(cls, here: Sequence[str], said: Sequence[str]) -> Reindentation | None:
        """Compare lines of a document with their quotation; None if equal indentations there differ here."""
        here_by_said: dict[str, str] = {}
        for line, quoted in zip(here, said, strict=True):
            if quoted.strip() and here_by_said.setdefault(indentation(quoted), indentation(line)) != indentation(line):
                return None
        return cls(here_by_said)

    def __call__(self, line: str) -> str:
        blanks, text = indentation(line), line.lstrip(" \t")
        known = max((said for said in self._here if blanks.startswith(said)), key=len, default=None)
        if not text or known is None:
            return line
        rest = blanks[len(known) :]
        said, here = self._step
        return self._here[known] + (rest.replace(said, here) if said else rest) + text


class IndentationRepair:
    """Passes a reply's lines on, shifted where all of them are off by the same indentation.

    The first line with text decides whether there is a doubt at all: it stands where the region's first line
    stood, or it does not. In doubt, up to three lines are held; if one of them stands in the region as it is,
    the reply is right. Lines passed on are never taken back.
    """

    def __init__(self, region: Sequence[str]) -> None:
        """The region's lines without endings."""
        self._known = {line for line in region if line.strip()}
        lines = [line for line in region if line.strip()]
        self._first = lines[0] if lines else ""
        self._base = min((indentation(line) for line in lines), key=len, default="")
        self._held: list[str] | None = []
        self._shift: Shift | None = None

    def feed(self, line: str) -> list[str]:
        """The lines that can be passed on, now that this one is known."""
        if self._held is None:
            return [self._shift(line) if self._shift else line]
        self._held.append(line)
        witnesses = [held for held in self._held if held.strip()]
        if witnesses and (not self._doubtful(witnesses[0]) or witnesses[-1] in self._known):
            return self._release(None)
        if len(witnesses) < _WITNESSES:
            return []
        return self.finish()

    def finish(self) -> list[str]:
        """The lines still held: no more will come to tell."""
        if self._held is None:
            return []
        first = next((line for line in self._held if line.strip()), None)
        if first is None or not self._doubtful(first):
            return self._release(None)
        target = self._base if first.strip() != self._first.strip() else indentation(self._first)
        return self._release(Shift(indentation(first), target))

    def _release(self, shift: Shift | None) -> list[str]:
        held, self._held, self._shift = self._held or [], None, shift
        return [shift(line) for line in held] if shift else held

    def _doubtful(self, line: str) -> bool:
        """The same code as the region's first line at another indentation, or less indented than all of it."""
        if line.strip() == self._first.strip():
            return line != self._first and indentation(line) != indentation(self._first)
        return not indentation(line).startswith(self._base)
