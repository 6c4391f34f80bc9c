"""The formats for an instructed edit, by name, and which one suits an endpoint and a region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from spark_lsp.formats import diff_reply, rewrite, search_replace
from spark_lsp.formats.diff_reply import DiffParser
from spark_lsp.formats.rewrite import RewriteParser
from spark_lsp.formats.search_replace import SearchReplaceParser

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.core.prompt import EditContext, Prompt
    from spark_lsp.core.refine import Block
    from spark_lsp.core.text import Text


class EditParser(Protocol):
    """Turns a reply, in any chunking, into final blocks of edits in the region's coordinates."""

    def feed(self, text: str) -> list[Block]:
        """Blocks that this much more of the reply makes final. Raises `ReplyError`."""
        ...

    def finish(self) -> list[Block]:
        """The last blocks, once the model has ended its reply. Raises `ReplyError`."""
        ...


@dataclass(frozen=True, slots=True)
class EditFormat:
    """How an edit is asked for and how the reply is read."""

    name: str
    render: Callable[[EditContext], Prompt]
    parser: Callable[[EditContext], EditParser]


REWRITE = EditFormat("rewrite", rewrite.render, RewriteParser)
SEARCH_REPLACE = EditFormat("search-replace", search_replace.render, SearchReplaceParser)
DIFF = EditFormat("diff", diff_reply.render, DiffParser)
EDIT_FORMATS = {edit_format.name: edit_format for edit_format in (REWRITE, SEARCH_REPLACE, DIFF)}

REWRITTEN_LINES = 250
REWRITTEN_CHARACTERS = 12_000
"""The largest region to rewrite whole, in lines and code points: some 3,000 tokens, as many as most endpoints
give in one reply and as long as anybody waits at 1,000 tokens a second."""


def edit_format(wanted: str, region: Text, wire: str) -> EditFormat:
    """The format of that name; for "auto" the one that the wire's results are in, else what suits the region's size."""
    if wanted in EDIT_FORMATS:
        return EDIT_FORMATS[wanted]
    if wire == "jobs":
        return DIFF
    small = len(region.lines) <= REWRITTEN_LINES + 1 and sum(map(len, region.lines)) <= REWRITTEN_CHARACTERS
    return REWRITE if small or not search_replace.can_hold(region.lines) else SEARCH_REPLACE
