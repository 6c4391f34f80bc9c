"""Ghost text as an editor sees it, over a real pipe and a real socket, beside a server that only passes through.

A key and the request for ghost text go out together, and the endpoint answers at once. Both servers are processes, get
the same keys from the same client in turns, and ask the same endpoint: their ratio is what our own work costs. A hit is
a key that agrees with what was suggested: it is answered without the endpoint. Some come as a user types, and some one
right after the other, before the processor goes to sleep. Times are from the key's bytes to the answer's: what this
client then makes of them is nobody's.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import httpx

from bench.data import percentile
from support.editor_abilities import Abilities
from support.json_rpc import Connection, result_of
from support.server_process import ServerProcess, environment_in
from support.stepwise_endpoint import settings_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from support.json_rpc import Message

SIZES = (200, 2_000, 10_000, 50_000)
ROUNDS = 40
WARM_UP_ROUNDS = 8
HITS_PER_ROUND = 4
TOKENS = 1_500
"""The budget for the context, of both servers."""
SECONDS_BETWEEN_KEYS = 0.05
MODULES = 30
"""Other files in the repository."""
URI_NAME = "main.py"

_FUNCTION = '''def load_{n}(items, limit={n}):
    """Return at most so many items of size {n}."""
    chosen_{n} = [item for item in items if item.weight > {n}]
    for item in chosen_{n}[:limit]:
        item.visit(limit, name="item {n}", store=store_{m})
    return store_{m}.keep(chosen_{n}, limit)


'''


@dataclass
class Client:
    """One editor with one server and one document. `lines` are the document's."""

    name: str
    process: ServerProcess
    uri: str
    lines: list[str]
    version: int = 1
    connection: Connection = field(init=False)
    arrived: float = 0.0
    """When the last bytes came."""
    seconds: list[float] = field(default_factory=list)
    hit_seconds: list[float] = field(default_factory=list)
    burst_seconds: list[float] = field(default_factory=list)
    """Of hits one right after the other, when the processor has not gone to sleep in between."""
    empty_seconds: list[float] = field(default_factory=list)
    """Of a change and a request about a document that is not open: what the pipe and the protocol take."""
    calls_for_hits: int = 0
    """None, unless the machine is so busy that the server takes the time between two keys for reading."""
    empty: int = 0
    """Requests that were answered with nothing."""

    @classmethod
    async def start(cls, name: str, command: Sequence[str], folder: Path, settings: Message) -> Self:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment_in(folder), cwd=folder
        )
        assert process.stdout is not None
        assert process.stdin is not None
        client = cls(name, ServerProcess(process), (folder / URI_NAME).as_uri(), [])
        client.note_arrivals(process.stdout)
        client.connection = Connection(process.stdout, process.stdin, client.receive)
        capabilities = Abilities().as_capabilities()
        capabilities["textDocument"]["inlineCompletion"] = {}
        params = {
            "processId": None,
            "rootUri": folder.as_uri(),
            "workspaceFolders": [{"uri": folder.as_uri(), "name": "folder"}],
            "capabilities": capabilities,
            "initializationOptions": settings,
        }
        await client.request("initialize", params)
        client.connection.notify("initialized", {})
        return client

    def note_arrivals(self, stdout: asyncio.StreamReader) -> None:
        feed = stdout.feed_data

        def noted(data: bytes) -> None:
            self.arrived = time.perf_counter()
            feed(data)

        setattr(stdout, "feed_data", noted)  # noqa: B010 (mypy wants no method replaced)

    def receive(self, message: Message) -> None:
        if "id" in message:
            self.connection.answer(message, None)

    async def request(self, method: str, params: Any = None) -> Any:
        async with asyncio.timeout(20):
            return result_of(await self.connection.request(method, params)[1])

    async def stop(self) -> None:
        self.connection.close()
        await self.process.kill()
        await self.connection.reading

    def open(self, text: str) -> None:
        self.lines = text.splitlines(keepends=True)
        self.version = 1
        item = {"uri": self.uri, "languageId": "python", "version": 1, "text": text}
        self.connection.notify("textDocument/didOpen", {"textDocument": item})

    def close(self) -> None:
        self.connection.notify("textDocument/didClose", {"textDocument": {"uri": self.uri}})

    def new_line(self, line: int, text: str) -> None:
        """A new line before that one."""
        self.lines.insert(line, f"{text}\n")
        self._change(line, 0, f"{text}\n")

    def type(self, line: int, text: str) -> int:
        """Put text at the end of a line, and say which column that is then."""
        old = self.lines[line].rstrip("\n")
        self.lines[line] = f"{old}{text}\n"
        self._change(line, len(old), text)
        return len(old) + len(text)

    def _change(self, line: int, column: int, text: str) -> None:
        self.version += 1
        at = {"line": line, "character": column}
        document = {"uri": self.uri, "version": self.version}
        changes = [{"range": {"start": at, "end": at}, "text": text}]
        self.connection.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    async def nothing(self) -> float:
        """The seconds of a round trip in which nothing is done."""
        began = time.perf_counter()
        nowhere = {"uri": "file:///nowhere.py"}
        self.connection.notify("textDocument/didSave", {"textDocument": nowhere})
        await self.request("textDocument/codeLens", {"textDocument": nowhere})
        return self.arrived - began

    async def key(self, line: int, text: str) -> tuple[float, Message | None]:
        """Type, ask, and give the seconds until the answer, and the first item of it."""
        began = time.perf_counter()
        column = self.type(line, text)
        params = {
            "textDocument": {"uri": self.uri},
            "position": {"line": line, "character": column},
            "context": {"triggerKind": 2},
        }
        answer = await self.request("textDocument/inlineCompletion", params)
        seconds = self.arrived - began
        items = answer["items"] if isinstance(answer, dict) else answer
        return seconds, items[0] if items else None


