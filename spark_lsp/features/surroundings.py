"""Has the context of an edit found out before it is asked for, without holding anything up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeAlias

from spark_lsp.context.engine import OpenText

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.context.engine import ContextEngine
    from spark_lsp.context.parts import Chosen
    from spark_lsp.core.text import Position, Text

ContextOf: TypeAlias = "Callable[[str], tuple[ContextEngine, str] | None]"
"""What chooses the context for a document, by its URI, and the document's path there; None without an index."""

LONGEST_SECONDS: Final = 0.25
"""What an edit waits for: what is not found out by then is not in its prompt."""
_SLICE_SECONDS: Final = 0.004
STILL_INDEXING: Final = "The repository was still being indexed: the prompt has none of its definitions."


async def look_around(around: tuple[ContextEngine, str], text: Text, position: Position, *, rest: float = 0.0) -> None:
    """Find out what the code at a position needs, a few milliseconds at a time, with rests of so many seconds."""
    engine, path = around
    clock = asyncio.get_running_loop().time
    started = turn = clock()
    for _ in engine.prepare(OpenText(path, text), position):
        now = clock()
        if now - started > LONGEST_SECONDS:
            return
        if now - turn > _SLICE_SECONDS:
            await asyncio.sleep(rest)
            turn = clock()


def has_no_definitions(chosen: Chosen | None) -> bool:
    """Nothing of what other files define or do is shown."""
    return chosen is None or not chosen.of("definition", "caller", "sibling")
