"""The server as a process: how it ends, whatever goes on, and the options of its command line."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from support.json_rpc import Connection, RequestFailed
from support.sample_code import sample_edit
from support.server_process import DEADLINE, ServerProcess
from support.stdio_editor import StdioEditor
from support.stepwise_endpoint import Say, StepwiseEndpoint, Wait, settings_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from support.editor_document import EditorDocument
    from support.json_rpc import Message
    from support.stepwise_endpoint import Step

pytestmark = pytest.mark.asyncio

SAMPLE = sample_edit(range(10, 20), frozenset({11, 13, 18}))
HALF = SAMPLE.reply.index("def function_016")
INVALID_REQUEST = -32600
SOON = 5.0
"""Seconds: many times what an end takes, and less than what the server gives an editor to answer."""


@pytest_asyncio.fixture
async def endpoint() -> AsyncIterator[StepwiseEndpoint]:
    scripts: dict[str, list[Step]] = {
        "<half>": [Say(SAMPLE.reply[:HALF]), Wait(asyncio.Event())],
        "": [Say(SAMPLE.reply)],
    }
    async with StepwiseEndpoint(scripts) as endpoint:
        yield endpoint


class MidEdit:
    """An editor with an edit that stands still in the middle, its first hunks in the text."""

    def __init__(self, editor: StdioEditor, document: EditorDocument, answer: asyncio.Future[Message]) -> None:
        self.editor = editor
        self.document = document
        self.answer = answer

    @classmethod
    async def start(cls, editor: StdioEditor, **manners: Any) -> MidEdit:
        document = editor.open("code.py", SAMPLE.text, **manners)
        _, answer = editor.start_edit(document, "Do it <half>.", *SAMPLE.span)
        await editor.until(lambda: "total > 13" in document.text, "the first hunks")
        return cls(editor, document, answer)


async def is_left(endpoint: StepwiseEndpoint) -> None:
    async with asyncio.timeout(DEADLINE):
        await endpoint.exchanges[0].left.wait()


async def test_exit_without_shutdown_is_a_failure(tmp_path: Path) -> None:
    async with StdioEditor(tmp_path, {}) as editor:
        assert await editor.exit() == 1
        editor.check()


async def test_shutdown_in_the_middle_of_an_edit(tmp_path: Path, endpoint: StepwiseEndpoint) -> None:
    async with StdioEditor(tmp_path, settings_for(endpoint.base_url)) as editor:
        running = await MidEdit.start(editor)
        assert await editor.request("shutdown") is None
        assert await editor.exit() == 0
        await is_left(endpoint)
        assert running.answer.done()
        assert not running.answer.exception(), "the edit has no answer"
        result = running.answer.result()["result"]
        assert result["status"] == "cancelled"
        assert running.document.text == SAMPLE.text
        editor.check()


@pytest.mark.parametrize("shutdown", [True, False])
async def test_an_editor_that_answers_no_more(tmp_path: Path, endpoint: StepwiseEndpoint, shutdown: bool) -> None:
    """Once it was told to go, the server does not wait for the editor to take hunks back."""
    async with StdioEditor(tmp_path, settings_for(endpoint.base_url)) as editor:
        running = await MidEdit.start(editor)
        running.document.take = lambda batch, answer: None  # type: ignore[method-assign]
        if shutdown:
            assert await editor.request("shutdown") is None
        editor.connection.notify("exit")
        assert await editor.server.exit_status(SOON) == (0 if shutdown else 1)
        await is_left(endpoint)
        editor.stopped = True


@pytest.mark.parametrize("in_mid_edit", [False, True])
async def test_an_editor_that_is_gone(tmp_path: Path, endpoint: StepwiseEndpoint, in_mid_edit: bool) -> None:
    """Its end of the pipe is closed, and nothing else is said."""
    async with StdioEditor(tmp_path, settings_for(endpoint.base_url)) as editor:
        if in_mid_edit:
            await MidEdit.start(editor)
        editor.connection.close()
        await editor.server.exit_status(SOON)
        if in_mid_edit:
            await is_left(endpoint)
        editor.stopped = True
        assert "Traceback" not in editor.server.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
async def test_a_signal(tmp_path: Path, endpoint: StepwiseEndpoint, number: signal.Signals) -> None:
    async with StdioEditor(tmp_path, settings_for(endpoint.base_url)) as editor:
        await MidEdit.start(editor)
        editor.server.process.send_signal(number)
        await editor.server.exit_status(SOON)
        await is_left(endpoint)
        editor.stopped = True
        assert "Traceback" not in editor.server.stderr


async def test_requests_at_the_wrong_time_are_answered(tmp_path: Path) -> None:
    """Before `initialize` and after `shutdown` every request gets an error, and nothing is done."""
    editor = StdioEditor(tmp_path, {})
    try:
        editor.server = await ServerProcess.start(tmp_path)
        reader, writer = editor.server.process.stdout, editor.server.process.stdin
        assert reader is not None
        assert writer is not None
        editor.connection = Connection(reader, writer, editor._receive)
        with pytest.raises(RequestFailed):
            await editor.command("spark.edit", {"textDocument": {"uri": "file:///a"}, "instruction": "x"})
        await editor.initialize()
        assert await editor.request("shutdown") is None
        with pytest.raises(RequestFailed) as raised:
            await editor.command("spark.status")
        assert raised.value.code == INVALID_REQUEST
        assert await editor.exit() == 0
        assert editor.connection.problems == []
    finally:
        await editor.kill()


async def test_a_log_file(tmp_path: Path, endpoint: StepwiseEndpoint) -> None:
    log = tmp_path / "a folder" / "server.log"
    log.parent.mkdir()
    arguments = ("--stdio", "--log-file", str(log), "--log-level", "debug")
    settings = settings_for(endpoint.base_url, log={"level": "debug"}, unknown="setting")
    async with StdioEditor(tmp_path, settings, arguments=arguments) as editor:
        document = editor.open("code.py", SAMPLE.text)
        result = await editor.edit(document, "Do it with 🦊.", *SAMPLE.span)
        assert result["status"] == "applied"
        await editor.until(lambda: editor.shown, "a warning")
        editor.shown.clear()
        await editor.stop()
        assert editor.server.stderr == ""
    written = log.read_text(encoding="utf-8")
    assert "unknown" in written
    assert "Do it with" not in written
    assert not any(line.strip() in written for line in document.lines_seen() if len(line.strip()) > 5)


async def test_a_log_file_that_cannot_be_written(tmp_path: Path) -> None:
    server = await ServerProcess.start(tmp_path, ("--log-file", str(tmp_path / "missing" / "server.log")))
    assert await server.exit_status() == 1
    assert "cannot log to" in server.stderr
    assert "Traceback" not in server.stderr
    await server.kill()


async def connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect as soon as the server accepts: it gives no other sign that it has started."""
    async with asyncio.timeout(DEADLINE):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)


