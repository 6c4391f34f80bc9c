"""Hints at packages that an edit imports and that no manifest declares, and the edits that declare them.

Only what an edit brought in is looked at: what was there before is the user's business. From then on the document is
followed until it is closed. A hint goes when its import does, by undo or otherwise, or when the package is declared,
in an open manifest or one on the disk. In doubt there is none: where no manifest is for the language, where one cannot
be read, and for what goes by the name of something in the workspace.
"""

from __future__ import annotations

import asyncio
import logging
import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from spark_lsp.core.text import Position, Range, line_content
from spark_lsp.features.imported_packages import (
    ecosystem_of,
    is_declared,
    may_import,
    name_to_declare,
    needed_packages,
)
from spark_lsp.features.paths import file_path, workspace_root
from spark_lsp.repo.package_insertion import add_package
from spark_lsp.repo.package_lookup import PackageLookup, folders_above, is_of_workspace, stamp_of
from spark_lsp.repo.package_manifests import ecosystem_of_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from spark_lsp.core.edits import Edits
    from spark_lsp.core.text import Text
    from spark_lsp.features.imported_packages import Needed
    from spark_lsp.repo.package_lookup import ManifestFile
    from spark_lsp.repo.package_manifests import Ecosystem
    from spark_lsp.session import Document, Session

logger = logging.getLogger(__name__)

SECONDS_AFTER_A_KEY: Final = 0.3
"""How long nothing must have changed before a document is looked at again."""
SECONDS_BETWEEN_LOOKS: Final = 3.0
"""While hints are shown, manifests on the disk are looked at so often: not every client tells of files."""


@dataclass(frozen=True, slots=True)
class Fix:
    """What declares a package: insertions into one manifest."""

    title: str
    uri: str
    version: int | None
    """Of the open document; None for what is on the disk."""
    text: Text
    edits: Edits


@dataclass(frozen=True, slots=True)
class Hint:
    """An import of a package that is not declared."""

    package: str
    range: Range
    message: str
    needed: Needed


@dataclass(frozen=True, slots=True)
class _Finding:
    """What one look at a document found, and the manifests that it was found with."""

    hints: tuple[Hint, ...] = ()
    manifests: tuple[ManifestFile, ...] = ()


@dataclass(slots=True)
class _Followed:
    """A document into which an edit brought imports."""

    document: Document
    ecosystem: Ecosystem
    befores: list[Text]
    """Texts from before edits that are still to be looked at."""
    watched: set[str] = field(default_factory=set)
    """Packages that edits brought in."""
    finding: _Finding = field(default_factory=_Finding)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


