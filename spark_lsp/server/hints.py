"""Hints and their fixes as LSP has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lsprotocol import types

from spark_lsp.server import wire

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from spark_lsp.core.text import Text
    from spark_lsp.features.undeclared import Fix, Hint
    from spark_lsp.server.client import Client
    from spark_lsp.server.server import SparkServer
    from spark_lsp.session import Document

SOURCE: Final = "spark"
UNDECLARED: Final = "undeclared-package"


def publisher(server: SparkServer) -> Callable[[Document, Sequence[Hint]], None]:
    """What shows the hints of a document, in place of those before."""

    def publish(document: Document, hints: Sequence[Hint]) -> None:
        if document.open or not hints:
            diagnostics = [_diagnostic(document.text, hint, server.client) for hint in hints]
            version = document.version if document.open else None
            server.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(document.uri, diagnostics, version=version)
            )

    return publish


def fix_actions(server: SparkServer, params: types.CodeActionParams, text: Text) -> list[types.CodeAction]:
    """The actions that declare packages, for a client that takes actions with edits."""
    client, uri = server.client, params.text_document.uri
    if not client.literal_actions:
        return []
    selected = wire.to_range(text, params.range, client.encoding)
    return [
        types.CodeAction(
            fix.title,
            types.CodeActionKind.QuickFix,
            diagnostics=[_diagnostic(text, hint, client)],
            edit=_workspace_edit(fix, client),
            is_preferred=True,
        )
        for hint, fix in server.packages.fixes(uri, selected)
    ]


def is_ours(diagnostic: types.Diagnostic) -> bool:
    """True for a hint of ours, which has its own fix."""
    return diagnostic.source == SOURCE and diagnostic.code == UNDECLARED


def _diagnostic(text: Text, hint: Hint, client: Client) -> types.Diagnostic:
    return types.Diagnostic(
        wire.from_range(text, hint.range, client.encoding),
        hint.message,
        types.DiagnosticSeverity.Information,
        UNDECLARED,
        source=SOURCE,
    )


def _workspace_edit(fix: Fix, client: Client) -> types.WorkspaceEdit:
    edits = wire.from_edits(fix.text, fix.edits, client.encoding)
    if not client.versioned_edits:
        return types.WorkspaceEdit(changes={fix.uri: edits})
    identifier = types.OptionalVersionedTextDocumentIdentifier(fix.uri, fix.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(identifier, edits)])
