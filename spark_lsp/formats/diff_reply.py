"""The format `diff`: the reply is a unified diff of the file, as jobs give it and as whoever likes can force it.

A hunk belongs where its unchanged and its removed lines stand; the numbers in it only tell apart places that look
alike, since models miscount. It is all or nothing: the reply is read whole before anything of it counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.core.hunks import LineHunk
from spark_lsp.core.prompt import EditContext, Message, Prompt
from spark_lsp.core.text import Text, line_content
from spark_lsp.formats.diff_places import DiffPlaces
from spark_lsp.formats.edit_prompt import fenced_region, surroundings
from spark_lsp.formats.region_lines import RegionLines
from spark_lsp.formats.reply import LineSplitter, ReplyError
from spark_lsp.formats.unified_diff import is_same_file, read_hunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from spark_lsp.core.refine import Block
    from spark_lsp.formats.diff_places import PlacedHunk

_SYSTEM = """\
You edit code. The user gives you a file, a region of it and an instruction. Reply only with a unified diff of the \
file, as `diff -u` makes it: the lines `--- a/PATH` and `+++ b/PATH`, and hunks that begin with \
`@@ -LINE,COUNT +LINE,COUNT @@`, with three unchanged lines before and after each change. Copy unchanged and removed \
lines exactly as they stand in the file. Change only lines inside the region, and nothing that the instruction does \
not ask for."""


def render(context: EditContext) -> Prompt:
    """The messages for an edit by a diff. They say where the region begins, for the numbers of the lines."""
    region = f"{fenced_region(context)}\nIt begins in line {context.region.start.line + 1} of the file."
    user = "\n\n".join((*surroundings(context), region, f"Instruction: {context.instruction}"))
    return Prompt((Message("system", _SYSTEM), Message("user", user)))


class DiffParser:
    """Turns a reply, in any chunking, into blocks of edits in the region's coordinates, all at its end."""

    def __init__(self, context: EditContext) -> None:
        self._context = context
        self._splitter = LineSplitter()
        self._lines: list[str] = []

    def feed(self, text: str) -> list[Block]:
        """Nothing yet: what a hunk means can depend on those behind it."""
        self._lines += self._splitter.feed(text)
        return []

    def finish(self) -> list[Block]:
        """The whole edit. Raises `ReplyError` if any of it cannot be done."""
        hunks = read_hunks(_without_thoughts([*self._lines, *self._splitter.finish()]))
        if not hunks:
            raise ReplyError("The model's reply has no hunk of a unified diff; try again or use the format “rewrite”.")
        for hunk in hunks:
            if hunk.path is not None and not is_same_file(hunk.path, self._context.path):
                raise ReplyError(
                    f"The model's diff changes another file (“{hunk.path[:80]}”), and nothing but the region may "
                    "change; try again, or say so in the instruction."
                )
        window = _Window(self._context)
        return window.blocks(window.places.of(hunk for hunk in hunks if hunk.changed))


class _Window:
    """What is known of the file: the region and the code around it, as whole lines."""

    def __init__(self, context: EditContext) -> None:
        text = context.region.text
        before, after = Text.of(context.before).lines, Text.of(context.after).lines
        self._context = context
        self._region = RegionLines(text, context.line_ending)
        self._size = len(self._region.contents)
        self._first = len(before) - 1
        # Where the region begins or ends inside a line, the rest of that line is not its own.
        self._head = before[-1]
        cut = bool(text.lines[-1]) or (len(text.lines) == 1 and bool(self._head))
        self._tail = line_content(after[0]) if cut else ""
        around = _joined(_joined(before, text.lines), after)
        self._lines = [line_content(line) for line in (around if around[-1] else around[:-1])]
        region = range(self._first, self._first + self._size)
        self.places = DiffPlaces(self._lines, region, context.region.start.line - self._first)

    def blocks(self, hunks: Iterable[PlacedHunk]) -> list[Block]:
        """The edits of hunks in the region. Raises `ReplyError` if one changes what is outside of it."""
        found: list[Block] = []
        placed = sorted(hunks, key=lambda hunk: (hunk.start, hunk.end))
        merged: list[LineHunk] = []
        for hunk in placed:
            line_hunk = self._in_region(hunk)
            if merged and merged[-1].end == line_hunk.start:
                line_hunk = LineHunk(merged[-1].start, line_hunk.end, merged.pop().new + line_hunk.new)
            merged.append(line_hunk)
        for line_hunk in merged:
            found += self._region.blocks(line_hunk, last_line_ends=self._last_line_ends(placed))
        return found

    def _in_region(self, hunk: PlacedHunk) -> LineHunk:
        """A hunk over the region's own lines."""
        start, end, new = hunk.start - self._first, hunk.end - self._first, list(hunk.new)
        inside = 0 <= start <= end <= self._size
        if inside and start == 0 and self._head:
            inside = end > 0 and bool(new) and new[0].startswith(self._head)
            if inside:
                new[0] = new[0][len(self._head) :]
        if inside and end == self._size and self._tail:
            inside = end > start and bool(new) and new[-1].endswith(self._tail)
            if inside:
                new[-1] = new[-1][: -len(self._tail)]
        if not inside:
            raise ReplyError(
                f"The model's diff changes “{hunk.words}”, which is outside of the region; select that too, "
                "or say more exactly what is meant."
            )
        return LineHunk(start, end, tuple(new))

    def _last_line_ends(self, hunks: list[PlacedHunk]) -> bool | None:
        """Whether the document is to end in a line ending, if the diff says anything about that."""
        last = hunks[-1] if hunks else None
        if last is None or not self._context.ends_document or last.reaches != len(self._lines):
            return None
        return None if last.old_ends == last.new_ends else last.new_ends


def _joined(lines: Sequence[str], more: Sequence[str]) -> list[str]:
    """The lines of two texts that follow each other."""
    return [*lines[:-1], lines[-1] + more[0], *more[1:]]


def _without_thoughts(lines: list[str]) -> list[str]:
    """The lines behind what a reasoning model thought aloud."""
    first = next((line.strip() for line in lines if line.strip()), "")
    if first.startswith("<think>"):
        for number, line in enumerate(lines):
            if "</think>" in line:
                return lines[number + 1 :]
    return lines
