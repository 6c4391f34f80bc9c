"""The plug-in and its server in a real Neovim: endpoints, an end and a new start, health, the command line."""

from __future__ import annotations

import asyncio
import os
import signal
from functools import partial
from typing import TYPE_CHECKING

import pytest

from spark_lsp import __version__
from spark_lsp.simulator.reply import ScriptedReply
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator
from support.driven_neovim import PLUGIN, DrivenNeovim

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.editor, pytest.mark.asyncio]

CODE = "def area(width: int, height: int) -> int:\n    return width * height\n"
ONE = CODE.replace("width * height", "abs(width) * height")
TWO = CODE.replace("width * height", "width * abs(height)")
INIT = """
vim.lsp.enable('spark_lsp')
vim.o.laststatus = 2
vim.o.statusline = [[%{v:lua.require'spark_lsp'.statusline()}]]
"""


def two_endpoints(one: Simulator, two: Simulator) -> dict[str, object]:
    return {
        "endpoint": "one",
        "endpoints": {
            "one": {"baseUrl": one.base_url, "model": "model-one"},
            "two": {"baseUrl": two.base_url, "model": "model-two"},
        },
    }


def replies(text: str) -> Script:
    return Script((ScriptedReply(reply=f"```python\n{text}```\n"),))


async def test_the_endpoint_is_switched_and_seen_in_the_status_line(tmp_path: Path) -> None:
    """And a file of the workspace has no say in it."""
    neovim = DrivenNeovim(tmp_path)
    neovim.init = INIT
    async with (
        Simulator(replies(ONE), tps=0, ttft_ms=0) as one,
        Simulator(replies(TWO), tps=0, ttft_ms=0) as two,
        Simulator(replies("stolen\n"), tps=0, ttft_ms=0) as bad,
    ):
        neovim.endpoint(two_endpoints(one, two))
        bad_endpoint = f'endpoint = "bad"\n[endpoints.bad]\nbaseUrl = "{bad.base_url}"\nmodel = "bad"\n'
        neovim.write(".spark.toml", bad_endpoint)
        async with neovim:
            await neovim.open(neovim.write("sizes.py", CODE))
            await neovim.until_message("a workspace file may not set this")
            await neovim.see_in("Spark model-one")
            await neovim.keys(":%Spark edit Take sizes as they come.<CR>")
            await neovim.until_text(ONE)
            await neovim.see_in("+1 −1")  # it is over
            await neovim.keys("u:Spark endpoint tw<Tab><CR>")
            await neovim.until_message("two model-two answers now.")
            await neovim.see_in("Spark model-two")
            await neovim.keys(":%Spark edit Take sizes as they come.<CR>")
            await neovim.until_text(TWO)
            await neovim.keys(":Spark endpoint none-such<CR>")
            await neovim.until_message("There is no endpoint")
            assert await neovim.lua("return require('spark_lsp').statusline()") != ""
            await neovim.command("enew")
            assert await neovim.lua("return require('spark_lsp').statusline()") == ""
        assert not [request for request in bad.requests if request.method == "POST"]


async def test_a_server_that_was_killed_is_reported_and_started_again(tmp_path: Path) -> None:
    neovim = DrivenNeovim(tmp_path)
    async with Simulator(replies(ONE), tps=0, ttft_ms=0) as one, Simulator(replies(TWO), tps=0, ttft_ms=0) as two:
        neovim.endpoint(two_endpoints(one, two))
        async with neovim:
            await neovim.open(neovim.write("sizes.py", CODE))
            first = await neovim.lua(_PROCESS)
            os.kill(int(first), signal.SIGKILL)
            # Neovim has its own word on it, too long for a line.
            await neovim.until("a wait for a key", lambda: _waits(neovim))
            await neovim.keys("<CR>")
            await neovim.until_message("spark-lsp ended unexpectedly. :Spark restart starts it again.")
            await neovim.keys(":Spark edit x<CR>")
            await neovim.until_message("No spark-lsp runs for this file")
            groups = "return vim.iter(vim.api.nvim_get_autocmds({ buffer = 0 })):any(function(one)"
            groups += " return vim.startswith(one.group_name or '', 'spark_lsp') end)"
            assert not await neovim.lua(groups)
            for _ in range(2):  # from dead, and from alive
                await neovim.keys(":Spark restart<CR>")
                await neovim.until("another server", partial(_differs, neovim, first))
                first = await neovim.lua(_PROCESS)
                await neovim.ready()
            await neovim.keys(":%Spark edit Take sizes as they come.<CR>")
            await neovim.until_text(ONE)


