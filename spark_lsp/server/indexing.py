"""The index of the workspace in the life of a server: when it starts, what it hears of, and what the user sees of it.

One index a workspace folder. Files that change are told by the client where it can watch them; elsewhere the server
looks for itself now and then. Facts of open documents are read here, as far as they can be read between the keystrokes
(`OpenFacts`), and by the index's process else; the graph hears of them some time after the last one.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lsprotocol import types
from pygls.uris import to_fs_path

from spark_lsp.features.repository import Repository
from spark_lsp.repo.manifests import is_manifest
from spark_lsp.repo.rules import IGNORE_FILES, NEVER_SOURCE
from spark_lsp.server.open_facts import OpenFacts
from spark_lsp.syntax.grammars import PLAIN_TEXT, language_of_file
from spark_lsp.syntax.tree import catch_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from spark_lsp.context.engine import ContextEngine
    from spark_lsp.repo.indexer import Progress
    from spark_lsp.server.server import SparkServer

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS: Final = 60.0
"""Where nobody watches files for us."""

SECONDS_AFTER_A_KEY: Final = 0.4
"""The graph hears of an open document's text when nothing was typed for so long, or when somebody is about to ask."""

SECONDS_BEFORE_PROGRESS: Final = 0.5
"""What is over sooner is not shown."""


class Folder:
    """The index of one workspace folder."""

    def __init__(self, server: SparkServer, root: Path) -> None:
        self.exclude = server.session.settings.privacy.exclude
        self.open_documents: dict[str, OpenFacts] = {}
        """The folder's open documents and their facts, by their paths in the graph."""
        self.repository = Repository(
            root,
            self.exclude,
            server.environment,
            open_lines=self._open_lines,
            on_progress=self._take_progress,
            on_change=server.next_edits.files_changed,
        )
        self._server = server
        self._progress: types.ProgressToken | None = None
        self._showing: asyncio.Task[None] | None = None
        self._last: Progress | None = None

    def _open_lines(self, path: str) -> Sequence[str] | None:
        """The lines of a document that is open, should it be one that may be quoted elsewhere."""
        known = self.open_documents.get(path)
        return known.document.text.lines if known is not None and path in self.repository.graph.hashes else None

    def may_be_indexed(self, path: str) -> bool:
        """What is not indexed when it is closed is not when it is open."""
        return self.repository.rules.why_not_indexed(str(self.repository.graph.root / path)) is None

    async def aclose(self) -> None:
        self._end_progress("")
        await self.repository.indexer.aclose()

    def _take_progress(self, progress: Progress) -> None:
        self._last = progress
        if progress.finished:
            self.repository.engine.refresh()
            gc.freeze()  # the graph stays: looking through it again and again would hold up the loop for frames
            message = progress.stopped or f"{progress.total:,} files indexed"
            if progress.stopped:
                logger.warning("%s", progress.stopped)
            self._end_progress(message)
        elif self._showing is None and self._server.client.progress:
            self._showing = asyncio.get_running_loop().create_task(self._show())
        elif self._progress is not None:
            message, percentage = _figures(progress)
            self._report(types.WorkDoneProgressReport(message=message, percentage=percentage))

    async def _show(self) -> None:
        await asyncio.sleep(SECONDS_BEFORE_PROGRESS)
        token = f"spark-index-{id(self)}"
        await self._server.window_work_done_progress_create_async(types.WorkDoneProgressCreateParams(token))
        if self._last is not None:
            self._progress = token
            message, percentage = _figures(self._last)
            self._report(types.WorkDoneProgressBegin("Spark: indexing", message=message, percentage=percentage))

    def _end_progress(self, message: str) -> None:
        if self._showing is not None:
            self._showing.cancel()
            self._showing = None
        if self._progress is not None:
            self._report(types.WorkDoneProgressEnd(message=message or None))
            self._progress = None

    def _report(
        self, value: types.WorkDoneProgressBegin | types.WorkDoneProgressReport | types.WorkDoneProgressEnd
    ) -> None:
        if self._progress is not None:
            self._server.progress(types.ProgressParams(self._progress, value))


def _figures(progress: Progress) -> tuple[str, int]:
    """How far it is, in words and in percent."""
    return f"{progress.done:,} of {progress.total:,} files", 100 * progress.done // max(1, progress.total)


def _may_matter(folder: Folder, path: str) -> bool:
    """Whether a change of a file or a folder can change the index, by its path. Builds change thousands that cannot."""
    *around, name = path.split("/")
    if not NEVER_SOURCE.isdisjoint((*around, name)):
        return False
    if "." not in name or path in folder.repository.graph.hashes or name in IGNORE_FILES or is_manifest(path):
        return True
    return language_of_file(name) != PLAIN_TEXT


