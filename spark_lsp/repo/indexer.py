"""The server's side of the index: starts the worker process, tells it what changed, and brings its facts to the graph.

Everything here runs on the event loop and never for long: what comes is taken over in slices of a few milliseconds.
The process ends when it has had nothing to do for a while, and begins again where it was when there is something.
"""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import tempfile
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from spark_lsp.repo.frames import HEAD, Frame, pack
from spark_lsp.repo.worker import known_files

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable, Iterable, Sequence

    from spark_lsp.repo.graph import Graph

logger = logging.getLogger(__name__)

SLICE_SECONDS: Final = 0.004
"""How long the loop is kept at once."""

IDLE_SECONDS: Final = 60.0
"""For how long a process without work is kept."""

MOST_CRASHES: Final = 3
"""After so many the index stays as it is. From the first on, a file that was being read is left out the next time."""

_STARTER: Final = (
    "import json, runpy, sys; sys.path[:] = json.loads(sys.argv[1]); runpy.run_module(sys.argv[2], run_name='__main__')"
)
"""Modules are found where this process finds them, and never in the folder that it happens to be in."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the index is: in files, and whether that is all. `stopped` says what was left out, if anything was."""

    done: int
    total: int
    finished: bool = False
    stopped: str | None = None


class Indexer:
    """Keeps a graph up to date with one workspace folder."""

    def __init__(
        self,
        graph: Graph,
        worker_module: str,
        *,
        exclude: Sequence[str] = (),
        cache_folder: Path | None = None,
        on_progress: Callable[[Progress], None] = lambda _: None,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_change` is called when files that have changed are in the graph as they are now."""
        self.graph = graph
        self._module = worker_module
        self._exclude = tuple(exclude)
        self._cache_folder = cache_folder
        self._on_progress = on_progress
        self._on_change = on_change
        self._waiting: deque[Frame] = deque()
        self._texts: dict[str, str] = {}
        """Texts of open documents that nobody has looked at, the latest of each."""
        self._open: set[str] = set()
        self._ordered: deque[Frame] = deque()
        """What the process was told and has not done yet."""
        self._news = asyncio.Event()
        self._at_rest = asyncio.Event()
        self._at_rest.set()
        self._task: asyncio.Task[None] | None = None
        self._process: Process | None = None
        self._crashes = 0
        self._avoid: set[str] = set()
        self._reading: str | None = None

    @property
    def has_given_up(self) -> bool:
        """The process crashes whatever we do: the graph stays as it is."""
        return self._crashes >= MOST_CRASHES

    def start(self) -> None:
        """Begin to index, in the background."""
        self.graph.growing = True
        self.rescan()

    def rescan(self) -> None:
        """Look for whatever has changed, which reads only what has."""
        if not any("index" in frame.head for frame in self._waiting):
            self._order(Frame({"index": True}))

    def files_changed(self, paths: Iterable[str]) -> None:
        """Files or folders that appeared, changed or went, by their paths relative to the root."""
        paths = list(paths)
        if paths:
            self._order(Frame({"changed": paths}))

    def text_changed(self, path: str, text: str) -> None:
        """An open document has a text of its own. Only the latest is looked at."""
        self._open.add(path)
        self._texts[path] = text
        self._wake()

    def facts_known(self, path: str, content: bytes) -> None:
        """The facts of an open document are there already, as bytes: what the process may still say of it is older."""
        self._open.discard(path)
        self._texts.pop(path, None)
        self.graph.put_text(path, content)

    def text_closed(self, path: str) -> None:
        """A document is closed: its file counts again."""
        self._open.discard(path)
        self._texts.pop(path, None)
        self.graph.forget_text(path)

    async def settled(self) -> None:
        """Wait until everything that was asked for is done, or nothing more will be."""
        await self._at_rest.wait()

    async def aclose(self) -> None:
        """End it, and its process."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        self._at_rest.set()

    def _order(self, frame: Frame) -> None:
        self._waiting.append(frame)
        self._wake()

    def _wake(self) -> None:
        if self.has_given_up:
            return
        self._at_rest.clear()
        self._news.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        """One process after the other, for as long as there is something to do."""
        try:
            while (self._waiting or self._texts or self._ordered) and not self.has_given_up:
                self._waiting.extendleft(reversed(self._ordered))
                self._ordered.clear()
                try:
                    self._process = await self._spawn()
                except (OSError, ValueError) as error:
                    logger.warning("The index's process cannot be started: %s", type(error).__name__)
                    self._crashes = MOST_CRASHES
                    break
                if not await self._use(self._process):
                    self._crashes += 1
                    logger.warning("The index's process has ended too early (%s of %s).", self._crashes, MOST_CRASHES)
                    if self._reading is not None:
                        self._avoid.add(self._reading)
        finally:
            self.graph.growing = False
            self._at_rest.set()

    async def _spawn(self) -> Process:
        path = [entry for entry in sys.path if Path(entry).is_absolute()]
        windows: dict[str, Any] = {}
        if sys.platform == "win32":
            windows["creationflags"] = subprocess.BELOW_NORMAL_PRIORITY_CLASS | subprocess.CREATE_NO_WINDOW
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-c", _STARTER, json.dumps(path), self._module),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=tempfile.gettempdir(),
            **windows,
        )

    async def _use(self, process: Process) -> bool:
        """Talk to a process until it is no longer needed. False if it has ended by itself."""
        self._reading = None
        begin = {
            "begin": str(self.graph.root),
            "exclude": self._exclude,
            "cache": str(self._cache_folder) if self._cache_folder else None,
            "avoid": sorted(self._avoid),
            "careful": self._crashes > 0,
        }
        assert process.stdin is not None
        process.stdin.write(pack(Frame(begin, known_files(self.graph.hashes))))
        listening = asyncio.get_running_loop().create_task(self._listen(process))
        try:
            with suppress(BrokenPipeError, ConnectionError):
                return await self._tell(process, listening)
            return False
        finally:
            listening.cancel()
            with suppress(ProcessLookupError):
                process.kill()
            process.stdin.close()
            with suppress(asyncio.CancelledError, OSError, asyncio.IncompleteReadError):
                await listening
            await process.wait()
            self._process = None

    async def _tell(self, process: Process, listening: asyncio.Task[None]) -> bool:
        """Tell the process what is to be done. True once it has had nothing to do for a while."""
        assert process.stdin is not None
        while True:
            while self._waiting or self._texts:
                frame = self._next()
                self._ordered.append(frame)
                process.stdin.write(pack(frame))
                await process.stdin.drain()
            self._news.clear()
            if not self._ordered:
                self._at_rest.set()
            news = asyncio.ensure_future(self._news.wait())
            timeout = None if self._ordered else IDLE_SECONDS
            try:
                await asyncio.wait({news, listening}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            finally:
                news.cancel()
            if listening.done():
                return False
            if not (self._waiting or self._texts or self._ordered) and timeout is not None and not self._news.is_set():
                return True

    def _next(self) -> Frame:
        if self._texts:
            path = next(iter(self._texts))
            return Frame({"text": path}, self._texts.pop(path).encode("utf-8", "surrogatepass"))
        return self._waiting.popleft()

    async def _listen(self, process: Process) -> None:
        """Take what the process says, until it has ended."""
        assert process.stdout is not None
        loop = asyncio.get_running_loop()
        until = loop.time() + SLICE_SECONDS
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head_length, body_length = HEAD.unpack(await process.stdout.readexactly(HEAD.size))
                head = json.loads(await process.stdout.readexactly(head_length))
                self._take(head, await process.stdout.readexactly(body_length))
                # What has arrived already is read without a turn of the loop.
                if loop.time() > until:
                    await asyncio.sleep(0)
                    until = loop.time() + SLICE_SECONDS

    def _take(self, head: dict[str, Any], body: bytes) -> None:
        if "file" in head:
            self.graph.put(head["file"], head["hash"], body)
        elif "text" in head:
            if head["text"] in self._open and head["text"] not in self._texts:
                self.graph.put_text(head["text"], body)
        elif "gone" in head:
            for path in head["gone"]:
                self.graph.remove(path)
        elif "progress" in head:
            self._on_progress(Progress(head["progress"], head["of"]))
        elif "reading" in head:
            self._reading = head["reading"]
        elif "done" in head:
            self._reading = None
            self._remove_order(head["done"])
            if head["done"] == "index":
                self.graph.growing = False
                count = len(self.graph.hashes)
                self._on_progress(Progress(count, count, finished=True, stopped=head["stopped"]))
            if head["done"] in ("index", "changed"):
                self._on_change()
            self._news.set()

    def _remove_order(self, what: str) -> None:
        order = next((frame for frame in self._ordered if what in frame.head), None)
        if order is not None:
            self._ordered.remove(order)
