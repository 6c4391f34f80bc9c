"""An editor in the same process: speaks LSP to a server of ours on the loop's own clock.

It keeps its own text as a plain string and does its own counting, so that it shares no code with the server.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spark_lsp.server.handlers import make_server

if TYPE_CHECKING:
    from collections.abc import Callable

URI = "file:///project/example.py"


@dataclass
class Manners:
    """How a client behaves. Times are in seconds."""

    encoding: str = "utf-16"
    versions: str = "honours"
    """honours: refuses stale edits and says so; ignores: applies them anyhow; lies: refuses and says "applied"."""
    latency: float = 0.001
    """One way, for every message."""
    report: float = 0.0
    """How long changes of the text wait until they are reported, all together."""
    answers_first: bool = False
    """Answers that it applied an edit before it reports the change."""
    full_sync: bool = False
    """Reports the whole text for every change."""
    deaf: bool = False
    """Never applies anything and says that it did."""
    read_only: bool = False
    """Refuses everything."""
    spark: dict[str, bool] = field(default_factory=dict)
    annotations: bool = True
    ghost_text: bool = True
    """It shows ghost text."""
    name: str = ""
    accepts_preview: bool = True


def units(text: str, encoding: str) -> int:
    if encoding == "utf-8":
        return len(text.encode())
    if encoding == "utf-16":
        return len(text.encode("utf-16-le")) // 2
    return len(text)


def lines_of(text: str) -> list[str]:
    """Cut after \\n, \\r\\n and \\r, the slow way."""
    lines, line = [], ""
    for index, character in enumerate(text):
        line += character
        if character == "\n" or (character == "\r" and text[index + 1 : index + 2] != "\n"):
            lines.append(line)
            line = ""
    return [*lines, line]


def offset_of(text: str, position: dict[str, int], encoding: str) -> int:
    lines = lines_of(text)
    if position["line"] >= len(lines):
        return len(text)
    start = sum(map(len, lines[: position["line"]]))
    line = lines[position["line"]].rstrip("\r\n")
    # Inside a character means before it.
    return start + max(
        count for count in range(len(line) + 1) if units(line[:count], encoding) <= position["character"]
    )


def position_of(text: str, offset: int, encoding: str) -> dict[str, int]:
    lines = lines_of(text[:offset])
    return {"line": len(lines) - 1, "character": units(lines[-1], encoding)}


_ALONE = {"repository": False}
"""An index runs in a process of its own, which knows nothing of virtual time."""


class Peer:
    """The client's end. `request` awaits an answer; `notify` does not."""

    def __init__(self, manners: Manners | None = None, **server_options: Any) -> None:
        self.manners = manners or Manners()
        self.server = make_server(environment={"SPARK_LSP_CONFIG": "/nonexistent"}, **server_options)
        self.server.protocol.set_writer(self, include_headers=False)
        self.text = ""
        self.uri = URI
        self.version = 0
        self.received: list[dict[str, Any]] = []
        self.undo_stack: list[str] = []
        self.batches: list[dict[str, Any]] = []
        self.on_batch: Callable[[], None] | None = None
        # Timers that are due at once run in any order; messages never overtake one another.
        self._to_client: deque[dict[str, Any]] = deque()
        self._to_server: deque[dict[str, Any]] = deque()
        self._ids = 0
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._changes: list[dict[str, Any]] = []
        self._report_handle: asyncio.TimerHandle | None = None

    # The wire

    def write(self, data: bytes) -> None:
        """pygls sends."""
        self._to_client.append(json.loads(data))
        asyncio.get_running_loop().call_later(self.manners.latency, lambda: self._receive(self._to_client.popleft()))

    def close(self) -> None:
        pass

    def _send(self, message: dict[str, Any]) -> None:
        self._to_server.append({"jsonrpc": "2.0", **message})
        asyncio.get_running_loop().call_later(self.manners.latency, lambda: self._deliver(self._to_server.popleft()))

    def _deliver(self, message: dict[str, Any]) -> None:
        protocol = self.server.protocol
        protocol.handle_message(json.loads(json.dumps(message), object_hook=protocol.structure_message))

    async def request(self, method: str, params: Any = None) -> Any:
        return await self.start_request(method, params)[1]

    def start_request(self, method: str, params: Any = None) -> tuple[int, asyncio.Future[Any]]:
        self._ids += 1
        future = self._answers[self._ids] = asyncio.get_running_loop().create_future()
        self._send({"id": self._ids, "method": method, "params": params})
        return self._ids, future

    def notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def _receive(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            future = self._answers.pop(message["id"])
            if not future.done():
                future.set_result(message)
            return
        self.received.append(message)
        if "id" in message:
            self._answer(message)

    def _answer(self, message: dict[str, Any]) -> None:
        match message["method"]:
            case "workspace/applyEdit" | "spark/applyEdit":
                self._apply_edit(message)
            case "workspace/configuration":
                self._send({"id": message["id"], "result": [None]})
            case _:
                self._send({"id": message["id"], "result": None})

    # The editor

    async def start(self, settings: dict[str, Any]) -> dict[str, Any]:
        capabilities = {
            "general": {"positionEncodings": [self.manners.encoding]},
            "workspace": {
                "applyEdit": True,
                "workspaceEdit": {
                    "documentChanges": True,
                    **({"changeAnnotationSupport": {}} if self.manners.annotations else {}),
                },
                "codeLens": {"refreshSupport": True},
            },
            "textDocument": {
                "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}},
                **({"inlineCompletion": {}} if self.manners.ghost_text else {}),
            },
            "window": {"workDoneProgress": True},
            "experimental": {"spark": self.manners.spark},
        }
        answer = await self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": None,
                "workspaceFolders": [{"uri": "file:///project", "name": "work"}],
                "capabilities": capabilities,
                **({"clientInfo": {"name": self.manners.name}} if self.manners.name else {}),
                "initializationOptions": {**settings, "context": {**_ALONE, **settings.get("context", {})}},
            },
        )
        self.notify("initialized", {})
        result: dict[str, Any] = answer["result"]
        return result

    def open(self, text: str, language: str = "python", uri: str = URI) -> None:
        self.text = text
        self.uri = uri
        self.version = 1
        document = {"uri": uri, "languageId": language, "version": self.version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def range(self, start: int, end: int) -> dict[str, Any]:
        encoding = self.manners.encoding
        return {"start": position_of(self.text, start, encoding), "end": position_of(self.text, end, encoding)}

    def edit(self, start: int, end: int, new: str) -> None:
        """The user replaces some text."""
        self.undo_stack.append(self.text)
        self._change([(start, end, new)])

    def undo(self) -> None:
        """The user undoes the last step, whoever made it."""
        if self.undo_stack:
            before = self.undo_stack.pop()
            self._change([(0, len(self.text), before)] if self.manners.full_sync else _one_change(self.text, before))

    def _change(self, edits: list[tuple[int, int, str]]) -> None:
        """Apply edits that are sorted from the last to the first, and report them."""
        for start, end, new in edits:
            change = {"range": self.range(start, end), "text": new}
            self.text = self.text[:start] + new + self.text[end:]
            self._changes.append({"text": self.text} if self.manners.full_sync else change)
        self.version += 1
        if not self.manners.report:
            self.report()
        elif self._report_handle is None:
            self._report_handle = asyncio.get_running_loop().call_later(self.manners.report, self.report)

    def report(self) -> None:
        """Tell the server all that has changed since the last time."""
        if self._report_handle is not None:
            self._report_handle.cancel()
            self._report_handle = None
        changes, self._changes = self._changes, []
        if self.manners.full_sync:
            changes = changes[-1:]
        if changes:
            document = {"uri": self.uri, "version": self.version}
            self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    def _apply_edit(self, message: dict[str, Any]) -> None:
        params = message["params"]
        self.batches.append(params)
        change = params["edit"]["documentChanges"][0]
        version = change["textDocument"]["version"]
        stale = version is not None and version < self.version
        manners = self.manners
        annotated = bool(params["edit"].get("changeAnnotations"))
        refused = manners.read_only or manners.deaf or (annotated and not manners.accepts_preview)
        refused = refused or (stale and manners.versions in ("honours", "lies"))
        applied = not refused or manners.deaf or (manners.versions == "lies" and not manners.read_only)
        if manners.answers_first:
            self._send({"id": message["id"], "result": {"applied": applied}})
        if not refused:
            self.undo_stack.append(self.text)
            edits = [
                (
                    offset_of(self.text, edit["range"]["start"], manners.encoding),
                    offset_of(self.text, edit["range"]["end"], manners.encoding),
                    edit["newText"],
                )
                for edit in change["edits"]
            ]
            # Of insertions at one place, the first of the list comes first in the text: it is made last.
            edits.reverse()
            self._change(sorted(edits, key=lambda edit: edit[:2], reverse=True))
        if not manners.answers_first:
            self._send({"id": message["id"], "result": {"applied": applied}})
        if self.on_batch:
            self.on_batch()

    def spark_edit(self, instruction: str, start: int, end: int, **more: Any) -> tuple[int, asyncio.Future[Any]]:
        argument = {
            "textDocument": {"uri": self.uri},
            "range": self.range(start, end),
            "instruction": instruction,
            **more,
        }
        return self.start_request("workspace/executeCommand", {"command": "spark.edit", "arguments": [argument]})

    async def command(self, name: str, argument: dict[str, Any] | None = None) -> Any:
        return await self.request("workspace/executeCommand", {"command": name, "arguments": [argument or {}]})

    async def stop(self) -> None:
        await self.request("shutdown")


def _one_change(before: str, after: str) -> list[tuple[int, int, str]]:
    """The one change between two texts, without the whole characters and line endings that both have at their ends."""
    old, new = re.findall(r"\r\n|[\s\S]", before), re.findall(r"\r\n|[\s\S]", after)
    limit = min(len(old), len(new))
    head = next((index for index in range(limit) if old[index] != new[index]), limit)
    limit -= head
    tail = next((index for index in range(limit) if old[-1 - index] != new[-1 - index]), limit)
    start, end = len("".join(old[:head])), len("".join(old[: len(old) - tail]))
    return [(start, end, "".join(new[head : len(new) - tail]))]


SETTINGS = {
    "endpoint": "scripted",
    "endpoints": {"scripted": {"baseUrl": "http://127.0.0.1:1/v1", "model": "scripted"}},
}
"""Settings under which a `ScriptedEndpoint` is asked."""
