"""Messages that no good client sends: each request still gets one answer, and the server goes on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from support.json_rpc import INVALID_PARAMS, METHOD_NOT_FOUND, RequestFailed
from support.sample_code import sample_edit
from support.stepwise_endpoint import Say, StepwiseEndpoint, settings_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.shared_editors import Editors
    from support.stdio_editor import StdioEditor

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAMPLE = sample_edit(range(10, 14), frozenset({11}))
RANGE = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}
DOCUMENT = {"uri": "file:///nowhere/code.py"}
EDIT: dict[str, Any] = {"textDocument": DOCUMENT, "range": RANGE, "instruction": "Do it."}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def endpoint() -> AsyncIterator[StepwiseEndpoint]:
    async with StepwiseEndpoint({"": [Say(SAMPLE.reply)]}) as endpoint:
        yield endpoint


async def an_editor(editors: Editors, endpoint: StepwiseEndpoint) -> StdioEditor:
    editor = await editors.get("one", settings_for(endpoint.base_url))
    editor.errors_are_expected = True
    return editor


async def works(editor: StdioEditor, name: str) -> None:
    """The server is as well as ever."""
    document = editor.open(f"{name}.py", SAMPLE.text)
    result = await editor.edit(document, "Do it.", *SAMPLE.span)
    assert (result["status"], document.text) == ("applied", SAMPLE.target)


async def error_of(editor: StdioEditor, method: str, params: Any) -> RequestFailed:
    with pytest.raises(RequestFailed) as raised:
        await editor.request(method, params)
    assert raised.value.data is None
    assert "Traceback" not in raised.value.message
    return raised.value


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in EDIT.items() if key != name}


BAD_ARGUMENTS: dict[str, tuple[str, list[Any]]] = {
    "no object": ("spark.edit", [7]),
    "a string": ("spark.edit", ["Do it."]),
    "a list": ("spark.edit", [[EDIT]]),
    "two objects": ("spark.edit", [EDIT, EDIT]),
    "nothing": ("spark.edit", []),
    "null": ("spark.edit", [None]),
    "empty": ("spark.edit", [{}]),
    "no document": ("spark.edit", [without("textDocument")]),
    "no range": ("spark.edit", [without("range")]),
    "no instruction": ("spark.edit", [without("instruction")]),
    "document as a string": ("spark.edit", [{**EDIT, "textDocument": "file:///nowhere/code.py"}]),
    "uri as a number": ("spark.edit", [{**EDIT, "textDocument": {"uri": 7}}]),
    "uri as null": ("spark.edit", [{**EDIT, "textDocument": {"uri": None}}]),
    "range as a list": ("spark.edit", [{**EDIT, "range": [0, 1]}]),
    "range without an end": ("spark.edit", [{**EDIT, "range": {"start": RANGE["start"]}}]),
    "line as a string": ("spark.edit", [{**EDIT, "range": {**RANGE, "end": {"line": "x", "character": 0}}}]),
    "line as null": ("spark.edit", [{**EDIT, "range": {**RANGE, "end": {"line": None, "character": 0}}}]),
    "instruction as a number": ("spark.edit", [{**EDIT, "instruction": 7}]),
    "instruction as null": ("spark.edit", [{**EDIT, "instruction": None}]),
    "unknown way to apply": ("spark.edit", [{**EDIT, "apply": "never"}]),
    "apply as a number": ("spark.edit", [{**EDIT, "apply": 1}]),
    "unknown format": ("spark.edit", [{**EDIT, "format": "poem"}]),
    "keep nothing": ("spark.keep", [{}]),
    "keep a number": ("spark.keep", [{"editId": 1}]),
    "revert a named hunk": ("spark.revert", [{"editId": "edit-1", "hunk": "first"}]),
    "revert a true hunk": ("spark.revert", [{"editId": "edit-1", "hunk": True}]),
    "revert half a hunk": ("spark.revert", [{"editId": "edit-1", "hunk": 0.5}]),
    "cancel a number": ("spark.cancel", [{"editId": 1}]),
    "status of a list": ("spark.status", [[]]),
    "endpoints of a list": ("spark.endpoints", [[]]),
    "unknown command": ("spark.unknown", [{}]),
    "command of another server": ("other.command", []),
}


@pytest.mark.parametrize("name", BAD_ARGUMENTS)
async def test_arguments_of_commands(editors: Editors, endpoint: StepwiseEndpoint, name: str) -> None:
    editor = await an_editor(editors, endpoint)
    command, arguments = BAD_ARGUMENTS[name]
    error = await error_of(editor, "workspace/executeCommand", {"command": command, "arguments": arguments})
    assert error.code == INVALID_PARAMS
    assert error.message not in ("", "Invalid Params")


UNREADABLE: dict[str, tuple[str, Any]] = {
    "a command without a name": ("workspace/executeCommand", {"arguments": []}),
    "a command with a number for a name": ("workspace/executeCommand", {"command": {"a": 1}}),
    "a command by list": ("workspace/executeCommand", ["spark.edit"]),
    "a command by null": ("workspace/executeCommand", None),
    "a command by string": ("workspace/executeCommand", "spark.edit"),
    "lenses of nothing": ("textDocument/codeLens", {}),
    "lenses of a number": ("textDocument/codeLens", {"textDocument": 5}),
    "actions without a range": ("textDocument/codeAction", {"textDocument": DOCUMENT, "context": {"diagnostics": []}}),
    "actions without a context": ("textDocument/codeAction", {"textDocument": DOCUMENT, "range": RANGE}),
}


@pytest.mark.parametrize("name", UNREADABLE)
async def test_requests_that_cannot_be_read(editors: Editors, endpoint: StepwiseEndpoint, name: str) -> None:
    editor = await an_editor(editors, endpoint)
    error = await error_of(editor, *UNREADABLE[name])
    assert error.code == INVALID_PARAMS


async def test_unknown_methods(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    for method in ("textDocument/unknown", "spark/unknown", "$/unknown"):
        error = await error_of(editor, method, {"a": [1]})
        assert error.code == METHOD_NOT_FOUND
        editor.connection.notify(method, {"a": [1]})
    editor.connection.notify("$/setTrace", {"value": "verbose"})
    await works(editor, "unknown-methods")


async def test_notifications_that_cannot_be_read(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    unreadable: list[Any] = [None, [], 7, {}, {"textDocument": None}, {"textDocument": {"uri": 3, "version": "x"}}]
    for params in unreadable:
        for method in ("didOpen", "didChange", "didClose"):
            editor.connection.notify(f"textDocument/{method}", params)
    for method in ("window/workDoneProgress/cancel", "$/cancelRequest", "workspace/didChangeConfiguration"):
        editor.connection.notify(method, None)
        editor.connection.notify(method, {"id": {}, "token": {}})
    await works(editor, "unreadable-notifications")


@pytest.mark.parametrize(
    "body",
    [
        b"{nope",
        b"null",
        b"7",
        b"[]",
        b'"text"',
        b"{}",
        b'{"jsonrpc": "1.0", "method": "x"}',
        b'{"jsonrpc": "2.0"}',
        b'{"jsonrpc": "2.0", "id": 99, "result": null}',
        b'{"jsonrpc": "2.0", "id": "99", "error": {"code": 1, "message": "x"}}',
        b'{"jsonrpc": "2.0", "id": 99, "error": null}',
        b"\xff\xfe\xfd",
        b'{"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": ' + b"[" * 2000 + b"]" * 2000 + b"}",
    ],
    ids=lambda body: body[:40].decode(errors="replace"),
)
async def test_bodies_that_are_no_message(editors: Editors, endpoint: StepwiseEndpoint, body: bytes) -> None:
    editor = await an_editor(editors, endpoint)
    editor.connection.send_raw(body)
    await works(editor, f"body-{len(body)}-{body[-3:-1].hex()}")


async def test_an_edit_of_a_document_that_is_not_open(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    known = len(endpoint.exchanges)
    for uri in ("file:///nowhere/code.py", "untitled:never", "", "not a uri", "http://[never"):
        result = await editor.command("spark.edit", {**EDIT, "textDocument": {"uri": uri}})
        assert result["status"] == "failed"
        assert "not open" in result["message"]
    assert len(endpoint.exchanges) == known


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "http://[broken", "vscode-notebook-cell:/a/b.ipynb#C1", "x"])
async def test_documents_with_odd_uris(editors: Editors, endpoint: StepwiseEndpoint, uri: str) -> None:
    editor = await an_editor(editors, endpoint)
    document = editor.open_uri(uri, SAMPLE.text)
    result = await editor.edit(document, "Do it.", *SAMPLE.span)
    assert (result["status"], document.text) == ("applied", SAMPLE.target)
    assert await editor.lenses(document)


async def test_a_blank_instruction(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    document = editor.open("blank.py", SAMPLE.text)
    known = len(endpoint.exchanges)
    result = await editor.edit(document, " \n\t", *SAMPLE.span)
    assert result["status"] == "failed"
    assert "instruction" in result["message"]
    assert len(endpoint.exchanges) == known


@pytest.mark.parametrize("answer", [None, {}, 7], ids=str)
async def test_an_answer_that_cannot_be_read(editors: Editors, endpoint: StepwiseEndpoint, answer: Any) -> None:
    """An editor that answers nonsense when asked to apply an edit has refused it, and is not waited for."""
    editor = await an_editor(editors, endpoint)
    document = editor.open(f"answer-{answer}.py", SAMPLE.text)
    editor.nonsense["workspace/applyEdit"] = answer
    try:
        result = await editor.edit(document, "Do it.", *SAMPLE.span)
    finally:
        editor.nonsense.clear()
    assert result["status"] == "failed"
    assert document.text == SAMPLE.text
    await works(editor, f"after-{answer}")


async def test_messages_in_pieces_and_in_heaps(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    writer = editor.server.process.stdin
    assert writer is not None
    body = b'{"jsonrpc": "2.0", "method": "$/nothing", "params": {"a": "\xf0\x9f\xa6\x8a"}}'
    message = b"Content-Length: %d\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n%b" % (
        len(body),
        body,
    )
    for byte in message:
        writer.write(bytes([byte]))
        await writer.drain()
    writer.write(message * 50)
    await asyncio.gather(*(editor.command("spark.status") for _ in range(20)))
    await works(editor, "pieces")