class Indexing:
    """The indexes of a server's workspace folders. Everything but `aclose` returns at once."""

    def __init__(self, server: SparkServer) -> None:
        self._server = server
        self.folders: dict[Path, Folder] = {}
        self._typed: dict[str, asyncio.TimerHandle] = {}
        self._looking: asyncio.Task[None] | None = None
        self._watched = False

    def folder_of(self, uri: str) -> tuple[Folder, str] | None:
        """The index that a document belongs to, and its path there."""
        try:
            path = to_fs_path(uri)
        except ValueError:  # not a URI at all
            return None
        if path is not None:
            for folder in self.folders.values():
                if inner := folder.repository.relative(path):
                    return folder, inner
        return None

    def settle(self) -> None:
        """Start and end indexes, so that there are those that the settings and the workspace want."""
        session = self._server.session
        wanted = [Path(path) for path in session.workspace_folders] if session.settings.context.repository else []
        for root, folder in tuple(self.folders.items()):
            if root not in wanted or folder.exclude != session.settings.privacy.exclude:
                del self.folders[root]
                self._server.editor.in_background(folder.aclose())
        for root in wanted:
            if root not in self.folders:
                folder = self.folders[root] = Folder(self._server, root)
                folder.repository.indexer.start()
        if self.folders and not self._watched:
            self._watched = True
            self._server.editor.in_background(self._watch())
        for uri in session.documents:
            self.text_changed(uri)

    def files_changed(self, events: Iterable[types.FileEvent]) -> None:
        """The client saw files appear, change or go."""
        by_folder: dict[int, tuple[Folder, list[str]]] = {}
        for event in events:
            if (found := self.folder_of(event.uri)) and _may_matter(*found):
                by_folder.setdefault(id(found[0]), (found[0], []))[1].append(found[1])
        for folder, paths in by_folder.values():
            for path in paths:
                folder.repository.sources.forget(path)
            folder.repository.engine.refresh()
            folder.repository.indexer.files_changed(paths)

    def text_changed(self, uri: str) -> None:
        """A document was opened or changed."""
        if handle := self._typed.pop(uri, None):
            handle.cancel()
        if self.folders:
            loop = asyncio.get_running_loop()
            self._typed[uri] = loop.call_later(SECONDS_AFTER_A_KEY, self._tell_soon, uri)

    async def read(self, uri: str) -> None:
        """Have what is read from an open document catch up with its text: the syntax tree, and its facts."""
        document = self._server.session.documents.get(uri)
        known = self._open_facts(uri)
        if known is not None:
            await known.catch_up()
        elif document is not None:
            await catch_up(document.syntax)

    async def settle_text(self, uri: str) -> None:
        """Let the graph know an open document's text as it is now, if that takes some milliseconds only."""
        if known := self._open_facts(uri):
            await known.tell()

    def closed(self, uri: str) -> None:
        """A document was closed."""
        if handle := self._typed.pop(uri, None):
            handle.cancel()
        if found := self.folder_of(uri):
            folder, inner = found
            folder.open_documents.pop(inner, None)
            folder.repository.engine.forget(inner)
            folder.repository.indexer.text_closed(inner)

    def saved(self, uri: str) -> None:
        """A document was saved: of that nobody else may tell."""
        if found := self.folder_of(uri):
            found[0].repository.sources.forget(found[1])
            found[0].repository.indexer.files_changed([found[1]])

    def context_of(self, uri: str) -> tuple[ContextEngine, str] | None:
        """What chooses the context for a document, and its path there."""
        found = self.folder_of(uri)
        return None if found is None else (found[0].repository.engine, found[1])

    async def aclose(self) -> None:
        """End everything, processes too."""
        for handle in self._typed.values():
            handle.cancel()
        if self._looking is not None:
            self._looking.cancel()
        await asyncio.gather(*(folder.aclose() for folder in self.folders.values()))
        self.folders.clear()

    def _open_facts(self, uri: str) -> OpenFacts | None:
        """An open document's facts; None for one that is in no folder, or is not for the index."""
        document, found = self._server.session.documents.get(uri), self.folder_of(uri)
        if document is None or found is None:
            return None
        folder, inner = found
        known = folder.open_documents.get(inner)
        if known is None or known.document is not document:
            known = folder.open_documents[inner] = OpenFacts(document, inner, folder.repository.indexer)
        return known if folder.may_be_indexed(inner) else None

    def _tell_soon(self, uri: str) -> None:
        self._typed.pop(uri, None)
        self._server.editor.in_background(self._tell(uri))

    async def _tell(self, uri: str) -> None:
        """Let the graph know an open document's text, however long that takes."""
        known = self._open_facts(uri)
        if known is not None and not await known.tell() and (found := self.folder_of(uri)) and known.document.open:
            found[0].repository.indexer.text_changed(found[1], "".join(known.document.text.lines))

    async def _watch(self) -> None:
        """Have the client tell of changes; without a client that can, look every now and then."""
        if self._server.client.watches_files:
            watcher = types.FileSystemWatcher("**/*")
            options = types.DidChangeWatchedFilesRegistrationOptions([watcher])
            registration = types.Registration("spark-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            await self._server.client_register_capability_async(types.RegistrationParams([registration]))
        else:
            self._looking = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
            for folder in self.folders.values():
                folder.repository.indexer.rescan()
