"""Leaves out the hunks of a reply that only restyle code which the instruction does not concern.

Models that rewrite a region also tidy what nobody asked about: quotes, line breaks, blank lines. Left out are hunks
that `syntax/restyle.py` calls style, unless the instruction is about style, names their line, or was given for no
other lines than theirs. A hunk that stands next to one that does more belongs to it and stays.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from spark_lsp.core.edits import Edit, merged
from spark_lsp.syntax.restyle import RestyleJudge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from spark_lsp.core.edits import Edits
    from spark_lsp.core.prompt import Region
    from spark_lsp.core.refine import Block
    from spark_lsp.core.text import Range
    from spark_lsp.session import Snapshot

NEAR: Final = 1
"""Unchanged lines that may be between hunks that count as one here. The streaming difference never parts those."""

_ABOUT_STYLE: Final = re.compile(
    r"""
      format | pretty | prettier | beautif | \bstyle(?!\ of\b) | restyl | \btid(?:y|ied) | \bclean | simplif | readab
    | indent | whitespace | white\ space | \bspac(?:e|es|ing)\b | \btabs?\b | \balign | \btrailing | \bpadding
    | \b(?:blank|empty|new|single|one|multiple|long|short|overlong)[ -]?lines?\b | \bline[ -](?:break|length|width|end)
    | \blines?\ (?:is|are)\ too\ long | too\ long | \breflow | \bre-?wrap | \bwrap(?!\ (?:\S+\ ){0,4}(?:in|with|into)\b)
    | \bsplit\b.*\blines?\b | \bjoin\b.*\blines?\b | \bquot(?:e|es|ing|ation)\b | doublequote | singlequote
    | parenthes | \bbrackets?\b | \bbraces?\b | semicolon | \bcommas?\b
    | \blint | \bpep[ -]?(?:8|257)\b | \bblack\b | \bruff\b | autopep | \byapf\b | \bisort\b | flake8 | pycodestyle
    | pylint | eslint | tslint | stylelint | standardjs | \bbiome\b | dprint | gofmt | gofumpt | rustfmt | clippy
    | checkstyle | spotless | ktlint | clang-format | rubocop | stylua | luacheck | shfmt | shellcheck | phpcs
    | \b[EW]\d{3}\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""What an instruction says if it may want style changed. Too much here costs nothing but what is left out."""
_LINE: Final = re.compile(r"\bline (\d{1,7})\b", re.IGNORECASE)
_CODE: Final = re.compile(r"[`\"'(){}\[\]=<>]|\w_\w|[a-z][A-Z]|\w\.\w|\d")


ONLY_RESTYLED: Final = (
    "The model only restyled code, which was left out: say in the instruction that the style is to change, or set "
    "edit.restyle to keep."
)
"""What is told where nothing of a reply was left."""


def is_about_style(instruction: str) -> bool:
    """Whether an instruction may be meant for the style of the code."""
    return _ABOUT_STYLE.search(instruction) is not None


class StyleGuard:
    """Sorts the blocks of one reply, in the order in which they come."""

    def __init__(
        self, snapshot: Snapshot, region: Region, selected: Range, instruction: str, clock: Callable[[], float]
    ) -> None:
        """Begin with the document that the reply is for, the region's place in it, and what the user asked."""
        self._start = region.start
        self._text = snapshot.text
        self._selected = selected
        self._named = {int(number[1]) - 1 for number in _LINE.finditer(instruction)}
        self._names_code = _CODE.search(instruction) is not None
        self._judge = RestyleJudge(snapshot.syntax, snapshot.language_id, (region.start.line, region.end.line), clock)
        self.left_out = 0
        """Blocks."""

    def kept(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """The blocks that are to be applied, of those that became final together."""
        for group in _groups(blocks):
            edits = merged(self._in_document(block) for block in group)
            if self._is_meant(edits):
                self._judge.keep(edits)
            elif self._judge.only_restyles(edits):
                self.left_out += len(group)
                continue
            yield from group

    @property
    def report(self) -> str:
        """What the user is told of what was left out; empty if nothing was."""
        if self.left_out < 2:
            return "1 hunk that only restyles was left out (edit.restyle)." if self.left_out else ""
        return f"{self.left_out} hunks that only restyle were left out (edit.restyle)."

    def _in_document(self, block: Block) -> Edits:
        return tuple(Edit(self._start + edit.start, self._start + edit.end, edit.new) for edit in block.edits)

    def _is_meant(self, edits: Edits) -> bool:
        """Whether the instruction is for the very lines of a hunk: it names one, or they are all that was selected."""
        first, last = edits[0].start.line, edits[-1].end.line
        if any(first <= line <= last for line in self._named):
            return True
        if self._selected.empty or self._names_code:
            return False
        end = self._selected.end
        selected = range(self._selected.start.line, min(end.line + (1 if end.column else 0), len(self._text.lines)))
        return not any(self._text.lines[line].strip() for line in selected if not first <= line <= last)


def _groups(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """Blocks that stand next to one another, together."""
    group: list[Block] = []
    for block in blocks:
        if group and not 0 <= block.start - (group[-1].start + group[-1].removed) <= NEAR:
            yield group
            group = []
        group.append(block)
    if group:
        yield group
