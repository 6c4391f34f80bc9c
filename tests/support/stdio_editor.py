"""An editor outside of the server's process: speaks LSP over a real pipe, keeps its own text, does its own counting.

It is the sibling of `peer.Peer`, which lives on the server's own loop. Whatever the server does that an editor could
not make sense of is a problem, and `stop` fails on any.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from support.editor_abilities import Abilities
from support.editor_document import Batch, EditorDocument
from support.json_rpc import METHOD_NOT_FOUND, Connection, Logged, Message, result_of
from support.server_process import DEADLINE, ServerProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType


_ALONE = {"repository": False}
"""An index is a process more for every server: only tests that are about it have one."""
_MAY_COME_EARLY = {"window/showMessage", "window/logMessage"}


class StdioEditor:
    """One editor with one server. `async with` starts the server and sees it to a clean end."""

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, Any],
        abilities: Abilities | None = None,
        *,
        configuration: Any = None,
        arguments: Sequence[str] = ("--stdio",),
        environment: Mapping[str, str] | None = None,
        refuses: Iterable[str] = (),
    ) -> None:
        """`settings` are the initializationOptions, `configuration` is what `workspace/configuration` answers."""
        self.folder = folder
        self.settings = settings
        self.abilities = abilities or Abilities()
        self.configuration = configuration
        self.encoding = self.abilities.encodings[0]
        self.documents: dict[str, EditorDocument] = {}
        self.capabilities: Message = {}
        self.received: list[Message] = []
        """Requests and notifications of the server's."""
        self.shown: list[str] = []
        """What `window/showMessage` said. A test takes out what it expects: the rest is a problem."""
        self.secrets: set[str] = set()
        """What must not be in the log, besides the text of the documents."""
        self.progress: dict[Any, list[Message]] = {}
        """The values of each progress by its token."""
        self.refuses = set(refuses)
        """Requests that are answered with an error, whatever was said in `initialize`."""
        self.nonsense: dict[str, Any] = {}
        """What is answered to requests in place of a result."""
        self.errors_are_expected = False
        """The log may hold errors. What is in them must still be nothing of the user's."""
        self._arguments = arguments
        self._environment = environment
        self._own_tokens: set[Any] = set()
        self._waiters: list[tuple[Callable[[], object], asyncio.Future[None]]] = []
        self.stopped = False
        """The server was told to go, or is gone; nothing is left to do at the end."""

    # Its life

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if error is None and not self.stopped:
                await self.stop()
        finally:
            await self.kill()

    async def start(self) -> None:
        self.server = await ServerProcess.start(self.folder, self._arguments, self._environment)
        reader, writer = self.server.process.stdout, self.server.process.stdin
        assert reader is not None
        assert writer is not None
        self.connection = Connection(reader, writer, self._receive)
        try:
            await self.initialize()
        except ConnectionError:
            await self.kill()
            raise AssertionError(f"the server did not start; it said:\n{self.server.stderr}") from None

    async def initialize(self) -> None:
        result = await self.request(
            "initialize",
            {
                "processId": None,
                "clientInfo": {"name": "stdio-editor"},
                "rootUri": self.folder.as_uri(),
                "workspaceFolders": [{"uri": self.folder.as_uri(), "name": "folder"}],
                "capabilities": self.abilities.as_capabilities(),
                "initializationOptions": {
                    **self.settings,
                    "context": {**_ALONE, **self.settings.get("context", {})},
                },
            },
        )
        early = [message["method"] for message in self.received if message["method"] not in _MAY_COME_EARLY]
        assert not early, f"{early} came before the answer to initialize"
        self.capabilities = result["capabilities"]
        assert self.capabilities["positionEncoding"] == self.encoding
        self.connection.notify("initialized", {})

    async def stop(self) -> None:
        """Shut the server down as the specification says. Fails if anything was wrong since the start."""
        assert not self.connection.unanswered, f"unanswered requests: {self.connection.unanswered}"
        assert await self.request("shutdown") is None
        assert await self.exit() == 0
        self.check()

    async def exit(self) -> int:
        """Send the notification `exit` and give the server's status."""
        self.stopped = True
        self.connection.notify("exit")
        status = await self.server.exit_status()
        await self.connection.reading
        return status

    async def kill(self) -> None:
        self.connection.close()
        await self.server.kill()
        await self.connection.reading

    def check(self) -> None:
        """Fail on everything that the server did and should not have done."""
        problems = list(self.connection.problems)
        for document in self.documents.values():
            problems += document.problems
        problems += [f"an unexpected message to the user: {text}" for text in self.shown]
        for token, values in self.progress.items():
            kinds = [value["kind"] for value in values]
            if kinds and (kinds[0] != "begin" or kinds[-1] != "end" or set(kinds[1:-1]) - {"report"}):
                problems.append(f"the progress {token} went {kinds}")
        said = self.server.stderr
        words = ["Traceback", "never awaited", *([] if self.errors_are_expected else [" ERROR "])]
        problems += [f"the log holds {word!r}" for word in words if word in said]
        secrets = {line.strip() for document in self.documents.values() for line in document.lines_seen()}
        problems += [f"the log holds {text!r}" for text in secrets | self.secrets if len(text) > 5 and text in said]
        assert not problems, "\n".join([*problems, "The server said:", said])

    # Talking to the server

    async def request(self, method: str, params: Any = None) -> Any:
        """The result. Raises `RequestFailed` for an error."""
        return await self.answer_to(self.connection.request(method, params)[1])

    async def answer_to(self, answer: asyncio.Future[Message]) -> Any:
        async with asyncio.timeout(DEADLINE):
            return result_of(await asyncio.shield(answer))

    def start_command(self, command: str, *arguments: Any, **params: Any) -> tuple[int, asyncio.Future[Message]]:
        if "workDoneToken" in params:
            self._own_tokens.add(params["workDoneToken"])
        return self.connection.request(
            "workspace/executeCommand", {"command": command, "arguments": list(arguments), **params}
        )

    async def command(self, command: str, argument: Mapping[str, Any] | None = None) -> Any:
        return await self.answer_to(self.start_command(command, argument or {})[1])

    def start_edit(
        self, document: EditorDocument, instruction: str, start: int, end: int, **more: Any
    ) -> tuple[int, asyncio.Future[Message]]:
        """Ask for an edit of the text from one offset to another."""
        argument = {
            "textDocument": {"uri": document.uri},
            "range": document.range(start, end),
            "instruction": instruction,
            **more,
        }
        return self.start_command("spark.edit", argument)

    async def edit(self, document: EditorDocument, instruction: str, start: int, end: int, **more: Any) -> Any:
        """The result of an edit, with everything in it looked over."""
        result = await self.answer_to(self.start_edit(document, instruction, start, end, **more)[1])
        document.check_result(result)
        return result

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait until a condition holds that messages of the server bring about."""
        if condition():
            return
        waiter = (condition, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(DEADLINE):
                await waiter[1]
        except TimeoutError:
            raise AssertionError(f"never came: {what}; the server said:\n{self.server.stderr}") from None
        finally:
            self._waiters.remove(waiter)

    def messages(self, method: str) -> list[Message]:
        return [message for message in self.received if message["method"] == method]

    def progress_begun(self) -> bool:
        """Something is shown as going on."""
        return bool(self._running_progress())

    def last_progress(self) -> Any:
        """The token of the last progress that has begun and not ended."""
        return self._running_progress()[-1]

    def _running_progress(self) -> list[Any]:
        return [token for token, values in self.progress.items() if values and values[-1]["kind"] != "end"]

    @property
    def log(self) -> list[Logged]:
        return self.connection.log

    # Documents

    def open(self, name: str, text: str, language: str = "python", **manners: Any) -> EditorDocument:
        return self.open_uri((self.folder / name).as_uri(), text, language, **manners)

    def open_uri(self, uri: str, text: str, language: str = "python", **manners: Any) -> EditorDocument:
        document = EditorDocument(uri, text, self.encoding, self.connection.notify)
        document.manners = replace(document.manners, **manners)
        self.documents[uri] = document
        item = {"uri": uri, "languageId": language, "version": document.version, "text": text}
        self.connection.notify("textDocument/didOpen", {"textDocument": item})
        return document

    def close(self, document: EditorDocument) -> None:
        self.connection.notify("textDocument/didClose", {"textDocument": {"uri": document.uri}})

    async def configure(self, configuration: Any) -> None:
        """Change what `workspace/configuration` answers, and wait until the server has asked for it."""
        self.configuration = configuration
        asked = len(self.messages("workspace/configuration"))
        self.connection.notify("workspace/didChangeConfiguration", {"settings": None})
        await self.until(lambda: len(self.messages("workspace/configuration")) > asked, "a look at the configuration")
        await self.command("spark.status")

    async def lenses(self, document: EditorDocument) -> list[Message]:
        found: list[Message] = await self.request("textDocument/codeLens", {"textDocument": {"uri": document.uri}})
        return found

    # What the server wants

    def _receive(self, message: Message) -> None:
        self.received.append(message)
        method, known = message["method"], self.abilities
        allowed = known.requests() if "id" in message else known.notifications()
        if method not in allowed:
            self.connection.problems.append(f"this client does not know {message}")
        match method:
            case _ if method in self.refuses:
                error = {"code": METHOD_NOT_FOUND, "message": f"{method} is not supported"}
                self.connection.send({"id": message["id"], "error": error})
            case _ if method in self.nonsense:
                self.connection.answer(message, self.nonsense[method])
            case "workspace/applyEdit" | "spark/applyEdit":
                self._apply(message)
            case "workspace/configuration":
                self.connection.answer(message, [self.configuration for _ in message["params"]["items"]])
            case "window/workDoneProgress/create":
                self.progress[message["params"]["token"]] = []
                self.connection.answer(message, None)
            case "$/progress":
                self._note_progress(**message["params"])
            case "window/showMessage":
                self.shown.append(message["params"]["message"])
            case _ if "id" in message:
                self.connection.answer(message, None)
        for condition, future in self._waiters:
            if not future.done() and condition():
                future.set_result(None)

    def _apply(self, message: Message) -> None:
        batch = Batch.of(message["params"])
        document = self.documents.get(batch.uri)
        if document is None:
            self.connection.problems.append(f"an edit of a document that is not open: {batch.uri}")
            self.connection.answer(message, {"applied": False})
            return
        if batch.versioned != self.abilities.document_changes:
            self.connection.problems.append(f"documentChanges are sent to clients that know them: {message}")
        document.take(batch, lambda applied: self.connection.answer(message, {"applied": applied}))

    def _note_progress(self, token: Any, value: Message) -> None:
        if token in self._own_tokens:
            self.progress.setdefault(token, [])
        if token in self.progress:
            self.progress[token].append(value)
        else:
            self.connection.problems.append(f"a progress that nobody made: {token}")
