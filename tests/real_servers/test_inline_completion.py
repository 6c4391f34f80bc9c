"""Ghost text from end to end with a real model server, over each way to tell it of a hole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from real_servers.asking import until_busy
from support.editor_abilities import Abilities
from support.stdio_editor import StdioEditor
from support.tiny_script import GOLDEN, RANDOM_CONTEXT

if TYPE_CHECKING:
    from pathlib import Path

    from support.editor_document import EditorDocument
    from support.json_rpc import Message
    from support.llama_server import LlamaServer

pytestmark = pytest.mark.asyncio

ABOVE, BELOW = "import sys\n\n\n", "\n\n\nprint(add(1, 2), file=sys.stderr)\n"
SHOWN = GOLDEN.removesuffix("\n")
"""The line behind it is there already."""
REQUEST_CANCELLED = -32800
GHOST_TEXT = Abilities(inline_completion=True)

each_hole = pytest.mark.parametrize(
    ("wire", "inline_format"),
    [("llama-infill", "auto"), ("completions", "fim-qwen"), ("chat", "auto")],
    ids=["infill", "fill-in-the-middle", "conversation"],
)


def settings_for(server: LlamaServer, wire: str, inline_format: str, **more: Any) -> dict[str, Any]:
    """The endpoint with that format at the cursor; `more` are its further fields."""
    endpoint = {"baseUrl": server.base_url(wire), "model": server.model, "wire": wire, **more}
    return {"endpoint": "real", "endpoints": {"real": {**endpoint, "format": {"inline": inline_format}}}}


def request_at(document: EditorDocument, offset: int) -> Message:
    return {
        "textDocument": {"uri": document.uri},
        "position": document.range(offset, offset)["start"],
        "context": {"triggerKind": 2},
    }


async def suggested_at(editor: StdioEditor, document: EditorDocument, offset: int) -> Message:
    """The one item for a place of the cursor, which it goes into as it is."""
    answer = await editor.request("textDocument/inlineCompletion", request_at(document, offset))
    [item] = answer["items"]
    assert item["range"] == document.range(offset, offset)
    found: Message = item
    return found


@each_hole
async def test_it_is_typed_along_with_and_accepted(
    scripted: LlamaServer, tmp_path: Path, wire: str, inline_format: str
) -> None:
    """Were the model asked again while it is typed along with, it would begin anew."""
    async with StdioEditor(tmp_path, settings_for(scripted, wire, inline_format), GHOST_TEXT) as editor:
        document, cursor = editor.open("code.py", ABOVE + BELOW), len(ABOVE)
        assert (await suggested_at(editor, document, cursor))["insertText"] == SHOWN
        for typed in ("d", "ef add(", "a: int"):
            document.replace(cursor, cursor, typed)
            cursor += len(typed)
            item = await suggested_at(editor, document, cursor)
            assert document.text[:cursor] + item["insertText"] == ABOVE + SHOWN
        document.replace(cursor, cursor, item["insertText"])
        assert document.text == ABOVE + SHOWN + BELOW
        await editor.command(item["command"]["command"], item["command"]["arguments"][0])


@each_hole
async def test_a_cancel_frees_the_server(noisy: LlamaServer, tmp_path: Path, wire: str, inline_format: str) -> None:
    settings = settings_for(noisy, wire, inline_format, maxOutputTokens=RANDOM_CONTEXT)
    async with StdioEditor(tmp_path, {**settings, "inline": {"maxLines": 1000}}, GHOST_TEXT) as editor:
        document = editor.open("code.py", ABOVE + BELOW)
        number, answer = editor.connection.request("textDocument/inlineCompletion", request_at(document, len(ABOVE)))
        await until_busy(noisy, 1)
        editor.connection.notify("$/cancelRequest", {"id": number})
        await until_busy(noisy, 0)
        assert (await answer)["error"]["code"] == REQUEST_CANCELLED
