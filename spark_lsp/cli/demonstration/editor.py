"""A small editor: keeps texts, types into them, and does what the server asks, as editors do.

It refuses edits that were made for an older version of its text, and reports every change at once.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from spark_lsp.cli.demonstration.buffer import Buffer, Mark, Replacement, offset_of, position_of, span_of
from spark_lsp.cli.demonstration.language_client import START_SECONDS, LanguageClient, ServerFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_CAPABILITIES: Final = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
    "textDocument": {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}}},
}
_EDIT_SECONDS: Final = 180.0
"""How long an edit may take in all. The server has a limit of its own, which comes first."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Edits that the server sent together."""

    seconds: float
    """From the request until they were on the screen."""
    blocks: int
    """Neighbouring lines that they changed."""
    characters: int
    """In their new texts."""


@dataclass(slots=True)
class RunningEdit:
    """An edit that was asked for."""

    number: int
    answer: asyncio.Future[Any]
    started: float
    """On the loop's clock."""
    batches: list[Batch] = field(default_factory=list)
    first_token: float | None = None
    """Seconds until it, by the server's word at the end."""
    kept: int = 0
    """Hunks that are in the file at the end, by the server's word."""
    cancelled: bool = False
    """What lands from now on takes back what has landed; it is not counted."""
    refused: int = 0
    """Batches that came too late and were sent again."""
    seconds: float | None = None
    """Until the answer; None as long as there is none."""
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.answer.add_done_callback(lambda _: self._ended())

    @property
    def hunks(self) -> int:
        return sum(batch.blocks for batch in self.batches)

    @property
    def characters(self) -> int:
        """In all new texts that the server sent."""
        return sum(batch.characters for batch in self.batches)

    def landed(self, batch: Batch) -> None:
        self.batches.append(batch)
        self._news.set()

    async def wait_for_hunks(self, count: int) -> None:
        """Wait until so many hunks have landed, or the edit has ended."""
        while self.hunks < count and not self.answer.done():
            self._news.clear()
            await self._news.wait()

    async def result(self) -> dict[str, Any]:
        """Wait for the end. Raises `ServerFailure`."""
        try:
            async with asyncio.timeout(_EDIT_SECONDS):
                result: dict[str, Any] = await self.answer
        except TimeoutError:
            raise ServerFailure(f"The server has not answered within {_EDIT_SECONDS:g} s.") from None
        token = result.get("timings", {}).get("firstTokenMs")
        self.first_token = None if token is None else token / 1000
        self.kept = len(result["hunks"])
        return result

    def _ended(self) -> None:
        self.seconds = asyncio.get_running_loop().time() - self.started
        self._news.set()


