"""The repository's files in which what the user does may have to be done, too: found and read before anybody asks.

After a key the graph is asked, a few milliseconds at a time, and files are read beside the loop. Whoever asks for the
next edit is answered from what was found by then; the one file that comes next is read once more, so that nothing is
offered for what it does not hold any more.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from spark_lsp.core.text import Text
from spark_lsp.features.next_edit_spread import ChangedFile, edits_in, places_of, spreads, still_holds
from spark_lsp.features.paths import exclusion, file_path
from spark_lsp.prediction.prediction import MOST_LINES
from spark_lsp.repo.sources import is_binary, read_content

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spark_lsp.context.engine import ContextEngine
    from spark_lsp.core.edits import Edits
    from spark_lsp.features.next_edit_spread import Spread
    from spark_lsp.features.services import Services
    from spark_lsp.repo.renamed import Form
    from spark_lsp.session import Document

logger = logging.getLogger(__name__)

SECONDS_AFTER_A_KEY: Final = 0.25
"""Nobody goes on to another file while they type."""
MOST_FOUND: Final = 24
"""Places that are kept."""
MOST_SOURCES: Final = 4
"""Documents that were changed last, from which it is told what to do in others."""
MOST_IN_A_FILE: Final = 6
MOST_FILES: Final = 24
"""Files that are read at a time."""
LARGEST_FILE: Final = 400_000
"""Bytes: it is read while somebody waits."""
_SLICE_SECONDS: Final = 0.002

IsRefused: TypeAlias = "Callable[[str, Text, Edits], bool]"
"""Whether nobody wants these edits of a text, which has a URI."""


@dataclass(frozen=True, slots=True)
class FileText:
    """A file as it was read, or a document that is open."""

    content: bytes | None
    """None for a document."""
    text: Text


@dataclass(frozen=True, slots=True)
class FurtherEdit:
    """An edit of a document, or of a file that is not open."""

    uri: str
    text: Text
    """What it is for."""
    edits: Edits
    confidence: float


@dataclass(frozen=True, slots=True)
class _Found:
    spread: Spread
    source: Document
    """The document that the spread is told from."""
    engine: ContextEngine
    path: str
    """In the graph."""
    edit: FurtherEdit
    content: bytes | None
    """What the file held; None for a document that was open."""


def read_file(root: Path, path: str) -> FileText | None:
    """A file's text, if it is text, and small enough. May be called in a thread."""
    content = read_content(root, path, time.time_ns())
    if content is None or len(content.content) > LARGEST_FILE or is_binary(content.content):
        return None
    try:
        text = Text.of(content.content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return None
    return FileText(content.content, text) if len(text.lines) <= MOST_LINES else None


class FurtherFiles:
    """One for the life of a server. `told` is called when something was found where nothing was before."""

    def __init__(self, services: Services, told: Callable[[], None]) -> None:
        self._services = services
        self._told = told
        self._timer: asyncio.TimerHandle | None = None
        self._looking: asyncio.Task[None] | None = None
        self._found: list[_Found] = []
        self._done: dict[str, Text] = {}
        """Files that somebody has changed without having opened them for us, and what they held before."""

    # From the client

    def changed(self, uri: str) -> None:
        """A document was opened or changed."""
        if self._services.context_of(uri) is None:
            return
        self.stop()
        self._timer = asyncio.get_running_loop().call_later(SECONDS_AFTER_A_KEY, self._look_soon, uri)

    def accepted(self, uri: str, text: Text) -> None:
        """An edit of a file with this text was accepted. Until the disk has it, nobody knows what the editor has."""
        self._done[uri] = text

    def opened(self, uri: str) -> None:
        """The file is a document now: what it holds is told."""
        self._done.pop(uri, None)

    def stop(self) -> None:
        """Look no further."""
        if self._timer is not None:
            self._timer.cancel()
        if self._looking is not None:
            self._looking.cancel()

    # For who asks

    def next(self, document: Document, is_refused: IsRefused) -> FurtherEdit | None:
        """What comes next in another file than those that the document's user has open, or further down in those."""
        if not self._found:
            return None
        around = self._services.context_of(document.uri)
        open_documents = self._open_documents()
        for found in tuple(self._found):
            if around is None or found.engine is not around[0] or not self._is_meant(found):
                continue
            there = open_documents.get(found.path)
            edit = found.edit
            if there is not None:
                if there.text != edit.text:
                    continue
                edit = FurtherEdit(there.uri, there.text, edit.edits, edit.confidence)
            elif found.content is None or self._done.get(edit.uri) == edit.text:
                continue
            if not is_refused(edit.uri, edit.text, edit.edits) and (there or self._is_as_it_was(found, document)):
                return edit
        return None

    def fits(self, uri: str, text: Text) -> bool:
        """The file that is not open still has this text."""
        path = Path(file_path(uri))
        now = read_file(path.parent, path.name)
        return now is not None and now.text == text and self._done.get(uri) != text

    def _is_meant(self, found: _Found) -> bool:
        document = found.source
        return document.open and still_holds(found.spread, document.text, document.history.hunks)

    def _is_as_it_was(self, found: _Found, document: Document) -> bool:
        now = read_content(found.engine.graph.root, found.path, time.time_ns())
        if now is not None and now.content == found.content:
            return True
        self._found.remove(found)
        self.changed(document.uri)
        return False

    def _open_documents(self) -> dict[str, Document]:
        """All open documents by their paths in the graph."""
        documents = self._services.session.documents.values()
        places = ((self._services.context_of(one.uri), one) for one in documents)
        return {around[1]: one for around, one in places if around is not None}

    # The search

    def _look_soon(self, uri: str) -> None:
        async def look() -> None:
            try:
                await self.look(uri)
            except Exception as mistake:  # noqa: BLE001 (it is only a suggestion)
                # Of ours. What it says may hold the user's code; where it happened does not.
                logger.error("Looking through other files broke: %s", type(mistake).__name__)  # noqa: TRY400

        self._looking = asyncio.get_running_loop().create_task(look())

    async def look(self, uri: str) -> None:
        """Look now for what a document has to do with; `changed` does so when nothing is typed any more."""
        services = self._services
        around = services.context_of(uri)
        settings = services.session.settings.next_edit
        if around is None or around[0].graph.growing or not settings.enabled or not settings.offline:
            return
        engine, clock = around[0], asyncio.get_running_loop().time
        changed = [one for one in self._changed_documents(engine) if exclusion(services.session, one.uri) is None]
        for document in changed:
            await services.settle_text(document.uri)
        documents = self._open_documents()
        sources = {path: one for path, one in documents.items() if one in changed}
        files = [ChangedFile(path, one.text, one.history) for path, one in sources.items()]
        files = sorted(files, key=lambda file: -sources[file.path].turn)[:MOST_SOURCES]
        search = _Search(services, engine, uri, documents)
        turn = clock()
        found: list[_Found] = []
        for spread in spreads(engine.graph, files):
            for step in places_of(engine.graph, spread):
                if len(found) >= MOST_FOUND or search.files_read >= MOST_FILES:
                    break
                if step is not None:
                    found += await self._found_in(search, spread, sources[spread.source.path], *step)
                if clock() - turn > _SLICE_SECONDS:
                    await asyncio.sleep(0)
                    turn = clock()
        had_some, self._found = bool(self._found), found
        if found and not had_some:
            self._told()

    async def _found_in(
        self, search: _Search, spread: Spread, source: Document, path: str, lines: dict[int, set[Form]]
    ) -> list[_Found]:
        """The places in one file."""
        file = await search.text_of(path)
        if file is None:
            return []
        return [
            _Found(
                spread,
                source,
                search.engine,
                path,
                FurtherEdit(search.uri_of(path), file.text, edits, confidence),
                file.content,
            )
            for edits, confidence in islice(edits_in(spread, file.text, lines), MOST_IN_A_FILE)
        ]

    def _changed_documents(self, engine: ContextEngine) -> Iterator[Document]:
        for document in tuple(self._services.session.documents.values()):
            around = self._services.context_of(document.uri)
            if around is not None and around[0] is engine and document.history.hunks:
                yield document


class _Search:
    """One look through the files: what was read for it, and where files are."""

    def __init__(self, services: Services, engine: ContextEngine, uri: str, documents: dict[str, Document]) -> None:
        self._session = services.session
        self.engine = engine
        self._documents = documents
        self._texts: dict[str, FileText | None] = {}
        # As the client knows the folder, which need not be as the graph does.
        inner = next((path for path, one in documents.items() if one.uri == uri), None)
        path = file_path(uri)
        self._folder = (
            Path(path.removesuffix(inner)) if inner is not None and path.endswith(f"/{inner}") else engine.graph.root
        )

    @property
    def files_read(self) -> int:
        return len(self._texts)

    def uri_of(self, path: str) -> str:
        """A file's URI; a document's own where it is open."""
        document = self._documents.get(path)
        return document.uri if document is not None else (self._folder / path).as_uri()

    async def text_of(self, path: str) -> FileText | None:
        """The text of a file of the index that may be quoted; None for any other."""
        if path not in self.engine.graph.hashes or exclusion(self._session, self.uri_of(path)) is not None:
            return None
        if (document := self._documents.get(path)) is not None:
            return FileText(None, document.text)
        if path not in self._texts:
            self._texts[path] = await asyncio.to_thread(read_file, self.engine.graph.root, path)
        return self._texts[path]
