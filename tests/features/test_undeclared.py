"""Hints at undeclared packages: by language, with real manifests in a folder, from the edit to the fix."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from spark_lsp.core.edits import apply
from spark_lsp.core.text import ORIGIN, Position, Range, Text
from spark_lsp.features import undeclared
from spark_lsp.features.imported_packages import may_import
from spark_lsp.features.undeclared import Fix, Hint, UndeclaredPackages
from spark_lsp.session import Document, Session
from spark_lsp.syntax.grammars import language_of_file

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

EVERYTHING = Range(ORIGIN, Position(1000, 0))
PYPROJECT = '[project]\nname = "mine"\ndependencies = ["declared>=1"]\n'
CARGO = '[package]\nname = "mine"\n[dependencies]\ndeclared-crate = "1"\n'
PACKAGE = '{\n  "name": "mine",\n  "dependencies": {\n    "declared": "1"\n  }\n}\n'
GO = "module example.org/mine\n\ngo 1.22\n\nrequire github.com/a/declared v1.0.0\n"


class Bench:
    """A workspace on a disk with a session, and what was published."""

    def __init__(self, root: Path, files: Mapping[str, str]) -> None:
        self.root = root
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        self.session = Session(workspace_folders=[str(root), str(root / "sound")])
        self.packages = UndeclaredPackages(self.session, self._publish)
        self.shown: dict[str, list[str]] = {}
        self.hints: dict[str, Sequence[Hint]] = {}

    def _publish(self, document: Document, hints: Sequence[Hint]) -> None:
        self.shown[document.uri] = [hint.package for hint in hints]
        self.hints[document.uri] = hints

    def open(self, name: str, text: str) -> Document:
        return self.session.open((self.root / name).as_uri(), language_of_file(name), 1, text)

    def edit(self, document: Document, new: str) -> None:
        """As an edit of ours does."""
        before = document.text
        document.replace(new, document.version + 1)
        self.packages.changed(document.uri)
        self.packages.edited(document.uri, before)

    def type(self, document: Document, new: str) -> None:
        document.replace(new, document.version + 1)
        self.packages.changed(document.uri)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():  # noqa: ASYNC110 - of what a look finds, only hints are told
                await asyncio.sleep(0.005)

    async def until_shown(self, document: Document, *packages: str) -> None:
        await self.until(lambda: self.shown.get(document.uri, []) == list(packages))

    def fix(self, document: Document) -> Fix:
        ((_, fix),) = self.packages.fixes(document.uri, EVERYTHING)
        return fix


def run(root: Path, files: Mapping[str, str], play: Callable[[Bench], Awaitable[None]]) -> None:
    async def whole() -> None:
        # One thread: what was asked for first is done first.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        bench = Bench(root, files)
        await play(bench)
        bench.packages.stop()

    asyncio.run(whole())


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undeclared, "SECONDS_AFTER_A_KEY", 0.0)
    monkeypatch.setattr(undeclared, "SECONDS_BETWEEN_LOOKS", 0.05)


LANGUAGES: dict[str, Any] = {
    "python": (
        {"pyproject.toml": PYPROJECT, "near.py": "", "pack/__init__.py": "", "packages/one/src/own/__init__.py": ""},
        "src/mine/a.py",
        "import os\n",
        "import os, near, pack, own, declared, mine\nfrom . import x\nfrom yaml import (\n    load,\n)\n",
        "PyYAML",
        "pyproject.toml",
        PYPROJECT.replace('"]', '", "PyYAML"]'),
    ),
    "requirements": (
        {"requirements.txt": "declared\n", "setup.py": "setup(install_requires=['in_code'])\n"},
        "a.py",
        "",
        "import declared, in_code\nimport requests.adapters\n",
        "requests",
        "requirements.txt",
        "declared\nrequests\n",
    ),
    "typescript": (
        {"package.json": PACKAGE, "tsconfig.json": '{"compilerOptions": {"paths": {"@app/*": ["./src/*"], /* x */}}}'},
        "src/a.ts",
        "",
        'import "declared/x"\nimport "fs"\nimport "@app/b"\nimport "./c"\nimport { type D } from "@scope/d/e"\n',
        "@scope/d",
        "package.json",
        PACKAGE.replace('"1"', '"1",\n    "@scope/d": "*"'),
    ),
    "rust": (
        {"Cargo.toml": CARGO, "src/near.rs": ""},
        "src/main.rs",
        "fn main() {}\n",
        "use std;\nuse declared_crate::x;\nuse near::y;\nmod here;\nfn f() { here::f(u8::from(1), async_trait::z()) }",
        "async-trait",
        "Cargo.toml",
        CARGO + 'async-trait = "*"\n',
    ),
    "go": (
        {"go.mod": GO},
        "cmd/a.go",
        'package main\n\nimport "fmt"\n',
        'package main\n\nimport (\n"fmt"\n"example.org/mine/x"\n"github.com/a/declared/y"\nz "github.com/b/c/d"\n)',
        "github.com/b/c/d",
        "go.mod",
        f"{GO}require github.com/b/c latest\n",
    ),
}


@pytest.mark.parametrize("name", LANGUAGES)
def test_an_undeclared_package_is_hinted_at_and_declared(tmp_path: Path, name: str) -> None:
    files, path, before, after, package, manifest, declared = LANGUAGES[name]

    async def play(bench: Bench) -> None:
        document = bench.open(path, before)
        bench.edit(document, after)
        await bench.until_shown(document, package)
        (hint,) = bench.hints[document.uri]
        assert str(document.text).splitlines()[hint.range.start.line][hint.range.start.column] != " "
        assert manifest in hint.message
        fix = bench.fix(document)
        assert fix.uri == (tmp_path / manifest).as_uri()
        assert fix.version is None
        assert str(apply(fix.text, fix.edits)) == declared
        (tmp_path / manifest).write_text(declared, encoding="utf-8")
        await bench.until_shown(document)

    run(tmp_path, files, play)


def test_the_hint_follows_the_text_and_goes_with_the_import(tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        document = bench.open("a.py", "x = 1\n")
        bench.edit(document, "import requests\nx = 1\n")
        await bench.until_shown(document, "requests")
        bench.type(document, "# one\n# two\nimport requests\nx = 1\n")
        await bench.until(lambda: bench.hints[document.uri][0].range.start.line == 2)
        bench.type(document, "x = 1\n")
        await bench.until_shown(document)
        bench.type(document, "import requests\n")  # redone
        await bench.until_shown(document, "requests")
        bench.packages.closed(document.uri)
        assert bench.shown[document.uri] == []

    run(tmp_path, {"pyproject.toml": PYPROJECT}, play)


def test_an_open_manifest_comes_before_the_one_on_the_disk(tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        manifest = bench.open("requirements.txt", "declared\n# typed\n")
        document = bench.open("sub/a.py", "")
        bench.edit(document, "import declared\nimport requests\n")
        await bench.until_shown(document, "requests")
        fix = bench.fix(document)
        assert (fix.uri, fix.version) == (manifest.uri, 1)
        bench.type(manifest, str(apply(manifest.text, fix.edits)))
        await bench.until_shown(document)
        assert str(manifest.text) == "declared\n# typed\nrequests\n"
        bench.session.close(manifest.uri)  # without saving
        bench.packages.closed(manifest.uri)
        await bench.until_shown(document, "declared", "requests")

    run(tmp_path, {"requirements.txt": "other\n"}, play)


def test_the_nearest_manifest_takes_it_and_any_above_declares(tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        document = bench.open("packages/one/a.py", "")
        bench.edit(document, "import above\nimport requests\n")
        await bench.until_shown(document, "requests")
        assert bench.fix(document).uri == (tmp_path / "packages/one/pyproject.toml").as_uri()

    run(
        tmp_path,
        {"pyproject.toml": '[project]\ndependencies = ["above"]\n', "packages/one/pyproject.toml": PYPROJECT},
        play,
    )


def test_a_manifest_that_changed_since_the_look_is_not_edited(tmp_path: Path) -> None:
    async def play(bench: Bench) -> None:
        document = bench.open("a.py", "")
        bench.edit(document, "import requests\n")
        await bench.until_shown(document, "requests")
        (tmp_path / "requirements.txt").write_text("something else, and longer\n", encoding="utf-8")
        assert bench.packages.fixes(document.uri, EVERYTHING) == []
        await bench.until(lambda: bool(bench.packages.fixes(document.uri, EVERYTHING)))
        assert str(bench.fix(document).text) == "something else, and longer\n"

    run(tmp_path, {"requirements.txt": "other\n"}, play)


@pytest.mark.parametrize(
    ("files", "name", "before", "after"),
    [
        pytest.param({}, "a.py", "", "import requests\n", id="no manifest"),
        pytest.param({"package.json": "{}"}, "a.py", "", "import requests\n", id="another language's"),
        pytest.param({"pyproject.toml": "[pro"}, "a.py", "", "import requests\n", id="one that cannot be read"),
        pytest.param(
            {"pyproject.toml": PYPROJECT, "requirements.txt": "\xff" * 2_000_000},
            "a.py",
            "",
            "import requests\n",
            id="one that is too large",
        ),
        pytest.param({"pyproject.toml": PYPROJECT}, "a.py", "import requests\n", "import requests, os\n", id="not new"),
        pytest.param({"pyproject.toml": PYPROJECT}, "a.py", "", "x = 'import requests'\n", id="in a string"),
    ],
)
def test_in_doubt_there_is_no_hint(tmp_path: Path, files: dict[str, str], name: str, before: str, after: str) -> None:
    async def play(bench: Bench) -> None:
        document = bench.open(name, before)
        bench.edit(document, after)
        # The look at a sound project is done after the first one.
        other = bench.open("sound/b.py", "")
        bench.edit(other, "import unheard_of\n")
        await bench.until_shown(other, "unheard-of")
        assert document.uri not in bench.shown

    run(tmp_path, {**files, "sound/pyproject.toml": PYPROJECT}, play)


def test_texts_are_told_apart_cheaply() -> None:
    text = Text.of("x = 1\n" * 50_000)
    assert not may_import("python", text, Text.of(f"{text}y = 2\n"))
    assert may_import("python", text, Text.of(f"{text}import y\n"))
