"""What LSP4IJ says in `initialize`, as far as this server could use it, and what it may be asked then.

Source: ClientCapabilitiesFactory and LanguageServerWrapper of github.com/redhat-developer/lsp4ij.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.editor_abilities import Abilities

if TYPE_CHECKING:
    from support.json_rpc import Message

CLIENT_INFO = {"name": "IntelliJ IDEA 2026.1", "version": "2026.1 (build IU-261.1)"}
"""The name and the version are the IDE's: nothing in them says LSP4IJ."""
CODE_ACTION_KINDS = (
    "quickfix",
    "refactor",
    "refactor.extract",
    "refactor.inline",
    "refactor.rewrite",
    "source",
    "source.organizeImports",
)
_DYNAMIC = {"dynamicRegistration": True}


@dataclass(frozen=True)
class Lsp4ijAbilities(Abilities):
    """`inline_completion` is whether it says that it shows ghost text; it does in either case."""

    annotations: bool = False
    configuration: bool = True
    diagnostics: bool = True
    inline_completion: bool = True

    def as_capabilities(self) -> Message:
        return {
            "general": {
                "staleRequestSupport": {"cancel": True, "retryOnContentModified": []},
                "positionEncodings": ["utf-16"],
            },
            "workspace": {
                "applyEdit": True,
                "configuration": True,
                "symbol": {},
                "executeCommand": _DYNAMIC,
                "workspaceFolders": True,
                "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create", "delete", "rename"]},
                "didChangeWatchedFiles": _DYNAMIC,
                "didChangeConfiguration": _DYNAMIC,
                "codeLens": {"refreshSupport": True},
                "inlayHint": {"refreshSupport": True},
                "semanticTokens": {"refreshSupport": True},
                "diagnostics": {"refreshSupport": True},
            },
            "textDocument": {
                "synchronization": {"willSave": True, "willSaveWaitUntil": True, "didSave": True},
                "publishDiagnostics": {
                    "dataSupport": True,
                    "codeDescriptionSupport": True,
                    "relatedInformation": True,
                    "tagSupport": {"valueSet": [1, 2]},
                },
                "codeAction": {
                    **_DYNAMIC,
                    "codeActionLiteralSupport": {"codeActionKind": {"valueSet": list(CODE_ACTION_KINDS)}},
                    "dataSupport": True,
                    "resolveSupport": {"properties": ["edit"]},
                },
                "codeLens": _DYNAMIC,
                **({"inlineCompletion": _DYNAMIC} if self.inline_completion else {}),
                "completion": {**_DYNAMIC, "completionItem": {"snippetSupport": True}},
            },
            "window": {"workDoneProgress": True, "showDocument": {"support": True}, "showMessage": {}},
        }

    def requests(self) -> set[str]:
        registrations = {"client/registerCapability", "client/unregisterCapability"}
        shown = {"window/showDocument", "window/showMessageRequest"}
        return super().requests() | registrations | shown

    def notifications(self) -> set[str]:
        return super().notifications() | {"window/logMessage"}
