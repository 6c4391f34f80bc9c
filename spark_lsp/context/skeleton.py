"""The rest of the file at hand, in short: its imports and the lines that its definitions begin with."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.context.parts import Part
from spark_lsp.context.snippets import LONGEST_LINE
from spark_lsp.repo.file_table import IMPORT_LINE, IMPORT_WIDTH, KIND, LINE, START, SYMBOL_KINDS, SYMBOL_WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spark_lsp.context.lines_moved import LinesMoved
    from spark_lsp.context.window import Window
    from spark_lsp.core.text import Text
    from spark_lsp.repo.file_table import FileTable

_SHOWN: Final = frozenset(
    SYMBOL_KINDS.index(kind) for kind in ("function", "method", "class", "interface", "type", "enum", "module")
)
_IMPORT_SHARE: Final = 0.4
_GRID: Final = 64
"""Lines. What is nearest is told from where such a block of lines begins, so that it is the same for a while."""


@dataclass(frozen=True, slots=True)
class Outline:
    """Lines of the text that a file's facts are of, each list in order."""

    starts: tuple[int, ...] = ()
    """Where definitions begin, with what belongs to them."""
    heads: tuple[int, ...] = ()
    """Where the names of functions and types are."""
    imports: tuple[int, ...] = ()

    @classmethod
    def of(cls, table: FileTable | None) -> Outline:
        """Read it from a file's table."""
        if table is None:
            return cls()
        symbols = table.symbols
        both = zip(symbols[KIND::SYMBOL_WIDTH], symbols[LINE::SYMBOL_WIDTH], strict=True)
        return cls(
            tuple(sorted(set(symbols[START::SYMBOL_WIDTH]))),
            tuple(sorted({line for kind, line in both if kind & 0xFF in _SHOWN})),
            tuple(sorted(set(table.imports[IMPORT_LINE::IMPORT_WIDTH]))),
        )


def skeleton_part(
    outline: Outline, moved: LinesMoved, path: str, text: Text, around: Window, budget: int
) -> Part | None:
    """The imports and definitions that are not in the window, those nearest to it if not all have room."""
    chosen: dict[int, str] = {}
    left = _take(chosen, outline.imports, moved, text, around, int(budget * _IMPORT_SHARE))
    left += budget - int(budget * _IMPORT_SHARE)
    middle = moved.then((around.first + around.end) // 2 // _GRID * _GRID)
    _take(chosen, _from_inside(outline.heads, middle), moved, text, around, left)
    if not chosen:
        return None
    numbers = sorted(chosen)
    shown = "".join(chosen[at] for at in numbers)
    return Part("skeleton", path, numbers[0], numbers[-1] + 1, shown, 0.5, "the rest of the file")


def _take(
    chosen: dict[int, str],
    lines: Sequence[int] | Iterator[int],
    moved: LinesMoved,
    text: Text,
    around: Window,
    room: int,
) -> int:
    """Choose lines that are not in the window until one has no room. What room is left."""
    for line in lines:
        at = moved.now(line)
        if at in chosen or around.first <= at < around.end or at >= len(text.lines):
            continue
        content = text.lines[at]
        if not content.strip() or len(content) > LONGEST_LINE:
            continue
        content = content if content.endswith("\n") else content.rstrip("\r") + "\n"
        if len(content) > room:
            break
        chosen[at] = content
        room -= len(content)
    return room


def _from_inside(numbers: Sequence[int], middle: int) -> Iterator[int]:
    """Numbers in order, those nearest to one of them first."""
    above = bisect_left(numbers, middle) - 1
    below = above + 1
    while above >= 0 or below < len(numbers):
        if below >= len(numbers) or (above >= 0 and middle - numbers[above] <= numbers[below] - middle):
            yield numbers[above]
            above -= 1
        else:
            yield numbers[below]
            below += 1
