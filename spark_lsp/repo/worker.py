"""The index's own process: finds, reads and parses the files of a workspace, and keeps their facts on the disk.

It is told what to do over its standard input and answers on its standard output, in frames. The first one says what the
server has already, so that only differences go back; so the process may end at any moment, and another take its place.
At the end of its input it is gone at once: the server has closed it, or has died.

To the worker: {"begin": root, "exclude", "cache", "avoid", "careful"} with what the server has; {"index": true};
{"changed": [path]}; {"text": path} with the text. From it: {"file": path, "hash"} with facts; {"gone": [path]};
{"reading": path}, if it is to be careful; {"progress": done, "of": all}; {"text": path} with facts; and after each
order {"done": what, "stopped": sentence or null}.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from spark_lsp.repo.exclude import Exclusions
from spark_lsp.repo.file_table import encode
from spark_lsp.repo.frames import Frame, pack, read_frame
from spark_lsp.repo.manifests import is_manifest, pack_manifest, read_manifest
from spark_lsp.repo.rules import IGNORE_FILES, Ground, WorkspaceRules
from spark_lsp.repo.sources import HEAD_LENGTH, Content, decode, hash_of, is_binary, read_content
from spark_lsp.repo.store import Put, Store, remove_forgotten, store_path
from spark_lsp.repo.walk import Limits, Walk, look_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from spark_lsp.repo.extractor import Extractor

NICENESS: Final = 10
MOST_FACTS: Final = 160_000_000
"""Bytes of facts that are kept for one workspace: the server has them all in memory."""

MOST_CHANGES: Final = 1_000
"""With more changes at once than that, such as with another branch, the workspace is walked through anew."""

_FILES_AT_ONCE: Final = 64
_SECONDS_BETWEEN_WRITES: Final = 1.0
_SECONDS_BETWEEN_REPORTS: Final = 0.1


class Orders:
    """What the server wants, as a thread reads it. Texts that are being edited come before everything else."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._changed = threading.Condition()
        self._texts: deque[Frame] = deque()
        self._others: deque[Frame] = deque()
        threading.Thread(target=self._read, args=(pipe,), daemon=True).start()

    def next(self) -> Frame:
        with self._changed:
            self._changed.wait_for(lambda: self._texts or self._others)
            return (self._texts or self._others).popleft()

    def texts(self) -> Iterator[Frame]:
        """The texts that wait."""
        while self._texts:
            yield self._texts.popleft()

    def _read(self, pipe: IO[bytes]) -> None:
        while (frame := read_frame(pipe)) is not None:
            with self._changed:
                (self._texts if "text" in frame.head else self._others).append(frame)
                self._changed.notify()
        # Nobody is left to work for. What was being written is a transaction, and does not happen.
        os._exit(0)


@dataclass(slots=True)
class _Batch:
    """What is to be written to the disk next."""

    puts: list[Put]
    removed: list[str]
    since: float


