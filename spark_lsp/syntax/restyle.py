"""Whether a hunk of a model's reply only restyles code.

Asked of each hunk when it is final, with the text as the hunks kept so far have made it and without the rest of the
reply. What stands before a hunk decides what it is: in a string that has been opened, or in a bracket. So where the
text so far no longer parses, as in the middle of what is being wrapped in a new block, the answer is no.

Nearly all hunks change more than white space, brackets, quotes and the like, which is seen without a parse. For the
rest the definitions that the region touches are parsed with and without the hunk, by themselves if they are a small
part of the file, and compared token by token: 0.5 ms for a hunk in a region of 250 lines, on two shared cores.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.core.edits import Edit, apply, merged, rebase
from spark_lsp.core.text import Position, Text, line_content
from spark_lsp.syntax.code_tokens import code_tokens
from spark_lsp.syntax.grammars import load
from spark_lsp.syntax.offsets import LineOffsets
from spark_lsp.syntax.parse import Parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tree_sitter import Language, Tree

    from spark_lsp.core.edits import Edits
    from spark_lsp.syntax.code_tokens import Token
    from spark_lsp.syntax.grammars import Grammar
    from spark_lsp.syntax.tree import SyntaxSnapshot

LONGEST_LOOK: Final = 0.008  # seconds at one hunk
_STYLE: Final = re.compile(r"[\s,;()'\"\\#/*!-]+")
_LARGEST: Final = 40_000  # code points of a hunk, old and new together, beyond which it is taken for more than style
_MOST_LINES: Final = 400  # lines that may be looked at round a hunk: the parser can see a change far from it
# What is parsed by itself: a part of the file of so many lines at most, and no more than such a share of it. A first
# parse takes 3 microseconds a line, and parsing on over the file's own tree about 1 microsecond.
_LARGEST_PART: Final = 1_500
_LARGEST_SHARE: Final = 0.4
# Grammars that need the beginning of the file to read the rest.
_NEVER_IN_PARTS: Final = frozenset({"php", "yaml", "json"})
# Grammars of languages in which white space shows.
_NOT_JUDGED: Final = frozenset({"html"})
# Languages without a grammar in which blank lines or white space at the end of a line are content.
_PROSE: Final = frozenset(
    {
        *("markdown", "mdx", "restructuredtext", "rst", "rest", "asciidoc", "latex", "tex", "bibtex", "org", "text"),
        *("plaintext", "txt", "diff", "patch", "git-commit", "gitcommit", "git-rebase", "mail", "snippets", "csv"),
        *("haml", "pug", "jade", "slim", "handlebars", "jinja", "jinja-html", "django-html", "django-txt", "erb"),
        *("vue", "svelte", "astro", "html", "xml", "xsl", "svg", "tsv", "whitespace", "quarto", "rmd", "typst"),
        "dockerfile",
    }
)
# What a string of several lines may begin with in a language that is not parsed.
_OPENS_A_TEXT: Final = re.compile(r"\"\"\"|'''|`|<<|\[=*\[|R\"|@\"|%[qQwWr]|=begin|\\$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A text with its tree, which nobody edits."""

    text: Text
    tree: Tree
    offsets: LineOffsets


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of a hunk in two texts: [first, old_end) became [first, new_end)."""

    first: int
    old_end: int
    new_end: int


class RestyleJudge:
    """Judges the hunks of one reply, each once, in the order in which they come."""

    def __init__(
        self, before: SyntaxSnapshot, language_id: str, rows: tuple[int, int], clock: Callable[[], float]
    ) -> None:
        """Begin with the text that the reply is for, and the first and the last of the lines that it may change.

        The clock is for giving up on a parse that takes too long.
        """
        self._before = before
        self._rows = rows
        self._language_id = language_id.lower()
        self._clock = clock
        self._stop_at = 0.0
        self._language = load(before.grammar) if before.grammar and before.grammar.name not in _NOT_JUDGED else None
        self._so_far: _Parsed | None = None
        self._top = 0
        """The line of the file where the text of `_so_far` begins. All other coordinates are those of the file."""
        self._done: Edits = ()
        """The hunks kept that are in `_so_far`, in its coordinates before they were done."""
        self._waiting: list[Edits] = []
        """The hunks kept that are not."""
        self._shifts: set[tuple[str, str]] = set()
        """How lines were indented, before and after, that kept hunks left as they are otherwise."""
        self._opens_texts: bool | None = None

    def only_restyles(self, edits: Edits) -> bool:
        """Whether a hunk changes nothing but style. Its edits are in the coordinates of the text at the beginning."""
        old, new = self._lines_of(edits)
        if (
            _may_be_style("".join(old), "".join(new))
            and self._shifts.isdisjoint(_shifts(old, new))
            and self._is_style(edits, old, new)
        ):
            return True
        self.keep(edits)
        return False

    def keep(self, edits: Edits) -> None:
        """Take note of a hunk that is kept, whatever it is."""
        self._waiting.append(edits)
        self._shifts |= _shifts(*self._lines_of(edits))

    def _lines_of(self, edits: Edits) -> tuple[Sequence[str], Sequence[str]]:
        """The lines of a hunk before and after it."""
        first, last = edits[0].start.line, edits[-1].end.line
        old = Text.from_lines(self._before.text.lines[first : last + 1])
        inside = (Edit(_up(edit.start, first), _up(edit.end, first), edit.new) for edit in edits)
        return old.lines, apply(old, tuple(inside)).lines

    def _is_style(self, edits: Edits, old: Sequence[str], new: Sequence[str]) -> bool:
        if self._before.grammar is None:
            return self._language_id not in _PROSE and _without_blanks(old) == _without_blanks(new) and not self._texts
        if self._language is None:
            return False
        self._stop_at = self._clock() + LONGEST_LOOK
        before = self._up_to_date(self._language)
        if before is None or before.tree.root_node.has_error:
            return False
        here = rebase(self._from_top(edits), self._done)
        after, moved = self._parsed(self._language, before, here)
        if after is None or after.tree.root_node.has_error:
            return False
        first, end = here[0].start.line, here[-1].end.line + 1
        lines = _Lines(first, end, end + len(new) - len(old))
        around = _widened(before.text, lines, _changed_rows(moved, after.tree))
        if around.old_end - around.first > _MOST_LINES + len(old):
            return False
        was = _tokens(before, (first, end), (around.first, around.old_end), self._before.grammar)
        return was is not None and was == _tokens(
            after, (first, lines.new_end), (around.first, around.new_end), self._before.grammar
        )

    @property
    def _texts(self) -> bool:
        """A language that is not parsed has something in this text that may begin a string of several lines."""
        if self._opens_texts is None:
            self._opens_texts = _OPENS_A_TEXT.search("".join(self._before.text.lines)) is not None
        return self._opens_texts

    def _up_to_date(self, language: Language) -> _Parsed | None:
        """The text with all kept hunks done; None if there is no tree in time."""
        if self._so_far is None:
            self._so_far = self._beginning(language)
        if self._so_far is not None and self._waiting:
            waiting = self._from_top(merged(self._waiting))
            so_far, _ = self._parsed(language, self._so_far, rebase(waiting, self._done))
            if so_far is None:
                return None
            self._so_far, self._done, self._waiting = so_far, merged((self._done, waiting)), []
        return self._so_far

    def _beginning(self, language: Language) -> _Parsed | None:
        """The text to work on before any hunk is done: the whole file, or a part that can be parsed by itself."""
        before = self._before
        if before.tree is None or before.offsets is None or before.grammar is None:
            return None
        tree = before.tree if before.current else self._parse(language, before.text, before.tree)
        if tree is None:
            return None
        top, end = _part(tree, self._rows)
        lines = len(before.text.lines)
        if before.grammar.name in _NEVER_IN_PARTS or end - top > min(_LARGEST_PART, _LARGEST_SHARE * lines):
            return _Parsed(before.text, tree, before.offsets)
        part = Text.from_lines(before.text.lines[top:end])
        parsed = self._parse(language, part, None)
        self._top = top
        return None if parsed is None else _Parsed(part, parsed, LineOffsets.of(part))

    def _from_top(self, edits: Edits) -> Edits:
        return tuple(Edit(_up(edit.start, self._top), _up(edit.end, self._top), edit.new) for edit in edits)

    def _parsed(self, language: Language, before: _Parsed, edits: Edits) -> tuple[_Parsed | None, Tree]:
        """What edits make of a text, and the tree of before moved to where things are then."""
        text, offsets, moved = before.text, before.offsets, before.tree.copy()
        for edit in reversed(edits):
            moved.edit(*offsets.tree_edit(text, edit))
            after = text.splice(edit.start, edit.end, edit.new)
            offsets, text = offsets.edited(edit, after), after
        tree = self._parse(language, text, moved)
        return (None if tree is None else _Parsed(text, tree, offsets)), moved

    def _parse(self, language: Language, text: Text, old: Tree | None) -> Tree | None:
        return Parse(language, text, old).run(lambda: self._clock() >= self._stop_at)


def _part(tree: Tree, rows: tuple[int, int]) -> tuple[int, int]:
    """The lines of everything at the top of a file that has some of the rows. What is cut then does not parse."""
    top, end = rows[0], rows[1] + 1
    cursor = tree.walk()
    if cursor.goto_first_child_for_point((top, 0)) is None:
        return top, end
    while (node := cursor.node) is not None and node.start_point.row <= rows[1]:
        top = min(top, node.start_point.row)
        end = max(end, node.end_point.row + (node.end_point.column > 0))
        if not cursor.goto_next_sibling():
            break
    return top, end


def _may_be_style(old: str, new: str) -> bool:
    """Whether what differs can be style at all: seen without a parse."""
    return len(old) + len(new) <= _LARGEST and _STYLE.sub("", old) == _STYLE.sub("", new)


def _up(position: Position, lines: int) -> Position:
    return Position(position.line - lines, position.column)


def _tokens(parsed: _Parsed, rows: tuple[int, int], around: tuple[int, int], grammar: Grammar) -> list[Token] | None:
    start = parsed.offsets.line_start(parsed.text, around[0])
    return code_tokens(parsed.text, parsed.tree, grammar.name, rows, around, start)


def _changed_rows(moved: Tree, new: Tree) -> tuple[int, int] | None:
    """The rows of the new tree, the last one included, in which its structure is another."""
    ranges = moved.changed_ranges(new)
    return (ranges[0].start_point.row, ranges[-1].end_point.row) if ranges else None


def _widened(old: Text, lines: _Lines, changed: tuple[int, int] | None) -> _Lines:
    """The lines of a hunk with those that changed for the parser, and one line with something on it on either side."""
    first, end = lines.first, lines.old_end
    if changed is not None:
        first = min(first, changed[0])
        end = max(end, min(changed[1] + 1 - lines.new_end + lines.old_end, len(old.lines)))
    while first > 0:
        first -= 1
        if old.lines[first].strip():
            break
    while end < len(old.lines):
        end += 1
        if old.lines[end - 1].strip():
            break
    return _Lines(first, end, end + lines.new_end - lines.old_end)


def _without_blanks(lines: Sequence[str]) -> list[str]:
    contents = (line_content(line).rstrip() for line in lines)
    return [content for content in contents if content]


def _shifts(old: Sequence[str], new: Sequence[str]) -> set[tuple[str, str]]:
    """How the lines are indented, before and after, that differ in nothing else: what a change of nesting makes."""
    indentations = {line.strip(): line[: len(line) - len(line.lstrip())] for line in old if line.strip()}
    found = set()
    for line in new:
        before = indentations.get(line.strip())
        after = line[: len(line) - len(line.lstrip())]
        if before is not None and before != after:
            found.add(_shift(before, after))
    return found


def _shift(before: str, after: str) -> tuple[str, str]:
    """What is taken off an indentation and what is put on: the same for all lines that are shifted alike."""
    common = 0
    while common < min(len(before), len(after)) and before[common] == after[common]:
        common += 1
    return before[common:], after[common:]