_PROCESS = """
local client = vim.lsp.get_clients({ name = 'spark_lsp', bufnr = 0 })[1]
if not (client and client.initialized) then return 0 end
for _, id in ipairs(vim.api.nvim_get_proc_children(vim.fn.getpid())) do
  return id
end
return 0
"""


async def _differs(neovim: DrivenNeovim, before: object) -> bool:
    return await neovim.lua(_PROCESS) not in (0, before)


async def test_health_says_what_is_there(tmp_path: Path) -> None:
    neovim = DrivenNeovim(tmp_path)
    neovim.init = INIT + "vim.g.spark_lsp = { ghost_text = 'loud', nonsense = 1, instructions = 5 }\n"
    async with Simulator(replies(ONE), tps=0, ttft_ms=0) as one, Simulator(replies(TWO), tps=0, ttft_ms=0) as two:
        neovim.endpoint(two_endpoints(one, two))
        async with neovim:
            await neovim.open(neovim.write("sizes.py", CODE))
            await neovim.until_message("ghost_text must be 'own', 'builtin' or 'off'")
            for name in ("spark_lsp", "spark"):
                await neovim.command(f"checkhealth {name}")
                report = await neovim.text()
                assert f"spark-lsp {__version__}" in report
                assert "OK Neovim 0." in report
                assert "OK It is enabled." in report
                assert "attached to 1 buffer(s)" in report
                assert "Endpoint: ready: one model-one" in report
                assert "Ghost text: the plug-in's own, at once." in report
                assert "ghost_text must be 'own', 'builtin' or 'off'" in report
                assert "vim.g.spark_lsp.nonsense does not exist" in report
                assert "instructions" not in report.replace("there are ghost_text, instructions,", "")
                await neovim.command("close")


async def test_health_says_what_is_missing(tmp_path: Path) -> None:
    neovim = DrivenNeovim(tmp_path)
    neovim.init = "vim.lsp.config('spark_lsp', { cmd = { 'no-such-spark-lsp' } })\n"
    async with neovim:
        await neovim.command("checkhealth spark_lsp")
        report = await neovim.text()
        assert "ERROR `no-such-spark-lsp` cannot be run." in report
        assert "uv tool install spark-lsp" in report
        assert "WARNING It is not enabled." in report
        assert "No server runs" in report


async def test_the_command_line_is_completed(tmp_path: Path) -> None:
    neovim = DrivenNeovim(tmp_path)
    neovim.init = INIT
    async with Simulator(replies(ONE), tps=0, ttft_ms=0) as one, Simulator(replies(TWO), tps=0, ttft_ms=0) as two:
        neovim.endpoint(two_endpoints(one, two))
        async with neovim:

            async def completed(line: str) -> list[str]:
                found = await neovim.lua("return vim.fn.getcompletion(..., 'cmdline')", line)
                assert isinstance(found, list)
                return found

            assert await completed("Spark re") == ["refuse", "restart", "revert", "revert_all"]
            assert {"edit", "cancel", "keep", "next", "status", "log", "enable", "disable"} < set(
                await completed("Spark ")
            )
            assert await completed("Spark endpoint ") == []  # nobody knows any: no server runs
            await neovim.open(neovim.write("sizes.py", CODE))
            assert (await completed("Spark endpoint "))[:2] == ["one", "two"]
            assert await completed("Spark endpoint tw") == ["two"]
            assert await completed("Spark endpoint two in") == ["inline"]
            # Instructions are remembered, from session to session; asked for without one, too.
            await neovim.keys(":%Spark edit Take sizes as they come.<CR>")
            await neovim.until_text(ONE)
            await neovim.see_in("+1 −1")  # it is over
            await neovim.keys("u:1,2Spark edit<CR>")
            await neovim.until("the question", lambda: _asks(neovim))
            await neovim.keys("Take s<Tab><CR>")
            await neovim.until_text(ONE)
            await neovim.see_in("+1 −1")
            assert await completed("Spark edit ") == ["Take sizes as they come."]
            assert await completed("2Spark edit Take sizes a") == ["as they come."]
            await neovim.keys(":Spark nonsense<CR>")
            await neovim.until_message("There is no :Spark nonsense: there are cancel, ")
            await neovim.keys(":Spark status<CR>")
            await neovim.until("the status, and a wait for a key", lambda: _waits(neovim))
            await neovim.keys("<CR>")
            await neovim.until_message("ready: one model-one")
    remembered = (tmp_path / "STATE" / "nvim" / "spark_lsp" / "instructions.json").read_text(encoding="utf-8")
    assert remembered == '["Take sizes as they come."]'


