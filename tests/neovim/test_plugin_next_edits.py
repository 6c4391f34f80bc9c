"""Next edits in a real Neovim with the plug-in: shown, jumped to, accepted and refused. No model is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.driven_neovim import DrivenNeovim

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.editor, pytest.mark.asyncio]

INIT = """
vim.lsp.enable('spark_lsp')
vim.keymap.set({ 'n', 'i' }, '<Tab>', function() return require('spark_lsp').tab('<Tab>') end, { expr = true })
vim.keymap.set('n', '<Esc>', function() return require('spark_lsp').escape('<Esc>') end, { expr = true })
"""
USES = [
    "def first(store):",
    "    return store.fetch_row(1, '🦊')",
    "",
    "def second(store):",
    "    return store.fetch_row(2, '🦊')",
]
FAR = [f"# line {number}" for number in range(60)]
LAST = ["def third(store):", "    return store.fetch_row(3, '🦊')"]


def edited(lines: list[str], count: int) -> str:
    """The first so many uses are renamed."""
    return "\n".join(lines).replace("fetch_row", "load_row", count) + "\n"


async def renamed(folder: Path, lines: list[str]) -> DrivenNeovim:
    """An editor in which the first use has been renamed by hand."""
    neovim = DrivenNeovim(folder)
    neovim.init = INIT
    neovim.environment["SPARK_LSP_STATE"] = str(folder / "state")
    await neovim.__aenter__()
    await neovim.open(neovim.write("store.py", edited(lines, 0)))
    await neovim.keys("/fetch_row<CR>cwload_row<Esc>")
    await neovim.until_text(edited(lines, 1))
    return neovim


async def test_it_is_shown_jumped_to_accepted_and_undone(tmp_path: Path) -> None:
    neovim = await renamed(tmp_path, USES)
    screen = await neovim.see("    return store.fetch_rowload_row(2, '🦊')")
    assert await neovim.text() == edited(USES, 1)
    # What goes looks unlike what comes, and both unlike the rest.
    row = screen.index("    return store.fetch_rowload_row(2, '🦊')")
    looks = [await neovim.lua("return Editor.highlight(...)", row, column) for column in (15, 19, 28)]
    assert len(set(looks)) == 3
    await neovim.keys("<Tab>")
    await neovim.until("the jump", lambda: neovim.lua("return vim.fn.line('.') == 5"))
    assert await neovim.text() == edited(USES, 1)
    await neovim.keys("<Tab>")
    await neovim.until_text(edited(USES, 2))
    await neovim.see("    return store.load_row(2, '🦊')")
    await neovim.keys("u")
    await neovim.until_text(edited(USES, 1))
    await neovim.keys("<C-r>")
    await neovim.until_text(edited(USES, 2))
    await neovim.__aexit__(None)


async def test_one_that_is_refused_does_not_come_back(tmp_path: Path) -> None:
    neovim = await renamed(tmp_path, USES)
    await neovim.see("    return store.fetch_rowload_row(2, '🦊')")
    await neovim.keys("<Esc>")
    await neovim.see("    return store.fetch_row(2, '🦊')")
    # Asked again, since there is another change, it offers the same no more; the Tab key is its old self.
    await neovim.keys("Go# more<Esc>")
    await neovim.until_text(edited(USES, 1) + "    # more\n")
    await neovim.keys(":Spark next<CR>")
    await neovim.until_message("No next edit is known here.")
    assert await neovim.text() == edited(USES, 1) + "    # more\n"
    await neovim.__aexit__(None)


async def test_one_off_the_screen_is_hinted_at_and_gone_to(tmp_path: Path) -> None:
    lines = [*USES[:2], *FAR, *LAST]
    neovim = await renamed(tmp_path, lines)
    await neovim.see(f"    return store.load_row(1, '🦊') Next edit ↓ line {len(lines)}")
    await neovim.keys("<Tab>")
    await neovim.see("    return store.fetch_rowload_row(3, '🦊')")
    assert (await neovim.cursor())[0] == len(lines)
    assert not any("Next edit" in row for row in await neovim.screen())
    await neovim.keys("<Tab>")
    await neovim.until_text(edited(lines, 2))
    await neovim.__aexit__(None)


async def test_typing_in_its_place_takes_it_from_the_screen(tmp_path: Path) -> None:
    """And typing elsewhere moves it along."""
    neovim = await renamed(tmp_path, USES)
    await neovim.see("    return store.fetch_rowload_row(2, '🦊')")
    await neovim.keys("ggO# above<Esc>")
    await neovim.until_text("# above\n" + edited(USES, 1))
    screen = await neovim.see("    return store.fetch_rowload_row(2, '🦊')")
    assert screen.index("    return store.fetch_rowload_row(2, '🦊')") == 5
    await neovim.keys("/fetch_row<CR>xx")
    await neovim.see("    return store.tch_row(2, '🦊')")
    await neovim.keys("<Tab>")
    assert await neovim.text() == ("# above\n" + edited(USES, 1)).replace("fetch", "tch")
    await neovim.__aexit__(None)
