"""From a key pressed to ghost text on the screen of a real VS Code, ours beside a provider that answers at once.

All get the same lines of code, in turns, in windows of their own. The provider is a small extension that knows its
answer; behind ours are the server and an endpoint that answers at once. The difference is what we add to what VS Code
itself takes: its wait after a key, its extension host, its drawing. Times are taken in the page, from the browser's
key event to the frame that shows another ghost text than before.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.data import percentile
from support.vscode_cache import chromium_cache, vscode_cache
from support.vscode_server import BROWSER, PACKAGE, VSCODE, install
from support.workbench import workbench

if TYPE_CHECKING:
    from support.workbench import Workbench

BUILT = Path(__file__).resolve().parents[2] / "editors" / "vscode" / "spark-lsp.vsix"
ITSELF, ALONE, OURS = "VS Code itself", "spark-lsp's ghost text alone", "spark-lsp with next edits"
CONFIGURATIONS = {ITSELF: "", ALONE: "nextEdit.enabled = false\n", OURS: ""}
ROUNDS = 35
WARM_UP_ROUNDS = 5
MILLISECONDS_BETWEEN_KEYS = 80
TEXT = '"""Sizes."""\n\n\ndef volume(size: int, count: int, depth: int) -> int:\n    return size * count * depth\n'

_PROVIDER = """
const vscode = require('vscode');
let count = 0;
exports.activate = () => {
  vscode.languages.registerInlineCompletionItemProvider({ pattern: '**' }, {
    provideInlineCompletionItems: (document, position) => {
      count += 1;
      return [new vscode.InlineCompletionItem(`resolve_${count}(items)`, new vscode.Range(position, position))];
    },
  });
  const item = vscode.window.createStatusBarItem('ready');
  item.text = 'scripted';
  item.show();
};
"""
_PROVIDER_PACKAGE = {
    "name": "at-once",
    "publisher": "spark-lsp",
    "version": "0.0.1",
    "engines": {"vscode": "^1.91.0"},
    "main": "./extension.js",
    "activationEvents": ["onStartupFinished"],
}
_WATCH = """() => {
  const editor = document.querySelector('.monaco-editor');
  const ghost = () => [...editor.querySelectorAll('.ghost-text-decoration')].map((span) => span.textContent).join('');
  let before, pressed;
  window.addEventListener(
    'keydown', (event) => { pressed = event.timeStamp; before = ghost(); }, { capture: true, once: true },
  );
  window.ghostTextShown = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      const now = ghost();
      if (pressed === undefined || now === '' || now === before) return;
      observer.disconnect();
      requestAnimationFrame(() => resolve({ milliseconds: performance.now() - pressed, text: now }));
    });
    observer.observe(editor, { childList: true, characterData: true, subtree: true });
    setTimeout(() => { observer.disconnect(); resolve(null); }, 3000);
  });
}"""


async def latency(window: Workbench, number: int) -> float | None:
    """Begin a line; the milliseconds from its last key to ghost text, or nothing when there is none. It is accepted."""
    await window.press("Enter")
    begun = f"value_{number} ="
    await window.page.keyboard.type(begun, delay=MILLISECONDS_BETWEEN_KEYS)
    await window.page.evaluate(_WATCH)
    await window.press("Space")
    shown: dict[str, Any] | None = await window.page.evaluate("() => window.ghostTextShown")
    if shown is None:
        return None
    await window.press("Tab")
    column = len(f"    {begun} {shown['text']}") + 1
    await window.until(lambda screen: any(item.endswith(f"Col {column}") for item in screen["status"]))
    return float(shown["milliseconds"])


async def measure(windows: dict[str, Workbench]) -> dict[str, list[float | None]]:
    times: dict[str, list[float | None]] = {name: [] for name in windows}
    for window in windows.values():
        await window.go_to(4, len(TEXT.splitlines()[3]) + 1)
    for number in range(ROUNDS):
        for name, window in windows.items():
            times[name].append(await latency(window, number))
    return {name: some[WARM_UP_ROUNDS:] for name, some in times.items()}


async def open_windows(stack: AsyncExitStack, folder: Path) -> dict[str, Workbench]:
    endpoint = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.instant_endpoint"), stdout=asyncio.subprocess.PIPE, env={**os.environ}
    )
    stack.callback(endpoint.kill)
    assert endpoint.stdout is not None
    base_url = (await endpoint.stdout.readline()).decode().strip()
    windows = {}
    for number, name in enumerate((ITSELF, ALONE, OURS)):
        own = folder / str(number)
        extensions = own / "extensions"
        extensions.mkdir(parents=True)
        if name != ITSELF:
            install(Path(os.environ[PACKAGE]), extensions)
        else:
            provider = extensions / "spark-lsp.at-once-0.0.1"
            provider.mkdir()
            (provider / "package.json").write_text(json.dumps(_PROVIDER_PACKAGE), encoding="utf-8")
            (provider / "extension.js").write_text(_PROVIDER, encoding="utf-8")
        opened = workbench(
            own, extensions, name, {"sizes.py": TEXT}, base_url=base_url, configuration=CONFIGURATIONS[name]
        )
        windows[name] = await stack.enter_async_context(opened)
    return windows


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            times = await measure(await open_windows(stack, Path(folder)))
    medians = {}
    for name, some in times.items():
        shown = sorted(time for time in some if time is not None)
        medians[name] = percentile(shown, 0.5), percentile(shown, 0.95)
        print(
            f"{name}: p50 {medians[name][0]:.0f} ms, p95 {medians[name][1]:.0f} ms from the key to ghost text"
            f" ({len(shown)} keys, {len(some) - len(shown)} without)"
        )
    itself, itself_late = medians[ITSELF]
    for name in (ALONE, OURS):
        median, late = medians[name]
        print(f"{name} adds {median - itself:.0f} ms at p50, {late - itself_late:.0f} ms at p95 (goal: 20 ms)")


if __name__ == "__main__":
    if not (vscode_cache().complete and chromium_cache().complete and BUILT.exists()):
        print("skipped: there is no VS Code, or the extension is not built: run scripts/test-editors first")
        sys.exit()
    os.environ.update({VSCODE: str(vscode_cache().made), BROWSER: str(chromium_cache().made), PACKAGE: str(BUILT)})
    asyncio.run(main())
