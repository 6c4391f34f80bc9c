"""A real Neovim, headless, with the plug-in of `editors/neovim`: a test presses its keys and looks at its screen."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

from support.headless_neovim import neovim
from support.server_process import DEADLINE, environment_in

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = ROOT / "editors" / "neovim"
DRIVE = ROOT / "tests" / "neovim" / "drive.lua"
POLL_SECONDS = 0.01


class DrivenNeovim:
    """One editor with one workspace. Use it as an async context manager; it ends with the test."""

    def __init__(self, folder: Path, needed: tuple[int, int] = (0, 11), program: str | None = None) -> None:
        """`program` is another Neovim than the one that is tested."""
        found, reason = (program, "") if program else neovim(needed)
        if reason:
            pytest.skip(reason)
        self.program = found
        self.folder = folder
        self.workspace = folder / "workspace"
        self.workspace.mkdir()
        (self.workspace / ".git").mkdir()
        self.init = "vim.lsp.enable('spark_lsp')\n"
        """The user's settings."""
        self.environment: dict[str, str] = {}
        self.rows, self.columns = 24, 80
        self._process: asyncio.subprocess.Process | None = None
        self._complaints: asyncio.Task[bytes] | None = None

    def endpoint(self, settings: Mapping[str, Any]) -> None:
        """Write the user's file of settings: the endpoints of `settings_for`, the first of which is used."""
        lines = [f"endpoint = {json.dumps(settings['endpoint'])}"]
        for name, fields in settings["endpoints"].items():
            lines += [f"[endpoints.{name}]", *(f"{key} = {json.dumps(value)}" for key, value in fields.items())]
        config = self.folder / "config.toml"
        config.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.environment["SPARK_LSP_CONFIG"] = str(config)

    def write(self, name: str, text: str) -> Path:
        path = self.workspace / name
        path.write_text(text, encoding="utf-8", newline="")
        return path

    async def __aenter__(self) -> Self:
        commands = self.folder / "bin"
        commands.mkdir()
        command = commands / "spark-lsp"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m spark_lsp "$@"\n', encoding="utf-8")
        command.chmod(0o755)
        init = self.folder / "init.lua"
        init.write_text(self.init, encoding="utf-8")
        plan = {
            "program": self.program,
            "arguments": [
                *("--clean", "-n", "--cmd", f"set runtimepath^={PLUGIN}", "--cmd", "set noswapfile"),
                *("--cmd", "set indentexpr= shortmess+=IF", "--cmd", f"luafile {init}"),
            ],
            "rows": self.rows,
            "columns": self.columns,
        }
        plan_file = self.folder / "plan.json"
        plan_file.write_text(json.dumps(plan), encoding="utf-8")
        own = {f"XDG_{name}_HOME": str(self.folder / name) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
        path = os.pathsep.join((str(commands), os.environ["PATH"]))
        environment = {**own, "NVIM_LOG_FILE": str(self.folder / "nvim.log"), "PATH": path, **self.environment}
        self._process = await asyncio.create_subprocess_exec(
            *(self.program, "--headless", "--clean", "-l", str(DRIVE), str(plan_file)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment_in(self.folder, environment),
            cwd=self.workspace,
            limit=1 << 22,
        )
        assert self._process.stderr is not None
        self._complaints = asyncio.create_task(self._process.stderr.read())
        await self._answer()
        return self

    async def __aexit__(self, kind: object, *_: object) -> None:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert self._complaints is not None
        try:
            if kind is None:
                messages = await self.messages()
                assert "E5108" not in messages, messages
                assert "stack traceback" not in messages, messages
                await self.stop_server()
            process.stdin.close()
            async with asyncio.timeout(DEADLINE):
                await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
            said = (await self._complaints).decode(errors="replace")
            await process.wait()
        if kind is None:
            assert process.returncode == 0, said

    async def _do(self, todo: str, *given: Any) -> Any:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        process.stdin.write(json.dumps({"todo": todo, "with": given}).encode() + b"\n")
        return await self._answer()

    async def _answer(self) -> Any:
        process = self._process
        assert process is not None
        assert process.stdout is not None
        async with asyncio.timeout(DEADLINE):
            line = await process.stdout.readline()
        if not line:
            assert self._complaints is not None
            raise AssertionError((await self._complaints).decode(errors="replace"))
        answer = json.loads(line)
        assert "failure" not in answer, answer["failure"]
        return answer["result"]

    # What a user does

    async def keys(self, keys: str) -> None:
        await self._do("input", keys)

    async def lua(self, code: str, *given: Any) -> Any:
        """Run Lua in the editor; `...` is what is given."""
        return await self._do("lua", code, list(given))

    async def command(self, line: str) -> None:
        await self.lua("vim.cmd(...)", line)

    async def open(self, path: Path) -> None:
        """Open a file, and wait for the server."""
        await self.lua(
            "vim.cmd.edit(vim.fn.fnameescape(...)); vim.bo.formatoptions = ''; vim.bo.indentexpr = ''", str(path)
        )
        await self.ready()

    async def ready(self) -> None:
        ready = "local c = vim.lsp.get_clients({ name = 'spark_lsp', bufnr = 0 })[1]; return c ~= nil and c.initialized"
        await self.until("the server", lambda: self.lua(ready))

    async def stop_server(self) -> None:
        await self.lua("for _, client in ipairs(vim.lsp.get_clients()) do client:stop() end")
        await self.until("the end of the server", lambda: self.lua("return #vim.lsp.get_clients() == 0"))

    # What a user sees

    async def screen(self) -> list[str]:
        """The rows of the screen, without the spaces at their ends."""
        rows = await self.lua("vim.cmd.redraw() return Editor.screen()")
        assert isinstance(rows, list)
        return rows

    async def text(self) -> str:
        return str(await self.lua("return Editor.text()"))

    async def cursor(self) -> list[int]:
        """The line from 1 and the byte from 0."""
        found = await self.lua("return Editor.cursor()")
        assert isinstance(found, list)
        return found

    async def mode(self) -> str:
        return str((await self._do("mode"))["mode"])

    async def messages(self) -> str:
        return str(await self.lua("return Editor.messages()"))

    async def until(self, what: str, condition: Callable[[], Awaitable[Any]]) -> Any:
        """Wait until something holds; give it."""
        deadline = time.monotonic() + DEADLINE
        while True:
            found = await condition()
            if found:
                return found
            if time.monotonic() > deadline:
                screen, messages = "\n".join(await self.screen()), await self.messages()
                raise AssertionError(f"never came: {what}\n{screen}\n{messages}")
            await asyncio.sleep(POLL_SECONDS)

    async def see(self, *rows: str) -> list[str]:
        """Wait until all these rows are on the screen; give the whole of it."""

        async def sees() -> list[str] | None:
            screen = await self.screen()
            return screen if all(row in screen for row in rows) else None

        found = await self.until("\n".join(rows), sees)
        assert isinstance(found, list)
        return found

    async def see_in(self, part: str) -> None:
        """Wait until some row has this in it."""

        async def sees() -> bool:
            return any(part in row for row in await self.screen())

        await self.until(part, sees)

    async def until_text(self, text: str) -> None:
        async def is_there() -> bool:
            return await self.text() == text

        await self.until(f"the text:\n{text}\nbut\n{await self.text()}", is_there)

    async def until_message(self, part: str) -> None:
        async def is_there() -> bool:
            return part in " ".join((await self.messages()).split())  # however it was broken into lines

        await self.until(f"the message {part!r}", is_there)
