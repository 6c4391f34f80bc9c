"""Next edits in a real VS Code, told without a model: Tab goes there, then makes them; Esc refuses them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from support.polling import poll
from support.workbench import WITHIN

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from support.workbench import Workbench

    VsCode: TypeAlias = Callable[..., AbstractAsyncContextManager[Workbench]]

pytestmark = [pytest.mark.editor, pytest.mark.asyncio]

BETWEEN = "\n\n"
FAR = "\n\n" + "".join(f"def number_{number}():\n    return {number}\n\n\n" for number in range(30))
GOES_HERE, ACCEPTS = "⇥ Tab goes here", "⇥ Tab accepts"


def code(first: str, second: str, third: str, between: str = BETWEEN) -> str:
    return (
        f"import store\n\n\ndef load(key):\n    return store.{first}(key)\n{between}"
        f"def save(key, value):\n    store.{second}(key)\n    return value\n{between}"
        f'def drop(key):\n    print("nothing")\n    store.{third}(key)\n'
    )


def line_of(text: str, number: int) -> int:
    """The line of a use of the store, counting both from 1."""
    lines = [line for line, content in enumerate(text.splitlines(), 1) if "store." in content]
    return lines[number - 1]


async def rename_first(window: Workbench) -> None:
    """Type another name over the first one."""
    await window.go_to(5, len("    return store.") + 1)
    await window.press("Control+Shift+ArrowRight")
    await window.type("fetch_one")


def at_line(number: int, mark: str) -> Callable[[dict[str, Any]], bool]:
    """The cursor is there, and the next edit says what Tab does."""
    return lambda screen: mark in screen["marks"] and any(f"Ln {number}," in item for item in screen["status"])


async def test_it_is_shown_gone_to_and_accepted(vscode: VsCode) -> None:
    before = code("fetch_all", "fetch_all", "fetch_all")
    async with vscode({"store_user.py": before}) as window:
        await rename_first(window)
        await window.until(at_line(5, GOES_HERE))
        await window.shoot("shown")
        await window.press("Tab")
        await window.until(at_line(line_of(before, 2), ACCEPTS))
        await window.shoot("gone-to")
        await window.press("Tab")
        await window.until_rows("    store.fetch_one(key)", "    return value")
        await window.until(lambda screen: GOES_HERE in screen["marks"])
        await window.shoot("accepted")
        assert await window.saved("store_user.py") == code("fetch_one", "fetch_one", "fetch_all")
        await window.press("Tab")
        await window.until(at_line(line_of(before, 3), ACCEPTS))
        await window.press("Tab")
        await window.until(lambda screen: not screen["marks"])
        assert await window.saved("store_user.py") == code("fetch_one", "fetch_one", "fetch_one")
        # One undo takes back one of them.
        await window.press("Control+Z")
        await window.until_rows('    print("nothing")', "    store.fetch_all(key)")
        assert await window.saved("store_user.py") == code("fetch_one", "fetch_one", "fetch_all")


async def test_escape_refuses_it(vscode: VsCode) -> None:
    """And then Tab is a tab."""
    async with vscode({"store_user.py": code("fetch_all", "fetch_all", "print")}) as window:
        await rename_first(window)
        await window.until(at_line(5, GOES_HERE))
        await window.press("Escape")
        await window.until(lambda screen: not screen["marks"])
        await window.press("Tab")
        await window.until(lambda screen: any(row.startswith("    return store.fetch_one  ") for row in screen["rows"]))
        assert "    store.fetch_all(key)\n" in await window.saved("store_user.py")


async def test_one_that_is_out_of_sight_says_where_it_is(vscode: VsCode) -> None:
    before = code("fetch_all", "print", "fetch_all", FAR)
    line = line_of(before, 3)
    async with vscode({"store_user.py": before}) as window:
        await rename_first(window)
        await window.until(at_line(5, f"⇥ Tab: next edit at line {line}"))
        await window.shoot("shown")
        await window.press("Tab")
        await window.until(at_line(line, ACCEPTS))
        await window.shoot("gone-to")
        await window.press("Tab")
        await window.until_rows('    print("nothing")', "    store.fetch_one(key)")
        assert await window.saved("store_user.py") == code("fetch_one", "print", "fetch_one", FAR)


async def test_one_in_a_file_that_is_not_open(vscode: VsCode) -> None:
    """A definition gets another name, and the file that still uses the old one is opened."""
    report = "from store import fetch_all\n\n\ndef report(key):\n    return fetch_all(key)\n"
    files = {"store.py": "def fetch_all(key):\n    return [key]\n", "report.py": report}
    async with vscode(files) as window:
        await window.go_to(1, len("def ") + 1)
        await window.press("Control+Shift+ArrowRight")
        await window.type("fetch_every")

        async def looked_around() -> dict[str, Any]:
            # It is found once the workspace's index is there; the editor asks when the cursor comes to another line.
            await window.press("ArrowDown", "ArrowUp")
            return await window.screen()

        hint = "⇥ Tab: next edit in report.py, line 1"
        await poll(looked_around, lambda screen: hint in screen["marks"], WITHIN)
        await window.shoot("shown")
        await window.press("Tab")
        await window.until(at_line(1, ACCEPTS))
        await window.shoot("opened")
        await window.press("Tab")
        await window.until(at_line(1, GOES_HERE))
        await window.press("Tab")
        await window.until(at_line(5, ACCEPTS))
        await window.press("Tab")
        await window.until_rows("def report(key):", "    return fetch_every(key)")
        assert await window.saved("report.py") == report.replace("fetch_all", "fetch_every")
