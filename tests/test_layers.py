"""The house keeps its order: imports point down, and each room knows only what it must."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parent.parent / "spark_lsp"

LAYERS = [
    {"cli"},
    {"server"},
    {"features"},
    {"context", "formats", "endpoints", "ledger", "prediction", "session"},
    {"repo", "syntax"},
    {"core", "settings", "logs", "simulator"},
]
"""From the top down. A room imports from the layers below its own, and nothing beside it."""

KNOWN_ONLY_TO = {
    "lsprotocol": {"server"},
    "pygls": {"server"},
    "httpx": {"endpoints"},
    "tree_sitter": {"syntax"},
    "rich": {"cli"},
    "h11": {"simulator"},
    "websockets": {"endpoints", "simulator"},
    "sqlite3": {"ledger", "repo"},
    "platformdirs": {"settings"},
    "pathspec": {"repo"},
}
"""Libraries, and the rooms that may know them."""

PURE = {"core", "formats", "prediction"}
IMPURE_MODULES = {
    *("asyncio", "concurrent", "datetime", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random"),
    *("select", "shutil", "signal", "socket", "ssl", "subprocess", "tempfile", "threading", "time", "urllib"),
}
LONGEST_FILE = 400

FILES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    """The part of the package that a file belongs to; empty for the package's own files."""
    parts = path.relative_to(PACKAGE).parts
    return parts[0].removesuffix(".py") if parts[0] not in ("__init__.py", "__main__.py") else ""


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Every module that a file imports, and whether only the type checker sees it."""

    def visit(node: ast.AST, *, typing_only: bool) -> Iterator[tuple[str, bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                yield from ((alias.name, typing_only) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"{path}: relative import"
                yield child.module or "", typing_only
                if child.module == "spark_lsp":
                    yield from ((f"spark_lsp.{alias.name}", typing_only) for alias in child.names)
            else:
                guard = isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
                yield from visit(child, typing_only=typing_only or guard)

    yield from visit(ast.parse(path.read_text(encoding="utf-8")), typing_only=False)


def layer(name: str) -> int:
    return next(number for number, rooms in enumerate(LAYERS) if name in rooms)


def named(path: Path) -> str:
    return path.relative_to(PACKAGE.parent).as_posix()


def test_every_room_has_a_layer() -> None:
    rooms = {room(path) for path in FILES} - {""}
    assert rooms <= set().union(*LAYERS)


@pytest.mark.parametrize("path", FILES, ids=named)
def test_imports_point_down(path: Path) -> None:
    here = room(path)
    for module, _ in imports(path):
        there = module.split(".")[1] if module.startswith("spark_lsp.") else ""
        if here and there and there not in (here, "__version__"):
            assert layer(there) > layer(here), f"{here} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_libraries_stay_where_they_belong(path: Path) -> None:
    for module, _ in imports(path):
        library = module.split(".")[0]
        owners = next((rooms for name, rooms in KNOWN_ONLY_TO.items() if name == library), None)
        assert owners is None or room(path) in owners, f"{library} is none of {room(path)}'s business"


@pytest.mark.parametrize("path", [path for path in FILES if room(path) in PURE], ids=named)
def test_the_core_and_the_formats_are_pure(path: Path) -> None:
    for module, _ in imports(path):
        assert module.split(".")[0] not in IMPURE_MODULES, f"{module} in pure code"
        assert module.split(".")[0] in {"spark_lsp", *sys.stdlib_module_names}, f"{module} in pure code"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_package_hands_nothing_on(path: Path) -> None:
    if path.name == "__init__.py" and path.parent != PACKAGE:
        body = ast.parse(path.read_text(encoding="utf-8")).body
        assert all(isinstance(node, ast.Expr) for node in body), "an __init__.py holds its docstring and nothing else"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_is_short_enough_to_be_read(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST_FILE, f"{lines} lines: this asks to be two files"
