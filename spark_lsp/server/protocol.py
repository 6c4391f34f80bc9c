"""pygls' protocol with what it does not do well enough done otherwise.

- Documents are ours: pygls' split lines where no editor does and cost milliseconds a key in long files.
- A command, or a request for a suggestion, begins before the next message is looked at, and a cancelled one is really
  cancelled: pygls begins it some time later, and on a cancel answers the client and lets a command run on.
- Every request is answered, also one that cannot be read; no answer carries a traceback, no log the user's code.
"""

from __future__ import annotations

import asyncio
from functools import cache
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Protocol

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams
from pygls.protocol import LanguageServerProtocol, default_converter
from pygls.protocol.language_server import lsp_method

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from cattrs import Converter

    from spark_lsp.server.garbage import Garbage


@cache
def converter() -> Converter:
    """The one converter: making it takes a while, and it keeps nothing of a connection."""
    made: Converter = default_converter()  # type: ignore[no-untyped-call]
    as_it_is = made.get_structure_hook(types.TextDocumentClientCapabilities)

    def capabilities(given: dict[str, Any], kind: type[types.TextDocumentClientCapabilities]) -> Any:
        # lsp-mode says null for ghost text without options, where the specification has an empty object.
        if given.get("inlineCompletion", ...) is None:
            given = {**given, "inlineCompletion": {}}
        return as_it_is(given, kind)

    made.register_structure_hook(types.TextDocumentClientCapabilities, capabilities)
    return made


COPILOT_INLINE_EDIT = "textDocument/copilotInlineEdit"
"""Not of LSP: what editors' plug-ins for next edits ask."""

_BEGUN_AT_ONCE = (types.TEXT_DOCUMENT_INLINE_COMPLETION, types.TEXT_DOCUMENT_COMPLETION, COPILOT_INLINE_EDIT)
"""Requests whose handlers do at once what depends on the state as it is. They give the answer, or an awaitable."""


class Host(Protocol):
    """The server whose protocol this is: it keeps the documents, and the process going."""

    garbage: Garbage

    def did_open(self, uri: str, language_id: str, version: int, text: str) -> None: ...

    def did_change(self, uri: str, version: int, changes: Sequence[types.TextDocumentContentChangeEvent]) -> None: ...

    def did_close(self, uri: str) -> None: ...

    def stop(self) -> None: ...


class SparkProtocol(LanguageServerProtocol):
    """The connection of one client."""

    _begun = False
    """The client has sent `initialize`."""

    _server: Host  # type: ignore[assignment]

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        document = params.text_document
        self._server.did_open(document.uri, document.language_id, document.version, document.text)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        self._server.did_change(params.text_document.uri, params.text_document.version, params.content_changes)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        self._server.did_close(params.text_document.uri)

    @property
    def was_shut_down(self) -> bool:
        """The client has said goodbye as it should."""
        return self._shutdown

    async def settle(self, seconds: float) -> None:
        """Wait for the requests that are being worked on, so long at most."""
        futures: list[object] = list(self._request_futures.values())  # asyncio's, and others for our own requests
        tasks = {future for future in futures if isinstance(future, asyncio.Task)} - {asyncio.current_task()}
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: object) -> None:  # type: ignore[override]
        """End the connection; pygls would end the process from within a callback."""
        self._server.stop()

    def handle_message(self, message: Any) -> None:
        """Answer what comes too early or too late with the errors that the specification has for it."""
        self._server.garbage.heard()
        method, is_request = getattr(message, "method", None), hasattr(message, "id")
        if method is None or method == types.EXIT:
            super().handle_message(message)
        elif self._shutdown:
            if is_request:
                error = types.ResponseError(types.ErrorCodes.InvalidRequest, "The server is shutting down.")
                self._send_response(message.id, error=error)
        elif not self._begun and method != types.INITIALIZE:
            if is_request:
                error = types.ResponseError(types.ErrorCodes.ServerNotInitialized, "Send initialize first.")
                self._send_response(message.id, error=error)
        else:
            self._begun = True
            super().handle_message(message)

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    def lsp_workspace__execute_command(self, params: types.ExecuteCommandParams) -> Awaitable[Any]:  # type: ignore[override]
        """Begin a command, now and in order with all other messages; what it returns does the rest."""
        handler = self.fm.commands.get(params.command)
        if handler is None:
            raise JsonRpcInvalidParams(f"There is no command {params.command!r}.")
        begun: Awaitable[Any] = handler(params)
        return begun

    def _execute_handler(
        self,
        msg_id: str | int,
        handler: Callable[..., Any],
        callback: Callable[[Any], None],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        if handler == self.lsp_workspace__execute_command or handler in map(self.fm.features.get, _BEGUN_AT_ONCE):
            rest, args = handler(*(args or ())), ()
            if not isawaitable(rest):
                self._send_response(msg_id, rest)
                return

            async def handler() -> Any:
                return await rest

        super()._execute_handler(msg_id, handler, callback, args, kwargs)

    def _handle_cancel_notification(self, msg_id: str | int) -> None:
        # A task that is cancelled before its first step runs no step at all, and could not wind anything up.
        if msg_id in self._request_futures:
            asyncio.get_running_loop().call_soon(super()._handle_cancel_notification, msg_id)

    def structure_message(self, data: dict[str, Any]) -> Any:
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], error=error.to_response_error())
            elif (future := self._request_futures.pop(data.get("id", ""), None)) and not future.done():
                future.set_exception(error)
            raise

    def _send_response(
        self, msg_id: str | int, result: Any | None = None, error: types.ResponseError | None = None
    ) -> None:
        if error is not None:
            error = types.ResponseError(error.code, error.message)
        super()._send_response(msg_id, result, error)