async def test_tcp(tmp_path: Path, endpoint: StepwiseEndpoint) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        port = closed_soon.getsockname()[1]
    editor = StdioEditor(tmp_path, settings_for(endpoint.base_url))
    async with AsyncExitStack() as stack:
        editor.server = await ServerProcess.start(tmp_path, ("--tcp", "--port", str(port)))
        stack.push_async_callback(editor.server.kill)
        editor.connection = Connection(*await connect(port), editor._receive)
        stack.push_async_callback(editor.kill)
        await editor.initialize()
        document = editor.open("code.py", SAMPLE.text)
        result = await editor.edit(document, "Do it.", *SAMPLE.span)
        assert (result["status"], document.text) == ("applied", SAMPLE.target)
        await editor.stop()
        assert await read_all(editor.server) == b""


async def read_all(server: ServerProcess) -> bytes:
    assert server.process.stdout is not None
    return await server.process.stdout.read()


async def test_tcp_on_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = await ServerProcess.start(tmp_path, ("--tcp", "--port", str(taken.getsockname()[1])))
        assert await server.exit_status() == 1
        assert re.search(r"cannot listen on 127\.0\.0\.1:\d+: .*choose another --port", server.stderr)
        await server.kill()


@pytest.mark.parametrize("arguments", [("--tcp", "--port", "x"), ("--nonsense",), ("--log-level", "loud")])
async def test_wrong_options(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    server = await ServerProcess.start(tmp_path, arguments)
    assert await server.exit_status() == 2
    assert "usage: spark-lsp" in server.stderr
    await server.kill()


async def test_a_clean_end_without_any_work(tmp_path: Path) -> None:
    async with StdioEditor(tmp_path, {}) as editor:
        await editor.stop()
        assert editor.server.stderr == ""
