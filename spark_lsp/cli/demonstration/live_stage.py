"""The demo on a terminal: a screen of its own, painted at thirty frames a second while something moves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Self

from rich.live import Live

from spark_lsp.cli.demonstration.buffer import Mark
from spark_lsp.cli.demonstration.screen import FRESH_SECONDS, Screen

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console

    from spark_lsp.cli.demonstration.buffer import Buffer
    from spark_lsp.cli.demonstration.editor import RunningEdit
    from spark_lsp.cli.demonstration.findings import Finding

_FRAME: Final = 1 / 30
"""Seconds."""
_WRITING_SECONDS: Final = 1.1
"""How long it takes to write an instruction."""
_WRITTEN_SECONDS: Final = 0.5
"""How long it stands there before it is sent."""
_WINDOW_SECONDS: Final = 1.2
"""How long people look at one window of changes."""
_MOST_WINDOWS: Final = 3


class LiveStage:
    """Shows the screen as long as its ``async with`` block lasts. See `stage.Stage`."""

    keystroke_seconds = 0.036

    def __init__(self, console: Console, origin: str, acts: int) -> None:
        self._acts = acts
        self._screen = Screen(origin=origin)
        self._live = Live(self._screen, console=console, screen=True, auto_refresh=False)
        self._edit: RunningEdit | None = None
        self._dirty = True
        self._size = console.size
        self._painter: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._live.start()
        self._painter = asyncio.create_task(self._paint_on())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._painter is not None:
            self._painter.cancel()
            await asyncio.wait([self._painter])
        if kind is None and self._dirty:
            self._paint()  # what was said since the last frame is seen, too
        self._live.stop()

    def open_act(self, number: int, title: str, buffer: Buffer) -> None:
        self._edit = None
        self._screen.open(f"spark-lsp  {number}/{self._acts}  {title}", buffer)
        self._dirty = True

    async def write_out(self, sentence: str) -> None:
        self._screen.said.append("")
        for end in range(len(sentence) + 1):
            self._screen.said[-1] = sentence[:end] + ("▏" if end < len(sentence) else "")
            self._dirty = True
            await asyncio.sleep(_WRITING_SECONDS / len(sentence))
        await asyncio.sleep(_WRITTEN_SECONDS)

    def say(self, sentence: str) -> None:
        self._screen.said.append(sentence)
        self._dirty = True

    def changed(self) -> None:
        if self._edit is not None and not self._edit.batches:
            self._paint()  # the first hunk is what everybody waits for
        self._dirty = True

    def landed(self) -> None:
        self._dirty = True

    def follow(self, edit: RunningEdit) -> None:
        self._edit = edit
        self._dirty = True

    async def conclude(self, findings: list[Finding]) -> None:
        """Say it, and go over the changes once, a window at a time."""
        self._screen.said += map(str, findings)
        self._dirty = True
        await asyncio.sleep(_WINDOW_SECONDS)
        buffer = self._screen.buffer
        changed = [row for row in buffer.rows if row.mark in (Mark.ADDED, Mark.TYPED)] if buffer else []
        windows = 0
        for row in changed:
            if buffer is not None and windows < _MOST_WINDOWS and not self._screen.shows(row):
                windows += 1
                buffer.attention = row
                self._paint()
                await asyncio.sleep(_WINDOW_SECONDS)

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _paint_on(self) -> None:
        while True:
            moving = self._edit is not None and self._edit.seconds is None
            resized = self._live.console.size != self._size
            if self._dirty or moving or resized or self._fading():
                self._paint()
            await asyncio.sleep(_FRAME)

    def _fading(self) -> bool:
        """Something is on the screen that will look otherwise in a moment."""
        buffer, now = self._screen.buffer, asyncio.get_running_loop().time()
        if buffer is None:
            return False
        return any(row.since > now - FRESH_SECONDS - 2 * _FRAME for row in buffer.rows if row.since)

    def _paint(self) -> None:
        now = self._screen.now = asyncio.get_running_loop().time()
        if self._screen.buffer is not None:
            self._screen.buffer.forget_removed(now - FRESH_SECONDS)
        if self._edit is not None:
            self._screen.measured = _measured(self._edit, now)
        self._dirty = False
        self._size = self._live.console.size
        self._live.refresh()


def _measured(edit: RunningEdit, now: float) -> str:
    """The line of measurements."""
    parts = ["streaming" if edit.seconds is None else "cancelled" if edit.cancelled else "done"]
    if edit.first_token is not None:
        parts.append(f"first token {edit.first_token * 1000:.0f} ms")
    if edit.batches:
        parts.append(f"first hunk {edit.batches[0].seconds * 1000:.0f} ms")
    parts.append(f"hunks {edit.hunks}")
    parts.append(f"{(edit.seconds or now - edit.started) * 1000:,.0f} ms")
    return " · ".join(parts)
