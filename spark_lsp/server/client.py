"""What the client can do, flat, so that nobody else digs in its capabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pygls.capabilities import ServerCapabilitiesBuilder

if TYPE_CHECKING:
    from lsprotocol import types


_REPLACING = ("Neovim", "Visual Studio Code", "VSCodium", "Code - OSS", "Cursor", "Windsurf", "spark-lsp")


@dataclass(frozen=True, slots=True)
class Client:
    """The client's abilities as far as the server uses them."""

    encoding: str = "utf-16"
    versioned_edits: bool = False
    """It takes versions of documents and refuses edits for older ones, more or less."""
    prints_labels: bool = False
    """It prints the label of every batch on one line, and waits for a key if that is too long."""
    annotations: bool = False
    """It shows edits that need confirmation."""
    progress: bool = False
    lens_refresh: bool = False
    literal_actions: bool = False
    action_tags: bool = False
    diagnostics: bool = False
    configuration: bool = False
    watches_files: bool = False
    configuration_registration: bool = False
    inline_completion: bool = False
    replaces_behind_cursor: bool = False
    """Of a suggestion whose range goes on behind the cursor, it replaces what stands there. Others skip over it."""
    shows_documents: bool = False
    spark_status: bool = False
    spark_apply_edit: bool = False

    @classmethod
    def of(cls, params: types.InitializeParams) -> Client:
        """Read what a client said in `initialize`."""
        capabilities = params.capabilities
        workspace = capabilities.workspace
        edit = workspace.workspace_edit if workspace else None
        annotations = edit.change_annotation_support is not None if edit else False
        changes = workspace.did_change_configuration if workspace else None
        files = workspace.did_change_watched_files if workspace else None
        actions = capabilities.text_document.code_action if capabilities.text_document else None
        window = capabilities.window
        spark = _spark(capabilities.experimental)
        # Neovim honours versions in documentChanges and does not say so.
        is_neovim = params.client_info is not None and params.client_info.name == "Neovim"
        name = params.client_info.name if params.client_info is not None else ""
        documents = bool(edit and edit.document_changes)
        return cls(
            encoding=str(ServerCapabilitiesBuilder.choose_position_encoding(capabilities)),
            versioned_edits=documents or is_neovim,
            prints_labels=is_neovim,
            annotations=annotations and documents,
            progress=bool(window and window.work_done_progress),
            lens_refresh=bool(workspace and workspace.code_lens and workspace.code_lens.refresh_support),
            literal_actions=bool(actions and actions.code_action_literal_support),
            action_tags=bool(actions and actions.tag_support),
            diagnostics=bool(capabilities.text_document and capabilities.text_document.publish_diagnostics),
            configuration=bool(workspace and workspace.configuration),
            watches_files=bool(files and files.dynamic_registration),
            configuration_registration=bool(changes and changes.dynamic_registration),
            inline_completion=bool(capabilities.text_document and capabilities.text_document.inline_completion),
            replaces_behind_cursor=name.startswith(_REPLACING),
            shows_documents=bool(window and window.show_document and window.show_document.support),
            spark_status=spark.get("status") is True,
            spark_apply_edit=spark.get("applyEdit") is True,
        )


def _spark(experimental: Any) -> dict[str, Any]:
    spark = experimental.get("spark") if isinstance(experimental, dict) else None
    return spark if isinstance(spark, dict) else {}
