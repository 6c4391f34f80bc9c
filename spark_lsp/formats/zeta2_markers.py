"""The format `zeta2` as version 2.1 of the model has it (https://huggingface.co/zed-industries/zeta-2.1).

The window is cut into blocks with numbered markers between them. The reply is the new text between two of the markers,
so that only what changes is written; the same marker twice is "no edit".
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from spark_lsp.core.prompt import TextPrompt
from spark_lsp.formats.edit_window import NO_EDIT, marked_lines, new_window, reply_lines
from spark_lsp.formats.fim import SEED_TOKENS
from spark_lsp.formats.zeta2 import CURSOR, FILE, front

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spark_lsp.core.hunks import LineHunk
    from spark_lsp.core.prompt import NextEditContext

_MARKER: Final = re.compile(r"<\|marker_(\d+)\|>")
TOKENS: Final = (*SEED_TOKENS, FILE, CURSOR, "<|marker_")
STOPS: Final = ("<[end▁of▁sentence]>",)

_SHORTEST, _LONGEST = 6, 16
"""Lines of a block, but for one at the end and for what the nudge adds."""
_NUDGE: Final = 5
"""Lines within which a better line to begin a block with is looked for."""
_NO_BEGINNINGS: Final = frozenset({"break", "continue", "return", "throw", "end"})


def render(context: NextEditContext) -> TextPrompt:
    """The prompt. A marker stands right before its block, and one behind the last."""
    lines = marked_lines(context, CURSOR)
    blocks = enumerate(pairwise(borders(context.window)), 1)
    code = "".join(
        f"<|marker_{number}|>" + "".join(f"{line}\n" for line in lines[start:end]) for number, (start, end) in blocks
    )
    return TextPrompt(f"{front(context)}{code}<|marker_{len(borders(context.window))}|>\n<[fim-middle]>")


def borders(lines: Sequence[str]) -> list[int]:
    """Where the markers stand: the first lines of the blocks, and the end.

    A block ends at a blank line if it is long enough there, and where it would be too long.
    """
    found, line = [0], 0
    while line < len(lines):
        length, border = line - found[-1], None
        if length >= _SHORTEST and lines[line].strip() and not lines[line - 1].strip():
            border = _beginning(lines, line)
            if len(lines) - border < _SHORTEST:
                border = None
        if border is None and length >= _LONGEST:
            border = _beginning(lines, line)
        if border is not None:
            found.append(border)
            line = border
        line += 1
    return [*found, len(lines)]


def _beginning(lines: Sequence[str], line: int) -> int:
    """A line near by that a block may well begin with: not blank, and not the end of something."""
    for near in range(line, min(line + _NUDGE, len(lines))):
        text = lines[near].strip()
        if text and not text.startswith(("}", "]", ")")) and text.rstrip(";") not in _NO_BEGINNINGS:
            return near
    return line


def read(context: NextEditContext, reply: str, *, whole: bool) -> tuple[LineHunk, ...]:
    """What stands between the first marker and the last, other markers left out. What is behind it is nothing.

    So a reply that was cut is whole up to its last marker.
    """
    del whole
    markers = list(_MARKER.finditer(reply))
    where = borders(context.window)
    if len(markers) < 2:
        return NO_EDIT
    first, last = int(markers[0][1]), int(markers[-1][1])
    if not 1 <= first < last <= len(where):
        return NO_EDIT
    text = "".join(reply[one.end() : other.start()] for one, other in pairwise(markers)).replace(CURSOR, "")
    lines = (*context.window[: where[first - 1]], *reply_lines(text), *context.window[where[last - 1] :])
    return new_window(context, lines, whole=True)
