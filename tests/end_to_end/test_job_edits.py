"""Edits by jobs: a diff that comes as a whole goes through gate, preview and review as every other edit."""

from __future__ import annotations

import asyncio
import difflib
import hashlib
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from support.editor_abilities import Abilities
from support.job_server import BACKGROUND_PATH, SUBMIT_PATH, JobScript, JobServer
from support.sample_code import sample_edit
from support.server_process import DEADLINE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.shared_editors import Editors
    from support.stdio_editor import StdioEditor

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAMPLE = sample_edit(range(10, 20), frozenset({11, 13, 18}))


def diff(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), "a/x.py", "b/x.py")
    return "".join(lines)


def without_names(text: str) -> str:
    """The hunks alone, since each test has a file of its own."""
    return text[text.index("@@") :]


GOOD = without_names(diff(SAMPLE.text, SAMPLE.target))
SCRIPTS = {
    "<broken>": JobScript(GOOD.replace("abs(value) * 13", "abs(value * 13")),
    "<outside>": JobScript("@@ @@\n-" + SAMPLE.mark(6) + "\n+def other():\n"),
    "<other file>": JobScript(diff("a\n", "b\n")),
    "<words>": JobScript("I would rather not."),
    "<failed>": JobScript(error="out of cores"),
    "<never>": JobScript(polls=None),
    "<miscounted>": JobScript("```diff\n" + GOOD.replace("@@ -", "@@ -9") + "```\n"),
    "": JobScript(GOOD, polls=2),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[JobServer]:
    async with JobServer(SCRIPTS) as server:
        yield server


async def an_editor(editors: Editors, server: JobServer, kind: str = "http") -> StdioEditor:
    jobs = {"kind": kind, "unitField": "usage.sau", "unitName": "SAU", "usdPerUnit": 0.02} if kind == "http" else {}
    endpoint = {"baseUrl": server.base_url, "model": "m", "wire": "jobs", "jobs": jobs}
    settings = {"endpoint": "job", "endpoints": {"job": endpoint}}
    editor = await editors.get(kind, settings, Abilities(configuration=True))
    await editor.configure(None)
    return editor


async def test_a_job_becomes_an_applied_edit(editors: Editors, server: JobServer) -> None:
    editor = await an_editor(editors, server)
    document = editor.open("applied.py", SAMPLE.text)
    result = await editor.edit(document, "Do it.", *SAMPLE.span)
    assert result["status"] == "applied"
    assert document.text == SAMPLE.target
    assert len(result["hunks"]) >= 3
    assert result["usage"]["usd"] == pytest.approx(0.05)
    job = server.last
    assert (job.path, job.polls, job.cancelled.is_set()) == (SUBMIT_PATH, 2, False)
    assert "unified diff" in job.body["messages"][0]["content"]
    (file,) = job.body["repository_context"]["files"]
    assert file == {
        "path": "applied.py",
        "sha256": hashlib.sha256(SAMPLE.text.encode()).hexdigest(),
        "content": SAMPLE.text,
    }


async def test_a_background_response_becomes_an_applied_edit(editors: Editors, server: JobServer) -> None:
    editor = await an_editor(editors, server, "openai-background")
    document = editor.open("background.py", SAMPLE.text)
    result = await editor.edit(document, "Do it <miscounted>.", *SAMPLE.span)
    assert result["status"] == "applied"
    assert document.text == SAMPLE.target
    assert (result["usage"]["inputTokens"], result["usage"]["estimated"]) == (100, False)
    assert server.last.path == BACKGROUND_PATH
    assert server.last.body["background"] is True
    assert "repository_context" not in server.last.body


@pytest.mark.parametrize("accepts", [True, False])
async def test_a_job_can_be_previewed(editors: Editors, server: JobServer, accepts: bool) -> None:
    editor = await an_editor(editors, server)
    document = editor.open(f"preview-{accepts}.py", SAMPLE.text, accepts_preview=accepts)
    result = await editor.edit(document, "Do it.", *SAMPLE.span, apply="preview")
    assert result["status"] == "previewed"
    assert document.text == (SAMPLE.target if accepts else SAMPLE.text)


async def test_the_syntax_gate_holds_for_jobs(editors: Editors, server: JobServer) -> None:
    editor = await an_editor(editors, server)
    await editor.configure({"edit": {"syntaxGate": "reject"}})
    document = editor.open("gate.py", SAMPLE.text)
    result = await editor.edit(document, "Do it <broken>.", *SAMPLE.span)
    assert result["status"] == "rejected"
    assert document.text == SAMPLE.text


@pytest.mark.parametrize(
    ("instruction", "says"),
    [
        ("<outside>", "outside of the region"),
        ("<other file>", "another file (“b/x.py”)"),
        ("<words>", "no hunk of a unified diff"),
        ("<failed>", '("out of cores")'),
    ],
)
async def test_a_job_without_a_usable_diff_changes_nothing(
    editors: Editors, server: JobServer, instruction: str, says: str
) -> None:
    editor = await an_editor(editors, server)
    document = editor.open(f"{instruction[1:-1]}.py", SAMPLE.text)
    result = await editor.edit(document, f"Do it {instruction}.", *SAMPLE.span)
    assert result["status"] == "failed"
    assert says in result["message"]
    assert document.text == SAMPLE.text


async def test_an_edit_that_is_cancelled_calls_its_job_off(editors: Editors, server: JobServer) -> None:
    editor = await an_editor(editors, server)
    document = editor.open("cancelled.py", SAMPLE.text)
    known = len(server.jobs)
    _, answer = editor.start_edit(document, "Do it <never>.", *SAMPLE.span)
    await server.until_submitted(known + 1)
    await editor.command("spark.cancel")
    result: Any = await editor.answer_to(answer)
    assert result["status"] == "cancelled"
    async with asyncio.timeout(DEADLINE):
        await server.last.cancelled.wait()
    assert document.text == SAMPLE.text


async def test_the_format_can_be_forced_on_a_job(editors: Editors, server: JobServer) -> None:
    editor = await an_editor(editors, server, "openai-background")
    document = editor.open("rewritten.py", SAMPLE.text)
    server.scripts = {"<rewrite>": JobScript(SAMPLE.reply), **server.scripts}
    result = await editor.edit(document, "Do it <rewrite>.", *SAMPLE.span, format="rewrite")
    assert result["status"] == "applied"
    assert document.text == SAMPLE.target
