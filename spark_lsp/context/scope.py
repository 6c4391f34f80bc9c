"""Where somebody writes: the function and the class around a line, and the words that tell what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.context.words import identifiers, words_of
from spark_lsp.core.text import line_content

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spark_lsp.context.lines_moved import LinesMoved
    from spark_lsp.context.uses import FileUses, Function
    from spark_lsp.core.symbols import Symbol
    from spark_lsp.core.text import Position, Text
    from spark_lsp.repo.file_table import FileTable

_LINES_ABOVE: Final = 40
_LINES_BELOW: Final = 3
_LONGEST_LINE: Final = 400
_CLASSES: Final = frozenset({"class", "interface", "enum", "module"})
_CLOSING: Final = (")", "]", "}")


@dataclass(frozen=True, slots=True)
class Scope:
    """The surroundings of a line, as far as they say what will be needed there."""

    function: Function | None
    symbol: Symbol | None
    """The function around the line, the innermost one if there are several."""
    holder: Symbol | None
    """The innermost class around it."""
    place: int
    """How many of the file's functions begin above the line."""
    name: str
    """What the function is called, if that is known."""
    name_words: frozenset[str]
    near_words: frozenset[str]
    """Of the signature, the documentation and the code just around."""
    near_names: frozenset[str]
    """The identifiers there."""


def scope_at(table: FileTable, uses: FileUses, moved: LinesMoved, text: Text, position: Position) -> Scope:
    """The scope of a position in a text, from facts that may be of an earlier one."""
    here = min(position.line, len(text.lines) - 1)
    head = _head_line(text.lines, here, _depth(text.lines[here], position.column))
    line = moved.then(here)
    function, place = None, 0
    for index, one in enumerate(uses.functions):
        if one.start > line:
            break
        place = index + 1
        if line < one.end:
            function = one
    symbol = _symbol(table, function, line)
    if head is not None and (symbol is None or moved.now(symbol.line) < head):
        # The function that is being written may not be one yet, as far as the syntax goes.
        started = _starting_at(table, moved.then(head), text.lines[head])
        if started is not None:
            symbol = started
            function = next((one for one in uses.functions if one.start <= started.line < one.end), function)
    first = max(0, here - _LINES_ABOVE)
    if symbol is not None:
        first = max(first, min(here, moved.now(symbol.start)))
    elif head is not None:
        first = max(first, head)
    else:
        first = max(first, here - _LINES_BELOW)
    near = [line_content(one)[:_LONGEST_LINE] for one in text.lines[first : here + _LINES_BELOW]]
    names = frozenset(identifiers("\n".join(near)))
    near_words = frozenset().union(*(words_of(name) for name in names)) if names else frozenset[str]()
    own = words_of(symbol.name) if symbol is not None else frozenset[str]()
    if symbol is None and head is not None:
        own = words_of(" ".join(identifiers(text.lines[head][:_LONGEST_LINE].partition("(")[0])))
    name = symbol.name if symbol is not None else ""
    return Scope(function, symbol, _class_around(table, symbol, line), place, name, own, near_words, names)


def _symbol(table: FileTable, function: Function | None, line: int) -> Symbol | None:
    if function is None:
        return None
    inner = table.around(line)
    found = table.symbol(function.symbol if inner is None else inner)
    return found if found.kind in ("function", "method") else table.symbol(function.symbol)


def _starting_at(table: FileTable, line: int, head: str) -> Symbol | None:
    """The function whose signature a line is a part of."""
    inner = table.around(line)
    if inner is None:
        return None
    symbol = table.symbol(inner)
    fits = symbol.start <= line < max(symbol.signature_end, symbol.line + 1)
    return symbol if fits and symbol.kind in ("function", "method") and symbol.name in head else None


def _head_line(lines: Sequence[str], here: int, depth: int) -> int | None:
    """The nearest line above that is indented less: of a function, the line that its signature begins on."""
    if not depth:
        return None
    for at in range(here - 1, max(-1, here - _LINES_ABOVE), -1):
        line = lines[at]
        stripped = line.strip()
        if stripped and _indentation(line) < depth:
            if not stripped.startswith(_CLOSING):
                return at
            depth = _indentation(line) + 1
    return None


def _class_around(table: FileTable, symbol: Symbol | None, line: int) -> Symbol | None:
    if symbol is not None and symbol.container:
        named = [table.symbol(index) for index in table.named(symbol.container.rpartition(".")[2])]
        found = next((one for one in named if one.kind in _CLASSES and one.qualified_name == symbol.container), None)
        if found is not None:
            return found
    around = [table.symbol(index) for index in table.classes()]
    return next((one for one in reversed(around) if one.start <= line < one.end), None)


def _depth(line: str, column: int) -> int:
    """How far code at a column of a line is indented."""
    indentation = _indentation(line)
    return min(indentation, column) if line.strip() else max(column, indentation)


def _indentation(line: str) -> int:
    content = line_content(line)
    return len(content) - len(content.lstrip())
