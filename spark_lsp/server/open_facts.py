"""The facts of one open document, from its keys to the workspace's graph, without the index's process.

Between the keys a cache reads what they changed, once the tree has caught up (`catch_up`). The graph hears of it when
nothing was typed for a while, or when somebody is about to ask (`tell`): what is known of a document's surroundings is
found out anew each time, which is too much for every key. All of it takes a few milliseconds at a time, and leaves the
loop to others for as long.

What cannot be read that way stays with the index's process: a text of very many lines, a function of hundreds, a file
while an error in its syntax swallows the rest, one with something that the grammar cannot read
(`syntax/grammar_gaps.py`), and one whose language the client knows by another name.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from spark_lsp.repo.file_table import encode_in_steps
from spark_lsp.syntax.facts_cache import FactsCache
from spark_lsp.syntax.grammar_gaps import has_gaps
from spark_lsp.syntax.grammars import grammar_of, language_of_file
from spark_lsp.syntax.tree import SLICE_SECONDS, catch_up

if TYPE_CHECKING:
    from spark_lsp.core.symbols import FileFacts
    from spark_lsp.core.text import Text
    from spark_lsp.repo.indexer import Indexer
    from spark_lsp.session import Document
    from spark_lsp.syntax.tree import SyntaxSnapshot


class OpenFacts:
    """One document's, for as long as it is open."""

    def __init__(self, document: Document, path: str, indexer: Indexer) -> None:
        self.document = document
        self.path = path
        """In the graph."""
        self._indexer = indexer
        self._cache = FactsCache()
        self._grammar = grammar_of(language_of_file(path))
        """The one that the file is indexed with when it is closed."""
        self._told: Text | None = None
        self._content = b""
        self._telling = asyncio.Lock()

    async def catch_up(self) -> bool:
        """Parse, and read what has changed. False if the facts of the newest text are not to be had this way.

        May be cancelled and called again at any time, also while it runs.
        """
        clock, cache = asyncio.get_running_loop().time, self._cache
        while True:
            await catch_up(self.document.syntax)
            started, snapshot = clock(), self.document.syntax.snapshot()
            if not snapshot.current or self._grammar is None or snapshot.grammar is not self._grammar:
                return False
            if _is_misread(snapshot):
                return False
            if cache.text is not snapshot.text:
                cache.take(snapshot)
            elif cache.stuck or cache.current:
                return not cache.stuck
            else:
                cache.advance(clock, SLICE_SECONDS)
            if cache.text is None:
                return False
            await asyncio.sleep(clock() - started)

    async def tell(self) -> bool:
        """Let the graph know the newest text's facts. False if they are not to be had this way."""
        async with self._telling:
            if self._told is self.document.text:
                return True
            clock = asyncio.get_running_loop().time
            while await self.catch_up():
                started = clock()
                if self._cache.place(clock, SLICE_SECONDS):
                    break
                await asyncio.sleep(clock() - started)
            else:
                self._told = None
                return False
            text, content = self._cache.text, await _encoded(self._cache.facts())
            # What says the same is not told again: everything that was found out about it would be lost.
            if self.document.open and (self._told is None or content != self._content):
                self._indexer.facts_known(self.path, content)
            self._told, self._content = text, content
            return True


def _is_misread(snapshot: SyntaxSnapshot) -> bool:
    """Whether the tree lacks what the index's process, which may rewrite what the grammar cannot read, finds."""
    tree, grammar = snapshot.tree, snapshot.grammar
    if tree is None or grammar is None or not tree.root_node.has_error:
        return False
    return has_gaps(grammar.name, snapshot.text.lines)


async def _encoded(facts: FileFacts) -> bytes:
    clock = asyncio.get_running_loop().time
    await asyncio.sleep(0)
    started, content = clock(), b""
    for step in encode_in_steps(facts):
        content = step or content
        if clock() - started > SLICE_SECONDS:
            await asyncio.sleep(SLICE_SECONDS)
            started = clock()
    await asyncio.sleep(0)
    return content
