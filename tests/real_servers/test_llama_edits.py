"""The product from end to end with a real model server: from the shell, and from an editor over stdio."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from real_servers.asking import each_wire, until_busy
from support.server_process import DEADLINE, environment_in
from support.stdio_editor import StdioEditor
from support.tiny_script import GOLDEN, RANDOM_CONTEXT, SCRIPT

if TYPE_CHECKING:
    from pathlib import Path

    from support.llama_server import LlamaServer

ABOVE, REGION, BELOW = (
    "import sys\n\n\n",
    "def add(a, b):\n    return a + b\n",
    "\n\nprint(add(1, 2), file=sys.stderr)\n",
)
TEXT = ABOVE + REGION + BELOW
TARGET = ABOVE + GOLDEN + BELOW
DIFF = "".join(
    [
        "--- a/code.py\n+++ b/code.py\n@@ -1,8 +1,8 @@\n",
        *(f" {line}" for line in ABOVE.splitlines(keepends=True)),
        *(f"-{line}" for line in REGION.splitlines(keepends=True)),
        *(f"+{line}" for line in GOLDEN.splitlines(keepends=True)),
        *(f" {line}" for line in BELOW.splitlines(keepends=True)),
    ]
)


def settings_for(server: LlamaServer, wire: str = "chat", **more: Any) -> dict[str, Any]:
    endpoint = {"baseUrl": server.base_url(wire), "model": server.model, "wire": wire, **more}
    return {"endpoint": "real", "endpoints": {"real": endpoint}}


def in_the_shell(folder: Path, server: LlamaServer, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `spark-lsp edit` in a folder with one file, `code.py`."""
    (folder / "code.py").write_text(TEXT, encoding="utf-8", newline="")
    settings = folder / "config.toml"
    endpoint = settings_for(server)["endpoints"]["real"]
    lines = ["[endpoints.real]", *(f"{key} = {json.dumps(value)}" for key, value in endpoint.items())]
    settings.write_text("\n".join(lines), encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "spark_lsp", "edit", *arguments],
        cwd=folder,
        env=environment_in(folder, {"SPARK_LSP_CONFIG": str(settings)}),
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE,
        check=False,
    )


def test_an_edit_from_the_shell_is_a_diff(scripted: LlamaServer, tmp_path: Path) -> None:
    done = in_the_shell(tmp_path, scripted, "code.py:4", "-m", "Add types")
    assert (done.returncode, done.stdout, done.stderr) == (0, DIFF, "")
    assert (tmp_path / "code.py").read_bytes() == TEXT.encode()


def test_an_edit_from_the_shell_is_written(scripted: LlamaServer, tmp_path: Path) -> None:
    done = in_the_shell(tmp_path, scripted, "code.py:4-5", "-m", "Add types", "--write")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "code.py").read_bytes() == TARGET.encode()


def test_a_file_that_is_too_long_for_the_model(scripted: LlamaServer, tmp_path: Path) -> None:
    """It has about four times the tokens that our estimate says, as every character is one."""
    done = in_the_shell(tmp_path, scripted, "code.py", "-m", "Add types. " * 500)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "exceeds the available context size (4096 tokens)" in done.stderr
    assert "contextTokens" in done.stderr


@pytest.mark.asyncio
@each_wire
async def test_an_edit_streams_into_the_editor(scripted: LlamaServer, tmp_path: Path, wire: str) -> None:
    async with StdioEditor(tmp_path, settings_for(scripted, wire)) as editor:
        document = editor.open("code.py", TEXT)
        for instruction in ("Add types", "Add types and a comment"):
            result = await editor.edit(document, instruction, len(ABOVE), len(ABOVE + REGION))
            assert result["status"] == "applied", result
            assert document.text == TARGET
            usage = result["usage"]
            assert not usage["estimated"]
            assert usage["outputTokens"] == len(SCRIPT) + 1
            assert usage["inputTokens"] > len(REGION)
            document.replace(0, len(TARGET), TEXT)


@pytest.mark.asyncio
@each_wire
async def test_a_cancelled_edit_frees_the_server(noisy: LlamaServer, tmp_path: Path, wire: str) -> None:
    settings = settings_for(noisy, wire, maxOutputTokens=RANDOM_CONTEXT)
    async with StdioEditor(tmp_path, settings) as editor:
        text = TEXT * 200
        document = editor.open("code.py", text)
        number, answer = editor.start_edit(document, "Add types", 0, len(text), format="rewrite")
        await until_busy(noisy, 1)
        editor.connection.notify("$/cancelRequest", {"id": number})
        result = await editor.answer_to(answer)
        assert result["status"] == "cancelled", result
        await until_busy(noisy, 0)
        async with asyncio.timeout(DEADLINE):
            while document.text != text:
                await editor.command("spark.status")
