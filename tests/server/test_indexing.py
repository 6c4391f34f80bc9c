"""The index in the life of a server: what starts and ends it, and what reaches it. The worker is a real process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import pytest
from lsprotocol import types
from pygls.uris import from_fs_path

from spark_lsp.core.edits import Edit
from spark_lsp.core.text import Position
from spark_lsp.features import repository
from spark_lsp.repo.indexer import Indexer
from spark_lsp.server import indexing
from spark_lsp.server.client import Client
from spark_lsp.server.indexing import Indexing
from spark_lsp.session import Session
from spark_lsp.settings.model import Settings
from spark_lsp.syntax.facts_cache import LARGEST_PART

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

    from spark_lsp.server.server import SparkServer


@dataclass
class FakeServer:
    """What the index asks of a server."""

    session: Session
    client: Client
    environment: dict[str, str]
    registered: list[str] = field(default_factory=list)
    shown: list[Any] = field(default_factory=list)
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def editor(self) -> FakeServer:
        return self

    @property
    def next_edits(self) -> FakeServer:
        return self

    def files_changed(self) -> None:
        pass

    def in_background(self, work: Coroutine[Any, Any, Any]) -> None:
        self.tasks.add(asyncio.get_running_loop().create_task(work))

    async def client_register_capability_async(self, params: types.RegistrationParams) -> None:
        self.registered += [registration.method for registration in params.registrations]

    async def window_work_done_progress_create_async(self, params: types.WorkDoneProgressCreateParams) -> None:
        self.shown.append(params)

    def progress(self, params: types.ProgressParams) -> None:
        self.shown.append(params.value)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> FakeServer:
    monkeypatch.syspath_prepend(str(request.path.parent.parent))
    monkeypatch.setattr(repository, "WORKER_MODULE", "repo.stand_in_worker")
    monkeypatch.setattr(indexing, "SECONDS_AFTER_A_KEY", 0.0)
    monkeypatch.setattr(indexing, "SECONDS_BEFORE_PROGRESS", 0.0)
    root = tmp_path / "root"
    root.mkdir()
    for number in range(5):
        (root / f"m{number}.py").write_text(f"def f{number}(): ...\n")
    session = Session(workspace_folders=[str(root)])
    client = replace(Client(), watches_files=True, progress=True)
    return FakeServer(session, client, {"SPARK_LSP_CACHE": str(tmp_path / "cache")})


def uri_of(server: FakeServer, path: str) -> str:
    uri: str | None = from_fs_path(f"{server.session.workspace_folders[0]}/{path}")
    assert uri is not None
    return uri


def names(index: Indexing) -> set[str]:
    (folder,) = index.folders.values()
    return {symbol.name for path in folder.repository.graph.files() for symbol in folder.repository.graph.symbols(path)}


async def settled(index: Indexing) -> None:
    for _ in range(3):
        await asyncio.sleep(0.01)
        await asyncio.gather(*cast("FakeServer", index._server).tasks)
        for folder in index.folders.values():
            await asyncio.wait_for(folder.repository.indexer.settled(), 60)


def test_it_indexes_watches_and_shows_progress(server: FakeServer, tmp_path: Path) -> None:
    async def scenario() -> None:
        index = Indexing(cast("SparkServer", server))
        index.settle()
        await settled(index)
        assert names(index) == {f"f{number}" for number in range(5)}
        assert server.registered == [types.WORKSPACE_DID_CHANGE_WATCHED_FILES]
        (tmp_path / "root/new.py").write_text("def new(): ...\n")
        (tmp_path / "root/m0.py").unlink()
        created = types.FileEvent(uri_of(server, "new.py"), types.FileChangeType.Created)
        deleted = types.FileEvent(uri_of(server, "m0.py"), types.FileChangeType.Deleted)
        index.files_changed([created, deleted])
        await settled(index)
        assert "new" in names(index)
        assert "f0" not in names(index)
        await index.aclose()
        kinds = [type(value) for value in server.shown]
        if kinds:
            assert kinds[0] is types.WorkDoneProgressCreateParams
        assert kinds.count(types.WorkDoneProgressBegin) == kinds.count(types.WorkDoneProgressEnd)

    asyncio.run(scenario())


def test_open_documents_count_as_they_are_and_saved_ones_as_on_the_disk(server: FakeServer, tmp_path: Path) -> None:
    async def scenario() -> None:
        index = Indexing(cast("SparkServer", server))
        index.settle()
        await settled(index)
        uri = uri_of(server, "m1.py")
        server.session.open(uri, "python", 1, "def typed(): ...\n")
        index.text_changed(uri)
        await settled(index)
        assert "typed" in names(index)
        assert "f1" not in names(index)
        (tmp_path / "root/m1.py").write_text("def saved(): ...\n")
        index.saved(uri)
        await settled(index)
        server.session.close(uri)
        index.closed(uri)
        assert "saved" in names(index)
        assert "typed" not in names(index)
        await index.aclose()

    asyncio.run(scenario())


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The open documents whose texts the index's process was given."""
    paths: list[str] = []
    text_changed = Indexer.text_changed

    def note(indexer: Indexer, path: str, text: str) -> None:
        paths.append(path)
        text_changed(indexer, path, text)

    monkeypatch.setattr(Indexer, "text_changed", note)
    return paths


