"""The messages that the server answers, each in a few lines."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types

from spark_lsp.core.diagnostics import Diagnostic
from spark_lsp.core.text import Range
from spark_lsp.features import actions, lenses, review
from spark_lsp.features.conveyor import EditorFailure
from spark_lsp.features.edit import run_edit
from spark_lsp.server import contract, hints, next_edits, suggestions, wire
from spark_lsp.server.editor import work_done_token
from spark_lsp.server.next_edits import register_next_edits
from spark_lsp.server.server import SparkServer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from spark_lsp.core.text import Text
    from spark_lsp.features.edit_result import EditResult

T = TypeVar("T")

logger = logging.getLogger(__name__)


def make_server(**options: Any) -> SparkServer:
    """A server with all its handlers, ready to be started; the options are those of `SparkServer`."""
    server = SparkServer(**options)
    _register_lifecycle(server)
    _register_features(server)
    _register_commands(server)
    _register_notifications(server)
    register_next_edits(server)
    return server


def _register_lifecycle(server: SparkServer) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.initialize(params)
        _register_suggestions(server)

    @server.feature(types.INITIALIZED)
    def initialized(_: types.InitializedParams) -> None:
        server.client_is_ready()
        if server.client.configuration_registration:
            registration = types.Registration("spark-configuration", types.WORKSPACE_DID_CHANGE_CONFIGURATION)
            server.editor.in_background(
                server.client_register_capability_async(types.RegistrationParams([registration]))
            )
        server.editor.in_background(server.get_ready())

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def did_change_configuration(params: types.DidChangeConfigurationParams) -> None:
        if server.client.configuration:
            server.editor.in_background(server.get_ready())
        elif isinstance(params.settings, dict):
            server.push_configuration(params.settings.get("spark"))
            server.indexing.settle()
            server.editor.in_background(server.connect())

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def did_change_workspace_folders(_: types.DidChangeWorkspaceFoldersParams) -> None:
        server.set_folders(list(server.workspace.folders))
        server.read_settings()
        server.indexing.settle()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_watched_files(params: types.DidChangeWatchedFilesParams) -> None:
        server.indexing.files_changed(params.changes)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        server.indexing.saved(params.text_document.uri)

    @server.feature(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def cancel_progress(params: types.WorkDoneProgressCancelParams) -> None:
        server.editor.cancel_progress(params.token)

    @server.feature(types.SHUTDOWN)
    async def shutdown(_: None) -> None:
        await server.wind_up()


def _register_features(server: SparkServer) -> None:
    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions([types.CodeActionKind.QuickFix, actions.REWRITE_KIND]),
    )
    def code_action(params: types.CodeActionParams) -> list[types.CodeAction | types.Command]:
        uri, encoding = params.text_document.uri, server.client.encoding
        document = server.session.documents.get(uri)
        if document is None:
            return []
        text, wanted = document.text, params.context.only
        selected = wire.to_range(text, params.range, encoding)
        told = [one for one in params.context.diagnostics if not hints.is_ours(one)]
        diagnostics = [
            Diagnostic(wire.to_range(text, one.range, encoding), one.message, one.source or "") for one in told
        ]
        document.diagnostics = document.diagnostics.told(selected, diagnostics)
        found = actions.code_actions(server.session, uri, selected, diagnostics)
        fixes = hints.fix_actions(server, params, text) if _is_wanted("quickfix", wanted) else []
        following = next_edits.action(server, uri, selected.start)
        return [
            *fixes,
            *(following if _is_wanted(next_edits.ACTION_KIND, wanted) else []),
            *(
                _code_action(server, uri, wire.from_range(text, action.range, encoding), action, told)
                for action in found
                if _is_wanted(action.kind, wanted)
            ),
        ]

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions())
    def code_lens(params: types.CodeLensParams) -> list[types.CodeLens]:
        uri = params.text_document.uri
        document = server.session.documents.get(uri)
        if document is None:
            return []
        return next_edits.lens(server, uri) + [
            types.CodeLens(
                wire.from_range(document.text, Range(lens.position, lens.position), server.client.encoding),
                types.Command(lens.title, lens.command, arguments=[_lens_argument(lens)]),
            )
            for lens in lenses.code_lenses(server.session, uri)
        ]


def _register_suggestions(server: SparkServer) -> None:
    """Suggestions at the cursor, in the one way that the client can show them."""
    if server.client.inline_completion:

        @server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
        def inline_completion(
            params: types.InlineCompletionParams,
        ) -> types.InlineCompletionList | Awaitable[types.InlineCompletionList]:
            automatic = params.context.trigger_kind is not types.InlineCompletionTriggerKind.Invoked
            return suggestions.inline_completion(server, params, automatic=automatic)

    else:

        @server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions())
        def completion(
            params: types.CompletionParams,
        ) -> types.CompletionList | Awaitable[types.CompletionList | None] | None:
            return suggestions.completion(server, params)


def _code_action(
    server: SparkServer, uri: str, span: types.Range, action: actions.Action, told: Sequence[types.Diagnostic]
) -> types.CodeAction | types.Command:
    argument = {
        "textDocument": {"uri": uri},
        "range": {
            "start": {"line": span.start.line, "character": span.start.character},
            "end": {"line": span.end.line, "character": span.end.character},
        },
        "instruction": action.instruction,
    }
    command = types.Command(action.title, "spark.edit", arguments=[argument])
    if not server.client.literal_actions:
        return command
    fixed = None if action.diagnostic is None else [told[action.diagnostic]]
    tags = [types.CodeActionTag.LlmGenerated] if server.client.action_tags else None
    return types.CodeAction(action.title, action.kind, diagnostics=fixed, command=command, tags=tags)


def _is_wanted(kind: str, wanted: Sequence[types.CodeActionKind | str] | None) -> bool:
    return not wanted or any(f"{kind}.".startswith(f"{_value(one)}.") for one in wanted)


def _value(kind: types.CodeActionKind | str) -> str:
    return kind.value if isinstance(kind, types.CodeActionKind) else kind


def _lens_argument(lens: lenses.Lens) -> dict[str, Any]:
    hunk = {} if lens.hunk is None else {"hunk": lens.hunk}
    return {"editId": lens.edit_id, **hunk}


def _register_notifications(server: SparkServer) -> None:
    @server.feature("spark/didShow")
    def did_show(params: Any) -> None:
        item_id = contract.item_id(contract.members(params))
        server.inline.seen(item_id)
        server.next_edits.seen(item_id)

    @server.feature("spark/didReject")
    def did_reject(params: Any) -> None:
        item_id = contract.item_id(contract.members(params))
        server.inline.refused(item_id)
        server.next_edits.refused(item_id)


def _register_commands(server: SparkServer) -> None:
    services = server.services

    # A command is a plain function: it does at once what depends on the state as it is, and returns the rest.

    @server.command("spark.edit")
    def edit(params: types.ExecuteCommandParams) -> Awaitable[dict[str, Any]]:
        given = contract.argument(params)
        document = server.session.documents.get(contract.document_uri(given))
        request = contract.edit_request(given, document.text if document else None, server.client.encoding)
        work_done_token.set(params.work_done_token)
        return _edit_result(server, request.uri, document.text if document else None, run_edit(services, request))

    @server.command("spark.cancel")
    def cancel(params: types.ExecuteCommandParams) -> Awaitable[None]:
        review.cancel(services, contract.optional(contract.argument(params), "editId", str))
        return _done(None)

    @server.command("spark.keep")
    def keep(params: types.ExecuteCommandParams) -> Awaitable[None]:
        given = contract.argument(params)
        review.keep(services, contract.edit_id(given), contract.optional(given, "hunk", int))
        return _done(None)

    @server.command("spark.revert")
    def revert(params: types.ExecuteCommandParams) -> Awaitable[None]:
        given = contract.argument(params)
        hunk = contract.optional(given, "hunk", int)
        return _reverted(server, review.revert(services, contract.edit_id(given), hunk))

    @server.command("spark.accepted")
    def accepted(params: types.ExecuteCommandParams) -> Awaitable[None]:
        given = contract.argument(params)
        item_id = contract.item_id(given)
        server.inline.accepted(item_id, contract.optional(given, "length", int))
        server.next_edits.accepted(item_id)
        return _done(None)

    @server.command("spark.nextEdit")
    def next_edit(params: types.ExecuteCommandParams) -> Awaitable[dict[str, Any] | None]:
        return next_edits.next_edit(server, params)

    @server.command("spark.status")
    def status(params: types.ExecuteCommandParams) -> Awaitable[dict[str, Any]]:
        contract.argument(params)
        return server.settled_status()

    @server.command("spark.endpoint")
    def endpoint(params: types.ExecuteCommandParams) -> Awaitable[dict[str, Any]]:
        return server.switch_endpoint(*contract.endpoint_switch(contract.argument(params)))

    @server.command("spark.endpoints")
    def endpoints(params: types.ExecuteCommandParams) -> Awaitable[list[dict[str, Any]]]:
        contract.argument(params)
        return server.offered_endpoints()


async def _done(result: T) -> T:
    return result


async def _edit_result(
    server: SparkServer, uri: str, before: Text | None, edit: Awaitable[EditResult]
) -> dict[str, Any]:
    result = await edit
    if before is not None and result.hunks and server.client.diagnostics:
        server.packages.edited(uri, before)
    document = server.session.documents.get(uri)
    return contract.from_edit_result(result, document.text if document else None, server.client.encoding)


async def _reverted(server: SparkServer, revert: Awaitable[None]) -> None:
    try:
        await revert
    except (EditorFailure, TimeoutError) as failure:
        message = str(failure) or "The editor did not answer when asked to revert: try again."
        server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, message))
