"""A real Emacs with the settings of editors/README.md, to the letter: eglot, and lsp-mode beside it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from support.batch_emacs import Emacs, packages
from support.editor_setting import section, snippets
from support.sample_code import sample_edit
from support.stepwise_endpoint import Say, StepwiseEndpoint, Wait

if TYPE_CHECKING:
    from pathlib import Path

    from support.stepwise_endpoint import Step

pytestmark = [pytest.mark.editor, pytest.mark.asyncio]

SAMPLE = sample_edit(range(10, 20), frozenset({11, 13, 18}))
HALF = SAMPLE.reply.index("def function_016")
FIRST = "assert total > 11"
ABOVE = SAMPLE.mark(6)
TYPED = "# 🦊 typed\n"
CODE = (
    "import store\n\n\ndef load(key):\n    return store.fetch_all(key)\n\n\ndef save(key):\n    store.fetch_all(key)\n"
)
AREA = "def area(width: int, height: int) -> int:\n    return \n"


def settings(title: str) -> str:
    return "\n".join(snippets(section(title), "elisp"))


EGLOT, LSP_MODE = settings("Emacs with eglot"), settings("Emacs with lsp-mode")


async def test_eglot_a_code_action_edits_a_region_and_one_undo_takes_it_back(tmp_path: Path) -> None:
    emacs = Emacs(tmp_path)
    async with StepwiseEndpoint({"": [Say(SAMPLE.reply)]}) as endpoint:
        plan = {"part": SAMPLE.region, "title": "Simplify"}
        await emacs.play("eglot-action", endpoint.base_url, EGLOT, SAMPLE.text, plan)
    assert all(title.startswith("Spark: ") for title in emacs.event("titles"))
    assert emacs.event("edited") == SAMPLE.target
    assert emacs.event("undone") == SAMPLE.text


async def test_eglot_an_instruction_while_somebody_types(tmp_path: Path) -> None:
    emacs = Emacs(tmp_path)
    gate = asyncio.Event()

    def on_event(event: dict[str, Any]) -> None:
        if "typing" in event:
            gate.set()

    steps: list[Step] = [Say(SAMPLE.reply[:HALF]), Wait(gate), Say(SAMPLE.reply[HALF:])]
    async with StepwiseEndpoint({"Do it": steps}) as endpoint:
        plan = {"part": SAMPLE.region, "instruction": "Do it", "first": FIRST, "above": ABOVE, "typed": TYPED}
        await emacs.play("eglot-instruction", endpoint.base_url, EGLOT, SAMPLE.text, plan, on_event)
    assert FIRST in emacs.event("typing")
    assert emacs.event("edited") == SAMPLE.target.replace(ABOVE, TYPED + ABOVE)
    assert emacs.event("reverted") == SAMPLE.text.replace(ABOVE, TYPED + ABOVE)


async def test_eglot_the_next_edit(tmp_path: Path) -> None:
    emacs = Emacs(tmp_path)
    async with StepwiseEndpoint({}) as endpoint:
        plan = {"old": "fetch_all", "new": "fetch_many"}
        await emacs.play("eglot-next-edit", endpoint.base_url, EGLOT, CODE, plan)
    assert emacs.event("edited") == CODE.replace("fetch_all", "fetch_many")


async def test_eglot_the_suggestion_is_the_only_candidate(tmp_path: Path) -> None:
    emacs = Emacs(tmp_path)
    async with StepwiseEndpoint({"": [Say("width * height")]}) as endpoint:
        await emacs.play("eglot-completion", endpoint.base_url, EGLOT, AREA, {"after": "    return "})
    assert emacs.event("edited") == AREA.replace("return ", "return width * height")


async def test_lsp_mode_a_code_action_and_its_lenses(tmp_path: Path) -> None:
    emacs = Emacs(tmp_path)
    need_lsp_mode()
    async with StepwiseEndpoint({"": [Say(SAMPLE.reply)]}) as endpoint:
        plan = {"part": SAMPLE.region, "title": "Simplify", "before": SAMPLE.text, "lens": "Revert all"}
        await emacs.play("lsp-action", endpoint.base_url, LSP_MODE, SAMPLE.text, plan, load_path=packages())
    assert emacs.event("edited") == SAMPLE.target
    assert {"Keep all 6", "Revert all"} & set(emacs.event("lenses"))
    assert emacs.event("reverted") == SAMPLE.text


async def test_lsp_mode_ghost_text(tmp_path: Path) -> None:
    emacs = Emacs(tmp_path)
    need_lsp_mode()
    async with StepwiseEndpoint({"": [Say("width * height")]}) as endpoint:
        plan = {"after": "    return "}
        await emacs.play("lsp-ghost", endpoint.base_url, LSP_MODE, AREA, plan, load_path=packages())
    assert "width * height" in emacs.event("shown")
    assert emacs.event("edited") == AREA.replace("return ", "return width * height")
    assert emacs.event("undone") == AREA


def need_lsp_mode() -> None:
    if not packages():
        pytest.skip("there is no lsp-mode: run scripts/get-emacs")
