"""What of a model's text is shown at the cursor: made to fit where it goes, and ended where it naturally ends.

A model that fills a hole does not know when to stop. It goes on with the next function, repeats the code behind the
cursor, closes brackets that stand there already, and indents by its own ideas. `shape` takes all that off. It is a pure
function of what has come so far: more text never changes what was given before, it only adds to it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from spark_lsp.core.code_lines import (
    Brackets,
    begins_block,
    begins_code,
    goes_on,
    indentation,
    indentation_step,
    is_closing,
    is_definition,
    is_end,
    is_jump,
    is_middle,
    is_top_level,
    width,
)
from spark_lsp.core.text import line_content

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from spark_lsp.core.text import Position, Text

_LINES_AROUND: Final = 60
"""On each side, to learn how the document is indented."""
_LINES_BELOW: Final = 3
"""Lines with code that are known of what follows."""


@dataclass(frozen=True, slots=True)
class Hole:
    """The place that a text is for. Lines are without their endings."""

    before: str
    """The line up to the cursor."""
    rest: str
    """The line behind the cursor."""
    above: str = ""
    """The nearest line above with something in it."""
    below: tuple[str, ...] = ()
    """The next lines with something in them."""
    step: str = "    "
    """What the document is indented by for one more level."""
    most_lines: int = 24
    open: tuple[str, ...] = ()
    """Brackets that lines above have opened and nothing below closes, the innermost last."""
    outer: int = 0
    """The indentation of the line with the outermost of these, in columns."""

    @classmethod
    def at(cls, text: Text, position: Position, most_lines: int) -> Hole:
        """The hole at a position of a document."""
        line = line_content(text.lines[position.line])
        first = max(0, position.line - _LINES_AROUND)
        above, below = text.lines[first : position.line], text.lines[position.line + 1 : position.line + _LINES_AROUND]
        # What the editor has indented the line by counts, too, though nothing stands on it yet.
        around = (*above, f"{line[: position.column]}x", *below)
        unclosed, outer = _unclosed(above, line[: position.column], line[position.column :], below)
        return cls(
            line[: position.column],
            line[position.column :],
            next(_with_text(reversed(above)), ""),
            tuple(islice(_with_text(below), _LINES_BELOW)),
            indentation_step(line_content(one) for one in around),
            most_lines,
            unclosed,
            outer,
        )


@dataclass(frozen=True, slots=True)
class Shaped:
    """What is shown of a text so far. Lines end in ``\\n``."""

    text: str
    ended: bool
    """Nothing is added any more, whatever comes."""
    replaced: int = 0
    """So many code points behind the cursor stand in the text, too, and go."""


def shape(raw: str, hole: Hole, *, whole: bool) -> Shaped:
    """Fit a model's text into a hole; `whole` says that it has come to its end."""
    if not whole and raw.endswith("\r"):
        raw = raw[:-1]
    lines = raw.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    unfinished = None if whole else lines.pop()
    if hole.rest.strip():
        return _beside_code(lines, hole, whole=whole)
    return _Shaping(hole).shaped(lines, unfinished)


def _beside_code(lines: Sequence[str], hole: Hole, *, whole: bool) -> Shaped:
    """With code behind the cursor, only the rest of the line is shown, unless that code comes again in it."""
    if not lines:
        return Shaped("", ended=False)
    first, rest = lines[0].rstrip(), hole.rest.rstrip()
    closes_it = is_closing(rest) and _loose(hole.before + first) < _loose(hole.before + first + rest)
    if closes_it and not (first.endswith(rest) and not begins_block(hole.before + first)):
        # What closes stands in the text, and more comes behind it: it takes the place of that behind the cursor.
        shaped = _Shaping(replace(hole, rest="")).shaped(lines, None if whole else "")
        return Shaped(shaped.text, shaped.ended, len(hole.rest))
    return Shaped(_without_overlap(first, rest, hole.before), ended=True)


def _without_overlap(first: str, rest: str, before: str) -> str:
    """The text without what the code behind the cursor begins with."""
    for size in range(min(len(first), len(rest)), 0, -1):
        if not first.endswith(rest[:size]):
            continue
        shorter = first[: len(first) - size]
        as_it_is, cut = _loose(before + first + rest), _loose(before + shorter + rest)
        if cut < as_it_is or (cut == as_it_is and sum(map(str.isalnum, rest[:size])) > 1):
            return shorter
    return first


def _loose(line: str) -> int:
    return Brackets().feed(line).loose


