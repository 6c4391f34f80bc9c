"""A real Neovim walks through the files of a repository, from one next edit to the other."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from support.headless_neovim import Neovim

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.editor, pytest.mark.asyncio]

OLD, NEW = "fetch_all", "fetch_every"
FILES = {
    "store.py": "def fetch_all(key):\n    return [key]\n",
    "report.py": "from store import fetch_all\n\n\nprint(fetch_all(1))\n",
    "tools/dump.py": "import store\n\n\nstore.fetch_all(2)\n",
}
INIT = """\
vim.lsp.config('spark_lsp', {{
  cmd = {{ '{python}', '-m', 'spark_lsp', '--stdio' }},
  filetypes = {{ 'python' }},
  root_dir = '{folder}',
  init_options = {{ endpoint = 'offline' }},
}})
vim.lsp.enable('spark_lsp')
"""


async def test_a_definition_is_renamed(tmp_path: Path) -> None:
    """Its name is typed once; the command opens one file after the other, and renames what is there."""
    neovim, folder = Neovim(tmp_path), tmp_path / "repository"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    init = tmp_path / "init.lua"
    init.write_text(INIT.format(python=sys.executable, folder=folder), encoding="utf-8")
    plan = {"init": str(init), "file": str(folder / "store.py"), "old": OLD, "new": NEW, "steps": 3}
    await neovim.play("next_edits.lua", "rename", plan)
    steps = [event for event in neovim.events if "step" in event]
    assert [step["step"]["status"] for step in steps] == ["applied"] * 3
    visited = ("report.py", "report.py", "tools/dump.py")
    assert [step["file"] for step in steps] == [str(folder / name) for name in visited]
    texts = neovim.event("texts")["texts"]
    assert texts == {str(folder / name): text.replace(OLD, NEW) for name, text in FILES.items()}
