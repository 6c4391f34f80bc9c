"""The client as features see it: applies batches, shows progress, is told of changes."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from spark_lsp.server import wire
from spark_lsp.server.client import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from pygls.lsp.server import LanguageServer

    from spark_lsp.core.edits import Edits
    from spark_lsp.core.text import Range, Text
    from spark_lsp.features.editor import Batch

logger = logging.getLogger(__name__)

work_done_token: ContextVar[str | int | None] = ContextVar("work_done_token", default=None)
"""The token that the client sent along with the request at hand, if it did."""

_CONFIRM = "spark.confirm"
CONFIGURATION_SECONDS = 2.0
"""How long an edit that is asked for at once waits for the client's settings."""


class LspEditor:
    """Speaks to the one client of a server."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self.client = Client()
        """What the client can do, once it has said so."""
        self.has_configuration = asyncio.Event()
        self.text_of: Callable[[str], Text | None] = lambda _: None
        """The text of an open document."""
        self._cancels: dict[str | int, Callable[[], None]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def can_confirm(self) -> bool:
        return self.client.annotations

    async def configured(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(CONFIGURATION_SECONDS):
                await self.has_configuration.wait()

    def misread(self, edits: Edits, made_for: Text, text: Text) -> Edits:
        encoding = self.client.encoding
        return tuple(
            wire.to_edit(text, types.TextDocumentContentChangePartial(edit.range, edit.new_text), encoding)
            for edit in wire.from_edits(made_for, edits, encoding)
        )

    async def apply(self, batch: Batch) -> bool:
        client = self.client
        edit = self._workspace_edit(batch)
        try:
            if client.spark_apply_edit and not batch.confirm:
                answer = await self._server.protocol.send_request_async(
                    "spark/applyEdit",
                    {
                        "edit": edit,
                        "label": batch.label,
                        "undoStopBefore": batch.first,
                        "undoStopAfter": batch.last,
                    },
                )
                return _member(answer, "applied") is True
            label = None if client.prints_labels else batch.label
            result = await self._server.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label))
        except JsonRpcException:
            return False
        return result.applied

    def _workspace_edit(self, batch: Batch) -> types.WorkspaceEdit:
        client = self.client
        edits = wire.from_edits(batch.text, batch.edits, client.encoding)
        if not client.versioned_edits:
            return types.WorkspaceEdit(changes={batch.uri: edits})
        identifier = types.OptionalVersionedTextDocumentIdentifier(batch.uri, batch.version)
        if not batch.confirm:
            return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(identifier, edits)])
        annotated = [types.AnnotatedTextEdit(_CONFIRM, edit.range, edit.new_text) for edit in edits]
        return types.WorkspaceEdit(
            document_changes=[types.TextDocumentEdit(identifier, annotated)],
            change_annotations={_CONFIRM: types.ChangeAnnotation(batch.label, needs_confirmation=True)},
        )

    def begin_progress(self, title: str, cancel: Callable[[], None]) -> LspProgress:
        progress = LspProgress(self._server, title)
        token = work_done_token.get()
        if token is not None:
            progress.begin(token)
        elif self.client.progress:
            token = str(uuid4())
            self.in_background(progress.create(token))
        else:
            return progress
        self._cancels[token] = cancel
        progress.on_end = lambda: self._cancels.pop(token, None)
        return progress

    def cancel_progress(self, token: str | int) -> None:
        """The user pressed the cancel button of a progress."""
        if cancel := self._cancels.get(token):
            cancel()

    @property
    def can_show(self) -> bool:
        return self.client.shows_documents

    def show(self, uri: str, place: Range, text: Text | None = None) -> None:
        if self.can_show:
            self.in_background(self._show(uri, place, text))

    async def _show(self, uri: str, place: Range, file: Text | None) -> None:
        text = self.text_of(uri) or file
        if text is None:
            return
        span = wire.from_range(text, place, self.client.encoding)
        params = types.ShowDocumentParams(uri, take_focus=True, selection=span)
        try:
            await self._server.window_show_document_async(params)
        except JsonRpcException:
            logger.debug("The client did not show a document.")

    def hunks_changed(self) -> None:
        if self.client.lens_refresh:
            self.in_background(self._refresh_lenses())

    async def _refresh_lenses(self) -> None:
        try:
            await self._server.workspace_code_lens_refresh_async(None)
        except JsonRpcException:
            logger.debug("The client did not refresh its code lenses.")

    def in_background(self, work: Coroutine[Any, Any, Any]) -> None:
        """Start something that nobody waits for."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()):
            logger.warning("Work in the background failed: %s", type(failure).__name__)


class LspProgress:
    """A work-done progress. It begins once the client has made it, and not at all if the work ends before."""

    def __init__(self, server: LanguageServer, title: str) -> None:
        self._server = server
        self._title = title
        self._token: str | int | None = None
        self._ended = False
        self.on_end: Callable[[], object] = lambda: None

    async def create(self, token: str) -> None:
        try:
            await self._server.window_work_done_progress_create_async(types.WorkDoneProgressCreateParams(token))
        except JsonRpcException:
            return
        if not self._ended:
            self.begin(token)

    def begin(self, token: str | int) -> None:
        self._token = token
        self._send(types.WorkDoneProgressBegin(self._title, cancellable=True))

    def end(self, message: str) -> None:
        self._send(types.WorkDoneProgressEnd(message=message or None))
        self._ended = True
        self._token = None
        self.on_end()

    def _send(self, value: types.WorkDoneProgressBegin | types.WorkDoneProgressEnd) -> None:
        if self._token is not None:
            self._server.progress(types.ProgressParams(self._token, value))


def _member(value: Any, name: str) -> Any:
    """A member of an answer to a request of our own, which pygls gives as an object or as a dictionary."""
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)