class _Shaping:
    """The lines of a text, one after the other, at the end of a line of the document."""

    def __init__(self, hole: Hole) -> None:
        self._hole = hole
        self._lines: list[str] = []
        self._brackets = Brackets()
        self._brackets.open += hole.open
        self._before = Brackets()
        self._base = width(hole.before)
        self._fits: _Fit | None = None
        self._in_block = not hole.before.strip()
        """The cursor stands on a line of its own: a block goes on. Else it is a statement that is finished."""
        self._floor = 0
        """Columns; a line that is indented less is no part of it."""
        self._first_code = -1
        self._off = 0
        """By so many columns the first line was indented wrongly."""
        self._opened = False
        """Deeper lines have come."""

    def shaped(self, lines: Sequence[str], unfinished: str | None) -> Shaped:
        """All that is sure by now; `unfinished` is the beginning of a line that is to be gone on with."""
        if not lines:
            return self._only_beginning(unfinished or "")
        self._begin(lines[0])
        whole = unfinished is None
        for at in range(1, len(lines)):
            if self._is_over(lines, at):
                return self._ended()
            if self._may_be_repeated(lines[at]):
                repeated = self._is_repeated(lines, at, whole=whole)
                if repeated is None:
                    return Shaped(self._so_far(), ended=False)
                if repeated:
                    return self._ended()
            self._take(lines[at])
            if len(self._lines) > self._hole.most_lines:
                return self._cut()
        if whole:
            return self._ended()
        if self._first_code < 0:
            return Shaped("", ended=False)
        return Shaped(self._so_far(), ended=False)

    def _only_beginning(self, unfinished: str) -> Shaped:
        """The first line while it is written."""
        if not self._hole.before.strip():
            unfinished = self._fitted_first(unfinished) if unfinished.strip() else ""
        return Shaped(unfinished if unfinished.strip() else "", ended=False)

    def _begin(self, first: str) -> None:
        if self._in_block and first.strip():
            first = self._fitted_first(first)
        self._lines.append(first)
        self._brackets.feed(first)
        self._before.feed(self._hole.before + first)
        if self._in_block:
            self._base = width(self._hole.before + first) if first.strip() else self._base
            self._floor = self._base
        elif first.strip() or begins_block(self._hole.before):
            self._floor = self._base + 1
        else:
            self._in_block = True
            self._floor = self._base
        if first.strip():
            self._first_code = 0

    def _fitted_first(self, first: str) -> str:
        """The first line with the right blanks in front, given those that stand before the cursor."""
        blanks = indentation(first)
        if not blanks:
            return first
        hole, here = self._hole, width(self._hole.before)
        wanted = width(hole.above) + (len(hole.step.expandtabs(4)) if begins_block(hole.above) else 0)
        deeper = width(hole.before + blanks)
        if here == wanted or (deeper != wanted and here > 0):
            # As an absolute indentation, or as what is left of one: all lines are off by the same.
            own = width(blanks)
            self._off = here - own if own >= here else -own
            return first.lstrip(" \t")
        return first

    def _is_over(self, lines: Sequence[str], at: int) -> bool:
        """Whether the text has come to its end before a line."""
        line = lines[at]
        if not line.strip():
            return False
        begun = self._first_code >= 0
        if not begun and not self._hole.before.strip():
            return False
        is_next = self._fits is None
        if self._fits is None:
            self._fits = _Fit.of(lines, at, self._hole, self._base, in_block=self._in_block, brackets=self._brackets)
            if self._off and not self._fits.shift and width(lines[at]) + self._off >= self._base:
                self._fits = replace(self._fits, shift=self._off)
        line = self._fits.fitted(line)
        columns = width(line)
        if self._brackets.open:
            # Whoever counts brackets in half a text may be wrong: nothing goes on further out than it began.
            return bool(self._hole.open) and columns < self._hole.outer
        if not self._in_block and columns <= self._base:
            return not self._closes(line) and not (self._opened and columns == self._base and is_middle(line))
        if not self._in_block and is_next:
            statement = self._hole.before + lines[0]
            return not (begins_block(statement) or goes_on(statement, line))
        if columns < self._floor:
            return True
        blank_before = not lines[at - 1].strip()
        if begun and blank_before and columns == self._floor and self._in_block:
            below = self._hole.below
            in_the_middle = bool(below) and width(below[0]) >= self._floor and not is_end(below[0])
            another = is_definition(self._lines[self._first_code]) and is_definition(line)
            return in_the_middle or another or self._floor == 0
        return False

    def _closes(self, line: str) -> bool:
        """Whether a line ends what the statement has opened."""
        if not is_end(line) or not (self._opened or self._before.open):
            return False
        return not (self._hole.below and self._hole.below[0].strip() == line.strip())

    def _is_repeated(self, lines: Sequence[str], at: int, *, whole: bool) -> bool | None:
        """Whether with a line that stands below, the code there begins again. None if what follows has yet to tell."""
        following = next((line.strip() for line in lines[at + 1 :] if line.strip()), None)
        below = self._hole.below
        if len(below) < 2 or (following is None and whole):
            return True
        return None if following is None else following == below[1].strip()

    def _may_be_repeated(self, line: str) -> bool:
        below = self._hole.below
        if not below or not line.strip() or self._brackets.open:
            return False
        line = self._fits.fitted(line) if self._fits else line
        return line.strip() == below[0].strip() and width(line) == width(below[0])

    def _take(self, line: str) -> None:
        if self._fits is not None:
            line = self._fits.fitted(line)
        if line.strip():
            if self._first_code < 0:
                self._first_code = len(self._lines)
                if self._in_block:
                    self._base = self._floor = width(line)
            elif width(line) > self._base:
                self._opened = True
        self._lines.append(line)
        self._brackets.feed(line)

    def _so_far(self) -> str:
        """What stays, however long the text becomes: see `_cut`."""
        return self._text(self._lines[: max(1, self._hole.most_lines // 2)])

    def _text(self, lines: list[str]) -> str:
        while lines and not lines[-1].strip():
            lines = lines[:-1]
        return "\n".join(lines)

    def _ended(self) -> Shaped:
        return Shaped(self._text(self._lines).rstrip(), ended=True)

    def _cut(self) -> Shaped:
        """Too long: as much as makes sense by itself."""
        lines = self._lines[: self._hole.most_lines]
        for size in range(len(lines), self._hole.most_lines // 2, -1):
            following = self._lines[size]
            begun = any(line.strip() for line in lines[:size])
            if begun and following.strip() and width(following) <= self._floor and not is_end(following):
                return Shaped("\n".join(lines[:size]).rstrip(), ended=True)
        return Shaped("\n".join(lines).rstrip(), ended=True)


@dataclass(frozen=True, slots=True)
class _Fit:
    """How the lines behind the first are to be indented anew."""

    shift: int
    """Columns."""
    step: str
    spaces: int
    """That the text has for one level, should the document have tabs."""

    @classmethod
    def of(cls, lines: Sequence[str], at: int, hole: Hole, base: int, *, in_block: bool, brackets: Brackets) -> _Fit:
        """Judge by the first line that has a line with code before it."""
        line = lines[at]
        spaces = 4 if len(indentation(line)) % 4 == 0 else 2
        plain = cls(0, hole.step, spaces)
        before = next((one for one in reversed(lines[1:at]) if one.strip()), hole.before + lines[0])
        columns, level = width(plain.fitted(line)), len(hole.step.expandtabs(4))
        far = at > 1 and not lines[at - 1].strip() and not lines[at - 2].strip()
        if begins_block(before):
            wanted = base + level
            tabs = indentation(line).count("\t")
            if tabs and hole.step != "\t" and indentation(line) == "\t" * tabs and not wanted % tabs:
                plain = cls(0, " " * (wanted // tabs), spaces)
                columns = wanted
            off = columns <= base or (_is_block(before) and columns != wanted)
            off = off and not (columns <= base and (is_end(line) or is_middle(line)))
        elif in_block and not brackets.open and columns > base:
            wanted, off = base, not goes_on(before, line)
        elif in_block and not brackets.open and columns < base:
            wanted = base
            lost = columns == 0 and not is_top_level(line) and (not far or is_jump(line))
            off = lost and not (is_end(line) or is_middle(line) or is_jump(before))
        else:
            return plain
        return replace(plain, shift=wanted - columns) if off else plain

    def fitted(self, line: str) -> str:
        """A line, indented anew."""
        blanks = indentation(line)
        code = line[len(blanks) :]
        if not code:
            return "" if self.shift or not blanks else line
        said, here = (" " * self.spaces, "\t") if self.step == "\t" else ("\t", self.step)
        blanks = blanks.replace(said, here)
        if not self.shift:
            return blanks + code
        columns = max(0, width(blanks) + self.shift)
        if self.step == "\t":
            return "\t" * (columns // 4) + " " * (columns % 4) + code
        return " " * columns + code


def _unclosed(above: Sequence[str], before: str, rest: str, below: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """Brackets that are open at a cursor and that the code behind it does not close, and how far out they began.

    Outwards, line by line that is indented less, for as long as each adds an open one and begins no block of code.
    """
    lines = [before]
    opened = Brackets().feed(before).open
    outer = width(before)
    for line in map(line_content, reversed(above)):
        lines.append(line)
        if not line.strip() or width(line) >= outer:
            continue
        found = Brackets()
        for one in reversed(lines):
            found.feed(one)
        if begins_code(line) or len(found.open) <= len(opened):
            break
        opened, outer = found.open, width(line)
    closing = Brackets().feed(rest)
    for line in map(line_content, below):
        if len(closing.closed) >= len(opened) or (line.strip() and width(line) < outer):
            break
        closing.feed(line)
    return tuple(opened[: max(0, len(opened) - len(closing.closed))]), outer


def _is_block(line: str) -> bool:
    return line.rstrip().endswith((":", "{"))


def _with_text(lines: Iterable[str]) -> Iterator[str]:
    return (line_content(line) for line in lines if line.strip())
