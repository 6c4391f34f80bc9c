"""Ghost text of the plug-in in a real Neovim: keys are pressed, and the screen is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from spark_lsp.simulator.reply import ScriptedReply
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator
from support.driven_neovim import DrivenNeovim
from support.stepwise_endpoint import settings_for

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.editor, pytest.mark.asyncio]

ABOVE = '"""Sizes."""\n\n\ndef area(width: int, height: int) -> int:\n'
BELOW = "\n\ndef volume(width: int, height: int, depth: int) -> int:\n    return area(width, height) * depth\n"
LINE = "    return "
REST = "width * height"
TAB = """
vim.lsp.enable('spark_lsp')
vim.keymap.set({ 'n', 'i' }, '<Tab>', function() return require('spark_lsp').tab('<Tab>') end, { expr = true })
vim.keymap.set('i', '<C-l>', '<Plug>(spark-accept-word)')
vim.keymap.set('i', '<C-j>', '<Plug>(spark-accept-line)')
"""


async def test_it_is_shown_typed_along_with_and_accepted(tmp_path: Path) -> None:
    """One request; accepting it is one step of undo."""
    before, after = ABOVE + LINE + "\n" + BELOW, ABOVE + LINE + REST + "\n" + BELOW
    neovim = DrivenNeovim(tmp_path)
    neovim.init = TAB
    async with Simulator(Script((ScriptedReply(reply=REST),)), tps=0, ttft_ms=0) as simulator:
        neovim.endpoint(settings_for(simulator.base_url))
        async with neovim:
            await neovim.open(neovim.write("sizes.py", before))
            await neovim.keys("5GA")
            screen = await neovim.see(LINE + REST)
            assert screen[: after.count("\n")] == after.removesuffix("\n").split("\n")
            assert await neovim.text() == before
            for typed in ("w", "wid", "width *"):
                await neovim.keys(typed[-1] if typed == "w" else typed.removeprefix("w" if typed == "wid" else "wid"))
                await neovim.see(LINE + REST)
                assert await neovim.text() == ABOVE + LINE + typed + "\n" + BELOW
            await neovim.keys("<Tab>")
            await neovim.until_text(after)
            assert await neovim.cursor() == [5, len(LINE + REST)]
            await neovim.keys("<Esc>u")
            await neovim.until_text(ABOVE + LINE + "width *\n" + BELOW)
            await neovim.keys("<C-r>")
            await neovim.until_text(after)
