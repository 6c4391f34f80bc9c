"""What is new in a reply that was to go on at the cursor and begins with what stands before it.

Chat models like to begin with the line that the cursor is in, or some lines above it, and with the indentation that is
there already. What they repeat is found by comparing lines; it counts from a certain amount of text on, since a short
line can well be meant twice.
"""

from __future__ import annotations

from typing import Final

from spark_lsp.core.code_lines import indentation
from spark_lsp.formats.indentation import Shift

_REPEATED_LINE: Final = 3
"""Code points of the cursor's line from which on it counts as repeated where a reply begins with it."""
_REPEATED_LINES: Final = 8
"""Letters and digits from which on whole lines count as repeated: more than a lone "end" or "</div>" has."""
_COMMENTS: Final = ("#", "//", "--", "/*")
_OPENERS: Final = (":", "{", "(", "[")
_CLOSERS: Final = ("}", ")", "]")


class NewLines:
    """Gives the lines of a reply without what they repeat. They are held for as long as they repeat something."""

    def __init__(self, before: str) -> None:
        lines = before.split("\n")
        self._above, self._line = lines[:-1], lines[-1]
        self._blank = not self._line.strip()
        self._blanks = 0
        self._held: list[str] = []
        # Where in the lines above a repetition may have begun that goes on.
        self._begins: list[int] = []
        self._repeated: int | None = None
        """Lines held that stand above the cursor's line: the next one goes on from the cursor."""
        self._decided = False
        self._opened = False
        self._shift: Shift | None = None

    def feed(self, line: str) -> list[str]:
        """New lines that this one makes certain. The first of them goes on where the cursor is."""
        if self._decided:
            return [self._shifted(line)]
        if not self._held and not line.strip():
            self._blanks += 1
            return []
        at = len(self._held)
        self._held.append(line)
        begins = self._begins if at else range(len(self._above))
        self._begins = [begin for begin in begins if self._is_above(begin + at, line)]
        if (at == 0 or len(self._above) - at in begins) and self._goes_on(at, line):
            self._repeated = at
        return [] if self._begins else self._decide()

    def finish(self) -> list[str]:
        """What was held, once no more lines come."""
        if self._decided or not self._held:
            return []
        if self._repeated is None and self._blank and len(self._above) - len(self._held) in self._begins:
            return [] if _no_coincidence(self._held) else self._decide()
        return self._decide()

    def _is_above(self, at: int, line: str) -> bool:
        return at < len(self._above) and self._above[at].strip() == line.strip()

    def _goes_on(self, at: int, line: str) -> bool:
        """Whether a line is the cursor's line and more, and it and those before it are no coincidence."""
        repeated = _no_coincidence(self._held[:at])
        if self._blank or _behind(self._line, line) is None:
            return self._blank and repeated
        whole = bool(indentation(self._line)) and line.startswith(self._line)
        long = len(self._line.strip()) >= _REPEATED_LINE
        return repeated or ((whole or long) and _weight([self._line]) > 0)

    def _decide(self) -> list[str]:
        self._decided = True
        if self._repeated is None:
            first, *others = self._first_lines(self._held[0]) + self._held[1:]
            return [first, *map(self._shifted, others)]
        repeated = self._held[: self._repeated]
        line, *others = self._held[self._repeated :]
        pairs = zip([*repeated, line], [*self._above[len(self._above) - len(repeated) :], self._line], strict=True)
        self._shift = next((_shift(indentation(new), indentation(old)) for new, old in pairs if new.strip()), None)
        first = self._indented(self._moved(line)) if self._blank else _behind(self._line, line) or ""
        return [first, *map(self._shifted, others)]

    def _first_lines(self, line: str) -> list[str]:
        """The first line as it goes on from the cursor, with blank lines before it where they are meant."""
        blanks = [""] * self._blanks
        if self._blank:
            self._opened = bool(self._line) and line == line.lstrip() and line.rstrip().endswith(_OPENERS)
            return [self._indented(line)] if self._line else [*blanks, line]
        if blanks:
            return [*blanks, line]
        blanks_of_line, text = indentation(line), line.lstrip(" \t")
        if self._line[-1] in " \t":
            return [text]
        if not blanks_of_line.startswith(("  ", "\t")) or text.startswith(_COMMENTS):
            return [line]
        return ["", line]  # Indented like a line of its own: what ends the cursor's line was left out.

    def _indented(self, line: str) -> str:
        """A line without the indentation that stands before the cursor already."""
        return line.removeprefix(self._line) if line.startswith(self._line) else line.lstrip(" \t")

    def _shifted(self, line: str) -> str:
        if self._opened and line.strip():
            self._opened = False
            # Right behind the beginning of a block, a line is indented deeper, unless the whole reply is shifted.
            least = len(self._line) + (not line.lstrip().startswith(_CLOSERS))
            if len(indentation(line)) < least:
                self._shift = Shift("", self._line)
        return self._moved(line)

    def _moved(self, line: str) -> str:
        return self._shift(line) if self._shift else line


def _behind(line: str, repeated: str) -> str | None:
    """What a line has behind another that it repeats, whatever the indentation; None if it does not."""
    if repeated.startswith(line):
        return repeated[len(line) :]
    start, text = line.lstrip(), repeated.lstrip()
    if text.startswith(start):
        return text[len(start) :]
    start = start.rstrip()
    if start == line.lstrip() or not text.startswith(start):
        return None
    # The cursor is behind blanks that the repetition has not.
    rest = text[len(start) :]
    return None if _in_word(start[-1:]) and _in_word(rest[:1]) else rest.lstrip(" \t")


def _shift(wrong: str, right: str) -> Shift | None:
    return Shift(wrong, right) if wrong != right else None


def _no_coincidence(lines: list[str]) -> bool:
    """Whether lines that stand above as well are more than a short line that is meant twice."""
    weight = _weight(lines)
    return weight >= _REPEATED_LINES or (weight > 0 and lines[-1].rstrip().endswith(_OPENERS))


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _weight(lines: list[str]) -> int:
    """Letters and digits."""
    return sum(character.isalnum() for line in lines for character in line)
