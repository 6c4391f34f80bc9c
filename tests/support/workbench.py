"""VS Code's workbench in a headless browser: keys are pressed in it, and its screen is read."""

from __future__ import annotations

import json
import re
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.async_api import Page, async_playwright

from support.polling import poll
from support.server_process import DEADLINE
from support.stepwise_endpoint import settings_for
from support.vscode_server import VsCodeServer, command_in, programs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

WITHIN = 2 * DEADLINE
"""Seconds until a test gives up on what must come to be on the screen."""
SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "screenshots"
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_READ = """() => {
  const text = (element) => element.textContent.replace(/\\u00a0/g, ' ').replace(/\\u200b|\\u200c/g, '');
  const all = (selector, root) => [...(root ?? document).querySelectorAll(selector)];
  const top = (element) => element.getBoundingClientRect().top;
  const editor = document.querySelector('.editor-group-container.active .editor-instance .monaco-editor') ?? document;
  return {
    rows: all('.view-lines > .view-line', editor).sort((a, b) => top(a) - top(b)).map(text),
    ghost: all('.view-line', editor)
      .sort((a, b) => top(a) - top(b))
      .map((line) =>
        line.closest('.suggest-preview-text') ? text(line) : all('.ghost-text-decoration', line).map(text).join(''),
      )
      .filter((ghost) => ghost),
    marks: all('.view-lines span', editor)
      .flatMap((span) => ['::before', '::after'].map((side) => getComputedStyle(span, side).content))
      .filter((content) => content.startsWith('"') && content.length > 2)
      .map((content) => JSON.parse(content).replace(/\\u00a0/g, ' ')),
    lenses: all('.codelens-decoration a', editor).map(text),
    status: all('.statusbar-item').map(text),
    notifications: all('.notification-toast .notification-list-item-message').map(text),
    buttons: all('.notification-toast .monaco-button, .monaco-dialog-box .monaco-button').map(text),
    input: document.querySelector('.quick-input-widget:not([style*="display: none"]) input')?.value ?? null,
    choice: all('.quick-input-widget:not([style*="display: none"]) .monaco-list-row.focused').map(text).join(''),
    choices: all('.quick-input-widget:not([style*="display: none"]) .quick-input-list-row').map(text),
  };
}"""


