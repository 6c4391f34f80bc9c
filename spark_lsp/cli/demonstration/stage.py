"""Where the demo is seen: a screen that moves, or plain lines where there is no terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from spark_lsp.cli.demonstration.buffer import Buffer
    from spark_lsp.cli.demonstration.editor import RunningEdit
    from spark_lsp.cli.demonstration.findings import Finding


class Stage(Protocol):
    """Shows what goes on. What is no coroutine returns at once."""

    keystroke_seconds: float
    """Between two keys of the user's."""

    def open_act(self, number: int, title: str, buffer: Buffer) -> None: ...

    async def write_out(self, sentence: str) -> None:
        """Show what the user asks for, as if it were being written."""
        ...

    def say(self, sentence: str) -> None:
        """Tell what goes on."""
        ...

    def changed(self) -> None:
        """The buffer, or what else is shown, is not the same as before."""
        ...

    def landed(self) -> None:
        """Another batch of the edit that is followed has been measured."""
        ...

    def follow(self, edit: RunningEdit) -> None:
        """Show how this edit goes on."""
        ...

    async def conclude(self, findings: list[Finding]) -> None:
        """Show what was found out, and what has changed."""
        ...

    async def pause(self, seconds: float) -> None:
        """Give people time to look."""
        ...


class PlainStage:
    """Lines on stdout, in the order in which things happen. Nobody looks on, so it pauses nowhere."""

    keystroke_seconds = 0.008

    def __init__(self) -> None:
        self._edit: RunningEdit | None = None

    def open_act(self, number: int, title: str, buffer: Buffer) -> None:
        _write(f"\n{number}. {title} ({buffer.name})")

    async def write_out(self, sentence: str) -> None:
        self.say(sentence)

    def say(self, sentence: str) -> None:
        _write(f"   {sentence}")

    def changed(self) -> None:
        pass

    def landed(self) -> None:
        if self._edit is not None:
            batch = self._edit.batches[-1]
            hunks = "1 hunk" if batch.blocks == 1 else f"{batch.blocks} hunks"
            _write(f"   {batch.seconds * 1000:6,.0f} ms  {hunks}, {batch.characters} characters")

    def follow(self, edit: RunningEdit) -> None:
        self._edit = edit

    async def conclude(self, findings: list[Finding]) -> None:
        for found in findings:
            _write(f"   {found}")

    async def pause(self, seconds: float) -> None:
        pass


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
