"""The format `search-replace`: the reply is blocks that each name a piece of the region and its new text.

The block's markers are those that aider made known; output tokens are the wait, so large regions use it.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING

from spark_lsp.core.hunks import HunkMaker, LineHunk
from spark_lsp.core.prompt import EditContext, Message, Prompt
from spark_lsp.formats.edit_prompt import fenced_region, surroundings
from spark_lsp.formats.indentation import Reindentation
from spark_lsp.formats.region_lines import RegionLines
from spark_lsp.formats.reply import LineSplitter, ReplyError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from spark_lsp.core.refine import Block

_SYSTEM = """\
You edit code. The user gives you a file, a region of it and an instruction. Reply only with blocks of this form, \
one for every place in the region that has to change, from top to bottom:

<<<<<<< SEARCH
the lines to replace, exactly as they stand in the region
=======
the new lines
>>>>>>> REPLACE

Each SEARCH part must be whole lines that occur in the region exactly once; add a line or two around a change to \
make it so, and no more than that. Change nothing that the instruction does not ask for."""

_HEAD = re.compile(r"<{5,9} ?SEARCH>?\s*$")
_DIVIDER = re.compile(r"={5,9}\s*$")
_TAIL = re.compile(r">{5,9} ?REPLACE\s*$")


def render(context: EditContext) -> Prompt:
    """The messages for an edit by blocks."""
    user = "\n\n".join((*surroundings(context), fenced_region(context), f"Instruction: {context.instruction}"))
    return Prompt((Message("system", _SYSTEM), Message("user", user)))


def can_hold(lines: Sequence[str]) -> bool:
    """False for a region whose own lines would be taken for a block's markers."""
    return not any(_HEAD.match(line) or _DIVIDER.match(line) or _TAIL.match(line) for line in lines)


class _State(Enum):
    OUTSIDE = auto()
    SEARCH = auto()
    REPLACE = auto()


class SearchReplaceParser:
    """Turns a reply, in any chunking, into final blocks of edits in the region's coordinates."""

    def __init__(self, context: EditContext) -> None:
        self._region = RegionLines(context.region.text, context.line_ending)
        self._splitter = LineSplitter()
        self._state = _State.OUTSIDE
        self._search: list[str] = []
        self._taken: list[range] = []
        self._reindent: Reindentation | None = None
        self._maker: HunkMaker | None = None

    def feed(self, text: str) -> list[Block]:
        """Blocks of edits that this much more makes final. Raises `ReplyError` for a search that has no one place."""
        return [block for line in self._splitter.feed(text) for block in self._take(line)]

    def finish(self) -> list[Block]:
        """The reply ended as it should. Raises `ReplyError` if a block is open or there was none."""
        found = [block for line in self._splitter.finish() for block in self._take(line)]
        if self._state is not _State.OUTSIDE:
            raise ReplyError("The model's reply ended inside a SEARCH/REPLACE block; try again.")
        if not self._taken:
            raise ReplyError("The model's reply has no SEARCH/REPLACE block; try again or use the format “rewrite”.")
        return found

    def _take(self, line: str) -> list[Block]:
        match self._state:
            case _State.OUTSIDE:
                if _HEAD.match(line):
                    self._state, self._search = _State.SEARCH, []
                return []
            case _State.SEARCH:
                if _DIVIDER.match(line):
                    self._state = _State.REPLACE
                    self._locate()
                else:
                    self._search.append(line)
                return []
            case _State.REPLACE:
                return self._replace(line)

    def _replace(self, line: str) -> list[Block]:
        assert self._maker is not None
        if _TAIL.match(line):
            self._state = _State.OUTSIDE
            return self._blocks(self._maker.finish())
        return self._blocks(self._maker.feed(self._reindent(line) if self._reindent else line))

    def _blocks(self, hunk: LineHunk | None) -> list[Block]:
        if hunk is None:
            return []
        offset = self._taken[-1].start
        return self._region.blocks(LineHunk(hunk.start + offset, hunk.end + offset, hunk.new))

    def _locate(self) -> None:
        """Find the one place of the search lines: exactly, then without trailing blanks, then without indentation."""
        contents = self._region.contents
        if not any(line.strip() for line in self._search):
            if contents:
                raise ReplyError("The model sent a SEARCH/REPLACE block that searches for nothing; try again.")
            self._found(0)
            return
        for form in (str, str.rstrip, str.strip):
            places = self._places(form)
            if len(places) > 1:
                raise ReplyError(
                    f"The model's search “{self._first_line()}” fits {len(places)} places in the region; "
                    "select less or say more exactly what is meant."
                )
            if places:
                self._found(places[0])
                return
        raise ReplyError(
            f"The model's search “{self._first_line()}” is not in the region; try again or use the format “rewrite”."
        )

    def _found(self, start: int) -> None:
        place = range(start, start + len(self._search))
        old = self._region.contents[place.start : place.stop]
        self._taken.append(place)
        self._reindent = Reindentation.learned(old, self._search)
        self._maker = HunkMaker(old)

    def _places(self, form: Callable[[str], str]) -> list[int]:
        """Where the search lines stand, compared in the given form, in lines that no earlier block took."""
        search = [form(line) for line in self._search]
        contents = [form(line) for line in self._region.contents]
        return [
            start
            for start in range(len(contents) - len(search) + 1)
            if contents[start : start + len(search)] == search
            and not any(place.start < start + len(search) and start < place.stop for place in self._taken)
            and Reindentation.learned(self._region.contents[start : start + len(search)], self._search)
        ]

    def _first_line(self) -> str:
        return next(line.strip() for line in self._search if line.strip())[:80]
