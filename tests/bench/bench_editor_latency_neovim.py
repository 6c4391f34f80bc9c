"""From a key to ghost text on the screen of a real Neovim, with an endpoint that answers at once.

Measured inside the editor: from taking the key to the end of the drawing that has the text. Beside it, the same with a
server inside the editor that answers at once: what the editor itself takes. "new" is a key that brings another
suggestion, "along" one that the suggestion on the screen goes on with.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from bench.data import percentile
from support.driven_neovim import DrivenNeovim
from support.headless_neovim import neovim
from support.neovim_cache import neovim_cache
from support.stepwise_endpoint import settings_for

ROUNDS = 30
WARM_UP_ROUNDS = 3
ALONG = "re"
"""Of `resolve_17(items)`, which is what is suggested."""
HERE = Path(__file__).parent
CODE = "".join(
    f'def load_{n}(items, limit={n}):\n    """Return some of the items."""\n    return items[:limit]\n\n\n'
    for n in range(60)
)
TRIVIAL = "vim.lsp.config('spark_lsp', { cmd = Latency.trivial_server() })\n"


@dataclass
class Case:
    """One way to get ghost text."""

    name: str
    program: str
    ghost_text: str
    init: str = ""
    new: list[float] = field(default_factory=list)
    along: list[float] = field(default_factory=list)

    async def measure(self, base_url: str) -> None:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            editor = DrivenNeovim(Path(folder), program=self.program)
            options = f"vim.g.spark_lsp = {{ ghost_text = '{self.ghost_text}', next_edit = false }}\n"
            tab = "vim.keymap.set('i', '<Tab>', function() return require('spark_lsp').tab('') end, { expr = true })\n"
            latency = f"vim.cmd.luafile('{HERE / 'neovim_latency.lua'}')\n"
            editor.init = options + latency + self.init + tab + "vim.lsp.enable('spark_lsp')\n"
            editor.endpoint(settings_for(base_url))
            async with editor:
                await editor.open(editor.write("code.py", CODE))
                await editor.keys("Gi")
                await editor.see_in("resolve_")
                for number in range(WARM_UP_ROUNDS + ROUNDS):
                    new, along = await self._round(editor, number)
                    if number >= WARM_UP_ROUNDS:
                        self.new.append(new)
                        self.along += along

    async def _round(self, editor: DrivenNeovim, number: int) -> tuple[float, list[float]]:
        await editor.keys(f"<CR>value_{number} =")
        await editor.see_in(f"value_{number} =resolve_")
        suggested = await editor.lua("return Latency.row():match('resolve_%d+')")
        new = await _time(editor, "<Space>", f"^value_{number} = (resolve_%d+)%(items%)", suggested)
        suggested = await editor.lua("return Latency.row():match('resolve_%d+')")
        line = f"^value_{number} = {suggested}%(items%)"
        along = [await _time(editor, key, line) for key in ALONG]
        await editor.keys("<Tab>")
        accepted = f"return vim.api.nvim_get_current_line():find('{line}') ~= nil"
        await editor.until("it is accepted", lambda: editor.lua(accepted))
        return new, along

    def report(self) -> str:
        cells = [
            f"{1000 * percentile(values, 0.5):6.1f} {1000 * percentile(values, 0.95):6.1f}"
            for values in (self.new, self.along)
        ]
        return f"{self.name:44}{cells[0]:>16}{cells[1]:>18}"


async def _time(editor: DrivenNeovim, key: str, row: str, known: str = "") -> float:
    await editor.lua("Latency.await(...)", row, known)
    await editor.keys(key)
    return float(await editor.until(row, lambda: editor.lua("return Latency.seconds()")))


def cases() -> list[Case]:
    """What can be measured here."""
    found: list[Case] = []
    program, reason = neovim((0, 11))
    if reason:
        print(f"0.11 is left out: {reason}")
    else:
        found += [
            Case("0.11, plug-in's own, spark-lsp", program, "own"),
            Case("0.11, plug-in's own, a server inside", program, "own", TRIVIAL),
        ]
    newer = neovim_cache()
    if not newer.complete:
        print("0.12 is left out: scripts/get-neovim fetches it")
    else:
        program = str(newer.made)
        found += [
            Case("0.12, plug-in's own, spark-lsp", program, "own"),
            Case("0.12, plug-in's own, a server inside", program, "own", TRIVIAL),
            Case("0.12, Neovim's own, spark-lsp", program, "builtin"),
            Case("0.12, Neovim's own, a server inside", program, "builtin", TRIVIAL),
        ]
    return found


async def main() -> None:
    command = [sys.executable, "-m", "bench.instant_endpoint"]
    endpoint = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=HERE.parent)
    assert endpoint.stdout is not None
    try:
        base_url = (await endpoint.stdout.readline()).decode().strip()
        print(f"{'milliseconds from the key to the screen':44}{'new: p50 p95':>16}{'along: p50 p95':>18}")
        for case in cases():
            await case.measure(base_url)
            print(case.report(), flush=True)
    finally:
        endpoint.kill()
        await endpoint.wait()


if __name__ == "__main__":
    asyncio.run(main())
