"""Definitions from other files, as items that can be packed and as the parts that come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.context.packing import Item
from spark_lsp.context.parts import Part
from spark_lsp.context.snippets import renderings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spark_lsp.context.needs import Need
    from spark_lsp.context.packing import Packed
    from spark_lsp.context.snippets import LoadingSources
    from spark_lsp.repo.graph import Graph

_MOST_FILES = 80


def definition_items(graph: Graph, needs: Sequence[Need], sources: LoadingSources) -> Iterator[list[Item] | None]:
    """The needs as items, with the lines that show them. Yields None after every step, and the items at last.

    Files are read here, one a step; what is needed of them is kept, and the rest may be forgotten.
    """
    items: list[Item] = []
    by_path: dict[str, list[Need]] = {}
    for need in needs:
        by_path.setdefault(need.location.path, []).append(need)
    for path, wanted in list(by_path.items())[:_MOST_FILES]:
        sources.load(path)
        yield None
        lines = sources.lines(path)
        items += _items(graph, wanted, lines or ())
        yield None
    items.sort(key=lambda item: (-item.score, item.key))
    yield items


def _items(graph: Graph, needs: Sequence[Need], lines: Sequence[str]) -> Iterator[Item]:
    for need in needs:
        path, symbol = need.location.path, need.location.symbol
        shown = renderings(symbol, lines)
        if not shown:
            why = "changed" if lines else "unreadable"
            yield Item("definition", path, symbol.qualified_name, symbol.line, need.score, why, ())
            continue
        frame = _frame(graph, path, symbol.container, lines)
        texts = {at: _ended(lines[at]) for at in (*frame, *(at for one in shown for at in one.lines))}
        name, line = symbol.qualified_name, symbol.line
        yield Item("definition", path, name, line, need.score, need.why, shown, frame, texts)


def _frame(graph: Graph, path: str, container: str, lines: Sequence[str]) -> tuple[int, ...]:
    """The lines of the classes around a definition."""
    table = graph.table(path)
    found: list[int] = []
    while container and table is not None:
        name = container.rpartition(".")[2]
        for index in table.named(name):
            symbol = table.symbol(index)
            if symbol.qualified_name == container and symbol.line < len(lines) and name in lines[symbol.line]:
                found.append(symbol.line)
                break
        container = container.rpartition(".")[0]
    return tuple(found)


def definition_parts(packed: Packed) -> list[Part]:
    """What was chosen, file by file and line by line: lines next to each other are one part."""
    parts: list[Part] = []
    best: dict[str, list[Item]] = {}
    for item in packed.sizes:
        best.setdefault(item.path, []).append(item)
    for path in sorted(packed.lines):
        lines = packed.lines[path]
        items = sorted(best[path], key=lambda item: item.line)
        for first, end in _runs(sorted(lines)):
            text = "".join(lines[at] for at in range(first, end))
            inside = [item for item in items if first <= item.line < end]
            top = max(inside, key=lambda item: item.score, default=None)
            why = top.why if top is not None else "holds what follows"
            parts.append(
                Part(
                    top.kind if top is not None else "definition",
                    path,
                    first,
                    end,
                    text,
                    top.score if top else 0.0,
                    why,
                )
            )
    return parts


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Lines that follow each other, as [first, end)."""
    start = previous = -2
    for number in numbers:
        if number != previous + 1:
            if previous >= 0:
                yield start, previous + 1
            start = number
        previous = number
    if previous >= 0:
        yield start, previous + 1


def _ended(line: str) -> str:
    return line if line.endswith("\n") else line.rstrip("\r") + "\n"
