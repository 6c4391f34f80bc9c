"""Where lines of an earlier text are now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spark_lsp.core.text import Text

_BLOCK: Final = 128


@dataclass(frozen=True, slots=True)
class LinesMoved:
    """What two texts have in common at their beginnings and ends, in lines."""

    before: int
    """Lines of the earlier text."""
    after: int
    """Lines of the later one."""
    same_above: int
    same_below: int

    def now(self, line: int) -> int:
        """Where a line of the earlier text is; of one that was changed, about where."""
        if line < self.same_above:
            return line
        if line >= self.before - self.same_below:
            return line + self.after - self.before
        return min(line, max(self.same_above, self.after - self.same_below - 1))

    def then(self, line: int) -> int:
        """Where a line of the later text was."""
        if line < self.same_above:
            return line
        if line >= self.after - self.same_below:
            return line + self.before - self.after
        # New lines belong to what is above them.
        return max(0, min(line, self.before - self.same_below - 1))


def lines_moved(earlier: Text, later: Text) -> LinesMoved:
    """Compare two texts. Takes microseconds: lines that were not edited are the same objects."""
    one, two = earlier.lines, later.lines
    if one is two:
        return LinesMoved(len(one), len(two), len(one), 0)
    most = min(len(one), len(two))
    above = 0
    while above < most and one[above : above + _BLOCK] == two[above : above + _BLOCK]:
        above += _BLOCK
    above = min(above, most)
    while above < most and one[above] == two[above]:
        above += 1
    below, left = 0, most - above
    first, second = len(one), len(two)
    while (
        below + _BLOCK <= left
        and one[first - below - _BLOCK : first - below] == two[second - below - _BLOCK : second - below]
    ):
        below += _BLOCK
    while below < left and one[first - below - 1] == two[second - below - 1]:
        below += 1
    return LinesMoved(len(one), len(two), above, below)
