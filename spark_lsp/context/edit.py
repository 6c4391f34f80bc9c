"""The context of an instructed edit: the region and the code around it, within a budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.context.engine import Surroundings
from spark_lsp.context.parts import Chosen
from spark_lsp.core.prompt import CHARACTERS_PER_TOKEN, EditContext
from spark_lsp.core.text import Position, line_ending

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spark_lsp.core.prompt import Region
    from spark_lsp.core.text import Text


def edit_context(
    text: Text, region: Region, surroundings: Surroundings, *, path: str, language: str, instruction: str
) -> EditContext:
    """Gather what a prompt needs from what goes round the region."""
    return EditContext(
        path=path,
        language=language,
        instruction=instruction,
        region=region,
        line_ending=line_ending(text.lines[0]) or "\n",
        before=surroundings.before,
        after=surroundings.after,
        ends_document=region.end == text.end,
        related=surroundings.related,
    )


def plain_surroundings(text: Text, region: Region, budget: int) -> Surroundings:
    """What the document itself has round a region, where there is no engine to choose, for so many tokens.

    Each side of the region gets half of it, and what one side leaves goes to the other. Lines are whole, except
    for the rest of those on which the region begins and ends.
    """
    characters = budget * CHARACTERS_PER_TOKEN
    start, end = region.start, region.end
    head = text.slice(Position(start.line, 0), start)
    next_line = Position(end.line + 1, 0) if end.line + 1 < len(text.lines) else text.end
    tail = text.slice(end, next_line) if end.column else ""
    below_from = end.line + 1 if end.column else end.line
    half = characters // 2
    below = _up_to(characters, (text.lines[line] for line in range(below_from, len(text.lines))))
    above = _up_to(
        max(half, characters - sum(map(len, below))), (text.lines[line] for line in range(start.line - 1, -1, -1))
    )
    below = _up_to(characters - sum(map(len, above)), below)
    return Surroundings(Chosen(), (), "".join(reversed(above)) + head, tail + "".join(below))


def _up_to(characters: int, lines: Iterable[str]) -> list[str]:
    """The first lines that together are no longer than so many code points."""
    taken: list[str] = []
    for line in lines:
        characters -= len(line)
        if characters < 0:
            break
        taken.append(line)
    return taken
