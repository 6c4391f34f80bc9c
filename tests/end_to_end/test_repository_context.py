"""A prompt holds what the code at hand needs from other files of the workspace, and nothing of those that must stay."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from spark_lsp.simulator.reply import ScriptedReply
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator
from support.editor_abilities import Abilities
from support.server_process import DEADLINE
from support.stdio_editor import StdioEditor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from support.editor_document import EditorDocument

pytestmark = pytest.mark.asyncio

BILLING = '''\
"""What customers owe."""


class Invoice:
    """One bill."""

    def total_with_tax(self, rate: float) -> float:
        """The sum of all lines, and the tax on it."""
        return sum(self.lines) * (1 + rate)


def unpaid_invoices(customer: str) -> list[Invoice]:
    """Every bill that nobody has paid."""
    return []
'''
REPORT = '''\
from shop.billing import Invoice, unpaid_invoices


def outstanding(customer: str, rate: float) -> float:
    """What a customer owes in all."""
    raise NotImplementedError
'''
FILES = {
    "shop/__init__.py": "",
    "shop/billing.py": BILLING,
    "shop/report.py": REPORT,
    "shop/ignored_by_git.py": "def git_ignored_definition(customer): ...\n",
    "shop/ignored_by_spark.py": "def spark_ignored_definition(customer): ...\n",
    "shop/secrets.env": "def denied_definition(customer): ...\n",
    ".gitignore": "ignored_by_git.py\n",
    ".sparkignore": "ignored_by_spark.py\n",
}


@pytest_asyncio.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(Script((ScriptedReply(reply=REPORT),)), tps=0, ttft_ms=0) as simulator:
        yield simulator


async def indexed_editor(folder: Path, stack: AsyncExitStack, simulator: Simulator, **settings: Any) -> StdioEditor:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    endpoint = {"baseUrl": simulator.base_url, "model": "m"}
    given = {"endpoint": "e", "endpoints": {"e": endpoint}, "context": {"repository": True}, **settings}
    editor = StdioEditor(folder, given, Abilities(), environment={"SPARK_LSP_CACHE": str(folder / ".cache")})
    return await stack.enter_async_context(editor)


async def prompt_of(
    editor: StdioEditor, simulator: Simulator, document: EditorDocument, text: str = "raise NotImplementedError"
) -> str:
    """What is sent for an edit of the last function that holds a text: that of the report."""
    at = document.text.rindex(text)
    result = await editor.edit(document, f"Implement it, for the {len(simulator.requests)}th time.", at, at)
    assert result["status"] in ("applied", "unchanged")
    asked = [request for request in simulator.requests if request.method == "POST"]
    return json.dumps(asked[-1].body)


async def test_what_is_imported_is_in_the_prompt_and_what_must_stay_is_not(
    tmp_path: Path, simulator: Simulator
) -> None:
    async with AsyncExitStack() as stack:
        editor = await indexed_editor(tmp_path, stack, simulator)
        document = editor.open("shop/report.py", REPORT)
        deadline = asyncio.get_running_loop().time() + DEADLINE
        prompt = ""
        while "shop/billing.py" not in prompt and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.05)  # an edit does not wait for the index
            prompt = await prompt_of(editor, simulator, document)
        assert "def unpaid_invoices(customer: str) -> list[Invoice]:" in prompt
        assert "def total_with_tax(self, rate: float) -> float:" in prompt
        assert "shop/billing.py" in prompt
        for name in ("git_ignored", "spark_ignored", "denied"):
            assert f"{name}_definition" not in prompt


async def test_edits_of_other_documents_and_what_a_tool_says_are_in_the_prompt(
    tmp_path: Path, simulator: Simulator
) -> None:
    async with AsyncExitStack() as stack:
        editor = await indexed_editor(tmp_path, stack, simulator)
        for name, typed in (("billing.py", "STANDARD_RATE = 0.2\n\n\n"), ("ignored_by_spark.py", "HIDDEN = 1\n")):
            other = editor.open(f"shop/{name}", FILES[f"shop/{name}"])
            other.replace(0, 0, typed)
        deadline = asyncio.get_running_loop().time() + DEADLINE
        prompt = ""
        while "shop/billing.py" not in prompt and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.05)
            document = editor.open("shop/report.py", REPORT)
            where = {"textDocument": {"uri": document.uri}, "range": document.range(*document.place("raise"))}
            told = {"range": where["range"], "message": "No value is returned", "source": "lint"}
            await editor.request("textDocument/codeAction", {**where, "context": {"diagnostics": [told]}})
            prompt = await prompt_of(editor, simulator, document)
            editor.close(document)
        assert "+STANDARD_RATE = 0.2" in prompt
        assert "HIDDEN" not in prompt
        assert "line 6: No value is returned (lint)" in prompt


async def test_a_file_that_sparkignore_names_is_not_sent_even_when_it_is_open(
    tmp_path: Path, simulator: Simulator
) -> None:
    async with AsyncExitStack() as stack:
        editor = await indexed_editor(tmp_path, stack, simulator)
        document = editor.open("shop/ignored_by_spark.py", FILES["shop/ignored_by_spark.py"])
        result = await editor.edit(document, "Do it.", 0, 10)
        assert result["status"] == "failed"
        assert "Nothing was sent, because this file is ignored by .sparkignore." in result["message"]
        assert not [request for request in simulator.requests if request.method == "POST"]


async def test_what_gitignore_names_can_be_edited_and_is_quoted_nowhere_else(
    tmp_path: Path, simulator: Simulator
) -> None:
    async with AsyncExitStack() as stack:
        editor = await indexed_editor(tmp_path, stack, simulator)
        both = {"billing": "unpaid_invoices", "ignored_by_git": "git_ignored_definition"}
        imports = "".join(f"from shop.{module} import {name}\n" for module, name in both.items())
        text = REPORT.replace(REPORT.splitlines(keepends=True)[0], imports)
        document = editor.open("shop/report.py", text)
        held_back = "def git_ignored_definition(customer):\n    return HELD_BACK\n\n\ndef other():\n    raise LATER\n"
        ignored = editor.open("shop/ignored_by_git.py", held_back)
        assert "HELD_BACK" in await prompt_of(editor, simulator, ignored, "raise LATER"), "the user asked for just that"
        deadline = asyncio.get_running_loop().time() + DEADLINE
        prompt = ""
        while "def unpaid_invoices" not in prompt and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.05)
            prompt = await prompt_of(editor, simulator, document)
        assert "def unpaid_invoices" in prompt
        assert "HELD_BACK" not in prompt
        assert "def git_ignored_definition" not in prompt


async def test_without_the_repository_only_the_file_is_sent(tmp_path: Path, simulator: Simulator) -> None:
    async with AsyncExitStack() as stack:
        editor = await indexed_editor(tmp_path, stack, simulator, context={"repository": False})
        prompt = await prompt_of(editor, simulator, editor.open("shop/report.py", REPORT))
        assert "total_with_tax" not in prompt
