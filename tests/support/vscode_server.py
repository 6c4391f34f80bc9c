"""VS Code's server, in a process and with folders of its own, and what it takes from the environment."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

from support.polling import poll_for
from support.server_process import DEADLINE, environment_in

if TYPE_CHECKING:
    from collections.abc import Mapping

VSCODE, BROWSER, PACKAGE = "SPARK_TEST_VSCODE", "SPARK_TEST_BROWSER", "SPARK_TEST_VSIX"
"""The variables that name VS Code's server, the browser, and our extension as a .vsix."""

_SETTINGS = {
    "chat.disableAIFeatures": True,  # the editor's own
    "editor.minimap.enabled": False,
    "editor.wordBasedSuggestions": "off",
    "extensions.autoCheckUpdates": False,
    "extensions.ignoreRecommendations": True,
    "files.autoSave": "off",
    "git.enabled": False,
    "window.commandCenter": False,
    "workbench.reduceMotion": "on",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
}


@cache
def programs() -> tuple[Path, Path, Path]:
    """VS Code's server, the browser and our extension. Skips the test where they are not named."""
    named = [os.environ.get(name) for name in (VSCODE, BROWSER, PACKAGE)]
    if not all(named):
        pytest.skip("needs VS Code: run scripts/test-editors")
    server, browser, package = (Path(name or "") for name in named)
    return server, browser, package


def install(package: Path, extensions: Path) -> None:
    """Install a .vsix as users do."""
    folders = ("--server-data-dir", extensions.with_name(f"{extensions.name}-data"), "--extensions-dir", extensions)
    command: list[str | Path] = [programs()[0], *folders, "--install-extension", package, "--force"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def command_in(folder: Path) -> Path:
    """Make `spark-lsp` a command, as installing it does; the command."""
    folder.mkdir(parents=True, exist_ok=True)
    command = folder / "spark-lsp"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m spark_lsp "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return command


class VsCodeServer:
    """One server, whose home, settings and workspace are in `folder`. Its extensions may be shared with others."""

    def __init__(self, folder: Path, process: asyncio.subprocess.Process, port: int) -> None:
        self.folder = folder
        self.port = port
        self._process = process

    @classmethod
    async def start(
        cls,
        folder: Path,
        extensions: Path,
        settings: Mapping[str, Any],
        environment: Mapping[str, str],
        *,
        trusted: bool = True,
    ) -> Self:
        machine = folder / "data" / "data" / "Machine"
        machine.mkdir(parents=True)
        (machine / "settings.json").write_text(json.dumps({**_SETTINGS, **settings}, indent=2), encoding="utf-8")
        options = ["--without-connection-token", "--host", "127.0.0.1", "--port", "0", "--force-disable-user-env"]
        options += ["--server-data-dir", str(folder / "data"), "--extensions-dir", str(extensions)]
        if trusted:
            options.append("--disable-workspace-trust")
        with (folder / "vscode.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                programs()[0],
                *options,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**environment_in(folder), "SHELL": "/bin/sh", **environment},
                cwd=folder,
                start_new_session=True,  # its processes are ended together
            )
        try:
            return cls(folder, process, await _port(process, folder / "vscode.log"))
        except BaseException:
            _end(process)
            raise

    def address(self, workspace: Path, file: Path | None) -> str:
        opened = f'["openFile","vscode-remote://127.0.0.1:{self.port}{file}"],' if file else ""
        return f'http://127.0.0.1:{self.port}/?folder={workspace}&payload=[{opened}["skipWelcome","true"]]'

    async def stop(self) -> None:
        _end(self._process)
        await self._process.wait()


async def _port(process: asyncio.subprocess.Process, log: Path) -> int:
    """Wait until it listens."""

    def said() -> str:
        return log.read_text(encoding="utf-8", errors="replace")

    def found() -> re.Match[str] | None:
        return re.search(r"agent listening on (\d+)", said())

    with suppress(TimeoutError):
        await poll_for(lambda: found() or process.returncode is not None, DEADLINE)
    match = found()
    assert match is not None, f"VS Code's server did not start:\n{said()}"
    return int(match[1])


def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
