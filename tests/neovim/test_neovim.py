"""A real Neovim, headless, edits a real file: hunks stream in, are undone and redone, kept and reverted."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import pytest

from spark_lsp.simulator.reply import ScriptedReply
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator
from support.headless_neovim import Neovim
from support.sample_code import sample_edit
from support.server_process import DEADLINE, environment_in
from support.stepwise_endpoint import Say, StepwiseEndpoint, Wait, settings_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.stepwise_endpoint import Step

pytestmark = [pytest.mark.editor, pytest.mark.asyncio]

SAMPLE = sample_edit(range(10, 30), frozenset({11, 16, 22, 28}))


async def play(
    neovim: Neovim,
    scenario: str,
    settings: dict[str, Any],
    on_event: Callable[[dict[str, Any]], None] = lambda event: None,
    text: str = SAMPLE.text,
    **more: Any,
) -> None:
    file = neovim.folder / "code.py"
    file.write_text(text, encoding="utf-8", newline="")
    first = SAMPLE.above.count("\n")
    plan = {
        "command": [sys.executable, "-m", "spark_lsp", "--stdio"],
        "environment": environment_in(neovim.folder),
        "settings": settings,
        "folder": str(neovim.folder),
        "file": str(file),
        "first": first,
        "last": first + SAMPLE.region.count("\n"),
        "instruction": "Make it safe.",
        **more,
    }
    await neovim.play("edits.lua", scenario, plan, on_event)


@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["unix", "dos"])
async def test_a_streamed_edit_is_undone_and_redone(tmp_path: Path, ending: str) -> None:
    neovim = Neovim(tmp_path)
    async with Simulator(Script((ScriptedReply(reply=SAMPLE.reply),)), tps=1000) as simulator:
        await play(neovim, "edit", settings_for(simulator.base_url), text=SAMPLE.text.replace("\n", ending))
    edited = neovim.event("result")
    assert edited["result"]["status"] == "applied", edited["result"]
    assert edited["text"] == SAMPLE.target
    assert edited["modified"] is True
    steps = neovim.event("undone")
    print(f"undo steps: {steps['undone']}, redo steps: {steps['redone']}")
    assert steps["undone"] >= 1
    assert steps["redone"] == steps["undone"]
    again = neovim.event("again")
    assert again["again"]["status"] == "applied"
    assert again["text"] == SAMPLE.target


@pytest.mark.parametrize(
    "instruction",
    [
        "Make it safe against values of all kinds, and do it quickly, without a word about it.",
        "请让这段代码更安全。" * 8,
    ],
    ids=["long", "wide"],
)
async def test_no_instruction_makes_the_editor_wait_for_a_key(tmp_path: Path, instruction: str) -> None:
    """Neovim prints the label of every edit that it is asked to apply; one that is too long has to be confirmed."""
    neovim = Neovim(tmp_path)
    async with Simulator(Script((ScriptedReply(reply=SAMPLE.reply),)), tps=0, ttft_ms=0) as simulator:
        await play(neovim, "edit", settings_for(simulator.base_url), instruction=instruction)
    assert neovim.event("result")["text"] == SAMPLE.target


async def test_what_the_user_types_meanwhile_stays(tmp_path: Path) -> None:
    neovim = Neovim(tmp_path)
    typed = asyncio.Event()
    half = SAMPLE.reply.index("def function_020")
    typing = [
        {"before": SAMPLE.mark(7).split("(")[0], "text": "# above 🦊 ①"},
        {"before": SAMPLE.mark(14).split("(")[0], "text": "# inside 🦊 ②"},
        {"before": SAMPLE.mark(25).split("(")[0], "text": "# inside 🦊 ③"},
        {"before": SAMPLE.mark(32).split("(")[0], "text": "# below 🦊 ④"},
    ]
    target = SAMPLE.target
    for one in typing:
        target = target.replace(f"{one['before']}(", f"{one['text']}\n{one['before']}(")
    steps: list[Step] = [Say(SAMPLE.reply[:half], 1000), Wait(typed), Say(SAMPLE.reply[half:], 1000)]
    async with StepwiseEndpoint({"": steps}) as endpoint:
        await play(
            neovim,
            "typing",
            settings_for(endpoint.base_url),
            lambda event: typed.set() if "typed" in event else None,
            typing=typing,
        )
    edited = neovim.event("result")
    assert edited["result"]["status"] == "applied", edited["result"]
    assert edited["text"] == target
    steps_back = neovim.event("undone")
    print(f"undo steps: {steps_back['undone']}, redo steps: {steps_back['redone']}")
    assert steps_back["redone"] == steps_back["undone"]


async def test_a_cancelled_edit_leaves_the_text_as_it_was(tmp_path: Path) -> None:
    neovim = Neovim(tmp_path)
    half = SAMPLE.reply.index("def function_020")
    steps: list[Step] = [Say(SAMPLE.reply[:half]), Wait(asyncio.Event())]
    async with StepwiseEndpoint({"": steps}) as endpoint:
        await play(neovim, "cancel", settings_for(endpoint.base_url))
        async with asyncio.timeout(DEADLINE):
            await endpoint.exchanges[0].left.wait()
    cancelled = neovim.event("result")
    assert cancelled["result"]["status"] == "cancelled"
    assert cancelled["text"] == SAMPLE.text


async def test_hunks_are_kept_and_reverted_by_lenses(tmp_path: Path) -> None:
    neovim = Neovim(tmp_path)
    async with Simulator(Script((ScriptedReply(reply=SAMPLE.reply),)), tps=0, ttft_ms=0) as simulator:
        await play(neovim, "lenses", settings_for(simulator.base_url))
    listed = [event for event in neovim.events if "lenses" in event]
    whole, without_last, first_kept, end = listed
    assert whole["text"] == SAMPLE.target
    hunks = (len(whole["lenses"]) - 2) // 2
    assert whole["lenses"][:2] == [f"Keep all {hunks}", "Revert all"]
    assert len(without_last["lenses"]) == len(whole["lenses"]) - 2
    assert without_last["text"] != SAMPLE.target
    assert first_kept["text"] == without_last["text"]
    assert len(first_kept["lenses"]) == len(without_last["lenses"]) - 2
    assert end["text"] != first_kept["text"]
    assert "abs(value) * 11" in end["text"]
