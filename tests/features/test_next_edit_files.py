"""Files that are not open: what is offered for them is for what they hold, whatever happens to them on disk."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repo.trees import facts_bytes
from spark_lsp.core.edits import Edit, apply
from spark_lsp.core.text import Position, Text
from spark_lsp.features.next_edit_files import LARGEST_FILE, FurtherEdit, FurtherFiles
from spark_lsp.repo.graph import Graph
from spark_lsp.session import Session
from spark_lsp.settings.layers import Layer, Source, resolve
from spark_lsp.settings.model import Settings

if TYPE_CHECKING:
    from spark_lsp.session import Document

OLD, NEW = "fetch_all", "fetch_one"
STORE = "def fetch_all(key):\n    return [key]\n"
USES = {
    "near.py": "from store import fetch_all\n\n\nprint(fetch_all(1))\n",
    "far/away.py": "import store\n\n\nprint(store.fetch_all(2))\n",
}


class Workshop:
    """A folder with an index that knows it as it was in the beginning, and one open document."""

    def __init__(self, folder: Path, files: dict[str, str] = USES) -> None:
        self.folder = folder
        self.session = Session(workspace_folders=[str(folder)], settings=Settings())
        self.graph = Graph(folder)
        self.engine: Any = SimpleNamespace(graph=self.graph)
        self.told = 0
        for name, text in {"store.py": STORE, **files}.items():
            self.write(name, text)
            self.graph.put(name, "0", facts_bytes(name, text))
        services: Any = SimpleNamespace(session=self.session, context_of=self._context_of, settle_text=self._settle)
        self.further = FurtherFiles(services, self._tell)
        self.document = self.open("store.py", STORE)

    def _tell(self) -> None:
        self.told += 1

    def _context_of(self, uri: str) -> tuple[Any, str]:
        return self.engine, Path(uri.removeprefix("file://")).relative_to(self.folder).as_posix()

    async def _settle(self, uri: str) -> None:
        path = self._context_of(uri)[1]
        self.graph.put_text(path, facts_bytes(path, str(self.session.documents[uri].text)))

    def write(self, name: str, text: str | bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def open(self, name: str, text: str) -> Document:
        return self.session.open((self.folder / name).as_uri(), "python", 1, text)

    async def rename(self) -> None:
        """The user renames the definition, and the files are looked through."""
        start = STORE.index(OLD)
        self.document.change((Edit(Position(0, start), Position(0, start + len(OLD)), NEW),), 2)
        await self.further.look(self.document.uri)

    def next(self) -> FurtherEdit | None:
        return self.further.next(self.document, lambda *_: False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path.resolve()


def test_the_nearest_file_comes_first_then_the_next_one(folder: Path) -> None:
    async def play() -> None:
        shop = Workshop(folder)
        await shop.rename()
        assert shop.told == 1
        refused: list[tuple[str, Any]] = []
        found: list[tuple[str, str]] = []
        while edit := shop.further.next(shop.document, lambda uri, _, edits: (uri, edits) in refused):
            refused.append((edit.uri, edit.edits))
            found.append((edit.uri.rpartition("/")[2], str(apply(edit.text, edit.edits))))
        near = USES["near.py"]
        assert found == [
            ("near.py", near.replace(OLD, NEW, 1)),
            ("near.py", near.replace(f"({OLD}", f"({NEW}")),
            ("away.py", USES["far/away.py"].replace(OLD, NEW)),
        ]

    asyncio.run(play())


def test_it_is_over_when_its_example_is_taken_back_or_closed(folder: Path) -> None:
    async def play() -> None:
        shop = Workshop(folder)
        await shop.rename()
        assert shop.next() is not None
        start = STORE.index(OLD)
        shop.document.change((Edit(Position(0, start), Position(0, start + len(NEW)), OLD),), 3)
        assert shop.next() is None
        other = Workshop(folder)
        await other.rename()
        other.session.close(other.document.uri)
        assert other.next() is None

    asyncio.run(play())


def test_after_an_edit_of_a_closed_file_the_disk_has_to_have_it_first(folder: Path) -> None:
    """An editor may have changed it without having saved it, or told of it."""

    async def play() -> None:
        shop = Workshop(folder, {"near.py": USES["near.py"]})
        await shop.rename()
        edit = shop.next()
        assert edit is not None
        shop.further.accepted(edit.uri, edit.text)
        assert shop.next() is None
        await shop.further.look(shop.document.uri)
        assert shop.next() is None
        assert not shop.further.fits(edit.uri, edit.text)
        after = str(apply(edit.text, edit.edits))
        shop.write("near.py", after)
        shop.graph.put("near.py", "1", facts_bytes("near.py", after))
        await shop.further.look(shop.document.uri)
        following = shop.next()
        assert following is not None
        assert str(apply(following.text, following.edits)) == after.replace(OLD, NEW)

    asyncio.run(play())


@pytest.mark.parametrize(
    "given_settings",
    [{"nextEdit": {"offline": False}}, {"nextEdit": {"enabled": False}}, {"privacy": {"exclude": ["near.py", "far/"]}}],
)
def test_what_must_not_be_read_is_not(folder: Path, given_settings: dict[str, Any]) -> None:
    async def play() -> None:
        shop = Workshop(folder)
        shop.session.settings = resolve([Layer(Source.INITIALIZATION_OPTIONS, given_settings, "here")]).settings
        await shop.rename()
        assert shop.next() is None
        assert shop.told == 0

    asyncio.run(play())


@pytest.mark.parametrize(
    "content",
    [b"\xef\xbf\0 fetch_all", "# \u00e9\nfetch_all()\n".encode("latin-1"), b"#" * LARGEST_FILE + b"\nfetch_all()\n"],
    ids=["binary", "not UTF-8", "too large"],
)
def test_what_is_no_text_to_work_on_is_left_alone(folder: Path, content: bytes) -> None:
    async def play() -> None:
        shop = Workshop(folder)
        for name in USES:
            shop.write(name, content)
        await shop.rename()
        assert shop.next() is None

    asyncio.run(play())


def text_of(uri: str) -> Text:
    return Text.of(Path(uri.removeprefix("file://")).read_text(encoding="utf-8"))


CHANGES = st.sampled_from(("line above", "line below", "renamed", "binary", "gone", "as it was", "opened", "typed"))


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(st.tuples(CHANGES, st.sampled_from(sorted(USES))), min_size=1, max_size=6))
def test_what_is_offered_fits_what_is_there(steps: list[tuple[str, str]]) -> None:
    async def play(folder: Path) -> None:
        shop = Workshop(folder)
        await shop.rename()
        for number, (step, name) in enumerate(steps):
            path = folder / name
            there = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
            uri = path.as_uri()
            match step:
                case "line above":
                    shop.write(name, f"import os{number}\n{there}")
                case "line below":
                    shop.write(name, f"{there}\nprint({number})\n")
                case "renamed":
                    shop.write(name, there.replace(OLD, "something_else"))
                case "binary":
                    shop.write(name, b"\0" + there.encode())
                case "gone":
                    path.unlink(missing_ok=True)
                case "as it was":
                    shop.write(name, USES[name])
                case "opened":
                    shop.open(name, there)
                case _ if uri in shop.session.documents:
                    start = Position(0, 0)
                    shop.session.documents[uri].change((Edit(start, start, f"# {number}\n"),), number + 2)
            if number % 2:
                await shop.further.look(shop.document.uri)
            edit = shop.next()
            if edit is None:
                continue
            document = shop.session.documents.get(edit.uri)
            now = document.text if document is not None else text_of(edit.uri)
            assert edit.text == now
            assert [now.slice(one.start, one.end) for one in edit.edits] == [OLD] * len(edit.edits)
            assert document is not None or shop.further.fits(edit.uri, edit.text)
        shop.further.stop()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder).resolve()))