class Editor:
    """Has one document open at a time.

    `on_change` is called when edits of the server have changed it, and `on_landed` once these are measured.
    """

    def __init__(self, client: LanguageClient) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self.on_landed: Callable[[], None] = lambda: None
        self.messages: list[str] = []
        """What the server wanted the user to read."""
        self._client = client
        self._buffer: Buffer | None = None
        self._edit: RunningEdit | None = None
        client.handlers["workspace/applyEdit"] = self._apply
        client.handlers["window/showMessage"] = lambda params: self.messages.append(params["message"])

    async def start(self, folder: Path, options: Mapping[str, Any]) -> dict[str, Any]:
        """Shake hands; the server's status. Raises `ServerFailure`."""
        params = {
            "processId": os.getpid(),
            "clientInfo": {"name": "spark-lsp demo"},
            "rootUri": folder.as_uri(),
            "workspaceFolders": [{"uri": folder.as_uri(), "name": folder.name}],
            "capabilities": _CAPABILITIES,
            "initializationOptions": options,
        }
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._client.request("initialize", params)
                self._client.notify("initialized", {})
                status: dict[str, Any] = await self._command("spark.status", {})
        except TimeoutError:
            raise ServerFailure(f"The server has not answered within {START_SECONDS:g} s.") from None
        return status

    def open(self, path: Path, language: str, text: str) -> Buffer:
        if self._buffer is not None:
            self._client.notify("textDocument/didClose", {"textDocument": {"uri": self._buffer.uri}})
        buffer = self._buffer = Buffer(path.as_uri(), path.name, language, text)
        document = {"uri": buffer.uri, "languageId": language, "version": buffer.version, "text": text}
        self._client.notify("textDocument/didOpen", {"textDocument": document})
        return buffer

    def type(self, buffer: Buffer, cursor: str, text: str) -> None:
        """The user types at a cursor."""
        before = buffer.text
        typed = buffer.type(cursor, text, asyncio.get_running_loop().time())
        self._report(buffer, [{"range": span_of(before, typed), "text": typed.new}])

    def ask(self, buffer: Buffer, offset: int, instruction: str) -> RunningEdit:
        """Ask for an edit of what encloses a place."""
        place = position_of(buffer.text, offset)
        argument = {
            "textDocument": {"uri": buffer.uri},
            "range": {"start": place, "end": place},
            "instruction": instruction,
        }
        return self.execute({"command": "spark.edit", "arguments": [argument]})

    def execute(self, command: Mapping[str, Any]) -> RunningEdit:
        """Execute a command that is an edit."""
        params = {"command": command["command"], "arguments": command["arguments"]}
        started = asyncio.get_running_loop().time()
        number, answer = self._client.start_request("workspace/executeCommand", params)
        self._edit = RunningEdit(number, answer, started)
        return self._edit

    def cancel(self, edit: RunningEdit) -> None:
        edit.cancelled = True
        self._client.notify("$/cancelRequest", {"id": edit.number})

    async def code_actions(
        self, buffer: Buffer, span: Mapping[str, Any], diagnostics: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """What can be done at a place, and about diagnostics."""
        params = {
            "textDocument": {"uri": buffer.uri},
            "range": span,
            "context": {"diagnostics": diagnostics},
        }
        return await self._client.request("textDocument/codeAction", params) or []

    async def _command(self, name: str, argument: Mapping[str, Any]) -> Any:
        return await self._client.request("workspace/executeCommand", {"command": name, "arguments": [argument]})

    def _apply(self, params: Any) -> dict[str, Any]:
        """Do what the server asks for, unless it is for a text that is not there any more."""
        change = params["edit"]["documentChanges"][0]
        buffer, edit = self._buffer, self._edit
        if buffer is None or change["textDocument"]["uri"] != buffer.uri:
            return {"applied": False, "failureReason": "The file is not open."}
        if change["textDocument"]["version"] != buffer.version:
            if edit is not None:
                edit.refused += 1
            return {"applied": False, "failureReason": "The text has changed."}
        loop = asyncio.get_running_loop()
        before = buffer.text
        replacements = [
            Replacement(
                offset_of(before, one["range"]["start"]), offset_of(before, one["range"]["end"]), one["newText"]
            )
            for one in change["edits"]
        ]
        mark = Mark.PLAIN if edit is None or edit.cancelled else Mark.ADDED
        blocks = buffer.replace(replacements, mark, loop.time())
        # From the bottom up, so that each is in the coordinates of the text before it.
        changes = [{"range": one["range"], "text": one["newText"]} for one in reversed(change["edits"])]
        self._report(buffer, changes)
        loop.call_soon(self._shown, edit, blocks, sum(len(one.new) for one in replacements))
        return {"applied": True}

    def _shown(self, edit: RunningEdit | None, blocks: int, characters: int) -> None:
        """Show the change once the server has its answer: it need not wait for our screen."""
        self.on_change()
        if edit is not None and not edit.cancelled:
            seconds = asyncio.get_running_loop().time() - edit.started
            edit.landed(Batch(seconds, blocks, characters))
            self.on_landed()

    def _report(self, buffer: Buffer, changes: list[dict[str, Any]]) -> None:
        document = {"uri": buffer.uri, "version": buffer.version}
        self._client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})
