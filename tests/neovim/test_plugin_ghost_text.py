"""Ghost text of the plug-in in a real Neovim: keys are pressed, and the screen is looked at."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from spark_lsp.simulator.reply import ScriptedReply
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator
from support.driven_neovim import DrivenNeovim
from support.neovim_cache import OLDEST
from support.stepwise_endpoint import Say, StepwiseEndpoint, Wait, settings_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = [pytest.mark.editor, pytest.mark.asyncio]

ABOVE = '"""Sizes."""\n\n\ndef area(width: int, height: int) -> int:\n'
BELOW = "\n\ndef volume(width: int, height: int, depth: int) -> int:\n    return area(width, height) * depth\n"
LINE = "    return "
REST = "width * height"
BEFORE, AFTER = ABOVE + LINE + "\n" + BELOW, ABOVE + LINE + REST + "\n" + BELOW
LINES = ("    if width < 0 or height < 0:", "        return 0", "    return width * height  # 🐍 漢字")
OPTIONS = "vim.g.spark_lsp = { ghost_text = '%s', next_edit = false }\n"
"""Without next edits: the models of these tests say the same to whatever they are asked."""
KEYS = """
vim.lsp.enable('spark_lsp')
vim.keymap.set({ 'n', 'i' }, '<Tab>', function() return require('spark_lsp').tab('<Tab>') end, { expr = true })
vim.keymap.set('i', '<C-l>', '<Plug>(spark-accept-word)')
vim.keymap.set('i', '<C-j>', '<Plug>(spark-accept-line)')
vim.keymap.set('i', '<C-e>', '<Plug>(spark-refuse)')
"""


@asynccontextmanager
async def editor(
    folder: Path, text: str, *replies: ScriptedReply, options: str = OPTIONS % "own", needed: tuple[int, int] = (0, 11)
) -> AsyncIterator[tuple[DrivenNeovim, Simulator]]:
    """An editor with that text, and the model that says what comes."""
    neovim = DrivenNeovim(folder, needed)
    neovim.init = options + KEYS
    async with Simulator(Script(replies), tps=0, ttft_ms=0) as simulator:
        neovim.endpoint(settings_for(simulator.base_url))
        async with neovim:
            await neovim.open(neovim.write("sizes.py", text))
            yield neovim, simulator


def times_asked(simulator: Simulator, said: str) -> int:
    """How often the model was asked for what it says (and not, ahead of time, for what follows that)."""
    bodies = [json.dumps(request.body) for request in simulator.requests if request.method == "POST"]
    return sum(said not in body for body in bodies)


def starts_with(screen: list[str], text: str) -> bool:
    return screen[: text.count("\n")] == text.removesuffix("\n").split("\n")


async def test_it_is_shown_typed_along_with_and_accepted(tmp_path: Path) -> None:
    """The model is asked once; accepting is one step of undo, and typing on is another."""
    async with editor(tmp_path, BEFORE, ScriptedReply(reply=REST)) as (neovim, simulator):
        await neovim.keys("5GA")
        screen = await neovim.see(LINE + REST)
        assert starts_with(screen, AFTER)
        assert await neovim.text() == BEFORE
        ghost, plain = [await neovim.lua("return Editor.highlight(...)", 4, column) for column in (12, 5)]
        assert ghost != plain
        so_far = ""
        for typed in ("w", "id", "th *"):
            so_far += typed
            await neovim.keys(typed)
            await neovim.until_text(ABOVE + LINE + so_far + "\n" + BELOW)
            assert starts_with(await neovim.screen(), AFTER)  # at once, before any answer
        await neovim.keys("<Tab>")
        await neovim.until_text(AFTER)
        assert await neovim.cursor() == [5, len(LINE + REST)]
        await neovim.keys("  # so<Esc>u")
        await neovim.until_text(AFTER)
        await neovim.keys("u")
        await neovim.until_text(ABOVE + LINE + so_far + "\n" + BELOW)
        await neovim.keys("u")
        await neovim.until_text(BEFORE)
        await neovim.keys("3<C-r>")
        await neovim.until_text(AFTER.replace(REST, REST + "  # so"))
        assert times_asked(simulator, REST) == 1


async def test_it_is_accepted_word_by_word_and_line_by_line(tmp_path: Path) -> None:
    said = ScriptedReply(reply="\n".join(LINES).strip())
    async with editor(tmp_path, ABOVE + BELOW, said) as (neovim, _):
        opened, after = ABOVE + "    \n" + BELOW, ABOVE + "\n".join(LINES) + "\n" + BELOW
        await neovim.keys("4Go    ")
        assert starts_with(await neovim.see(*LINES), after)
        assert await neovim.text() == opened
        for typed in ("if", " width", " <", " 0"):
            await neovim.keys("<C-l>")
            line = LINES[0][: LINES[0].index(typed) + len(typed)]
            await neovim.until_text(ABOVE + line + "\n" + BELOW)
            assert starts_with(await neovim.see(*LINES), after)
        for count in (1, 2):
            await neovim.keys("<C-j>")
            await neovim.until_text(ABOVE + "\n".join(LINES[:count]) + "\n" + BELOW)
            assert starts_with(await neovim.see(*LINES), after)
        await neovim.keys("<Tab>")
        await neovim.until_text(after)
        assert await neovim.cursor() == [7, len(LINES[-1].encode())]


@pytest.mark.parametrize(
    ("line", "behind", "said", "typed"),
    [("    return max(", ")", "width, height) * 2", "width,"), ('    print("', '"))', 'é🦊", area(1, 2))', "é🦊")],
    ids=["a bracket", "a quotation mark and brackets, behind wide characters"],
)
async def test_what_the_editor_closed_is_not_doubled(
    tmp_path: Path, line: str, behind: str, said: str, typed: str
) -> None:
    before = ABOVE + line + behind + "\n" + BELOW
    async with editor(tmp_path, before, ScriptedReply(reply=said)) as (neovim, _):
        after = ABOVE + line + said + "\n" + BELOW
        if line.count("(") == 1 and behind == '"))':
            before, after = before.replace('"))', '")'), after.replace("2))", "2))")
        await neovim.keys("5GA" + "<Left>" * len(behind))
        await neovim.see(line + said)
        await neovim.keys(typed)
        await neovim.until_text(ABOVE + line + typed + behind + "\n" + BELOW)
        await neovim.see(line + said)
        await neovim.keys("<Tab>")
        await neovim.until_text(after)


async def test_it_goes_when_something_else_is_typed_or_when_it_is_refused(tmp_path: Path) -> None:
    """Where nothing is suggested, Tab is a tab."""
    other = "depth  # so it is"
    replies = (ScriptedReply(when=other, reply="", fault="empty"), ScriptedReply(reply=REST))
    async with editor(tmp_path, BEFORE, *replies) as (neovim, _):
        await neovim.keys("5GA")
        await neovim.see(LINE + REST)
        await neovim.keys(other)
        await neovim.see(LINE + other)
        await neovim.keys("<Tab>")
        await neovim.until_text(ABOVE + LINE + other + "    \n" + BELOW)
        await neovim.keys("<C-u><BS><Esc>")
        await neovim.until("normal mode", lambda: _is_normal(neovim))
        await neovim.keys(":%delete<CR>:0read " + str(neovim.workspace / "sizes.py") + "<CR>5GA")
        await neovim.see(LINE + REST)
        await neovim.keys("<C-e>")
        await neovim.see(LINE.rstrip())
        await neovim.keys("<Esc>A")
        await neovim.until("insert mode", lambda: _is_insert(neovim))
        assert LINE + REST not in await neovim.screen()


async def _is_normal(neovim: DrivenNeovim) -> bool:
    return await neovim.mode() == "n"


async def _is_insert(neovim: DrivenNeovim) -> bool:
    return await neovim.mode() == "i"


async def test_it_is_typed_along_with_while_the_model_still_talks(tmp_path: Path) -> None:
    typed = asyncio.Event()
    async with StepwiseEndpoint({"": [Say(REST[:7]), Wait(typed), Say(REST[7:])]}) as endpoint:
        neovim = DrivenNeovim(tmp_path)
        neovim.init = OPTIONS % "own" + KEYS
        neovim.endpoint(settings_for(endpoint.base_url))
        async with neovim:
            await neovim.open(neovim.write("sizes.py", BEFORE.replace("\n", "\r\n")))
            await neovim.keys("5GA")
            await neovim.until("a request", lambda: _was_asked(endpoint))
            for key in ("w", "id"):
                await neovim.keys(key)
            await neovim.see(LINE + "wid")
            typed.set()
            await neovim.see(LINE + REST)
            await neovim.keys("<Tab><Esc>")
            await neovim.until_text(AFTER)
            assert await neovim.lua("return vim.bo.fileformat") == "dos"
        assert [REST in json.dumps(exchange.body) for exchange in endpoint.exchanges].count(False) == 1


async def _was_asked(endpoint: StepwiseEndpoint) -> bool:
    return bool(endpoint.exchanges)


async def test_it_leaves_the_screen_with_insert_mode_and_with_the_window(tmp_path: Path) -> None:
    async with editor(tmp_path, BEFORE, ScriptedReply(reply=REST)) as (neovim, _):
        await neovim.keys("5GA")
        await neovim.see(LINE + REST)
        await neovim.keys("<Esc>")
        await neovim.until("nothing", lambda: _sees_no(neovim, REST))
        await neovim.keys("A")
        await neovim.see(LINE + REST)
        await neovim.keys("<C-o>:split notes.txt<CR>")
        await neovim.until("nothing", lambda: _sees_no(neovim, REST))


async def _sees_no(neovim: DrivenNeovim, part: str) -> bool:
    return not any(part in row for row in await neovim.screen())


async def test_the_options_choose_who_shows_it(tmp_path: Path) -> None:
    async with editor(tmp_path, BEFORE, ScriptedReply(reply=REST), options=OPTIONS % "off") as (neovim, simulator):
        await neovim.keys("5GAwid<Tab>")
        await neovim.until_text(ABOVE + LINE + "wid  \n" + BELOW)
        assert times_asked(simulator, REST) == 0


async def test_neovims_own_is_shown_and_accepted(tmp_path: Path) -> None:
    """It asks late: what was typed since is not inserted again. And never are there two of them."""
    options = OPTIONS % "builtin"
    async with editor(tmp_path, BEFORE, ScriptedReply(reply=REST), options=options, needed=OLDEST) as (neovim, _):
        assert await neovim.lua("return vim.lsp.inline_completion.is_enabled({ bufnr = 0 })")
        await neovim.keys("5GA")
        assert starts_with(await neovim.see(LINE + REST), AFTER)
        await neovim.keys("wid<Tab>")
        await neovim.until_text(AFTER)
        await neovim.keys("<Esc>:Spark disable<CR>")
        client = "{ bufnr = 0, client_id = vim.lsp.get_clients({ name = 'spark_lsp' })[1].id }"
        assert not await neovim.lua(f"return vim.lsp.inline_completion.is_enabled({client})")


async def test_only_one_is_shown_where_neovims_own_is_on_for_all(tmp_path: Path) -> None:
    options = OPTIONS % "own" + "vim.lsp.inline_completion.enable()\n"
    async with editor(tmp_path, BEFORE, ScriptedReply(reply=REST), options=options, needed=OLDEST) as (neovim, _):
        await neovim.keys("5GA")
        await neovim.see(LINE + REST)
        client = "{ bufnr = 0, client_id = vim.lsp.get_clients({ name = 'spark_lsp' })[1].id }"
        assert not await neovim.lua(f"return vim.lsp.inline_completion.is_enabled({client})")
        await neovim.keys("<Tab>")
        await neovim.until_text(AFTER)
