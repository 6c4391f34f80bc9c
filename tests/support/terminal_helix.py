"""A real Helix in a terminal of its own, whose keys a test presses. What it writes to the screen is kept."""

from __future__ import annotations

import asyncio
import contextlib
import os
import struct
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING, Self

import pytest

from support.server_process import DEADLINE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType

NAMED = "SPARK_TEST_HELIX"
"""Names the program; `scripts/get-helix` prints one."""
ENTER = "\r"
ROWS, COLUMNS = 40, 120


@cache
def helix() -> tuple[str, str]:
    """The program, and why it cannot be used, if so."""
    program = os.environ.get(NAMED)
    if not program:
        return "", f"no Helix is named in {NAMED}: run scripts/test-editors, which does"
    done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=False)
    return (program, "") if done.returncode == 0 else ("", f"Helix does not run: {done.stderr.strip()[:200]}")


def program() -> str:
    """Helix; the test is skipped where there is none."""
    found, reason = helix()
    if reason or sys.platform == "win32":
        pytest.skip(reason or "this needs a pseudo-terminal")
    return found


class Helix:
    """`async with` opens a file. `screen` is everything that was ever written, escape sequences and all."""

    def __init__(self, file: Path, environment: Mapping[str, str]) -> None:
        self.program = program()
        self.file = file
        self.environment = environment
        self.screen = ""

    async def __aenter__(self) -> Self:
        import fcntl  # noqa: PLC0415 (none of these on Windows)
        import pty  # noqa: PLC0415
        import termios  # noqa: PLC0415

        self._terminal, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._process = await asyncio.create_subprocess_exec(
            *(self.program, str(self.file)),
            stdin=inner,
            stdout=inner,
            stderr=inner,
            env={**self.environment, "TERM": "xterm-256color"},
            cwd=self.file.parent,
            start_new_session=True,
        )
        os.close(inner)
        self._changed = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._terminal, self._read)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self.press(f":q!{ENTER}")
                async with asyncio.timeout(DEADLINE):
                    await self._process.wait()
        finally:
            if self._process.returncode is None:
                self._process.kill()
                await self._process.wait()
            asyncio.get_running_loop().remove_reader(self._terminal)
            os.close(self._terminal)

    def press(self, keys: str) -> None:
        """Press keys in normal mode. Escape is not among them: together with what follows it would be another key."""
        os.write(self._terminal, keys.encode())

    async def until(self, condition: Callable[[], object], what: str, again: str = "") -> None:
        """Wait until a condition holds; every second press some keys again that may bring it about."""
        try:
            async with asyncio.timeout(DEADLINE):
                while not condition():
                    self._changed.clear()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(1):
                            await self._changed.wait()
                            continue
                    self.press(again)
        except TimeoutError:
            raise AssertionError(f"never came: {what}; on the screen was\n{self.screen[-3000:]!r}") from None

    async def until_file(self, text: str, what: str) -> None:
        """Save the file until it holds this."""
        save = f":w!{ENTER}"
        self.press(save)
        await self.until(lambda: self.file.read_text(encoding="utf-8") == text, what, again=save)

    def _read(self) -> None:
        try:
            data = os.read(self._terminal, 65536)
        except OSError:  # it has ended
            asyncio.get_running_loop().remove_reader(self._terminal)
            return
        self.screen += data.decode(errors="replace")
        self._changed.set()
