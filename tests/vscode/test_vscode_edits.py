"""Instructed edits in a real VS Code: they stream in, are one step of undo, and are kept and reverted hunk by hunk."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from support.sample_code import changed_function, function, sample_edit
from support.stepwise_endpoint import Say, StepwiseEndpoint, Wait

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from support.stepwise_endpoint import Step
    from support.workbench import Workbench

    VsCode: TypeAlias = Callable[..., AbstractAsyncContextManager[Workbench]]

pytestmark = [pytest.mark.editor, pytest.mark.asyncio]

# All of it fits the screen.
SAMPLE = sample_edit(range(5, 8), frozenset({5, 6, 7}))
TEXT = "\n".join(SAMPLE.text.splitlines()[24:-24]) + "\n"
TARGET = "\n".join(SAMPLE.target.splitlines()[24:-24]) + "\n"
FIRST = TEXT[: TEXT.index(SAMPLE.region)].count("\n") + 1
COUNT = SAMPLE.region.count("\n")
HALF = SAMPLE.reply.index("def function_006")
FIRST_HUNK, LAST_HUNK = "assert total > 5", "assert total > 7"
SETTINGS = "inline.enabled = false\nnextEdit.enabled = false\n"
"""Nothing but edits."""


def changed(number: int) -> str:
    return "\n".join(changed_function(number))


def unchanged(number: int) -> str:
    return "\n".join(function(number))


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


async def instruct(window: Workbench) -> None:
    await window.select_lines(FIRST, COUNT)
    await window.instruct("Make it safe.")


def hunks(screen: dict[str, Any]) -> int:
    """How many can be kept."""
    return sum(lens.startswith("Keep (") for lens in screen["lenses"])


async def shows(window: Workbench, *texts: str) -> dict[str, Any]:
    return await window.until(lambda screen: all(text in "\n".join(screen["rows"]) for text in texts))


async def go_to_row(window: Workbench, text: str) -> None:
    """Put the cursor to the beginning of a row, which may move on the way, as more of the edit comes."""
    while True:
        line = (await window.screen())["rows"].index(text) + 1
        await window.go_to(line)
        if (await window.screen())["rows"].index(text) + 1 == line:
            return


async def test_it_streams_in_and_is_one_step_of_undo(vscode: VsCode) -> None:
    go_on = asyncio.Event()
    steps: list[Step] = [Say(SAMPLE.reply[:HALF]), Wait(go_on), Say(SAMPLE.reply[HALF:])]
    async with (
        StepwiseEndpoint({"": steps}) as endpoint,
        vscode({"code.py": TEXT}, base_url=endpoint.base_url, configuration=SETTINGS) as window,
    ):
        await instruct(window)
        screen = await shows(window, FIRST_HUNK)
        assert LAST_HUNK not in "\n".join(screen["rows"])
        await window.shoot("streaming")
        go_on.set()
        await shows(window, LAST_HUNK)
        await window.until(lambda screen: hunks(screen) == 3)
        await window.shoot("edited")
        assert await window.saved("code.py") == TARGET
        await window.press("Control+Z")
        await window.until(lambda screen: FIRST_HUNK not in "\n".join(screen["rows"]))
        await window.shoot("undone")
        assert await window.saved("code.py") == TEXT
        await window.press("Control+Y")
        await shows(window, FIRST_HUNK, LAST_HUNK)
        assert await window.saved("code.py") == TARGET


async def test_hunks_are_reverted_and_kept_by_clicks(vscode: VsCode) -> None:
    async with (
        StepwiseEndpoint({"": [Say(SAMPLE.reply)]}) as endpoint,
        vscode({"code.py": TEXT}, base_url=endpoint.base_url, configuration=SETTINGS) as window,
    ):
        await instruct(window)
        await window.until(lambda screen: hunks(screen) == 3)
        await window.click_lens("Revert")
        await window.until(lambda screen: hunks(screen) == 2)
        reverted = TARGET.replace(changed(5), unchanged(5))
        assert await window.saved("code.py") == reverted
        await window.click_lens("Keep")
        await window.until(lambda screen: hunks(screen) == 1)
        await window.shoot("one-reverted-one-kept")
        assert await window.saved("code.py") == reverted
        await window.click_lens("Revert")
        await window.until(lambda screen: not screen["lenses"])
        assert await window.saved("code.py") == reverted.replace(changed(7), unchanged(7))


async def test_hunks_are_reverted_and_kept_by_keys(vscode: VsCode) -> None:
    async with (
        StepwiseEndpoint({"": [Say(SAMPLE.reply)]}) as endpoint,
        vscode({"code.py": TEXT}, base_url=endpoint.base_url, configuration=SETTINGS) as window,
    ):
        await instruct(window)
        await window.until(lambda screen: hunks(screen) == 3)
        await window.go_to(line_of(TARGET, LAST_HUNK))
        await window.press("Control+K", "Control+N")
        await window.until(lambda screen: hunks(screen) == 2)
        reverted = TARGET.replace(changed(7), unchanged(7))
        assert await window.saved("code.py") == reverted
        await window.go_to(line_of(TARGET, FIRST_HUNK))
        await window.press("Control+K", "Control+Y")
        screen = await window.until(lambda screen: hunks(screen) == 1)
        assert FIRST_HUNK in "\n".join(screen["rows"])
        await window.shoot("one-reverted-one-kept")
        assert await window.saved("code.py") == reverted
        # What was reverted is undone, and so is the whole edit.
        await window.press("Control+Z")
        await shows(window, LAST_HUNK)
        await window.press("Control+Z")
        await window.until(lambda screen: FIRST_HUNK not in "\n".join(screen["rows"]))
        assert await window.saved("code.py") == TEXT


@pytest.mark.parametrize(("command", "text"), [("Keep All Changes", TARGET), ("Revert All Changes", TEXT)])
async def test_all_hunks_are_kept_or_reverted_at_once(vscode: VsCode, command: str, text: str) -> None:
    async with (
        StepwiseEndpoint({"": [Say(SAMPLE.reply)]}) as endpoint,
        vscode({"code.py": TEXT}, base_url=endpoint.base_url, configuration=SETTINGS) as window,
    ):
        await instruct(window)
        await window.until(lambda screen: hunks(screen) == 3)
        await window.run(f"Spark: {command} of the Edit")
        await window.until(lambda screen: not screen["lenses"])
        assert await window.saved("code.py") == text


@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["unix", "dos"])
async def test_what_is_typed_meanwhile_stays(vscode: VsCode, ending: str) -> None:
    """Above, in and below the code that the edit is about, where it has come and where it has not."""
    typed = {4: "# above 🦊 ①", 5: "# inside 🦊 ②", 6: "# inside 🦊 ③", 8: "# below 🦊 ④"}
    target, go_on = TARGET, asyncio.Event()
    for number, text in typed.items():
        target = target.replace(SAMPLE.mark(number), f"{text}\n{SAMPLE.mark(number)}")
    steps: list[Step] = [Say(SAMPLE.reply[:HALF]), Wait(go_on), Say(SAMPLE.reply[HALF:])]
    async with (
        StepwiseEndpoint({"": steps}) as endpoint,
        vscode({"code.py": TEXT.replace("\n", ending)}, base_url=endpoint.base_url, configuration=SETTINGS) as window,
    ):
        await instruct(window)
        await shows(window, FIRST_HUNK)
        for number, text in typed.items():
            rows = (await window.screen())["rows"]
            await window.go_to(rows.index(SAMPLE.mark(number)) + 1)
            await window.type(text)
            await window.press("Enter")
            await shows(window, text)
        await window.shoot("typed-while-it-streams")
        go_on.set()
        await shows(window, LAST_HUNK)
        await window.until(lambda screen: hunks(screen) == 3)
        await window.shoot("edited")
        assert await window.saved("code.py") == target.replace("\n", ending)


async def test_escape_cancels_it_and_takes_it_back(vscode: VsCode) -> None:
    steps: list[Step] = [Say(SAMPLE.reply[:HALF]), Wait(asyncio.Event())]
    async with (
        StepwiseEndpoint({"": steps}) as endpoint,
        vscode({"code.py": TEXT}, base_url=endpoint.base_url, configuration=SETTINGS) as window,
    ):
        await instruct(window)
        await shows(window, FIRST_HUNK)
        await window.press("Escape")
        await window.until(lambda screen: FIRST_HUNK not in "\n".join(screen["rows"]))
        assert await window.saved("code.py") == TEXT
        await asyncio.wait_for(endpoint.exchanges[0].left.wait(), 20)