class UndeclaredPackages:
    """Follows the documents of a session. Publishes the hints of a document whenever they change."""

    def __init__(self, session: Session, publish: Callable[[Document, Sequence[Hint]], None]) -> None:
        self._session = session
        self._publish = publish
        self._lookup = PackageLookup()
        self._followed: dict[str, _Followed] = {}

    def edited(self, uri: str, before: Text) -> None:
        """An edit has been applied to a document that was this text before."""
        document = self._session.documents.get(uri)
        ecosystem = None if document is None else ecosystem_of(document.language_id)
        if document is None or ecosystem is None or not uri.startswith("file:"):
            return
        if not may_import(ecosystem, before, document.text):
            return
        followed = self._followed.get(uri)
        if followed is None:
            followed = self._followed[uri] = _Followed(document, ecosystem, [])
            followed.task = asyncio.get_running_loop().create_task(self._follow(followed))
        followed.befores.append(before)
        followed.woken.set()

    def changed(self, uri: str) -> None:
        """A document was opened or changed, or a manifest closed."""
        if uri in self._followed:
            self._followed[uri].woken.set()
        elif self._followed and ecosystem_of_manifest(file_path(uri)) is not None:
            for followed in self._followed.values():
                followed.woken.set()

    def closed(self, uri: str) -> None:
        """A document was closed, or is about to be opened anew."""
        followed = self._followed.pop(uri, None)
        if followed is None:
            self.changed(uri)
            return
        if followed.task is not None:
            followed.task.cancel()
        if followed.finding.hints:
            self._publish(followed.document, ())

    def stop(self) -> None:
        """The connection is over: follow nothing any more, and tell nobody."""
        for followed in self._followed.values():
            if followed.task is not None:
                followed.task.cancel()
        self._followed.clear()

    def fixes(self, uri: str, selected: Range) -> list[tuple[Hint, Fix]]:
        """What declares the packages of the hints in a selection, each in the nearest manifest that takes it."""
        followed = self._followed.get(uri)
        if followed is None:
            return []
        found = []
        for hint in followed.finding.hints:
            if hint.range.start.line <= selected.end.line and selected.start.line <= hint.range.end.line:
                fix = self._fix(followed, hint)
                if fix is not None:
                    found.append((hint, fix))
        return found

    def _fix(self, followed: _Followed, hint: Hint) -> Fix | None:
        name = name_to_declare(followed.ecosystem, hint.needed)
        if name is None:
            return None
        opened = self._opened()
        for manifest in followed.finding.manifests:
            document = opened.get(manifest.path)
            text = manifest.text if document is None else document.text
            if document is None and (manifest.stamp is None or stamp_of(manifest.path) != manifest.stamp):
                followed.woken.set()  # it is another one by now: the next look sees it
                continue
            if edits := add_package(manifest.path, text, name):
                title = f"Add {name} to {posixpath.basename(manifest.path)}"
                if document is not None:
                    return Fix(title, document.uri, document.version, text, edits)
                return Fix(title, _uri_above(followed.document.uri, manifest.path), None, text, edits)
        return None

    def _opened(self) -> dict[str, Document]:
        """The open manifests by their paths."""
        documents = ((file_path(uri), document) for uri, document in self._session.documents.items())
        return {path: document for path, document in documents if ecosystem_of_manifest(path) is not None}

    async def _follow(self, followed: _Followed) -> None:
        try:
            while True:
                followed.woken.clear()
                await self._look(followed)
                timeout = SECONDS_BETWEEN_LOOKS if followed.finding.hints else None
                try:
                    async with asyncio.timeout(timeout):
                        await followed.woken.wait()
                    if not followed.befores:
                        await asyncio.sleep(SECONDS_AFTER_A_KEY)
                except TimeoutError:
                    continue
        except Exception as mistake:  # noqa: BLE001 (hints are automatic work: silent when it fails, but for the log)
            logger.warning("Looking for undeclared packages failed: %s", type(mistake).__name__)

    async def _look(self, followed: _Followed) -> None:
        document = followed.document
        befores, followed.befores = followed.befores, []
        text, opened = document.text, {path: other.text for path, other in self._opened().items()}
        root = workspace_root(self._session, file_path(document.uri))
        watched = frozenset(followed.watched)
        watched, finding = await asyncio.to_thread(
            _find, self._lookup, document, followed.ecosystem, text, befores, watched, root, opened
        )
        followed.watched |= watched
        if document.text is not text:
            followed.woken.set()  # the lines may be others by now
        if finding.hints != followed.finding.hints and self._followed.get(document.uri) is followed:
            self._publish(document, finding.hints)
        followed.finding = finding


def _find(
    lookup: PackageLookup,
    document: Document,
    ecosystem: Ecosystem,
    text: Text,
    befores: Sequence[Text],
    watched: frozenset[str],
    root: str | None,
    opened: Mapping[str, Text],
) -> tuple[frozenset[str], _Finding]:
    """What edits brought in by now, and which of it nothing declares. In a thread."""
    needed = needed_packages(document.language_id, text)
    for before in befores:
        there = {one.package for one in needed_packages(document.language_id, before)}
        watched |= {one.package for one in needed} - there
    candidates = [one for one in needed if one.package in watched]
    if not candidates:
        return watched, _Finding()
    path = file_path(document.uri)
    manifests = lookup.manifests(path, root, ecosystem, opened)
    declared = [manifest.declared for manifest in manifests]
    if not declared or None in declared:
        return watched, _Finding()
    hints = tuple(
        _hint(one, text, ecosystem, manifests)
        for one in candidates
        if not any(is_declared(ecosystem, one, manifest) for manifest in declared if manifest is not None)
        and not is_of_workspace(one.module, path, root, ecosystem)
    )
    return watched, _Finding(hints, tuple(manifests))


def _hint(needed: Needed, text: Text, ecosystem: Ecosystem, manifests: Sequence[ManifestFile]) -> Hint:
    content = line_content(text.lines[needed.line])
    start = len(content) - len(content.lstrip())
    names = sorted({posixpath.basename(manifest.path) for manifest in manifests})
    where = f"{names[0]} does not declare it" if len(names) == 1 else f"none of {', '.join(names)} declares it"
    package = name_to_declare(ecosystem, needed) or needed.package
    span = Range(Position(needed.line, start), Position(needed.line, len(content.rstrip())))
    return Hint(needed.package, span, f"This edit needs {package}, and {where}.", needed)


def _uri_above(uri: str, path: str) -> str:
    """The URI of a file in a folder above that of a document, or in one right below such a folder."""
    document = file_path(uri)
    folder = next(folder for folder in folders_above(document, "") if path.startswith(f"{folder}/"))
    levels = document[len(folder) + 1 :].count("/") + 1
    return f"{uri.rsplit('/', levels)[0]}/{quote(path[len(folder) + 1 :])}"
