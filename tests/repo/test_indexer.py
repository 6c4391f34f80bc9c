"""The index with its real process: cold, warm, changed, crashed, killed, and two at once."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from spark_lsp.repo.graph import Graph
from spark_lsp.repo.indexer import Indexer
from spark_lsp.repo.store import store_path

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from spark_lsp.repo.indexer import Progress

WORKER = "repo.stand_in_worker"


class Window:
    """A server's side of an index."""

    def __init__(self, root: Path, cache: Path | None, *, exclude: tuple[str, ...] = ()) -> None:
        self.graph = Graph(root)
        self.progress: list[Progress] = []
        self.indexer = Indexer(
            self.graph, WORKER, exclude=exclude, cache_folder=cache, on_progress=self.progress.append
        )

    async def index(self) -> Window:
        self.indexer.start()
        assert self.graph.growing
        await asyncio.wait_for(self.indexer.settled(), 60)
        return self

    async def changed(self, *paths: str) -> None:
        self.indexer.files_changed(paths)
        await asyncio.wait_for(self.indexer.settled(), 60)

    def names(self) -> set[str]:
        return {symbol.name for path in self.graph.files() for symbol in self.graph.symbols(path)}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    for number in range(12):
        put(folder, f"pkg{number % 3}/module_{number}.py", f"def function_{number}():\n    return helper_{number}()\n")
    put(folder, "ui/main.ts", "export function draw() {}\n")
    put(folder, "package.json", '{"name": "ui"}')
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture(autouse=True)
def _modules_of_the_tests(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.syspath_prepend(str(request.path.parent.parent))


def put(root: Path, path: str, content: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")


def stored_bytes(cache: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(cache.rglob("*")) if file.is_file())


def run(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(scenario())


def test_a_cold_index_finds_everything_and_a_warm_one_parses_nothing(root: Path, cache: Path) -> None:
    async def scenario() -> None:
        first = await Window(root, cache).index()
        assert not first.graph.growing
        assert {f"function_{number}" for number in range(12)} | {"draw"} == first.names()
        assert first.progress[-1].finished
        assert first.progress[-1].done == 14
        assert first.graph.manifests()["package.json"].name == "ui"
        await first.indexer.aclose()
        # Where parsing would crash: it is not done.
        make_crashing(root)
        settle(cache, root)
        second = await Window(root, cache).index()
        assert second.names() == first.names()
        await second.indexer.aclose()

    settle_times(root)
    run(scenario)


def make_crashing(root: Path) -> None:
    """Give files another content, and leave their sizes and times."""
    for path in root.rglob("*.py"):
        status, text = path.stat(), path.read_text()
        path.write_text(f"CRASH_THE_PARSER {text}"[: len(text)])
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def settle_times(root: Path) -> None:
    """Make files old enough for their times to be believed."""
    for path in root.rglob("*"):
        if path.is_file():
            os.utime(path, (1_600_000_000, 1_600_000_000))


def settle(cache: Path, root: Path) -> None:
    with closing(sqlite3.connect(store_path(cache, root))) as store:
        assert store.execute("SELECT count(*) FROM file WHERE mtime_ns = 0").fetchone() == (0,)


def test_only_what_changed_is_read_again(root: Path, cache: Path) -> None:
    settle_times(root)

    async def scenario() -> None:
        window = await Window(root, cache).index()
        put(root, "pkg0/module_0.py", "def changed(): ...\n")
        (root / "pkg1/module_1.py").unlink()
        (root / "pkg2").rename(root / "pkg9")
        put(root, "new.py", "def new(): ...\n")
        await window.changed("pkg0/module_0.py", "pkg1/module_1.py", "new.py")
        assert {"changed", "new"} <= window.names()
        assert not {"function_0", "function_1"} & window.names()
        assert "pkg2/module_2.py" in window.graph.files()
        await window.changed("pkg2", "pkg9")
        assert "pkg9/module_2.py" in window.graph.files()
        assert "pkg2/module_2.py" not in window.graph.files()
        await window.indexer.aclose()
        again = await Window(root, cache).index()
        assert again.names() == window.names()
        assert again.graph.hashes == window.graph.hashes
        await again.indexer.aclose()

    run(scenario)


def test_another_branch_is_taken_over_in_one_go(root: Path, cache: Path) -> None:
    async def scenario() -> None:
        window = await Window(root, cache).index()
        paths = []
        for number in range(1500):
            paths.append(f"branch/module_{number}.py")
            put(root, paths[-1], f"def of_branch_{number}(): ...\n")
        (root / "pkg0/module_0.py").unlink()
        await window.changed(*paths, "pkg0/module_0.py")
        assert len(window.graph.files()) == 1512
        assert "of_branch_1499" in window.names()
        for path in paths:
            (root / path).unlink()
        await window.changed(*paths)
        assert len(window.graph.files()) == 12
        await window.indexer.aclose()

    run(scenario)


def test_nothing_that_is_denied_or_ignored_is_in_the_index_or_its_file(root: Path, cache: Path, tmp_path: Path) -> None:
    put(root, ".gitignore", "ignored_folder/\n*.gen.py\n")
    put(root, "sub/.gitignore", "nested_ignored.py\n")
    put(root, ".sparkignore", "spark_ignored.py\n")
    put(tmp_path, "outside/outside_file.py", "def hidden_name(): ...\n")
    hidden = "def hidden_name(): ...\nhidden_name()\n"
    hidden_paths = (
        *("ignored_folder/a.py", "b.gen.py", "sub/nested_ignored.py", "spark_ignored.py", "excluded_by_user.py"),
        *(".env.py/../.env.local.py", "node_modules/in_modules.js", "deep/.ssh/id_rsa.py", "credentials"),
    )
    for path in hidden_paths:
        put(root, os.path.normpath(path), hidden)
    put(root, "binary_file.py", "hidden_name = 1\n\0")
    put(root, "generated_file.py", "# @generated\nhidden_name = 1\n")
    put(root, "large_file.py", "hidden_name = 1\n" * 70_000)
    if os.name != "nt":
        (root / "linked.py").symlink_to(tmp_path / "outside/outside_file.py")
        (root / "linked_folder").symlink_to(tmp_path / "outside")

    async def scenario() -> None:
        window = await Window(root, cache, exclude=("excluded_*",)).index()
        assert "function_3" in window.names()
        assert "hidden_name" not in window.names()
        assert "hidden_name" not in window.graph.names.texts
        content = stored_bytes(cache)
        assert b"function_3" in content
        names = ("hidden_name", "ignored_folder", "b.gen", "nested_ignored", "spark_ignored", "excluded_by", "linked")
        for name in (*names, "in_modules", "id_rsa", ".env", "outside_file", "large_file"):
            assert name.encode() not in content, name
        await window.indexer.aclose()

    run(scenario)


def test_files_that_become_ignored_disappear_to_the_last_byte(root: Path, cache: Path) -> None:
    async def scenario() -> None:
        window = await Window(root, cache).index()
        assert "function_2" in window.names()
        put(root, "pkg2/.sparkignore", "*\n")
        await window.changed("pkg2/.sparkignore")
        assert not {"function_2", "function_5"} & window.names()
        assert "function_1" in window.names()
        await window.indexer.aclose()
        content = stored_bytes(cache)
        assert b"function_2" not in content
        assert b"helper_5" not in content
        assert b"function_1" in content
        (root / "pkg2/.sparkignore").unlink()
        again = await Window(root, cache).index()
        assert "function_2" in again.names()
        await again.indexer.aclose()

    run(scenario)


def test_open_texts_are_read_in_the_process_and_never_stored(root: Path, cache: Path) -> None:
    async def scenario() -> None:
        window = await Window(root, cache).index()
        window.indexer.text_changed("pkg0/module_0.py", "def older(): ...\n")
        window.indexer.text_changed("pkg0/module_0.py", "def typed_just_now(): ...\n")
        window.indexer.text_changed("untitled.py", "def \ud800 odd(): ...\n")
        await asyncio.wait_for(window.indexer.settled(), 60)
        assert "typed_just_now" in window.names()
        assert not {"older", "function_0"} & window.names()
        window.indexer.text_closed("pkg0/module_0.py")
        assert "function_0" in window.names()
        assert b"typed_just_now" not in stored_bytes(cache)
        await window.indexer.aclose()

    run(scenario)


def test_a_file_that_crashes_the_process_costs_itself_only(root: Path, cache: Path) -> None:
    put(root, "pkg1/poison.py", "CRASH_THE_PARSER = 1\n")
    put(root, "pkg1/raises.py", "RAISE_IN_THE_PARSER = 1\n")

    async def scenario() -> None:
        window = await Window(root, cache).index()
        assert {f"function_{number}" for number in range(12)} <= window.names()
        assert "CRASH_THE_PARSER" not in window.names()
        assert not window.indexer.has_given_up
        assert b"raises.py" not in stored_bytes(cache), "what failed is tried again the next time"
        put(root, "later.py", "def later(): ...\n")
        await window.changed("later.py")
        assert "later" in window.names()
        await window.indexer.aclose()

    run(scenario)


def test_a_process_that_cannot_run_is_given_up(root: Path) -> None:
    async def scenario() -> None:
        indexer = Indexer(Graph(root), "repo.no_such_worker")
        indexer.start()
        await asyncio.wait_for(indexer.settled(), 60)
        assert indexer.has_given_up
        indexer.files_changed(["a.py"])
        await asyncio.wait_for(indexer.settled(), 60)
        await indexer.aclose()

    run(scenario)


def test_without_a_folder_for_the_file_the_index_is_in_memory(root: Path, tmp_path: Path) -> None:
    put(tmp_path, "no_folder/index", "a file")

    async def scenario() -> None:
        for cache in (None, tmp_path / "no_folder"):
            window = await Window(root, cache).index()
            assert "function_0" in window.names()
            put(root, "later.py", "def later(): ...\n")
            await window.changed("later.py")
            assert "later" in window.names()
            await window.indexer.aclose()

    run(scenario)


def test_the_process_ends_when_it_idles_and_another_goes_on_from_there(
    root: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spark_lsp.repo.indexer.IDLE_SECONDS", 0.01)

    async def scenario() -> None:
        window = await Window(root, cache).index()
        task = window.indexer._task
        assert task is not None
        await asyncio.wait_for(task, 60)
        assert window.indexer._process is None
        put(root, "later.py", "def later(): ...\n")
        await window.changed("later.py")
        assert {"later", "function_1"} <= window.names()
        assert not window.indexer.has_given_up
        await window.indexer.aclose()

    run(scenario)


def test_two_windows_at_once_have_the_same(root: Path, cache: Path) -> None:
    for number in range(300):
        put(root, f"many/module_{number}.py", f"def many_{number}(): ...\n")

    async def scenario() -> None:
        windows = [Window(root, cache) for _ in range(3)]
        await asyncio.gather(*(window.index() for window in windows))
        for window in windows:
            assert len(window.graph.files()) == 313
            assert window.graph.hashes == windows[0].graph.hashes
        await asyncio.gather(*(window.indexer.aclose() for window in windows))
        with closing(sqlite3.connect(store_path(cache, root))) as store:
            assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert store.execute("SELECT count(*) FROM file").fetchone() == (314,)

    run(scenario)


async def killed_at_random(root: Path, cache: Path, choose: random.Random, kills: int) -> None:
    for number in range(kills):
        for changed in range(40):
            put(root, f"many/module_{changed}.py", f"def many_{number}_{changed}(): SLOW_TO_PARSE\n")
        window = Window(root, cache)
        window.indexer.start()
        # From before the file is there until after everything is done.
        await asyncio.sleep(choose.uniform(0, 0.6))
        if window.indexer._process is not None:
            window.indexer._process.kill()
        await window.indexer.aclose()
        path = store_path(cache, root)
        if path.exists():
            with closing(sqlite3.connect(path)) as store:
                assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    last = await Window(root, cache).index()
    assert {f"many_{kills - 1}_{changed}" for changed in range(40)} <= last.names()
    assert {f"function_{number}" for number in range(12)} <= last.names()
    await last.indexer.aclose()


def test_killing_the_process_leaves_a_file_that_can_be_used(root: Path, cache: Path) -> None:
    asyncio.run(killed_at_random(root, cache, random.Random(4), 3))


@pytest.mark.long
def test_killing_the_process_fifty_times_leaves_a_file_that_can_be_used(root: Path, cache: Path) -> None:
    asyncio.run(killed_at_random(root, cache, random.Random(5), 50))


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_the_process_dies_with_its_server(root: Path, cache: Path) -> None:
    async def scenario() -> None:
        for number in range(400):
            put(root, f"many/module_{number}.py", "def slow(): SLOW_TO_PARSE\n")
        script = (
            "import asyncio, sys; sys.path.insert(0, sys.argv[1])\n"
            "from pathlib import Path\n"
            "from repo.test_indexer import Window\n"
            "async def main():\n"
            "    window = Window(Path(sys.argv[2]), Path(sys.argv[3])); window.indexer.start()\n"
            "    while not window.progress: await asyncio.sleep(0.01)\n"
            "    print(window.indexer._process.pid, flush=True); await asyncio.sleep(60)\n"
            "asyncio.run(main())"
        )
        arguments = (sys.executable, "-c", script, sys.path[0], str(root), str(cache))
        server = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
        assert server.stdout is not None
        worker = int(await asyncio.wait_for(server.stdout.readline(), 60))
        server.kill()
        await server.wait()
        async with asyncio.timeout(20):
            while is_running(worker):  # noqa: ASYNC110 (nothing tells of another's child)
                await asyncio.sleep(0.01)

    asyncio.run(scenario())


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
