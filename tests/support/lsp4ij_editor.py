"""A JetBrains IDE with LSP4IJ and the template of editors/jetbrains, over a real pipe.

What it does is read off the source of LSP4IJ 0.20 to 1.0 (github.com/redhat-developer/lsp4ij); each part names where.
IntelliJ itself cannot run here: this is what stands for it, and it is as narrow as LSP4IJ is.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support.json_rpc import result_of
from support.lsp4ij_abilities import CLIENT_INFO, Lsp4ijAbilities
from support.lsp4ij_document import Lsp4ijDocument
from support.server_process import DEADLINE
from support.stdio_editor import StdioEditor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from support.json_rpc import Message

TEMPLATE = Path(__file__).resolve().parents[2] / "editors" / "jetbrains"
MOST_ACTIONS = 20
"""So many intentions are registered, one for each action that can be shown (`LSPIntentionAction0` and so on)."""
AUTOMATIC_ACTION = 2


class Lsp4ijEditor(StdioEditor):
    """`settings` are what the user has put into the section `spark` of the template's settings.json."""

    def __init__(self, folder: Path, settings: Mapping[str, Any], abilities: Lsp4ijAbilities | None = None) -> None:
        super().__init__(folder, settings, abilities or Lsp4ijAbilities())
        self.configuration = template("settings.json") | {"spark": alone(settings)}
        self.lenses_of: dict[str, list[Message]] = {}
        """What is shown above the lines of each document, by its URI."""
        self.shown_documents: list[Message] = []
        self._asking: set[asyncio.Future[Message]] = set()
        self._newest: dict[str, asyncio.Future[Message]] = {}
        """The last question for the lenses of each document."""

    # Its life: LanguageServerWrapper.initServer, UserDefinedLanguageClient.handleServerStatusChanged

    async def initialize(self) -> None:
        folder = self.folder.as_uri()
        params = {
            "processId": os.getpid(),
            "clientInfo": CLIENT_INFO,
            "rootUri": folder,
            "workspaceFolders": [{"uri": folder, "name": "project"}],
            "capabilities": self.abilities.as_capabilities(),
            "initializationOptions": template("initializationOptions.json"),
            "trace": "off",
        }
        self.capabilities = (await self.request("initialize", params))["capabilities"]
        self.connection.notify("initialized", {})
        self.connection.notify("workspace/didChangeConfiguration", {"settings": self.configuration})
        await self.until(lambda: self.messages("workspace/configuration"), "a look at the configuration")
        await self.command("spark.status")

    async def stop(self) -> None:
        await self.settled()
        await super().stop()

    async def settled(self) -> None:
        """Wait for the answers to everything that the IDE asks by itself."""
        async with asyncio.timeout(DEADLINE):
            while self._asking:
                await asyncio.wait(self._asking)

    # Settings: LanguageClientImpl.findSettings

    def configured(self, item: Message) -> Any:
        found = self.configuration
        for section in item["section"].split("."):
            found = found.get(section) if isinstance(found, dict) else None
        return found

    async def set_settings(self, settings: Mapping[str, Any]) -> None:
        """The user edits the section `spark` in the tab Configuration."""
        await self.configure({"spark": alone(settings)})

    # Documents: DocumentContentSynchronizer

    def make_document(self, uri: str, text: str) -> Lsp4ijDocument:
        document = Lsp4ijDocument.of_file(uri, text, self.encoding, self.connection.notify)
        document.on_change = lambda: self._look_at(document)
        return document

    def open_file(self, name: str, content: str, language: str = "python") -> Lsp4ijDocument:
        document = self.make_document((self.folder / name).as_uri(), content)
        self.documents[document.uri] = document
        item = {"uri": document.uri, "languageId": language, "version": document.version, "text": document.text}
        self.connection.notify("textDocument/didOpen", {"textDocument": item})
        self._ask_for_lenses(document.uri)
        return document

    def _look_at(self, document: Lsp4ijDocument) -> None:
        """What the IDE's highlighting asks after a change: the lenses, and which intentions there are at the caret."""
        self._ask_for_lenses(document.uri)
        params = {
            "textDocument": {"uri": document.uri},
            "range": document.range(document.touched, document.touched),
            "context": {"diagnostics": [], "triggerKind": AUTOMATIC_ACTION},
        }
        self._ask("textDocument/codeAction", params)

    def _ask(self, method: str, params: Message) -> asyncio.Future[Message]:
        """Ask without waiting for the answer."""
        asking = self.connection.request(method, params)[1]
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        return asking

    # Code lenses: LSPCodeLensProvider, asked for again after every change and every refresh

    def _ask_for_lenses(self, uri: str) -> None:
        asking = self._ask("textDocument/codeLens", {"textDocument": {"uri": uri}})
        self._newest[uri] = asking

        def answered(answer: asyncio.Future[Message]) -> None:
            if not answer.cancelled() and answer.exception() is None and self._newest[uri] is answer:
                found = result_of(answer.result()) or []
                self.lenses_of[uri] = [lens for lens in found if (lens.get("command") or {}).get("title")]
                self.look_again()

        asking.add_done_callback(answered)

    def titles(self, document: Lsp4ijDocument) -> list[str]:
        """The lenses that are shown."""
        return [lens["command"]["title"] for lens in self.lenses_of.get(document.uri, [])]

    async def until_lenses(self, document: Lsp4ijDocument, *titles: str) -> None:
        """Wait until lenses with these beginnings are shown, or none at all."""

        def are_shown() -> bool:
            shown = self.titles(document)
            return all(any(one.startswith(title) for one in shown) for title in titles) and bool(shown) == bool(titles)

        await self.until(are_shown, f"the lenses {titles}")

    async def click(self, document: Lsp4ijDocument, title: str, number: int = 0) -> Any:
        """Run a lens by the beginning of its title: the only one, or the one of that number."""
        found = [lens for lens in self.lenses_of[document.uri] if lens["command"]["title"].startswith(title)]
        assert len(found) > number, f"no lens {title!r} among {self.titles(document)}"
        return await self.execute(found[number]["command"])

    # Intentions and quick fixes: LSPIntentionAction, LSPIntentionCodeActionSupport, LSPLazyCodeActions

    async def intentions(self, document: Lsp4ijDocument, start: int, end: int) -> list[Message]:
        """What Alt+Enter offers for a selection: never a quick fix, and never what another tool has found."""
        context: Message = {"diagnostics": [], "triggerKind": AUTOMATIC_ACTION}
        found = await self._actions(document, document.range(start, end), context)
        return [action for action in found if action.get("kind") != "quickfix"][:MOST_ACTIONS]

    async def quick_fixes(self, document: Lsp4ijDocument, diagnostics: Sequence[Message]) -> list[Message]:
        """What is offered at a diagnostic that this very server has published."""
        context = {"diagnostics": list(diagnostics), "only": ["quickfix"], "triggerKind": AUTOMATIC_ACTION}
        found = await self._actions(document, diagnostics[0]["range"], context)
        return [action for action in found if not action.get("kind") or action["kind"] == "quickfix"][:MOST_ACTIONS]

    async def _actions(self, document: Lsp4ijDocument, span: Any, context: Message) -> list[Message]:
        params = {"textDocument": {"uri": document.uri}, "range": span, "context": context}
        return await self.request("textDocument/codeAction", params) or []

    async def invoke(self, action: Message) -> Any:
        """Resolve what has neither edit nor command, then run the command: see LSPLazyCodeActionIntentionAction."""
        if "edit" not in action and "command" not in action:
            action = await self.request("codeAction/resolve", action)
        assert "edit" not in action, "no action of ours brings an edit along"
        return await self.execute(action["command"])

    async def execute(self, command: Message) -> Any:
        """What the server answers, which LSP4IJ throws away. CommandExecutor.executeCommandServerSide."""
        return await self.answer_to(self.begin(command))

    def begin(self, command: Message) -> asyncio.Future[Message]:
        """Run a command on the server if it has said that it knows it; without a token for its progress."""
        known = self.capabilities["executeCommandProvider"]["commands"]
        assert command["command"] in known, f"LSP4IJ looks for an action of the IDE called {command['command']}"
        return self.start_command(command["command"], *command.get("arguments", []))[1]

    # Progress: LSPProgressManager, whose tokens are strings whatever the server's were

    def cancel_progress(self) -> None:
        """Click the cross of the last background task that is running and can be cancelled."""
        token = self.last_progress()
        begin = self.progress[token][0]
        assert begin.get("cancellable") is True, f"the task has no cross: {begin}"
        self.connection.notify("window/workDoneProgress/cancel", {"token": str(token)})

    # What the server wants

    def _receive(self, message: Message) -> None:
        match message["method"]:
            case "window/showDocument":
                self.received.append(message)
                self.shown_documents.append(message["params"])
                self.connection.answer(message, {"success": True})
                self.look_again()
                return
            case "workspace/codeLens/refresh":
                for uri in self.documents:
                    self._ask_for_lenses(uri)
        super()._receive(message)


def alone(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings, but without an index: no test here is about what it finds."""
    return {**settings, "context": {"repository": False, **settings.get("context", {})}}


def template(name: str) -> Any:
    """A file of the template that users import."""
    return json.loads((TEMPLATE / name).read_text(encoding="utf-8"))
