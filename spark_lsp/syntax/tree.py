"""The syntax tree of one open document: moved with every edit, parsed between the keystrokes.

On a key `SyntaxTree.edited` only moves the tree's borders. `SyntaxTree.advance` parses, a few milliseconds at a
time, when nothing else is to do. Whoever wants to know something about the syntax takes a `SyntaxSnapshot`, which
nothing changes any more, and makes do with a tree that may be some edits old.

Measured on two shared cores with 50,000 lines of Python (1.8 MB): `edited` takes 0.05 ms, at most 0.14. A first
parse is 150 ms of work, done 300 ms later; in it tree-sitter once goes on for 5 ms before it asks whether to stop,
so that the longest slice is 9 ms. After a key the tree has caught up in 9 ms, and in 30 ms in one of a hundred
cases; a slice is 4.7 ms at most. Input that is nothing but errors makes steps of up to 20 ms, and freeing the tree
on closing takes 15 ms; neither can be divided. A thread would not do: tree-sitter keeps the interpreter's lock.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.core.edits import align
from spark_lsp.syntax.grammars import Grammar, grammar_of, load, scope_query
from spark_lsp.syntax.offsets import LineOffsets, TreeEdit
from spark_lsp.syntax.parse import Parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Language, Tree

    from spark_lsp.core.edits import Edit, Edits
    from spark_lsp.core.text import Text

logger = logging.getLogger(__name__)

SLICE_SECONDS: Final = 0.004
LARGEST_TEXT: Final = 2_000_000  # bytes; what is larger is data, and its tree takes 25 to 60 times as much memory
LONGEST_PARSE: Final = 2.0  # seconds; a few inputs, such as thousands of open brackets, take tree-sitter ever longer


@dataclass(frozen=True, slots=True)
class SyntaxSnapshot:
    """What is known about the syntax of a text at one moment.

    Without a grammar, and before the first parse is done, there is no tree. While `current` is false the tree is
    that of an earlier text with its borders moved along, right except for what the edits since then changed.
    Nobody edits the tree of a snapshot; copy it first.
    """

    text: Text
    grammar: Grammar | None
    tree: Tree | None
    offsets: LineOffsets | None
    current: bool

    def edited(self, edits: Edits) -> SyntaxSnapshot:
        """What is known of the text that some aligned edits would give: the tree with its borders moved, no parse."""
        text, offsets, tree = self.text, self.offsets, None if self.tree is None else self.tree.copy()
        for edit in reversed(edits):  # from the end, so that the positions of those still to come stay right
            before, text = text, text.splice(edit.start, edit.end, edit.new)
            if offsets is not None:
                if tree is not None:
                    tree.edit(*offsets.tree_edit(before, edit))
                offsets = offsets.edited(edit, text)
        return SyntaxSnapshot(text, self.grammar, tree, offsets, current=self.current and not edits)


class SyntaxTree:
    """The syntax of one document, from its opening to its closing. Used from one thread only.

    A newer edit does not abort a parse that runs: texts are immutable, so it ends on the text that it began with,
    its tree catches up on the edits made since, and the next parse is an incremental one. So a tree comes about
    however fast somebody types. (Aborting could put off the first tree of a large file for as long as the user
    goes on.)
    """

    __slots__ = (
        "_current",
        "_grammar",
        "_language",
        "_missed",
        "_offsets",
        "_parse",
        "_spent",
        "_text",
        "_tree",
    )

    def __init__(self, language_id: str, text: Text) -> None:
        self._grammar = grammar_of(language_id)
        self._language: Language | None = None
        self._text = text
        self._tree: Tree | None = None  # moved along to the newest text
        self._current = False  # the tree was parsed from the newest text
        self._offsets: LineOffsets | None = None  # of the newest text; there since the first parse began
        self._parse: Parse | None = None
        self._spent = 0.0  # seconds, by the running parse
        self._missed: list[TreeEdit] = []  # edits since the running parse began

    def edited(self, edit: Edit, after: Text) -> None:
        """Take note of an edit of the newest text that gave `after`. Does not parse."""
        before, self._text = self._text, after
        if self._offsets is None:
            return
        edit = align(before, edit)
        tree_edit = self._offsets.tree_edit(before, edit)
        self._offsets = self._offsets.edited(edit, after)
        self._current = False
        if self._too_large:
            self._tree = None
        if self._tree is not None:
            self._tree.edit(*tree_edit)
        if self._parse is not None:
            self._missed.append(tree_edit)

    def advance(self, clock: Callable[[], float], seconds: float) -> bool:
        """Load, measure and parse for about so many seconds of a clock: True when there is nothing more to do."""
        stop_at = clock() + seconds
        while not self._finished:
            self._step(clock, stop_at)
            if clock() >= stop_at:
                break
        return self._finished

    @property
    def _finished(self) -> bool:
        return self._grammar is None or self._current or (self._parse is None and self._too_large)

    @property
    def _too_large(self) -> bool:
        return self._offsets is not None and self._offsets.total > LARGEST_TEXT

    def _step(self, clock: Callable[[], float], stop_at: float) -> None:
        assert self._grammar is not None
        if self._language is None:
            self._language = load(self._grammar)
            if self._language is None:
                self._give_up()
            else:
                scope_query(self._grammar)  # some take 10 ms to compile: here, and not when somebody asks for a scope
        elif self._offsets is None:
            self._offsets = LineOffsets.of(self._text)
        else:
            self._parse_on(self._language, clock, stop_at)

    def _parse_on(self, language: Language, clock: Callable[[], float], stop_at: float) -> None:
        if self._parse is None:
            self._parse, self._spent = Parse(language, self._text, self._tree), 0.0
        began = clock()
        tree = self._parse.run(lambda: clock() >= stop_at)
        self._spent += clock() - began
        if tree is not None:
            for tree_edit in self._missed:
                tree.edit(*tree_edit)
            self._tree, self._current = tree, not self._missed
            self._parse = None
            self._missed.clear()
        elif self._spent > LONGEST_PARSE:
            logger.warning("Parsing took more than %g seconds: the file is treated as plain text.", LONGEST_PARSE)
            self._give_up()

    def _give_up(self) -> None:
        """Treat the document as plain text from now on."""
        self._grammar = self._tree = self._offsets = self._parse = None
        self._missed.clear()

    def snapshot(self) -> SyntaxSnapshot:
        """The syntax as known now; costs next to nothing."""
        tree = None if self._tree is None else self._tree.copy()
        return SyntaxSnapshot(self._text, self._grammar, tree, self._offsets, self._current)


async def catch_up(tree: SyntaxTree, slice_seconds: float = SLICE_SECONDS) -> None:
    """Parse until the tree is that of the newest text, leaving the loop to others half of the time.

    May be cancelled and called again at any time: what was parsed is kept in the tree.
    """
    clock = asyncio.get_running_loop().time
    while not tree.advance(clock, slice_seconds):  # noqa: ASYNC110 - it is we who work, nobody sets an event
        await asyncio.sleep(slice_seconds)
