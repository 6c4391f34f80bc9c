"""How a function is used where it is called, and how those do it that are like it: as items that can be packed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spark_lsp.context.neighbours import is_test
from spark_lsp.context.packing import Item
from spark_lsp.context.snippets import LONGEST_LINE, Rendering
from spark_lsp.repo.locations import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spark_lsp.context.scope import Scope
    from spark_lsp.context.snippets import LoadingSources
    from spark_lsp.repo.graph import Graph
    from spark_lsp.repo.locations import Use

_MOST_CALLERS: Final = 3
_COMMON: Final = 60
"""Files that use a name: with so many, a call of it says little."""
_MOST_SIBLINGS: Final = 2
_CALLER_SCORE: Final = 0.35
_SIBLING_SCORE: Final = 0.4
_MOST_LINES: Final = 16
_MOST_CHARACTERS: Final = 700


def example_items(graph: Graph, path: str, scope: Scope, sources: LoadingSources) -> Iterator[list[Item] | None]:
    """Calls in other files, and methods of the same name elsewhere. Yields None after every step, the items at last."""
    items: list[Item] = []
    if scope.symbol is None or is_test(path):
        yield items
        return
    place = Location(path, scope.symbol)
    is_rare = len(graph.files_referencing(scope.symbol.name)) < _COMMON
    uses: list[Use] = []
    for step in graph.callers_in_steps(place, _MOST_CALLERS) if is_rare else ():
        yield None
        uses = step or uses
    for use in uses:
        if use.path != path and use.certain:
            yield None
            sources.load(use.path)
            name = use.user.qualified_name if use.user is not None else ""
            item = _item("caller", use.path, name, (use.line, use.line + 1), sources)
            if item is not None and scope.symbol.name in item.texts[use.line]:
                items.append(item)
    if scope.symbol.container:
        alike: list[Location] = []
        for found in graph.siblings_in_steps(place):
            yield None
            alike = found or alike
        for other in alike[:_MOST_SIBLINGS]:
            symbol = other.symbol
            if other.path != path and symbol.name == scope.symbol.name:
                sources.load(other.path)
                item = _item("sibling", other.path, symbol.qualified_name, (symbol.line, symbol.end), sources)
                if item is not None:
                    items.append(item)
                yield None
    yield items


def _item(kind: str, path: str, name: str, lines: tuple[int, int], sources: LoadingSources) -> Item | None:
    first, end = lines
    there = sources.lines(path) or ()
    shown = range(first, min(end, len(there)))
    texts = {at: there[at] if there[at].endswith("\n") else f"{there[at]}\n" for at in shown}
    is_short = 0 < len(texts) <= _MOST_LINES and sum(map(len, texts.values())) <= _MOST_CHARACTERS
    if not is_short or max(map(len, texts.values())) > LONGEST_LINE:
        return None
    whole = Rendering(tuple(shown), 1.0)
    if kind == "caller":
        return Item("caller", path, name, first, _CALLER_SCORE, "calls it", (whole,), (), texts)
    return Item("sibling", path, name, first, _SIBLING_SCORE, "does the same elsewhere", (whole,), (), texts)