def test_what_was_typed_is_there_for_who_asks_without_the_process(server: FakeServer, sent: list[str]) -> None:
    async def scenario() -> None:
        index = Indexing(cast("SparkServer", server))
        index.settle()
        await settled(index)
        (folder,) = index.folders.values()
        uri = uri_of(server, "m1.py")
        document = server.session.open(uri, "python", 1, "def typed():\n    return 'a'\n" + "\n" * 100)
        table = None
        for number in range(5):
            at = Position(2 + number, 0)
            document.change([Edit(at, at, f"def more{number}(): ...\n")], number)
            reading = asyncio.ensure_future(index.read(uri))
            await index.settle_text(uri)
            assert {"typed", f"more{number}"} <= names(index)
            await reading
            assert folder.repository.graph.table("m1.py") is not table
            table = folder.repository.graph.table("m1.py")
        # What changes no fact leaves what is known as it is.
        document.change([Edit(Position(1, 12), Position(1, 13), "b")], 9)
        await index.settle_text(uri)
        assert folder.repository.graph.table("m1.py") is table
        await index.settle_text(uri_of(server, "not_open.py"))
        assert sent == []
        await index.aclose()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "def typed():\n" + "    x()\n" * (LARGEST_PART + 1)),
        ("typescript", "def typed(): ...\n"),
        ("plaintext", "def typed(): ...\n"),
    ],
)
def test_what_is_not_to_be_had_in_small_steps_comes_from_the_process(
    server: FakeServer, sent: list[str], language: str, text: str
) -> None:
    async def scenario() -> None:
        index = Indexing(cast("SparkServer", server))
        index.settle()
        await settled(index)
        uri = uri_of(server, "m1.py")
        document = server.session.open(uri, language, 1, text)
        await index.read(uri)
        await index.settle_text(uri)
        assert sent == []
        index.text_changed(uri)
        await settled(index)
        assert sent == ["m1.py"]
        assert "typed" in names(index)
        document.replace("def short(): ...\n", 2)
        index.text_changed(uri)
        await settled(index)
        assert "short" in names(index)
        assert sent == (["m1.py"] if language == "python" else ["m1.py"] * 2)
        await index.aclose()

    asyncio.run(scenario())


def test_a_document_that_is_closed_meanwhile_counts_as_on_the_disk(server: FakeServer) -> None:
    async def scenario() -> None:
        index = Indexing(cast("SparkServer", server))
        index.settle()
        await settled(index)
        uri = uri_of(server, "m1.py")
        server.session.open(uri, "python", 1, "def typed(): ...\n")
        telling = asyncio.ensure_future(index.settle_text(uri))
        await asyncio.sleep(0)
        server.session.close(uri)
        index.closed(uri)
        await telling
        assert "typed" not in names(index)
        assert "f1" in names(index)
        await index.aclose()

    asyncio.run(scenario())


def test_open_documents_that_are_ignored_stay_out(server: FakeServer, tmp_path: Path) -> None:
    (tmp_path / "root/.sparkignore").write_text("private.py\n")

    async def scenario() -> None:
        index = Indexing(cast("SparkServer", server))
        index.settle()
        for path in ("private.py", ".env.py/../.env.py", "../elsewhere.py"):
            uri = uri_of(server, path)
            server.session.open(uri, "python", 1, "def hidden(): ...\n")
            index.text_changed(uri)
        await settled(index)
        assert "hidden" not in names(index)
        assert "f1" in names(index)
        await index.aclose()

    asyncio.run(scenario())


def test_settings_start_and_end_it(server: FakeServer) -> None:
    async def scenario() -> None:
        index = Indexing(cast("SparkServer", server))
        plain = Settings()
        server.session.settings = replace(plain, context=replace(plain.context, repository=False))
        index.settle()
        assert not index.folders
        index.text_changed(uri_of(server, "m1.py"))
        server.session.settings = plain
        index.settle()
        await settled(index)
        assert "f1" in names(index)
        server.session.settings = replace(plain, privacy=replace(plain.privacy, exclude=("m1.py",)))
        index.settle()
        await settled(index)
        assert "f1" not in names(index)
        assert "f2" in names(index)
        server.session.workspace_folders = []
        index.settle()
        assert not index.folders
        await index.aclose()
        await asyncio.gather(*server.tasks)

    asyncio.run(scenario())


def test_builds_do_not_wake_it(server: FakeServer) -> None:
    async def scenario() -> None:
        index = Indexing(cast("SparkServer", server))
        index.settle()
        await settled(index)
        (folder,) = index.folders.values()
        for path in ("node_modules/a/b.js", "__pycache__/m1.pyc", "out/main.o", ".git/index", "logo.png"):
            index.files_changed([types.FileEvent(uri_of(server, path), types.FileChangeType.Changed)])
        assert not folder.repository.indexer._waiting
        index.files_changed([types.FileEvent(uri_of(server, "sub/.gitignore"), types.FileChangeType.Changed)])
        assert folder.repository.indexer._waiting
        await index.aclose()

    asyncio.run(scenario())
