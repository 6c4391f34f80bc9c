"""The repository's index on 200,000 lines: cold, warm, its memory, how long the loop is kept, and what questions cost.

The repository is made of the sources that this Python has at hand: its standard library and what is installed.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import subprocess
import sysconfig
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench.data import percentile
from spark_lsp.repo.graph import Graph
from spark_lsp.repo.indexer import Indexer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spark_lsp.repo.locations import Location

WORKER = "spark_lsp.server.index_worker"
LINES = 200_000
SUFFIXES = (".py", ".js", ".ts", ".tsx", ".c", ".h")


def make_repository(root: Path) -> None:
    """Copy whole packages until there are enough lines."""
    lines = files = 0
    taken = []
    for package in sources():
        before = lines
        for file in sorted(package.rglob("*")) if package.is_dir() else [package]:
            if file.suffix not in SUFFIXES or not file.is_file() or file.stat().st_size > 900_000:
                continue
            inner = file.relative_to(package.parent)
            if "site-packages" in inner.parts or "test" in inner.parts or lines >= LINES:
                continue
            target = root / inner
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
            os.utime(target, (1_600_000_000, 1_600_000_000))
            lines += target.read_bytes().count(b"\n")
            files += 1
        if lines > before:
            taken.append(f"{package.name} ({lines - before:,})")
        if lines >= LINES:
            break
    print(f"{files:,} files, {lines:,} lines, from the standard library and: {', '.join(taken[-6:])} ...")


def sources() -> Iterator[Path]:
    """Packages of this machine, the standard library's first."""
    for folder in dict.fromkeys((sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"))):
        for entry in sorted(Path(folder).iterdir()):
            if entry.name not in ("site-packages", "test", "__pycache__", "encodings", "pydoc_data"):
                yield entry


def memory() -> float | None:
    """MB that this process has in memory now."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError):
        return None


class Turns:
    """How long the loop was kept: the wall's time, and the processor's that this thread took of it."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.own: list[float] = []

    async def watch(self) -> None:
        while True:
            wall, own = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0)
            self.wall.append(time.perf_counter() - wall)
            self.own.append(time.thread_time() - own)
            await asyncio.sleep(0.0005)

    def __str__(self) -> str:
        def worst(seconds: list[float]) -> str:
            return f"{1000 * max(seconds):.1f} ms (p99.9 {1000 * percentile(seconds, 0.999):.1f})"

        return f"longest turn {worst(self.wall)}, of which own time {worst(self.own)}"


async def index(root: Path, cache: Path, what: str) -> Graph:
    before = memory()
    graph = Graph(root)
    indexer = Indexer(graph, WORKER, cache_folder=cache)
    turns = Turns()
    watching = asyncio.create_task(turns.watch())
    started = time.perf_counter()
    indexer.start()
    await indexer.settled()
    seconds = time.perf_counter() - started
    await indexer.aclose()
    watching.cancel()
    after = memory()
    grown = f"memory {after:.0f} MB, {after - before:+.0f}" if before is not None and after is not None else ""
    print(f"{what:<28} {seconds:6.2f} s   {turns}   {grown}")
    return graph


def ask(graph: Graph) -> None:
    choose = random.Random(1)
    files = graph.files()
    some = [choose.choice(files) for _ in range(2000)]
    places: list[Location] = []
    uses = []
    for path in some:
        table = graph.table(path)
        if table is None:
            continue
        if symbols := graph.symbols(path):
            places += graph.definitions(choose.choice(symbols).name, limit=1)
        if len(table.reference_names):
            uses.append((path, table.reference(choose.randrange(len(table.reference_names)))))
    classes = [place for place in places if place.symbol.kind == "class"]
    measure("definitions(name)", [partial(graph.definitions, place.symbol.name, limit=20) for place in places])
    measure(
        "resolve(path, name)",
        [partial(graph.resolve, path, use.name, use.qualifier, use.line) for path, use in uses],
    )
    measure("members(class)", [partial(graph.members, place) for place in classes])
    measure("callers(place)", [partial(graph.callers, place) for place in places])
    measure("siblings(place)", [partial(graph.siblings, place) for place in places])
    measure("importers(path)", [partial(graph.importers, path, 20) for path in some])
    measure("symbols(path)", [partial(graph.symbols, path) for path in some])


def measure(what: str, questions: list[Callable[[], object]]) -> None:
    seconds = []
    for question in questions:
        started = time.perf_counter()
        question()
        seconds.append(time.perf_counter() - started)
    print(
        f"{what:<28} p50 {1000 * percentile(seconds, 0.5):.3f} ms  p99 {1000 * percentile(seconds, 0.99):.3f} ms  "
        f"worst {1000 * max(seconds):.1f} ms"
    )


def compare_with_ctags(root: Path, seconds: float) -> None:
    version = ""
    if program := shutil.which("ctags"):
        version = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    if "Universal Ctags" not in version:
        print("universal-ctags              skipped: it is not installed")
        return
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([str(program), "-R", "-f", f"{folder}/tags", str(root)], check=True, capture_output=True)
    theirs = time.perf_counter() - started
    print(f"universal-ctags              {theirs:6.2f} s   our cold index takes {seconds / theirs:.1f} times as long")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, cache = Path(folder) / "repository", Path(folder) / "cache"
        make_repository(root)
        started = time.perf_counter()
        asyncio.run(index(root, cache, "cold"))
        cold = time.perf_counter() - started
        graph = asyncio.run(index(root, cache, "warm"))
        size = sum(file.stat().st_size for file in cache.rglob("*.sqlite3"))
        print(f"{'on disk':<28} {size / 1e6:.1f} MB, {len(graph.files()):,} files with facts")
        ask(graph)
        compare_with_ctags(root, cold)


if __name__ == "__main__":
    # A server with its libraries is what grows, so that their memory counts.
    import spark_lsp.server.handlers  # noqa: F401

    main()
