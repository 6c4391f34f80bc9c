"""The extension is installed once for all tests of a worker; pictures of the screen are kept."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from support.vscode_server import install, programs
from support.workbench import SCREENSHOTS, workbench

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from support.workbench import Workbench


@pytest.fixture(scope="session")
def extensions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with our extension installed."""
    folder = tmp_path_factory.mktemp("extensions")
    install(programs()[2], folder)
    return folder


@pytest.fixture
def vscode(
    tmp_path: Path, extensions: Path, request: pytest.FixtureRequest
) -> Callable[..., AbstractAsyncContextManager[Workbench]]:
    """`workbench` with folders of this test's own: takes the files and what else there is to say."""
    return partial(workbench, tmp_path, extensions, request.node.name)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if SCREENSHOTS.exists():
        terminalreporter.write_line(f"Pictures of VS Code are in {SCREENSHOTS}.")