async def _asks(neovim: DrivenNeovim) -> bool:
    return (await neovim.mode()).startswith("c")


async def _waits(neovim: DrivenNeovim) -> bool:
    return await neovim.mode() == "r"


async def test_what_is_disabled_leaves_nothing_behind(tmp_path: Path) -> None:
    """And buffers without the server cost nothing: they have no autocommand of ours."""
    count = "local found = 0 for _, one in ipairs(vim.api.nvim_get_autocmds({ buffer = 0 })) do"
    count += " if vim.startswith(one.group_name or '', 'spark_lsp') then found = found + 1 end end return found"
    neovim = DrivenNeovim(tmp_path)
    async with Simulator(replies(ONE), tps=0, ttft_ms=0) as one, Simulator(replies(TWO), tps=0, ttft_ms=0) as two:
        neovim.endpoint(two_endpoints(one, two))
        async with neovim:
            await neovim.open(neovim.write("sizes.py", CODE))
            on = await neovim.lua(count)
            await neovim.keys(":Spark disable<CR>")
            off = await neovim.lua(count)
            await neovim.keys("2GA # <Esc>")
            await asyncio.sleep(0)
            assert not [request for request in one.requests if request.method == "POST"]
            await neovim.keys(":Spark enable<CR>")
            assert await neovim.lua(count) == on > off
            await neovim.open(neovim.write("more.py", CODE))
            assert await neovim.lua(count) == on
            await neovim.stop_server()
            assert await neovim.lua(count) == 0
            await neovim.lua("vim.cmd.edit('notes.txt')")
            assert await neovim.lua(count) == 0
            globals_of_ours = (
                "return vim.iter(pairs(_G)):filter(function(name) return name:lower():find('spark') end):totable()"
            )
            assert await neovim.lua(globals_of_ours) == []


async def test_the_help_has_a_tag_for_everything(tmp_path: Path) -> None:
    neovim = DrivenNeovim(tmp_path)
    neovim.init = ""
    copy = tmp_path / "copy" / "doc"
    copy.mkdir(parents=True)
    text = (PLUGIN / "doc" / "spark-lsp.txt").read_text(encoding="utf-8")
    (copy / "spark-lsp.txt").write_text(text, encoding="utf-8")
    async with neovim:
        await neovim.command(f"helptags {copy}")
        await neovim.command(f"set runtimepath^={copy.parent}")
        tags = {line.split("\t")[0] for line in (copy / "tags").read_text(encoding="utf-8").splitlines()}
        names = await neovim.lua("return vim.fn.getcompletion('Spark ', 'cmdline')")
        assert {f":Spark-{name}" for name in names} < tags
        plugs = await neovim.lua(
            "local found = {} for _, mode in ipairs({ 'n', 'i', 'x' }) do"
            " for _, one in ipairs(vim.api.nvim_get_keymap(mode)) do"
            " if vim.startswith(one.lhs, '<Plug>(spark-') then table.insert(found, one.lhs) end end end return found"
        )
        assert set(plugs) <= tags
        options = await neovim.lua("return require('spark_lsp.options').names()")
        assert {f"spark-lsp-option-{name}" for name in options} <= tags
        found = await neovim.lua("return vim.fn.getcompletion('spark-lsp-option-', 'help')")
        assert {f"spark-lsp-option-{name}" for name in options} == set(found)
    # Every reference leads somewhere.
    known = tags | {"vim.lsp.enable()", "vim.lsp.config()", "vim.ui.input()", ":messages", "packages", "User", "gra"}
    references = {part for line in text.splitlines() for part in line.split("|")[1::2] if " " not in part}
    assert references <= known, references - known
    assert max(map(len, text.splitlines())) <= 78
