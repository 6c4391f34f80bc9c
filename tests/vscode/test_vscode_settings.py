"""Keys and settings on their way from VS Code to the server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeAlias

import pytest

from spark_lsp.simulator.reply import ScriptedReply
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator
from support.polling import poll
from support.workbench import WITHIN

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from spark_lsp.simulator.record import RecordedRequest
    from support.workbench import Workbench

    VsCode: TypeAlias = Callable[..., AbstractAsyncContextManager[Workbench]]

pytestmark = [pytest.mark.editor, pytest.mark.asyncio]

TEXT = "def area(width, height):\n    return\n"
REST = "width * height"
KEY = "key-of-a-test-0123456789"


def endpoint(reply: str = REST) -> Simulator:
    """An endpoint that says that to everything, at once."""
    return Simulator(Script((ScriptedReply(reply=reply),)), tps=0, ttft_ms=0)


def asked(simulator: Simulator) -> list[RecordedRequest]:
    """What the model was asked."""
    return [request for request in simulator.requests if request.method == "POST"]


def files_with(text: str, folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


async def type_for_ghost_text(window: Workbench) -> None:
    await window.go_to(2, len("    return") + 1)
    await window.type(" ")


async def choose(window: Workbench, what: str) -> None:
    """Choose what is listed under that text, and nothing else is."""
    await window.type(what)
    await window.until(lambda screen: [what in choice for choice in screen["choices"] if choice] == [True])
    await window.press("Enter")


async def test_an_endpoint_without_its_key_asks_for_it_and_no_file_has_it(vscode: VsCode, tmp_path: Path) -> None:
    async with endpoint() as simulator, endpoint("nothing") as other:
        more = f'[endpoints.keyed]\nbaseUrl = "{simulator.base_url}"\nmodel = "second-model"\napiKeyEnv = "MY_KEY"\n'
        async with vscode({"area.py": TEXT}, base_url=other.base_url, more_configuration=more) as window:
            await window.run("Spark: Select the Endpoint")
            await window.until(lambda screen: any("needs a key (MY_KEY)" in one for one in screen["choices"]))
            await choose(window, "keyed")
            await window.until(lambda screen: screen["input"] == "")
            await window.type(KEY)
            await window.shoot("key")
            await window.press("Enter")
            await window.until(lambda screen: any("second-model" in item for item in screen["status"]))
            await window.click_editor()
            await type_for_ghost_text(window)
            await window.until_ghost(REST)
            assert {request.headers["authorization"] for request in asked(simulator)} == {f"Bearer {KEY}"}
            assert files_with(KEY, tmp_path) == []

            await window.run("Spark: Remove an API Key")
            await window.until(lambda screen: screen["choices"])
            await choose(window, "MY_KEY")

            async def offered() -> list[str]:
                # The server that has the key still serves until the one without it has started.
                await window.run("Spark: Select the Endpoint")
                screen = await window.until(lambda screen: any("openai" in one for one in screen["choices"]))
                await window.press("Escape")
                await window.until(lambda screen: screen["input"] is None)
                return list(screen["choices"])

            await poll(offered, lambda choices: any("needs a key (MY_KEY)" in one for one in choices), WITHIN)


async def test_what_vs_code_has_as_defaults_does_not_win_over_the_users_file(vscode: VsCode) -> None:
    lines = ("    if width < 0:", "        return 0", "    return width * height")
    above = "def area(width, height):"
    async with (
        endpoint("\n".join(lines).strip()) as simulator,
        vscode(
            {"area.py": above + "\n\n\nprint(area(1, 2))\n"},
            base_url=simulator.base_url,
            more_configuration="[inline]\nmaxLines = 1\n",
        ) as window,
    ):
        await window.go_to(1, len(above) + 1)
        await window.press("Enter")
        await window.until_ghost(lines[0].strip())


async def test_ghost_text_is_turned_off_and_on_in_the_menu(vscode: VsCode) -> None:
    more = "[nextEdit]\nenabled = false\n"
    async with (
        endpoint() as simulator,
        vscode({"area.py": TEXT}, base_url=simulator.base_url, more_configuration=more) as window,
    ):
        await toggle_ghost_text(window, "on", "off")
        await window.shoot("off")
        await window.click_editor()
        await type_for_ghost_text(window)
        await toggle_ghost_text(window, "off", "on")
        assert not asked(simulator)
        await window.click_editor()
        await window.go_to(2, len("    return ") + 1)
        await window.press("Backspace")
        await type_for_ghost_text(window)
        await window.until_ghost(REST)


async def toggle_ghost_text(window: Workbench, before: str, after: str) -> None:
    """Turn it on or off, and wait until the menu says so."""
    await window.click_status("scripted")
    await window.until(lambda screen: screen["choices"])
    await choose(window, f"Ghost text: {before}")
    async with asyncio.timeout(WITHIN):
        while True:
            await window.click_status("scripted")
            screen = await window.until(lambda screen: any("Ghost text" in choice for choice in screen["choices"]))
            await window.press("Escape")
            await window.until(lambda screen: screen["input"] is None)
            if any(f"Ghost text: {after}" in choice for choice in screen["choices"]):
                return