class Workbench:
    """A window with a workspace, as a user has it before them."""

    def __init__(self, page: Page, workspace: Path, name: str) -> None:
        self.page = page
        self.workspace = workspace
        self._name = name
        self._shots = 0

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, such as "Tab" or "Control+K"."""
        for key in keys:
            await self.page.keyboard.press(key)

    async def type(self, text: str) -> None:
        await self.page.keyboard.type(text)

    async def screen(self) -> dict[str, Any]:
        """What is read off the screen; see the script."""
        read: dict[str, Any] = await self.page.evaluate(_READ)
        return read

    async def until(self, condition: Callable[[dict[str, Any]], Any], within: float = WITHIN) -> dict[str, Any]:
        """Wait until what is on the screen is so, and return it."""
        try:
            return await poll(self.screen, condition, within)
        except TimeoutError:
            await self.shoot("never-so")
            seen = json.dumps(await self.screen(), indent=1, ensure_ascii=False)
            raise AssertionError(f"it was not so within {within} s:\n{seen}") from None

    async def until_ready(self) -> None:
        """Wait until the extension says in the status bar who is asked, or that nobody is."""
        await self.until(
            lambda screen: any("scripted" in item or "offline" in item for item in screen["status"]), 3 * DEADLINE
        )

    async def until_rows(self, *rows: str) -> dict[str, Any]:
        """Wait until these rows stand below each other somewhere in the editor."""
        wanted = "\n".join(rows)
        return await self.until(lambda screen: wanted in "\n".join(screen["rows"]))

    async def until_ghost(self, *texts: str) -> dict[str, Any]:
        """Wait until just this is shown as ghost text, a row each; with nothing, until there is none."""
        return await self.until(lambda screen: screen["ghost"] == list(texts))

    async def go_to(self, line: int, column: int = 1) -> None:
        """Put the cursor there, counting from 1."""
        await self.press("Control+G")
        await self.until(lambda screen: screen["input"] is not None)
        await self.type(f"{line}:{column}")
        await self.press("Enter")
        await self.until(lambda screen: any(f"Ln {line}, Col {column}" in item for item in screen["status"]))

    async def select_lines(self, first: int, count: int) -> None:
        """Select whole lines by the keyboard."""
        await self.go_to(first)
        for _ in range(count):
            await self.press("Shift+ArrowDown")

    async def instruct(self, instruction: str) -> None:
        """Give an instruction for what is selected, by the keyboard."""
        await self.press("Control+K", "Control+K")
        await self.until(lambda screen: screen["input"] is not None)
        await self.type(instruction)
        await self.until(lambda screen: screen["choice"] == instruction)
        await self.press("Enter")

    async def click_lens(self, title: str) -> None:
        """Click the first code lens of that title, which may be followed by figures in brackets."""
        titled = re.compile(rf"^{re.escape(title)}( \(.*\))?$")
        await self.page.locator(".codelens-decoration a").filter(has_text=titled).first.click()

    async def click_status(self, text: str) -> None:
        """Click the item of the status bar that has this text."""
        await self.page.locator(".statusbar-item").filter(has_text=text).first.click()

    async def click_editor(self) -> None:
        """Go from wherever the focus is to the editor."""
        await self.page.click(".monaco-editor .view-lines")

    async def click_button(self, title: str) -> None:
        """Click a button of a message or of a dialogue."""
        await self.page.locator(".monaco-button").get_by_text(title, exact=True).first.click()

    async def run(self, command: str) -> None:
        """Run a command by its title, off the palette."""
        await self.press("F1")
        await self.until(lambda screen: screen["input"] is not None)
        await self.type(command)
        await self.until(lambda screen: command in screen["choice"])
        await self.press("Enter")
        await self.until(lambda screen: screen["input"] is None or not screen["input"].startswith(">"))

    async def saved(self, file: str) -> str:
        """Save what is in the editor, and read that file of the workspace."""
        await self.press("Control+S")
        dirty = self.page.locator(".editor-group-container.active .tab.active.dirty")
        await dirty.wait_for(state="detached", timeout=WITHIN * 1000)
        return (self.workspace / file).read_bytes().decode()

    async def shoot(self, what: str, clip: Mapping[str, float] | None = None) -> Path:
        """Keep a picture of the screen."""
        self._shots += 1
        file = SCREENSHOTS / f"{self._name}-{self._shots}-{what}.png"
        await self.page.screenshot(path=file, clip=clip)  # type: ignore[arg-type]
        return file


@asynccontextmanager
async def workbench(
    folder: Path,
    extensions: Path,
    name: str,
    files: Mapping[str, str],
    *,
    base_url: str = "",
    configuration: str = "",
    more_configuration: str = "",
    settings: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    trusted: bool = True,
    ready: bool = True,
    installed: bool = True,
) -> AsyncIterator[Workbench]:
    """Open a workspace of these files, the first of them in the editor.

    The endpoint is at `base_url`, or there is none; `configuration` comes first in the user's own file, and
    `more_configuration` last. `settings` are VS Code's. With `ready` the server is waited for; without `installed`
    there is none on the PATH, whose first folder is `bin`.
    """
    workspace = folder / "workspace"
    for path, text in files.items():
        (workspace / path).parent.mkdir(parents=True, exist_ok=True)
        (workspace / path).write_text(text, encoding="utf-8", newline="")
    file = folder / "config.toml"
    file.write_text(configuration + _endpoint(base_url) + more_configuration, encoding="utf-8")
    commands = folder / "bin"
    commands.mkdir(exist_ok=True)
    if installed:
        command_in(commands)
    variables = {"PATH": f"{commands}:/usr/bin:/bin", "SPARK_LSP_CONFIG": str(file)}
    variables.update(environment or {})
    server = await VsCodeServer.start(folder, extensions, settings or {}, variables, trusted=trusted)
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=programs()[1], headless=True, args=_FLAGS)
            page = await browser.new_page(viewport={"width": 1200, "height": 700})
            window = Workbench(page, workspace, re.sub(r"\W+", "-", name).strip("-"))
            try:
                await page.goto(server.address(workspace, workspace / next(iter(files))))
                await page.wait_for_selector(".monaco-editor .view-lines .view-line", timeout=3 * DEADLINE * 1000)
                await window.click_editor()
                if ready:
                    await window.until_ready()
                yield window
            except BaseException:
                await window.shoot("failed")
                raise
            finally:
                await browser.close()
    finally:
        await server.stop()


def servers_of(folder: Path) -> list[int]:
    """The processes of the spark-lsp servers that were started for a window in this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            arguments = (process / "cmdline").read_bytes().split(b"\0")
            environment = (process / "environ").read_bytes().split(b"\0")
            is_server = b"spark_lsp" in arguments and b"--version" not in arguments
            if is_server and f"SPARK_LSP_CONFIG={folder / 'config.toml'}".encode() in environment:
                found.append(int(process.name))
    return found


def _endpoint(base_url: str) -> str:
    if not base_url:
        return 'endpoint = "offline"\n'
    endpoint = settings_for(base_url)["endpoints"]["scripted"]
    fields = "".join(f"{key} = {json.dumps(value)}\n" for key, value in endpoint.items())
    return f'endpoint = "scripted"\n[endpoints.scripted]\n{fields}'
