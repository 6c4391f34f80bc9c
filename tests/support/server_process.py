"""The server in a process of its own, with nothing of the developer's settings, and its end as a test needs it."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

DEADLINE = 20.0
"""Seconds until a test gives up on something that must happen. Nothing is measured by it."""

_ALONE = {"SPARK_LSP_LOCAL_SERVERS": ""}
"""Whatever else runs on this machine is not found."""

_KEPT = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")


def environment_in(folder: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment in which nothing is configured; `folder` is the home."""
    kept = {name: value for name in _KEPT if (value := os.environ.get(name))}
    return {
        **kept,
        "HOME": str(folder),
        "SPARK_LSP_CONFIG": str(folder / "no-such-config.toml"),
        "SPARK_LSP_STATE": str(folder / "state"),
        **_ALONE,
        **(more or {}),
    }


class ServerProcess:
    """`spark-lsp` as it is started by editors. Its stderr is collected; it is killed if a test forgets it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._stderr = bytearray()
        self._collecting = asyncio.create_task(self._collect())

    @classmethod
    async def start(
        cls, folder: Path, arguments: Sequence[str] = ("--stdio",), environment: Mapping[str, str] | None = None
    ) -> Self:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "spark_lsp", *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment_in(folder, environment),
            cwd=folder,
        )
        return cls(process)

    @property
    def stderr(self) -> str:
        return self._stderr.decode(errors="replace")

    async def _collect(self) -> None:
        assert self.process.stderr is not None
        while data := await self.process.stderr.read(65536):
            self._stderr += data

    async def exit_status(self, within: float = DEADLINE) -> int:
        """Wait for the end of the process and of what it says. Fails if it hangs, after so many seconds."""
        try:
            async with asyncio.timeout(within):
                status = await self.process.wait()
                await self._collecting
                return status
        except TimeoutError:
            raise AssertionError(f"the server did not end within {within} s; it said:\n{self.stderr}") from None

    async def kill(self) -> None:
        """Leave nothing behind, whatever state it is in."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        await self._collecting
        if self.process.stdout is not None:
            await self.process.stdout.read()
