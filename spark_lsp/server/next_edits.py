"""Next edits as the messages that show them: those of plug-ins for next edits, and our own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spark_lsp.features.next_edit_delivery import apply_next_edit
from spark_lsp.server import contract
from spark_lsp.server.protocol import COPILOT_INLINE_EDIT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lsprotocol import types

    from spark_lsp.server.server import SparkServer


def register_next_edits(server: SparkServer) -> None:
    """Everything that is said about next edits, and what plug-ins for them say about suggestions."""

    @server.feature(COPILOT_INLINE_EDIT)
    def copilot_inline_edit(params: Any) -> dict[str, Any]:
        return inline_edits(server, contract.members(params))

    @server.feature("textDocument/didShowInlineEdit")
    def did_show_inline_edit(params: Any) -> None:
        if (shown := contract.item_of(contract.members(params))) is not None:
            server.next_edits.seen(shown)

    @server.feature("textDocument/didShowCompletion")
    def did_show_completion(params: Any) -> None:
        if (shown := contract.item_of(contract.members(params))) is not None:
            server.inline.seen(shown)

    @server.feature("textDocument/didPartiallyAcceptCompletion")
    def did_partially_accept(params: Any) -> None:
        given = contract.members(params)
        length = given.get("acceptedLength")
        if (shown := contract.item_of(given)) is not None and isinstance(length, int):
            server.inline.accepted(shown, length)

    @server.feature("textDocument/didFocus")
    def did_focus(params: Any) -> None:
        """Which document is looked at is told by what is asked for."""


def inline_edits(server: SparkServer, given: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a plug-in: one edit, or none."""
    uri = contract.document_uri(given)
    document = server.session.documents.get(uri)
    if document is None:
        return {"edits": []}
    server.shows_next_edits = True
    encoding = server.client.encoding
    shown = server.next_edits.suggest(uri, contract.position(given, document.text, encoding))
    there = server.session.documents.get(shown.next_edit.uri) if shown is not None else None
    if shown is None or there is None:
        return {"edits": []}
    return {"edits": [contract.from_shown_edit(shown, there.text, encoding)]}


async def next_edit(server: SparkServer, params: types.ExecuteCommandParams) -> dict[str, Any] | None:
    """The command `spark.nextEdit`."""
    given = contract.argument(params)
    uri, encoding = contract.document_uri(given), server.client.encoding
    document = server.session.documents.get(uri)
    at = contract.position(given, document.text if document else None, encoding)
    result = await apply_next_edit(server.services, server.next_edits, uri, at)
    if result is None:
        return None
    edit = server.session.edits.get(result.edit_id)
    return contract.from_edit_result(result, edit.document.text if edit else None, encoding)