class Worker:
    """One process's work, for one workspace."""

    def __init__(self, begin: Frame, extractor: Extractor, orders: Orders, output: IO[bytes]) -> None:
        head = begin.head
        self._extractor = extractor
        self._orders = orders
        self._output = output
        self._exclusions = Exclusions.of(head["exclude"])[0]
        self._rules = WorkspaceRules(Path(head["begin"]), self._exclusions)
        self._root = self._rules.ground.root
        self._avoid = frozenset(head["avoid"])
        self._careful = bool(head["careful"])
        self._sent = dict(_pairs(begin.body.decode("utf-8")))
        """The files that the server has, and the hashes of what it has of them."""
        folder = Path(head["cache"]) if head["cache"] else None
        self._store = Store(store_path(folder, self._root), self._root, extractor.version) if folder else None
        if folder:
            remove_forgotten(folder)
        self._batch = _Batch([], [], time.monotonic())
        self._reported = 0.0

    def obey(self) -> None:
        """Do what is ordered, one after the other, for as long as there is somebody who orders."""
        while True:
            frame = self._orders.next()
            if "text" in frame.head:
                self._text(frame)
            elif "index" in frame.head:
                self._say({"done": "index", "stopped": self._index()})
            elif "changed" in frame.head:
                paths = frame.head["changed"]
                stopped = None
                if len(paths) > MOST_CHANGES or any(path.rpartition("/")[2] in IGNORE_FILES for path in paths):
                    stopped = self._index()
                else:
                    self._look_again(paths)
                self._say({"done": "changed", "stopped": stopped})

    # Finding out what is new

    def _index(self) -> str | None:
        """Bring everything up to date. What is not complete, if it is not: a sentence."""
        walk = Walk(Ground(self._root), self._exclusions, self._is_wanted, Limits())
        seen = {found.path: found for found in walk.found()}
        rows = self._store.files() if self._store else {}
        self._remove(path for path in {*rows, *self._sent} if path not in seen)
        known, others = [], []
        for found in seen.values():
            row = rows.get(found.path)
            if row is None or (row.size, row.mtime_ns) != (found.size, found.mtime_ns):
                others.append(found)
            elif self._sent.get(found.path) != row.hash:
                known.append((found, row))
        total, done = len(seen), len(seen) - len(known) - len(others)
        budget = MOST_FACTS
        for start in range(0, len(known), _FILES_AT_ONCE):
            some = known[start : start + _FILES_AT_ONCE]
            there = self._store.facts([row.hash for _, row in some]) if self._store else {}
            for found, row in some:
                content = there.get(row.hash)
                if content is None:
                    others.append(found)
                    continue
                budget -= len(content)
                self._send(found.path, row.hash, content)
                done += 1
            self._report(done, total)
        # Two windows on one workspace begin at two places, and find what the other has done already.
        turn = os.getpid() * 0x9E3779B1 % len(others) if others else 0
        for found in (*others[turn:], *others[:turn]):
            if budget < 0:
                break
            budget -= self._take(found.path)
            done += 1
            self._report(done, total)
        self._flush()
        if self._store:
            self._store.sweep()
        self._report(total, total, always=True)
        if budget < 0:
            return "The workspace has more code than an index can hold: the rest is not indexed."
        return walk.stopped

    def _look_again(self, paths: Iterable[str]) -> None:
        """Bring single files up to date; and folders, those that are gone with all that was in them."""
        removed = []
        for path in dict.fromkeys(paths):
            whole = self._root / path
            if whole.is_dir() and not whole.is_symlink():
                self._index()
                return
            if self._is_wanted(path) and look_at(self._root, path) and not self._rules.why_not_indexed(str(whole)):
                self._take(path)
            elif path in self._sent:
                removed.append(path)
            else:
                removed.extend(sent for sent in self._sent if sent.startswith(f"{path}/"))
        if removed:
            self._remove(removed)
        self._flush()
        if self._store:
            self._store.sweep()

    def _is_wanted(self, path: str) -> bool:
        return path not in self._avoid and (is_manifest(path) or self._extractor.grammar_of(path) is not None)

    # Single files

    def _take(self, path: str) -> int:
        """Bring one file up to date that the rules allow. The bytes of its facts."""
        for frame in self._orders.texts():
            self._text(frame)
        read = read_content(self._root, path, time.time_ns())
        if read is None:
            self._remove((path,))
            return 0
        kind, text = self._kind(path, read)
        key = hash_of(read.content, kind)
        content = self._store.facts([key]).get(key) if self._store else None
        if content is None:
            if self._careful:
                self._say({"reading": path})
            content = self._make(kind, path, text)
        if content is None:
            # Not to be remembered: the next process may do better.
            self._send(path, key, b"")
            self._batch.removed.append(path)
            return 0
        if self._sent.get(path) != key:
            self._send(path, key, content)
        self._batch.puts.append(Put(read.found, key, content))
        if len(self._batch.puts) >= _FILES_AT_ONCE or time.monotonic() - self._batch.since > _SECONDS_BETWEEN_WRITES:
            self._flush()
        return len(content)

    def _kind(self, path: str, read: Content) -> tuple[str, str]:
        """How a file is to be read, and its text; "none" for what is no source."""
        if is_binary(read.content):
            return "none", ""
        text = decode(read.content)
        if is_manifest(path):
            return path.rpartition("/")[2], text
        grammar = self._extractor.grammar_of(path)
        if grammar is None or self._extractor.generated(path, text[:HEAD_LENGTH]):
            return "none", ""
        return grammar, text

    def _make(self, kind: str, path: str, text: str) -> bytes | None:
        """The facts of a text as bytes; None if that failed, which is a mistake of ours."""
        if kind == "none":
            return b""
        if is_manifest(path):
            manifest = read_manifest(path, text)
            return b"" if manifest is None else pack_manifest(manifest)
        try:
            return encode(self._extractor.facts(kind, text))
        except Exception:  # noqa: BLE001 (one file that nobody foresaw must not cost all others)
            return None

    def _text(self, frame: Frame) -> None:
        """The facts of a text that is being edited: they go back, and nowhere else."""
        path = frame.head["text"]
        grammar = self._extractor.grammar_of(path)
        text = frame.body.decode("utf-8", "surrogatepass")
        content = b"" if grammar is None else self._make(grammar, path, text)
        self._say({"text": path}, content or b"")
        self._say({"done": "text", "stopped": None})

    # What goes out

    def _send(self, path: str, key: str, content: bytes) -> None:
        self._sent[path] = key
        self._say({"file": path, "hash": key}, content)

    def _remove(self, paths: Iterable[str]) -> None:
        gone = list(paths)
        self._batch.removed.extend(gone)
        sent = [path for path in gone if self._sent.pop(path, None) is not None]
        if sent:
            self._say({"gone": sent})

    def _flush(self) -> None:
        batch = self._batch
        self._batch = _Batch([], [], time.monotonic())
        if self._store:
            # A file may have been removed and found again.
            put = {entry.found.path for entry in batch.puts}
            self._store.write(batch.puts, [path for path in batch.removed if path not in put])

    def _report(self, done: int, total: int, *, always: bool = False) -> None:
        now = time.monotonic()
        if always or now - self._reported > _SECONDS_BETWEEN_REPORTS:
            self._reported = now
            self._say({"progress": done, "of": total})

    def _say(self, head: dict[str, Any], body: bytes = b"") -> None:
        self._output.write(pack(Frame(head, body)))
        self._output.flush()


def _pairs(known: str) -> Iterator[tuple[str, str]]:
    for line in known.split("\n"):
        key, _, path = line.partition(" ")
        if path:
            yield path, key


def known_files(hashes: dict[str, str]) -> bytes:
    """What the server has, for the frame that begins: a hash and a path on each line."""
    return "\n".join(f"{key} {path}" for path, key in hashes.items()).encode()


def work(extractor: Extractor) -> None:
    """The whole life of the process. Never returns."""
    with suppress(OSError, AttributeError):
        os.nice(NICENESS)
    # Nothing else may write to where the server reads.
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    begin = read_frame(sys.stdin.buffer)
    if begin is None:
        return
    with suppress(BrokenPipeError):
        Worker(begin, extractor, Orders(sys.stdin.buffer), output).obey()
