"""What a prompt hears of other documents' edits, and that it hears nothing of those that must stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from spark_lsp.context.engine import ContextEngine
from spark_lsp.core.diagnostics import Diagnostic
from spark_lsp.core.edits import Edit
from spark_lsp.core.text import ORIGIN, Range
from spark_lsp.features.extras import MOST_OTHERS, extras_for
from spark_lsp.repo.graph import Graph
from spark_lsp.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from spark_lsp.features.services import Services


class FakeServices:
    """A workspace of two folders; the index has the files that it is given."""

    def __init__(self, root: Path, indexed: list[str]) -> None:
        self.root = root
        self.session = Session(workspace_folders=[str(root / "one"), str(root / "two")])
        self.engines = {name: ContextEngine(Graph(root / name), cast("Any", None)) for name in ("one", "two")}
        for path in indexed:
            folder, _, inner = path.partition("/")
            self.engines[folder].graph.hashes[inner] = "hash"

    def context_of(self, uri: str) -> tuple[ContextEngine, str] | None:
        folder, _, inner = uri.removeprefix(f"{self.root.as_uri()}/").partition("/")
        return (self.engines[folder], inner) if folder in self.engines else None

    def edited(self, *paths: str) -> None:
        for path in paths:
            uri = f"{self.root.as_uri()}/{path}"
            document = self.session.documents.get(uri) or self.session.open(uri, "python", 1, "x = 1\n")
            document.change([Edit(ORIGIN, ORIGIN, f"# {path}\n")], 2)

    def recent(self, path: str) -> list[str]:
        snapshot = self.session.documents[f"{self.root.as_uri()}/{path}"].snapshot()
        return [one.path for one in extras_for(cast("Services", self), snapshot).recent]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    return tmp_path


def test_the_others_come_by_when_they_were_changed_and_the_document_at_hand_last(root: Path) -> None:
    services = FakeServices(root, ["one/a.py", "one/b.py", "one/c.py", "two/d.py"])
    services.edited("one/a.py", "one/b.py", "one/c.py", "two/d.py", "one/a.py")
    assert services.recent("one/b.py") == ["c.py", "a.py", "b.py"]
    assert services.recent("two/d.py") == ["d.py"]


def test_only_documents_that_may_be_quoted_are_quoted(root: Path) -> None:
    (root / "one/.sparkignore").write_text("ignored.py\n")
    services = FakeServices(root, ["one/a.py", "one/ignored.py", "one/.env", "one/b.py"])
    services.edited("one/ignored.py", "one/.env", "one/not_indexed.py", "one/b.py", "one/a.py")
    services.session.open(f"{root.as_uri()}/one/unchanged.py", "python", 1, "")
    assert services.recent("one/a.py") == ["b.py", "a.py"]


def test_there_are_a_few(root: Path) -> None:
    paths = [f"one/m{number}.py" for number in range(9)]
    services = FakeServices(root, paths)
    services.edited(*paths)
    assert services.recent(paths[0]) == ["m5.py", "m6.py", "m7.py", "m8.py", "m0.py"]
    assert MOST_OTHERS == 4


def test_what_the_client_told_of_the_document_is_there_until_its_line_changes(root: Path) -> None:
    services = FakeServices(root, ["one/a.py"])
    services.edited("one/a.py")
    document = services.session.documents[f"{root.as_uri()}/one/a.py"]
    document.diagnostics = document.diagnostics.told(
        Range(ORIGIN, ORIGIN), [Diagnostic(Range(ORIGIN, ORIGIN), "wrong")]
    )
    snapshot = document.snapshot()
    document.change([Edit(ORIGIN, ORIGIN, "y")], 3)
    for taken, messages in ((snapshot, ["wrong"]), (document.snapshot(), [])):
        assert [one.message for one in extras_for(cast("Services", services), taken).diagnostics] == messages


def test_without_an_index_there_are_none(root: Path) -> None:
    services = FakeServices(root, [])
    services.edited("elsewhere/a.py")
    assert services.recent("elsewhere/a.py") == []
