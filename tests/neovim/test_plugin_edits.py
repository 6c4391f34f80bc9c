"""Edits by an instruction in a real Neovim with the plug-in: streamed, reviewed, undone, and typed into."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import pytest

from spark_lsp.simulator.reply import ScriptedReply
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator
from support.driven_neovim import DrivenNeovim
from support.sample_code import sample_edit
from support.server_process import DEADLINE
from support.stepwise_endpoint import Say, StepwiseEndpoint, Wait, settings_for

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from support.stepwise_endpoint import Step

pytestmark = [pytest.mark.editor, pytest.mark.asyncio]

SAMPLE = sample_edit(range(10, 30), frozenset({11, 16, 22, 28}))
FIRST = SAMPLE.above.count("\n") + 1
LAST = FIRST + SAMPLE.region.count("\n") - 1
HALF = SAMPLE.reply.index("def function_020")
EDIT = f":{FIRST},{LAST}Spark edit Make it safe.<CR>"
CHANGED_LINES = [line.rstrip("\n") for line in SAMPLE.new_lines]


def half_edited(text: str) -> bool:
    """The first two functions are edited, the last two are not."""
    return "abs(value) * 16" in text and "abs(value) * 22" not in text


async def start(folder: Path, base_url: str, text: str = SAMPLE.text) -> DrivenNeovim:
    neovim = DrivenNeovim(folder)
    neovim.rows, neovim.columns = 40, 100
    neovim.endpoint(settings_for(base_url))
    await neovim.__aenter__()
    await neovim.open(neovim.write("code.py", text))
    return neovim


async def results_in(neovim: DrivenNeovim) -> None:
    """Wait for the end of the edit: its hunks are counted at their lines."""
    await neovim.until("hunks", lambda: neovim.lua("return #require('spark_lsp.review').list(vim.fn.bufnr()) > 0"))


async def hunk_count(neovim: DrivenNeovim) -> int:
    return int(await neovim.lua("return #require('spark_lsp.review').list(vim.fn.bufnr())"))


async def steps_back(neovim: DrivenNeovim, original: str) -> list[str]:
    """Undo step by step to the original; the texts that were seen."""
    texts = [await neovim.text()]
    while texts[-1] != original:
        await neovim.command("silent undo")
        texts.append(await neovim.text())
        assert len(texts) < 50
    return texts


async def test_a_selection_is_edited_while_the_reply_streams_and_undone_at_once(tmp_path: Path) -> None:
    go_on = asyncio.Event()
    steps: list[Step] = [Say(SAMPLE.reply[:HALF]), Wait(go_on), Say(SAMPLE.reply[HALF:], 2000)]
    async with StepwiseEndpoint({"": steps}) as endpoint:
        neovim = await start(tmp_path, endpoint.base_url)
        await neovim.keys(f"{FIRST}GV{LAST}G:Spark edit Make it safe.<CR>")
        await neovim.until("half of it", lambda: _is(neovim, half_edited))
        await neovim.keys("gg/assert total > 11<CR>zz")
        screen = await neovim.see(CHANGED_LINES[0], CHANGED_LINES[1])
        # The line that went is shown above the one that came, and looks unlike it.
        at = screen.index(CHANGED_LINES[0])
        assert screen[at - 1] == CHANGED_LINES[0].replace("abs(value)", "value")
        looks = [await neovim.lua("return Editor.highlight(...)", row, 6) for row in (at - 2, at - 1, at)]
        assert len(set(looks)) == 3
        go_on.set()
        await results_in(neovim)
        assert await neovim.text() == SAMPLE.target
        assert await neovim.lua("return vim.fn.mode()") == "n"
        await neovim.see(f"{CHANGED_LINES[0]} +2 −1")
        await neovim.keys("u")
        await neovim.until_text(SAMPLE.text)
        # What is undone is no more under review.
        await neovim.until("an end of the review", lambda: _equals(hunk_count(neovim), 0))
        assert not any("abs(value)" in row or "+2 −1" in row for row in await neovim.screen())
        await neovim.keys("<C-r>")
        await neovim.until_text(SAMPLE.target)
        await neovim.__aexit__(None)


async def _is(neovim: DrivenNeovim, condition: Callable[[str], bool]) -> bool:
    return condition(await neovim.text())


def _has(part: str, text: str) -> bool:
    return part in text


async def _equals(found: Awaitable[int], wanted: int) -> bool:
    return await found == wanted


async def test_hunks_are_kept_and_reverted_one_by_one_and_all(tmp_path: Path) -> None:
    async with Simulator(Script((ScriptedReply(reply=SAMPLE.reply),)), tps=0, ttft_ms=0) as simulator:
        neovim = await start(tmp_path, simulator.base_url)
        await neovim.keys(EDIT)
        await results_in(neovim)
        whole = await hunk_count(neovim)
        assert whole >= 4
        await neovim.keys("gg:Spark next_hunk<CR>:Spark keep<CR>")
        await neovim.until("one less", lambda: _equals(hunk_count(neovim), whole - 1))
        assert await neovim.text() == SAMPLE.target
        screen = await neovim.screen()
        assert CHANGED_LINES[0].replace("abs(value)", "value") not in screen
        await neovim.keys(":Spark next_hunk<CR>")
        line = (await neovim.cursor())[0]
        await neovim.keys(":Spark revert<CR>")
        await neovim.until("two less", lambda: _equals(hunk_count(neovim), whole - 2))
        reverted = SAMPLE.target.replace(
            CHANGED_LINES[2] + "\n", CHANGED_LINES[2].replace("abs(value)", "value") + "\n"
        )
        text = await neovim.text()
        assert "abs(value) * 11" in text
        assert "abs(value) * 16" not in text, (line, reverted)
        await neovim.keys(":Spark revert_all<CR>")
        await neovim.until("none", lambda: _equals(hunk_count(neovim), 0))
        text = await neovim.text()
        assert "abs(value) * 11" in text
        assert text.count("abs(value)") == 1
        await neovim.keys(":Spark keep<CR>")
        await neovim.until_message("There is nothing to keep or revert")
        await neovim.keys(EDIT.replace(str(LAST), str(LAST + 1)))
        await results_in(neovim)
        await neovim.keys(":Spark keep_all<CR>")
        await neovim.until("none", lambda: _equals(hunk_count(neovim), 0))
        assert await neovim.text() == SAMPLE.target
        assert "−" not in "".join(await neovim.screen())
        await neovim.__aexit__(None)


async def test_what_is_typed_meanwhile_stays_and_is_steps_of_its_own(tmp_path: Path) -> None:
    """Above the edit, in it and below it, each in insert mode of its own."""
    go_on = asyncio.Event()
    steps: list[Step] = [Say(SAMPLE.reply[:HALF], 2000), Wait(go_on), Say(SAMPLE.reply[HALF:], 2000)]
    marks = [SAMPLE.mark(number).split("(")[0] for number in (7, 14, 25, 32)]
    typed = [f"# typed {sign}" for sign in ("🦊 ①", "②", "漢字 ③", "④")]
    target = SAMPLE.target
    for mark, text in zip(marks, typed, strict=True):
        target = target.replace(f"{mark}(", f"{text}\n{mark}(")
    async with StepwiseEndpoint({"": steps}) as endpoint:
        neovim = await start(tmp_path, endpoint.base_url)
        await neovim.keys(EDIT)
        await neovim.until("half of it", lambda: _is(neovim, half_edited))
        for mark, text in zip(marks, typed, strict=True):
            await neovim.keys(f"/{mark}(<CR>O{text}<Esc>")
            await neovim.until(text, partial(_is, neovim, partial(_has, text)))
        go_on.set()
        await results_in(neovim)
        assert await neovim.text() == target
        back = await steps_back(neovim, SAMPLE.text)
        assert [sum(text in now for text in typed) for now in back] == [4, 4, 3, 2, 1, 0, 0]
        for _ in back[1:]:
            await neovim.command("silent redo")
        assert await neovim.text() == target
        await neovim.__aexit__(None)


async def test_batches_that_arrive_in_insert_mode_are_no_part_of_what_is_typed(tmp_path: Path) -> None:
    parts = [SAMPLE.reply[:HALF], SAMPLE.reply[HALF:]]
    begin, go_on = asyncio.Event(), asyncio.Event()
    steps: list[Step] = [Wait(begin), Say(parts[0]), Wait(go_on), Say(parts[1])]
    async with StepwiseEndpoint({"": steps}) as endpoint:
        neovim = await start(tmp_path, endpoint.base_url)
        await neovim.keys(EDIT + "ggOone ")
        await neovim.until("one", lambda: _is(neovim, lambda now: now.startswith("one \n")))
        begin.set()
        await neovim.until("half of it", lambda: _is(neovim, half_edited))
        await neovim.keys("two ")
        await neovim.until("two", lambda: _is(neovim, lambda now: now.startswith("one two \n")))
        go_on.set()
        await results_in(neovim)
        assert await neovim.mode() == "i"
        await neovim.keys("three<Esc>")
        await neovim.until_text("one two three\n" + SAMPLE.target)
        back = [(now.partition("\n")[0], now.count("abs(value)")) for now in await steps_back(neovim, SAMPLE.text)]
        assert back == [
            ("one two three", 4),
            ("one two ", 4),
            ("one two ", 2),
            ("one ", 2),
            ("one ", 0),
            (SAMPLE.text.partition("\n")[0], 0),
        ]
        await neovim.__aexit__(None)


async def test_a_cancelled_edit_leaves_the_text_as_it_was(tmp_path: Path) -> None:
    steps: list[Step] = [Say(SAMPLE.reply[:HALF]), Wait(asyncio.Event())]
    async with StepwiseEndpoint({"": steps}) as endpoint:
        neovim = await start(tmp_path, endpoint.base_url)
        await neovim.keys(EDIT)
        await neovim.until("half of it", lambda: _is(neovim, half_edited))
        await neovim.keys("gg/assert total > 11<CR>zz")
        await neovim.see(CHANGED_LINES[0])
        await neovim.keys(":Spark cancel<CR>")
        await neovim.until_text(SAMPLE.text)
        async with asyncio.timeout(DEADLINE):
            await endpoint.exchanges[0].left.wait()
        before = CHANGED_LINES[0].replace("abs(value)", "value")
        await neovim.until("one such line", lambda: _equals(_count(neovim, before), 1))
        await neovim.__aexit__(None)


async def _count(neovim: DrivenNeovim, row: str) -> int:
    return (await neovim.screen()).count(row)


async def test_an_undo_while_it_streams_stops_it_without_an_error(tmp_path: Path) -> None:
    go_on = asyncio.Event()
    steps: list[Step] = [Say(SAMPLE.reply[:HALF]), Wait(go_on), Say(SAMPLE.reply[HALF:], 500)]
    async with StepwiseEndpoint({"": steps}) as endpoint:
        neovim = await start(tmp_path, endpoint.base_url)
        await neovim.keys(EDIT)
        await neovim.until("half of it", lambda: _is(neovim, half_edited))
        await neovim.keys("u")
        await neovim.until_text(SAMPLE.text)
        go_on.set()
        await neovim.until_message("You undid the edit")
        assert await neovim.text() == SAMPLE.text
        await neovim.__aexit__(None)


async def test_files_with_other_line_endings_in_two_windows(tmp_path: Path) -> None:
    async with Simulator(Script((ScriptedReply(reply=SAMPLE.reply),)), tps=0, ttft_ms=0) as simulator:
        neovim = await start(tmp_path, simulator.base_url, SAMPLE.text.replace("\n", "\r\n"))
        assert await neovim.lua("return vim.bo.fileformat") == "dos"
        end = SAMPLE.text.count("\n")
        await neovim.keys(f"<C-w>s{end}G<C-w>w{FIRST + 5}Gzt" + EDIT)
        await results_in(neovim)
        assert await neovim.text() == SAMPLE.target
        await neovim.see(f"{CHANGED_LINES[0]} +2 −1")
        # The other window still has its cursor on the line that it was on.
        await neovim.keys("<C-w>w")
        assert (await neovim.cursor())[0] == SAMPLE.target.count("\n")
        await neovim.keys(":write<CR>")
        await neovim.until("the file", lambda: neovim.lua("return not vim.bo.modified"))
        written = (neovim.workspace / "code.py").read_bytes().decode()
        assert written == SAMPLE.target.replace("\n", "\r\n")
        await neovim.keys("u")
        await neovim.until_text(SAMPLE.text)
        await neovim.__aexit__(None)


async def test_a_selection_counts_to_the_character(tmp_path: Path) -> None:
    neovim = DrivenNeovim(tmp_path)
    neovim.init = ""
    active = "return require('spark_lsp.selection').active('utf-16')"
    command = "return require('spark_lsp.selection').of_command(1, 2, 'utf-16')"
    async with neovim:
        await neovim.lua("vim.api.nvim_buf_set_lines(0, 0, -1, true, { 'a🦊bc', 'dé漢f', 'last' })")

        async def selected(keys: str, code: str = active) -> list[int]:
            await neovim.keys(keys)
            found = await neovim.lua(code)
            return [found[end][unit] for end in ("start", "end") for unit in ("line", "character")]

        assert await selected("gg0lv") == [0, 1, 0, 3]
        assert await selected("jl") == [0, 1, 1, 3]
        # Backwards, and its end at a line's end.
        assert await selected("<Esc>ggj$v0") == [1, 0, 1, 4]
        assert await selected("<Esc>jgg0v$") == [0, 0, 1, 0]
        assert await selected("<Esc>ggVj") == [0, 0, 2, 0]
        assert await selected("<Esc>ggll<C-v>j") == [0, 0, 2, 0]
        # An Ex command gets line numbers only: of the last selection, more is known.
        assert await selected("<Esc>gg0lvj<Esc>", command) == [0, 1, 1, 2]
        assert await selected("<Esc>GV<Esc>", command) == [0, 0, 2, 0]
