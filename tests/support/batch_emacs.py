"""A real Emacs in batch mode that plays a scenario of tests/emacs against the real server."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.editor_setting import set_up
from support.server_process import DEADLINE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

NAMED = "SPARK_TEST_EMACS"
"""Names the program; `scripts/get-emacs` prints one."""
OLDEST = 30
PLAY = Path(__file__).resolve().parents[1] / "emacs" / "play.el"


@cache
def emacs() -> tuple[str, str]:
    """The program, and why it cannot be used, if so."""
    program = os.environ.get(NAMED)
    if not program:
        return "", f"no Emacs is named in {NAMED}: run scripts/test-editors, which does"
    done = subprocess.run(
        [program, "--batch", "-Q", "--eval", "(princ emacs-major-version)"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode or not done.stdout.isdecimal():
        return "", f"Emacs does not run: {done.stderr.strip()[:200]}"
    if int(done.stdout) < OLDEST:
        return "", f"Emacs {done.stdout} is too old, {OLDEST} is needed: run scripts/get-emacs"
    return program, ""


def packages() -> list[str]:
    """The folders of what came beside an Emacs of `scripts/get-emacs`: lsp-mode and what it needs."""
    folder = Path(emacs()[0]).resolve().parent
    return [str(path) for path in sorted(folder.glob("root/usr/share/emacs/site-lisp/elpa-src/*"))]


class Emacs:
    """One run of a scenario. `events` is what it has told."""

    def __init__(self, folder: Path) -> None:
        self.program, reason = emacs()
        if reason:
            pytest.skip(reason)
        self.folder = folder
        self.events: list[dict[str, Any]] = []
        self.said = ""
        """What went to stderr."""

    async def play(
        self,
        scenario: str,
        base_url: str,
        init: str,
        text: str,
        plan: Mapping[str, Any],
        on_event: Callable[[dict[str, Any]], None] = lambda event: None,
        load_path: Sequence[str] = (),
    ) -> None:
        """Play a scenario in a file with that text. `init` is the user's settings, `plan` what it needs to know."""
        file, init_file, plan_file = self.folder / "sizes.py", self.folder / "init.el", self.folder / "plan.json"
        (self.folder / ".git").mkdir()
        file.write_text(text, encoding="utf-8", newline="")
        init_file.write_text(init, encoding="utf-8")
        plan_file.write_text(json.dumps({"file": str(file), "init": str(init_file), **plan}), encoding="utf-8")
        paths = [argument for path in load_path for argument in ("-L", path)]
        process = await asyncio.create_subprocess_exec(
            *(self.program, "--batch", "-Q", *paths, "-l", str(PLAY), "-f", f"play-{scenario}"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**set_up(self.folder, base_url), "SPARK_TEST_PLAN": str(plan_file)},
            cwd=self.folder,
            limit=1 << 20,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        complaints = asyncio.create_task(process.stderr.read())
        try:
            async with asyncio.timeout(3 * DEADLINE):
                while line := await process.stdout.readline():
                    if line.startswith(b"{"):  # packages print there, too
                        self.events.append(json.loads(line))
                        on_event(self.events[-1])
                status = await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
            self.said = (await complaints).decode(errors="replace")
            await process.wait()
        assert status == 0, self.said

    def event(self, key: str) -> Any:
        """What it told under that name."""
        found = [event[key] for event in self.events if key in event]
        assert found, f"Emacs never told {key}: {self.events}"
        return found[0]
