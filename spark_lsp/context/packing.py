"""Puts what is worth most for its length into a budget: lines of files, each shown once."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from spark_lsp.context.parts import PartKind
    from spark_lsp.context.snippets import Rendering

_WEIGHT_OF_LENGTH: Final = 0.8
"""Of the exponent of a cost. Below 1: low scores promise a little too much, so that many short and unlikely lines
must not crowd out a likely one that is long."""
_STICKY: Final = 1.5
"""How much better something new must be to take the place of what was chosen before."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can be shown, in one or several sizes."""

    kind: PartKind
    path: str
    name: str
    line: int
    score: float
    why: str
    renderings: tuple[Rendering, ...]
    frame: tuple[int, ...] = ()
    """Lines that must be there too: of the class that it is in."""
    texts: Mapping[int, str] = field(default_factory=dict, hash=False, compare=False)
    """All of these lines."""

    @property
    def key(self) -> tuple[str, str, int]:
        return self.path, self.name, self.line


@dataclass(slots=True)
class Packed:
    """What was chosen: lines by file, and for each item how many of its renderings."""

    lines: dict[str, dict[int, str]] = field(default_factory=dict)
    sizes: dict[Item, int] = field(default_factory=dict)
    left: list[Item] = field(default_factory=list)
    characters: int = 0


def pack(
    items: Sequence[Item],
    budget: int,
    heading: Callable[[str], int],
    before: Iterable[tuple[str, str, int]] = (),
) -> Packed:
    """Choose greedily by worth for length.

    `heading` is what naming a file costs; `before` is what was chosen last time. The same
    input gives the same choice. Costs only fall while others are chosen, so that what comes off the heap is
    the best or nearly so.
    """
    packed = Packed()
    favoured = set(before)
    heap: list[tuple[float, int, int]] = []

    def cost(item: Item, level: int) -> int:
        chosen = packed.lines.get(item.path)
        wanted = (*item.renderings[level].lines, *item.frame)
        if chosen is None:
            return heading(item.path) + sum([len(item.texts[at]) for at in wanted])
        return sum([len(item.texts[at]) for at in wanted if at not in chosen])

    def push(index: int, level: int) -> None:
        item = items[index]
        factor = _STICKY if item.key in favoured else 1.0
        worth = item.score * item.renderings[level].worth * factor
        heapq.heappush(heap, (-worth / max(1, cost(item, level)) ** _WEIGHT_OF_LENGTH, index, level))

    for index, item in enumerate(items):
        if item.renderings:
            push(index, 0)
    while heap:
        _, index, level = heapq.heappop(heap)
        item = items[index]
        price = cost(item, level)
        if packed.characters + price > budget:
            if level == 0:
                packed.left.append(item)
            continue
        packed.characters += price
        chosen = packed.lines.setdefault(item.path, {})
        for at in (*item.renderings[level].lines, *item.frame):
            chosen[at] = item.texts[at]
        packed.sizes[item] = level + 1
        if level + 1 < len(item.renderings):
            push(index, level + 1)
    return packed
