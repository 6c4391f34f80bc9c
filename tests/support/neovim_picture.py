"""Draws a real Neovim's screen with the plug-in at work, cell by cell; `scripts/draw-neovim` runs it.

An edit by an instruction is under review, and below it ghost text says how the next function goes on.
"""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from spark_lsp.simulator.reply import ScriptedReply
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator
from support.driven_neovim import ROOT, DrivenNeovim
from support.headless_neovim import neovim
from support.stepwise_endpoint import settings_for

if TYPE_CHECKING:
    from collections.abc import Sequence

PICTURE = ROOT / "docs" / "images" / "neovim.svg"
ROWS, COLUMNS = 20, 84
BACKGROUND, FOREGROUND = (20, 22, 27), (224, 226, 234)
THEME = TerminalTheme(BACKGROUND, FOREGROUND, [(0, 0, 0)] * 8)
CODE = '''import os


def newest(folder):
    """The file that was changed last."""
    names = os.listdir(folder)
    paths = [os.path.join(folder, name) for name in names]
    return max(paths, key=os.path.getmtime)


def total_size(folder):
    """The bytes of all files."""
    '''
GHOST = "return sum(\n        path.stat().st_size\n        for path in Path(folder).rglob('*')\n    )"
EDITED = '''def newest(folder):
    """The file that was changed last."""
    return max(Path(folder).iterdir(), key=os.path.getmtime)
'''
INIT = """
vim.g.spark_lsp = { next_edit = false }
vim.lsp.enable('spark_lsp')
vim.o.termguicolors = true
vim.o.laststatus = 2
vim.o.statusline = [[ %f %m %= %{v:lua.require'spark_lsp'.statusline()} ]]
vim.o.number = true
vim.o.cmdheight = 1
vim.o.ruler = false
vim.o.showcmd = false
"""


async def main() -> None:
    program, reason = neovim((0, 11))
    if reason:
        print(f"No picture: {reason}")
        sys.exit(3)
    script = Script(
        (
            ScriptedReply(when="use pathlib", reply=f"```python\n{EDITED}```\n"),
            ScriptedReply(reply=GHOST),
        )
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        editor = DrivenNeovim(Path(folder), program=program)
        editor.init, editor.rows, editor.columns = INIT, ROWS, COLUMNS
        async with Simulator(script, tps=0, ttft_ms=0) as simulator:
            settings: dict[str, Any] = settings_for(simulator.base_url)
            settings["endpoints"]["scripted"]["model"] = "fast-coder"
            editor.endpoint(settings)
            async with editor:
                await editor.open(editor.write("files.py", CODE + "\n"))
                await editor.keys(":4,8Spark edit use pathlib<CR>")
                await editor.until("the review", lambda: editor.lua("return #require('spark_lsp.review').list(1) > 0"))
                await editor.see_in("ms")
                await editor.keys(":<BS>GA")
                await editor.see_in("path.stat().st_size")
                rows = await cells(editor)
    picture = drawn(rows)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(picture, encoding="utf-8")
    print(f"{PICTURE.relative_to(ROOT)}: {len(picture) // 1024} KB")


Cell = tuple[str, str]
"""What stands in a cell, and its style as rich calls it."""


async def cells(editor: DrivenNeovim) -> list[list[Cell]]:
    """The screen, row by row."""
    # Neovim numbers its highlights anew when they are looked at for the first time, and then has to draw once more.
    await editor.lua(CELLS)
    await editor.command("redraw!")
    found: list[list[Cell]] = await editor.lua(CELLS)
    return found


CELLS = """
vim.cmd.redraw()
local function colour(value)
  return value and ('#%06x'):format(value)
end
local rows = {}
for row = 1, vim.o.lines do
  rows[row] = {}
  for column = 1, vim.o.columns do
    local cell = vim.api.nvim__inspect_cell(1, row - 1, column - 1)
    local attributes = cell[2] or {}
    local foreground, background = colour(attributes.foreground), colour(attributes.background)
    if attributes.reverse then
      foreground, background = background or '#14161b', foreground or '#e0e2ea'
    end
    local style = (attributes.bold and 'bold ' or '') .. (attributes.italic and 'italic ' or '')
    style = style .. (foreground or '#e0e2ea') .. (background and ' on ' .. background or '')
    rows[row][column] = { cell[1], style }
  end
end
return rows
"""


def drawn(rows: Sequence[Sequence[Cell]]) -> str:
    """The rows as a picture."""
    console = Console(width=COLUMNS, record=True, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for row in rows:
        line = Text(no_wrap=True)
        for style, same in groupby(row, key=itemgetter(1)):
            line.append("".join(character for character, _ in same), style)
        line.rstrip()
        console.print(line)
    return console.export_svg(title="Neovim with spark-lsp", theme=THEME, unique_id="neovim")


if __name__ == "__main__":
    asyncio.run(main())