@dataclass
class Endpoint:
    process: asyncio.subprocess.Process
    base_url: str
    http: httpx.AsyncClient

    @classmethod
    async def start(cls) -> Self:
        script = Path(__file__).with_name("instant_endpoint.py")
        process = await asyncio.create_subprocess_exec(sys.executable, str(script), stdout=asyncio.subprocess.PIPE)
        assert process.stdout is not None
        return cls(process, (await process.stdout.readline()).decode().strip(), httpx.AsyncClient())

    async def count(self) -> int:
        return int((await self.http.get(self.base_url.replace("/v1", "/count"))).text)

    async def stop(self) -> None:
        await self.http.aclose()
        self.process.terminate()
        await self.process.wait()


def module(lines: int) -> str:
    """A module of about so many lines that uses the other ones."""
    imports = "".join(f"from module_{number} import store_{number}\n" for number in range(MODULES))
    count = max(1, (lines - MODULES - 2) // 8)
    return f"{imports}\n\n" + "".join(_FUNCTION.format(n=number, m=number % MODULES) for number in range(count))


def write_modules(folder: Path) -> None:
    for number in range(MODULES):
        text = f"class Store{number}:\n    def keep(self, items, limit):\n        return items[:limit]\n\n\n"
        (folder / f"module_{number}.py").write_text(f"{text}store_{number} = Store{number}()\n", encoding="utf-8")


async def one_round(client: Client, endpoint: Endpoint, function: int, number: int) -> None:
    """Begin a statement, get the rest of it suggested, type some of that, and accept the rest."""
    anchor = f"    chosen_{function} ="
    line = next(at for at, text in enumerate(client.lines) if text.startswith(anchor)) + 1
    client.new_line(line, f"    total_{number} =")
    await asyncio.sleep(SECONDS_BETWEEN_KEYS)
    seconds, item = await client.key(line, " ")
    if item is None:
        client.empty += 1
        return
    client.seconds.append(seconds)
    rest = item["insertText"]
    if "range" in item and item["range"] is not None:
        rest = rest[len(client.lines[line].rstrip("\n")) - item["range"]["start"]["character"] :]
    assert rest.startswith("resolve_"), item
    if client.name == "spark-lsp":
        before = await endpoint.count()
        for _ in range(HITS_PER_ROUND):
            await asyncio.sleep(SECONDS_BETWEEN_KEYS)
            seconds, item = await client.key(line, rest[0])
            rest = rest[1:]
            client.hit_seconds.append(seconds)
            await asyncio.sleep(SECONDS_BETWEEN_KEYS)
            client.empty_seconds.append(await client.nothing())
            client.empty += item is None
        for _ in range(HITS_PER_ROUND):
            seconds, item = await client.key(line, rest[0])
            rest = rest[1:]
            client.burst_seconds.append(seconds)
            client.empty += item is None
        client.calls_for_hits += await endpoint.count() - before
    client.type(line, rest)
    if item is not None and item.get("command"):
        command = item["command"]
        arguments = command.get("arguments", [])
        await client.request("workspace/executeCommand", {"command": command["command"], "arguments": arguments})


async def measure(clients: Sequence[Client], endpoint: Endpoint, size: int) -> None:
    text = module(size)
    functions = text.count("def load_")
    for client in clients:
        client.open(text)
        client.seconds.clear()
        client.hit_seconds.clear()
        client.burst_seconds.clear()
        client.empty_seconds.clear()
        client.empty = client.calls_for_hits = 0
    await asyncio.sleep(0.5 + size / 20_000)
    choose = random.Random(size)
    for number in range(WARM_UP_ROUNDS + ROUNDS):
        function = choose.randrange(functions)
        # Whoever is second finds the machine as the first one leaves it: they take turns at that, too.
        for client in clients if number % 2 else reversed(clients):
            await asyncio.sleep(SECONDS_BETWEEN_KEYS)
            if number == WARM_UP_ROUNDS:
                client.seconds.clear()
                client.hit_seconds.clear()
                client.burst_seconds.clear()
            await one_round(client, endpoint, function, number)
    for client in clients:
        client.close()
    ours, bare = (client.seconds for client in clients)
    ratio = percentile(ours, 0.5) / percentile(bare, 0.5) if ours else float("nan")
    print(
        f"{size:>6} lines   {ratio:.2f} times the pass-through   ours {_figures(ours)}   pass-through {_figures(bare)}"
        f"   hit {_figures(clients[0].hit_seconds)}, of which nothing takes {_figures(clients[0].empty_seconds)}"
        f"   without a pause between the keys {_figures(clients[0].burst_seconds)}"
        + (f"   {clients[0].empty} EMPTY" if clients[0].empty else "")
        + (f"   {clients[0].calls_for_hits} CALLS FOR HITS" if clients[0].calls_for_hits else ""),
        flush=True,
    )


def _figures(seconds: Sequence[float]) -> str:
    if not seconds:
        return "none"
    return f"p50 {1000 * percentile(seconds, 0.5):.2f} p99 {1000 * percentile(seconds, 0.99):.2f} ms"


async def compare(folder: Path, endpoint: Endpoint) -> None:
    write_modules(folder)
    settings = settings_for(endpoint.base_url, context={"inlineTokens": TOKENS})
    script = str(Path(__file__).with_name("pass_through_server.py"))
    ours = await Client.start("spark-lsp", (sys.executable, "-m", "spark_lsp", "--stdio"), folder, settings)
    bare = await Client.start("pass-through", (sys.executable, script, endpoint.base_url, str(4 * TOKENS)), folder, {})
    try:
        await asyncio.sleep(2)  # the index
        for size in SIZES:
            await measure((ours, bare), endpoint, size)
    finally:
        await ours.stop()
        await bare.stop()


async def main() -> None:
    endpoint = await Endpoint.start()
    try:
        with tempfile.TemporaryDirectory() as name:
            await compare(Path(name), endpoint)
    finally:
        await endpoint.stop()


if __name__ == "__main__":
    asyncio.run(main())
