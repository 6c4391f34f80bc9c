"""What was undone in a document, so that nobody is offered again what was just taken back."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, TypeAlias

from spark_lsp.core.edits import Edit, apply
from spark_lsp.core.text import Position, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spark_lsp.core.edits import Edits

Key: TypeAlias = tuple[str, str]
"""An edit by the text around and in its place, and by what it puts there; lines further above make no difference."""

_TEXTS: Final = 24
_LINES_BEFORE: Final = 2


class TextMemory:
    """The last texts of a document. One that comes back was undone, or done again."""

    def __init__(self, text: Text) -> None:
        self._texts = deque((text,), maxlen=_TEXTS)
        self.undone: dict[Key, None] = {}

    def changed(self, text: Text, edits: Sequence[Edit]) -> None:
        """The document has this text now, by these edits."""
        last = self._texts[-1]
        lines = [edit.start.line for edit in edits]
        if _equal(text, last, lines):
            return
        if any(_equal(text, earlier, lines) for earlier in self._texts):
            self.undone.pop(_step(last, text), None)
            self.undone[_step(text, last)] = None
        self._texts.append(text)


def _equal(text: Text, earlier: Text, lines: Sequence[int]) -> bool:
    """Two texts are the same, where it takes a look at some lines to see that most are not."""
    one, other = text.lines, earlier.lines
    return (
        len(one) == len(other) and all(one[line] == other[line] for line in lines if line < len(one)) and one == other
    )


def key_of(text: Text, edits: Edits) -> Key:
    """What tells an edit of a text from others: it is widened to whole lines, without those that stay."""
    first, last = edits[0].start.line, edits[-1].end.line
    if edits[-1].end.column == 0 and last > first:
        last -= 1
    old = list(text.lines[first : last + 1])
    up = Position(first, 0)
    part = apply(Text.of("".join(old)), tuple(Edit(one.start - up, one.end - up, one.new) for one in edits))
    new = [line for line in part.lines if line]
    while old and new and old[0] == new[0]:
        del old[0], new[0]
        first += 1
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    around = "\n".join(line.strip() for line in text.lines[max(0, first - _LINES_BEFORE) : first])
    return f"{around}\0{''.join(old)}", "".join(new)


def _step(before: Text, after: Text) -> Key:
    """The key of the edit that leads from one text to another."""
    one, other = before.lines, after.lines
    limit = min(len(one), len(other))
    head = next((index for index in range(limit) if one[index] != other[index]), limit)
    limit -= head
    tail = next((index for index in range(limit) if one[-1 - index] != other[-1 - index]), limit)
    end = len(one) - tail
    new = "".join(other[head : len(other) - tail])
    last = Position(end, 0) if end < len(one) else before.end
    return key_of(before, (Edit(Position(head, 0) if head < len(one) else before.end, last, new),))
