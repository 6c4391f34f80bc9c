"""Next edits as the messages that show them: those of plug-ins for next edits, and our own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lsprotocol import types

from spark_lsp.core.text import Position, Range
from spark_lsp.features.actions import REWRITE_KIND
from spark_lsp.features.next_edit_delivery import apply_next_edit
from spark_lsp.server import contract, wire
from spark_lsp.server.protocol import COPILOT_INLINE_EDIT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from spark_lsp.features.next_edit import ShownEdit
    from spark_lsp.server.server import SparkServer

ACTION_KIND: Final = f"{REWRITE_KIND}.next-edit"


def register_next_edits(server: SparkServer) -> None:
    """Everything that is said about next edits, and what plug-ins for them say about suggestions."""

    @server.feature(COPILOT_INLINE_EDIT)
    def copilot_inline_edit(params: Any) -> dict[str, Any] | Awaitable[dict[str, Any]]:
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


def inline_edits(server: SparkServer, given: Mapping[str, Any]) -> dict[str, Any] | Awaitable[dict[str, Any]]:
    """The answer to a plug-in: one edit, or none. At once, unless a model is to be asked."""
    uri = contract.document_uri(given)
    document = server.session.documents.get(uri)
    if document is None:
        return {"edits": []}
    server.shows_next_edits = True
    at = contract.position(given, document.text, server.client.encoding)
    shown = server.next_edits.suggest(uri, at)
    if shown is not None:
        return _answer(server, shown)

    async def later() -> dict[str, Any]:
        return _answer(server, await server.next_edits.ask(uri, at))

    return later()


def _answer(server: SparkServer, shown: ShownEdit | None) -> dict[str, Any]:
    there = server.session.documents.get(shown.next_edit.uri) if shown is not None else None
    if shown is None or there is None:
        return {"edits": []}
    return {"edits": [contract.from_shown_edit(shown, there.text, server.client.encoding)]}


def action(server: SparkServer, uri: str, at: Position) -> list[types.CodeAction | types.Command]:
    """The next edit as a code action, if there is one, unless a plug-in shows next edits."""
    command = None if server.shows_next_edits else _command(server, uri, at)
    if command is None:
        return []
    if not server.client.literal_actions:
        return [command]
    return [types.CodeAction(command.title, ACTION_KIND, command=command)]


def lens(server: SparkServer, uri: str) -> list[types.CodeLens]:
    """The same as a lens at what was changed last, unless a plug-in shows next edits."""
    document = server.session.documents.get(uri)
    if document is None or server.shows_next_edits or not document.history.hunks:
        return []
    at = document.text.clamp(Position(document.history.hunks[-1].line, 0))
    command = _command(server, uri, at)
    if command is None:
        return []
    return [types.CodeLens(wire.from_range(document.text, Range(at, at), server.client.encoding), command)]


def _command(server: SparkServer, uri: str, at: Position) -> types.Command | None:
    found, document = server.next_edits.find(uri, at), server.session.documents.get(uri)
    if found is None or document is None:
        return None
    place = f"line {found.edits[0].start.line + 1}"
    if found.uri != uri:
        place += f" of {found.uri.rsplit('/', 1)[-1]}"
    position = wire.from_position(document.text, at, server.client.encoding)
    argument = {
        "textDocument": {"uri": uri},
        "position": {"line": position.line, "character": position.character},
    }
    return types.Command(f"Spark: next edit: {place}", "spark.nextEdit", arguments=[argument])


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
