"""The format `rewrite`: the reply is the new text of the region, fenced or bare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.core.hunks import HunkMaker
from spark_lsp.core.prompt import EditContext, Message, Prompt
from spark_lsp.formats.edit_prompt import fenced_region, surroundings
from spark_lsp.formats.indentation import IndentationRepair
from spark_lsp.formats.region_lines import RegionLines
from spark_lsp.formats.reply import ReplyError, ReplyLines

if TYPE_CHECKING:
    from spark_lsp.core.hunks import LineHunk
    from spark_lsp.core.refine import Block

_SYSTEM = """\
You edit code. The user gives you a file, a region of it and an instruction. Rewrite the region so that it does \
what the instruction says, and nothing else: keep every other line of it exactly as it is, comments, blank lines \
and indentation included. Never shorten code to a placeholder. Reply with the whole new text of the region in one \
fenced code block, without any word before or after it."""


def render(context: EditContext) -> Prompt:
    """The messages for an edit. The region is the last fenced block, what changes most comes last."""
    user = "\n\n".join((*surroundings(context), fenced_region(context), f"Instruction: {context.instruction}"))
    return Prompt((Message("system", _SYSTEM), Message("user", user)))


class RewriteParser:
    """Turns a reply, in any chunking, into final blocks of edits in the region's coordinates."""

    def __init__(self, context: EditContext) -> None:
        self._region = RegionLines(context.region.text, context.line_ending)
        contents = self._region.contents
        self._reply = ReplyLines(contents, context.language)
        self._repair = IndentationRepair(contents)
        self._maker = HunkMaker(contents)
        self._empty = True

    def feed(self, text: str) -> list[Block]:
        """Blocks that this much more of the reply makes final. Raises `ReplyError` on an unusable reply."""
        lines = self._reply.feed(text)
        return self._blocks([line for whole in lines for line in self._repair.feed(whole)])

    def finish(self) -> list[Block]:
        """The reply ended as it should: the last blocks. Raises `ReplyError` if it is unusable or empty."""
        lines = [line for whole in self._reply.finish() for line in self._repair.feed(whole)]
        found = self._blocks([*lines, *self._repair.finish()])
        if self._empty:
            raise ReplyError("The model sent an empty reply, so nothing was changed; try again.")
        return [*found, *self._region_blocks(self._maker.finish())]

    def _blocks(self, lines: list[str]) -> list[Block]:
        self._empty = self._empty and not any(line.strip() for line in lines)
        return [block for line in lines for block in self._region_blocks(self._maker.feed(line))]

    def _region_blocks(self, hunk: LineHunk | None) -> list[Block]:
        return self._region.blocks(hunk) if hunk else []
