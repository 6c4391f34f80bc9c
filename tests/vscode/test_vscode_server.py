"""What VS Code does about the server: endpoints are switched, it is killed and comes back, it is not there at all."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from spark_lsp.simulator.reply import ScriptedReply
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator
from support.polling import poll_for
from support.vscode_server import command_in
from support.workbench import WITHIN, servers_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from support.workbench import Workbench

    VsCode: TypeAlias = Callable[..., AbstractAsyncContextManager[Workbench]]

pytestmark = [pytest.mark.editor, pytest.mark.asyncio]

TEXT = "def area(width, height):\n    return\n"
REST = "width * height"


def endpoint(reply: str = REST) -> Simulator:
    """An endpoint that says that to everything, at once."""
    return Simulator(Script((ScriptedReply(reply=reply),)), tps=0, ttft_ms=0)


def models(simulator: Simulator) -> set[str]:
    """Whom it was asked for."""
    return {request.body["model"] for request in simulator.requests if request.method == "POST"}


async def type_for_ghost_text(window: Workbench, shown: str = REST) -> None:
    await window.go_to(2, len("    return") + 1)
    await window.type(" ")
    await window.until_ghost(shown)


async def kill(folder: Path) -> None:
    """Kill the server as the system does, once there is one."""
    await poll_for(lambda: len(servers_of(folder)) == 1, WITHIN)
    [running] = servers_of(folder)
    os.kill(running, signal.SIGKILL)
    await poll_for(lambda: running not in servers_of(folder), WITHIN)


async def test_the_endpoint_is_switched_in_the_status_bars_menu(vscode: VsCode) -> None:
    async with endpoint() as simulator, endpoint("0  # nothing at all") as other:
        more = f'[endpoints.elsewhere]\nbaseUrl = "{other.base_url}"\nmodel = "second-model"\n'
        async with vscode({"area.py": TEXT}, base_url=simulator.base_url, more_configuration=more) as window:
            await window.click_status("scripted")
            await window.until(lambda screen: any("Switch the endpoint" in choice for choice in screen["choices"]))
            await window.shoot("menu")
            await window.type("Switch the endpoint")
            await window.until(lambda screen: "Switch the endpoint" in screen["choice"])
            await window.press("Enter")
            await window.until(lambda screen: any("second-model" in choice for choice in screen["choices"]))
            await window.shoot("endpoints")
            await window.type("elsewhere")
            await window.until(lambda screen: "elsewhere" in screen["choice"])
            await window.press("Enter")
            await window.until(lambda screen: any("second-model" in item for item in screen["status"]))
            await type_for_ghost_text(window, "0  # nothing at all")
            await window.shoot("switched")
            assert models(other) == {"second-model"}
            assert not models(simulator)


async def test_a_killed_server_comes_back(vscode: VsCode, tmp_path: Path) -> None:
    async with endpoint() as simulator, vscode({"area.py": TEXT}, base_url=simulator.base_url) as window:
        asked = len(simulator.requests)
        await kill(tmp_path)
        # A server that is ready opens its connection.
        await poll_for(lambda: len(simulator.requests) > asked, WITHIN)
        await window.until_ready()
        await type_for_ghost_text(window)
        assert not (await window.screen())["notifications"]


async def test_a_server_that_is_killed_again_and_again_is_given_up(vscode: VsCode, tmp_path: Path) -> None:
    """With a message that has a button for another try."""
    async with endpoint() as simulator, vscode({"area.py": TEXT}, base_url=simulator.base_url) as window:
        for _ in range(5):
            await kill(tmp_path)
        screen = await window.until(lambda screen: "Restart" in screen["buttons"])
        await window.shoot("given-up")
        assert "The spark-lsp server crashed five times" in screen["notifications"][0]
        assert servers_of(tmp_path) == []
        asked = len(simulator.requests)
        await window.click_button("Restart")
        await poll_for(lambda: len(simulator.requests) > asked, WITHIN)
        await window.until_ready()
        await window.click_editor()
        await type_for_ghost_text(window)


@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "restricted"])
async def test_a_workspace_cannot_say_who_is_asked_or_what_is_run(
    vscode: VsCode, tmp_path: Path, trusted: bool
) -> None:
    async with endpoint() as simulator, endpoint("stolen()") as thief:
        program = tmp_path / "workspace" / "program"
        endpoints = {"scripted": {"baseUrl": thief.base_url, "model": "thief"}, "thief": {"baseUrl": thief.base_url}}
        settings = {"spark.endpoint": "thief", "spark.endpoints": endpoints, "spark.path": [str(program)]}
        files = {
            "area.py": TEXT,
            "program": f"#!/bin/sh\ntouch '{tmp_path / 'was-run'}'\n",
            ".vscode/settings.json": json.dumps(settings),
            ".spark.toml": f'endpoint = "thief"\n[endpoints.thief]\nbaseUrl = "{thief.base_url}"\nmodel = "thief"\n',
        }
        async with vscode(files, base_url=simulator.base_url, trusted=trusted) as window:
            await type_for_ghost_text(window)
            screen = await window.screen()
            assert any("Restricted Mode" in item for item in screen["status"]) is not trusted
            await window.shoot("shown")
            assert models(simulator) == {"scripted"}
        assert not thief.requests
        assert not (tmp_path / "was-run").exists()


async def test_a_server_that_is_not_there_can_be_installed(vscode: VsCode, tmp_path: Path) -> None:
    async with endpoint() as simulator:
        installer = tmp_path / "bin" / "uv"
        installer.parent.mkdir()
        command = command_in(tmp_path / "to-install")
        installer.write_text(
            f'#!/bin/sh\necho "$@" > "{tmp_path}/arguments"\ncp "{command}" "{installer.parent}"\n', encoding="utf-8"
        )
        installer.chmod(0o755)
        options: dict[str, Any] = {"base_url": simulator.base_url, "installed": False, "ready": False}
        async with vscode({"area.py": TEXT}, **options) as window:
            await window.until(lambda screen: "Install" in screen["buttons"], 3 * WITHIN)
            await window.shoot("offer")
            await window.click_button("Install")
            await window.until(lambda screen: len(screen["buttons"]) > 1 and "Cancel" in screen["buttons"])
            await window.shoot("what-it-runs")
            await window.click_button("Install")
            await window.until_ready()
            assert (tmp_path / "arguments").read_text(encoding="utf-8") == "tool install spark-lsp\n"
            await window.shoot("installed")
            await window.click_editor()
            await type_for_ghost_text(window)
