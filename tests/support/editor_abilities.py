"""What an editor says in `initialize` that it can do, and what it may be asked then."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from support.json_rpc import Message


@dataclass(frozen=True)
class Abilities:
    """What the client says in `initialize` that it can do."""

    encodings: tuple[str, ...] = ("utf-16",)
    document_changes: bool = True
    annotations: bool = True
    progress: bool = True
    lens_refresh: bool = True
    literal_actions: bool = True
    configuration: bool = False
    diagnostics: bool = False
    inline_completion: bool = False
    shows_documents: bool = False
    """It opens a document for which it is asked to."""
    spark: Mapping[str, bool] = field(default_factory=dict)

    def as_capabilities(self) -> Message:
        annotations: Message = {"changeAnnotationSupport": {}} if self.annotations else {}
        literals = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": [""]}}} if self.literal_actions else {}
        inline: Message = {"inlineCompletion": {}} if self.inline_completion else {}
        diagnostics: Message = {"publishDiagnostics": {}} if self.diagnostics else {}
        return {
            "general": {"positionEncodings": list(self.encodings)},
            "workspace": {
                "applyEdit": True,
                "workspaceEdit": {"documentChanges": self.document_changes, **annotations},
                "codeLens": {"refreshSupport": self.lens_refresh},
                "configuration": self.configuration,
                "didChangeConfiguration": {"dynamicRegistration": self.configuration},
                "workspaceFolders": True,
            },
            "textDocument": {"codeAction": literals, **diagnostics, **inline},
            "window": {
                "workDoneProgress": self.progress,
                **({"showDocument": {"support": True}} if self.shows_documents else {}),
            },
            "experimental": {"spark": dict(self.spark)},
        }

    def requests(self) -> set[str]:
        """What such a client may be asked."""
        edit = {"spark/applyEdit"} if self.spark.get("applyEdit") else {"workspace/applyEdit"}
        edit |= {"workspace/applyEdit"} if self.annotations else set()
        progress = {"window/workDoneProgress/create"} if self.progress else set()
        refresh = {"workspace/codeLens/refresh"} if self.lens_refresh else set()
        configuration = {"workspace/configuration", "client/registerCapability"} if self.configuration else set()
        show = {"window/showDocument"} if self.shows_documents else set()
        return edit | progress | refresh | configuration | show

    def notifications(self) -> set[str]:
        diagnostics = {"textDocument/publishDiagnostics"} if self.diagnostics else set()
        status = {"spark/status"} if self.spark.get("status") else set()
        return {"$/progress", "window/showMessage"} | diagnostics | status
