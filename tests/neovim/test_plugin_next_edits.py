"""Next edits in a real Neovim with the plug-in: shown, jumped to, accepted and refused. No model is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.driven_neovim import DrivenNeovim

pytestmark = [pytest.mark.editor, pytest.mark.asyncio]

CANNED = Path(__file__).with_name("canned_server.lua")
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


LINES = ["one 🦊", "two", "three", "four"]


@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["unix", "dos"])
@pytest.mark.parametrize(
    ("start", "end", "new", "shown", "text"),
    [
        (
            (1, 0),
            (1, 0),
            "more\nlines\n",
            ["one 🦊", "more", "lines", "two"],
            "one 🦊 / more / lines / two / three / four",
        ),
        ((1, 0), (3, 0), "", ["one 🦊", "two", "three", "four"], "one 🦊 / four"),
        ((1, 0), (2, 5), "2\n3\n3.5", ["two", "three", "2", "3", "3.5", "four"], "one 🦊 / 2 / 3 / 3.5 / four"),
        ((0, 0), (0, 0), "zero\n", ["zero", "one 🦊", "two"], "zero / one 🦊 / two / three / four"),
        ((3, 4), (3, 4), "\nfive", ["three", "four", "five"], "one 🦊 / two / three / four / five"),
        ((0, 4), (0, 6), "🐍🐍", ["one 🦊🐍🐍", "two"], "one 🐍🐍 / two / three / four"),
        ((1, 1), (2, 2), "WO\ntH", ["twotWO", "threetHree", "four"], "one 🦊 / tWO / tHree / four"),
    ],
    ids=["lines come", "lines go", "lines for lines", "at the start", "at the end", "wide characters", "by line"],
)
async def test_every_kind_is_shown_and_accepted(
    tmp_path: Path,
    start: tuple[int, int],
    end: tuple[int, int],
    new: str,
    shown: list[str],
    text: str,
    ending: str,
) -> None:
    """By a server in the editor that says so, in UTF-16."""
    neovim = DrivenNeovim(tmp_path)
    neovim.init = f"vim.cmd.luafile('{CANNED}')\n{INIT}"
    async with neovim:
        await neovim.open(neovim.write("notes.py", "".join(line + ending for line in LINES)))
        ends = [{"line": line, "character": character} for line, character in (start, end)]
        edit = {"text": new.replace("\n", ending), "range": {"start": ends[0], "end": ends[1]}}
        await neovim.lua("Canned.edit = ...", edit)
        await neovim.keys("GA <BS><Esc>")

        async def is_shown() -> bool:
            screen = "\n".join(await neovim.screen())
            return "\n".join(shown) in screen

        await neovim.until("\n".join(shown), is_shown)
        assert await neovim.lua("return Canned.told") == ["spark/didShow"]
        await neovim.lua("Canned.edit = nil")
        await neovim.keys(":lua require('spark_lsp.next_edit').accept()<CR>")
        await neovim.until_text(text.replace(" / ", "\n") + "\n")
        await neovim.keys("u")
        await neovim.until_text("\n".join(LINES) + "\n")


@pytest.mark.parametrize("is_open", [True, False], ids=["open", "not-open"])
async def test_one_in_another_file_is_hinted_at_and_gone_to(tmp_path: Path, *, is_open: bool) -> None:
    neovim = DrivenNeovim(tmp_path)
    neovim.init = f"vim.cmd.luafile('{CANNED}')\nvim.o.hidden = true\n{INIT}"
    async with neovim:
        other = neovim.write("other.py", "\n".join(LINES) + "\n")
        if is_open:
            await neovim.open(other)
        await neovim.open(neovim.write("notes.py", "local a\n"))
        place = {"start": {"line": 2, "character": 0}, "end": {"line": 2, "character": 5}}
        await neovim.lua("Canned.uri, Canned.edit = ...", other.as_uri(), {"text": "3", "range": place})
        await neovim.keys("A <BS><Esc>")
        await neovim.see("local a Next edit → other.py:3")
        await neovim.keys("<Tab>")
        await neovim.see("three3")
        await neovim.keys("<Tab>")
        await neovim.until_text("one 🦊\ntwo\n3\nfour\n")
