"""Secrets in code, with the real server: nothing of them in requests, logs and files, and the document ends exact."""

from __future__ import annotations

import json
import random
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from context.echo_endpoint import EchoServer, fenced, region_of
from context.planted_secrets import KINDS, key_block, password
from support.stdio_editor import StdioEditor
from support.stepwise_endpoint import settings_for

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.asyncio

SOURCE = random.Random(40)
PASSWORD = password(SOURCE)
TOKENS = [kind.made(SOURCE) for kind in KINDS]
BLOCK = key_block(SOURCE)
SECRETS = [PASSWORD, *TOKENS, *(line for line in BLOCK.splitlines() if "-----" not in line)]
VALUES = "".join(f'    "{number}": "{token}",\n' for number, token in enumerate(TOKENS))
TEXT = f'VALUES = {{\n{VALUES}}}\nPASSWORD = "{PASSWORD}"\nKEY = """\n{BLOCK}"""\nretries = 1\n'
TARGET = TEXT.replace("retries = 1", "retries = 2")


def reply(message: str) -> str:
    return fenced(region_of(message).replace("retries = 1", "retries = 2"))


def files_with_secrets(folder: Path) -> list[Path]:
    """The ledger, caches and whatever else the server may have written."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files, "the ledger, at least"
    return [path for path in files if any(secret.encode() in path.read_bytes() for secret in SECRETS)]


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
async def test_no_secret_leaves_the_machine(tmp_path: Path, end: str) -> None:
    text, target = TEXT.replace("\n", end), TARGET.replace("\n", end)
    async with AsyncExitStack() as stack:
        endpoint = await stack.enter_async_context(EchoServer(reply))
        settings = settings_for(endpoint.base_url) | {"log": {"level": "debug"}}
        arguments = ("--stdio", "--log-level", "debug")
        editor = await stack.enter_async_context(StdioEditor(tmp_path, settings, arguments=arguments))
        editor.secrets.update(SECRETS)
        document = editor.open("code.py", text)
        result = await editor.edit(document, f"Retry twice with {PASSWORD}", 0, len(text), format="rewrite")
        assert result["status"] == "applied"
        assert len(result["hunks"]) == 1
        assert document.text == target
        sent = json.dumps(endpoint.bodies, ensure_ascii=False)
        await editor.stop()
    assert "retries = 1" in sent
    assert [secret for secret in SECRETS if secret in sent] == []
    assert files_with_secrets(tmp_path) == []
