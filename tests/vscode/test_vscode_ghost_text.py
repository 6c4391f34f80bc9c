"""Ghost text in a real VS Code: keys are pressed, and the screen is looked at."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

import pytest

from spark_lsp.simulator.reply import ScriptedReply
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from support.workbench import Workbench

    VsCode: TypeAlias = Callable[..., AbstractAsyncContextManager[Workbench]]

pytestmark = [pytest.mark.editor, pytest.mark.asyncio]

ABOVE = '"""Sizes."""\n\n\ndef area(width: int, height: int) -> int:\n'
BELOW = "\n\ndef volume(width: int, height: int, depth: int) -> int:\n    return area(width, height) * depth\n"
LINE = "    return"
REST = "width * height"
SETTINGS = "nextEdit.enabled = false\n"
"""Nothing but ghost text."""
LINES = ("    if width < 0 or height < 0:", "        return 0", "    return width * height  # 🐍 漢字")


def endpoint(reply: str) -> Simulator:
    """An endpoint that says that to everything, at once."""
    return Simulator(Script((ScriptedReply(reply=reply),)), tps=0, ttft_ms=0)


def asked(simulator: Simulator, reply: str) -> int:
    """How often the model was asked for what is suggested, and not, ahead of time, for what follows it."""
    bodies = [json.dumps(request.body) for request in simulator.requests if request.method == "POST"]
    return sum(reply not in body for body in bodies)


async def test_it_is_shown_and_tab_accepts_it(vscode: VsCode) -> None:
    async with (
        endpoint(REST) as simulator,
        vscode(
            {"sizes.py": ABOVE + LINE + "\n" + BELOW}, base_url=simulator.base_url, configuration=SETTINGS
        ) as window,
    ):
        await window.go_to(5, len(LINE) + 1)
        await window.type(" ")
        shown = await window.until_ghost(REST)
        await window.shoot("shown")
        assert shown["rows"][4] == LINE + " " + REST
        await window.press("Tab")
        await window.until_ghost()
        after = ABOVE + LINE + " " + REST + "\n" + BELOW
        assert await window.saved("sizes.py") == after
        assert asked(simulator, REST) == 1


async def test_several_lines_are_shown_and_accepted_whole(vscode: VsCode) -> None:
    async with (
        endpoint("\n".join(LINES).strip()) as simulator,
        vscode({"sizes.py": ABOVE + BELOW}, base_url=simulator.base_url, configuration=SETTINGS) as window,
    ):
        await window.go_to(4, len(ABOVE.splitlines()[-1]) + 1)
        await window.press("Enter")
        await window.until_ghost(LINES[0].strip(), *LINES[1:])
        await window.shoot("shown")
        await window.press("Tab")
        await window.until_ghost()
        assert await window.saved("sizes.py") == ABOVE + "\n".join(LINES) + "\n" + BELOW


async def test_it_stays_while_what_it_says_is_typed(vscode: VsCode) -> None:
    async with (
        endpoint(REST) as simulator,
        vscode(
            {"sizes.py": ABOVE + LINE + "\n" + BELOW}, base_url=simulator.base_url, configuration=SETTINGS
        ) as window,
    ):
        await window.go_to(5, len(LINE) + 1)
        await window.type(" ")
        await window.until_ghost(REST)
        for typed in ("w", "wi", "wid"):
            await window.type(typed[-1])
            shown = await window.until_ghost(REST.removeprefix(typed))
            assert shown["rows"][4] == LINE + " " + REST
        await window.shoot("typed-along")
        await window.press("Tab")
        await window.until_ghost()
        assert await window.saved("sizes.py") == ABOVE + LINE + " " + REST + "\n" + BELOW
        assert asked(simulator, REST) == 1


async def test_escape_refuses_it(vscode: VsCode) -> None:
    """And then Tab is a tab."""
    async with (
        endpoint(REST) as simulator,
        vscode(
            {"sizes.py": ABOVE + LINE + "\n" + BELOW}, base_url=simulator.base_url, configuration=SETTINGS
        ) as window,
    ):
        await window.go_to(5, len(LINE) + 1)
        await window.type(" ")
        await window.until_ghost(REST)
        await window.press("Escape")
        await window.until_ghost()
        await window.press("Tab")
        await window.until(lambda screen: screen["rows"][4].startswith(LINE + "  "))
        assert (await window.saved("sizes.py")).startswith(ABOVE + LINE + "  ")


async def test_carriage_returns_and_wide_characters_stay(vscode: VsCode) -> None:
    line = '    label = "🐍 漢字 𝒙"; return'
    before, after = ((ABOVE + line + more + "\n" + BELOW).replace("\n", "\r\n") for more in ("", f" {REST}"))
    async with (
        endpoint(REST) as simulator,
        vscode({"sizes.py": before}, base_url=simulator.base_url, configuration=SETTINGS) as window,
    ):
        await window.go_to(5)
        await window.press("End")
        await window.type(" ")
        await window.until_ghost(REST)
        await window.shoot("shown")
        await window.press("Tab")
        await window.until_ghost()
        assert await window.saved("sizes.py") == after
