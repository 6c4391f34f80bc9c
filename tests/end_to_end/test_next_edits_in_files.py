"""A definition is renamed, and the next edits lead through the files of the repository that still have its old name."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest

from support.editor_abilities import Abilities
from support.editor_text import offset_at
from support.server_process import DEADLINE
from support.stdio_editor import StdioEditor, path_of

if TYPE_CHECKING:
    from pathlib import Path

    from support.editor_document import EditorDocument
    from support.json_rpc import Message

pytestmark = pytest.mark.asyncio

OLD, NEW = "fetch_all", "fetch_every"
STORE = "def fetch_all(key):\n    return [key]\n"
FILES = {
    "shop/__init__.py": "",
    "shop/store.py": STORE,
    "shop/report.py": "from shop.store import fetch_all\n\n\ndef report(key):\n    return fetch_all(key)\n",
    "shop/é sales.py": "from shop import store\n\n\ndef sales(key):\n    return '😀', store.fetch_all(key)\n",
    "tools/dump.py": "from shop.store import fetch_all as fetch\n\n\ndef dump(key):\n    return fetch(key)\n",
}
LEFT_ALONE: dict[str, str | bytes] = {
    "shop/ignored.py": "from shop.store import fetch_all\n\nfetch_all(1)\n",
    "shop/private.py": "from shop.store import fetch_all\n\nfetch_all(2)\n",
    "shop/hidden.py": "from shop.store import fetch_all\n\nfetch_all(3)\n",
    "shop/other.py": "def use(fetch_all):\n    return fetch_all(4)\n",
    "shop/latin.py": b"# caf\xe9\nfrom shop.store import fetch_all\n\nfetch_all(5)\n",
    ".gitignore": "ignored.py\n",
    ".sparkignore": "private.py\n",
}


async def editor_in(folder: Path, stack: AsyncExitStack, **abilities: Any) -> StdioEditor:
    for name, text in (*FILES.items(), *LEFT_ALONE.items()):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    settings = {"endpoint": "offline", "context": {"repository": True}, "privacy": {"exclude": ["hidden.py"]}}
    environment = {"SPARK_LSP_CACHE": str(folder / ".cache")}
    editor = StdioEditor(folder, settings, Abilities(**abilities), environment=environment)
    return await stack.enter_async_context(editor)


async def soon(ask: Any) -> Any:
    """What is found once the index is there and was looked through."""
    deadline = asyncio.get_running_loop().time() + DEADLINE
    while True:
        found = await ask()
        if found is not None or asyncio.get_running_loop().time() > deadline:
            break
        await asyncio.sleep(0.05)
    assert found is not None
    return found


async def ask_once(editor: StdioEditor, document: EditorDocument) -> Message | None:
    params = {"textDocument": {"uri": document.uri, "version": document.version}, "position": document.position(0)}
    edits = (await editor.request("textDocument/copilotInlineEdit", params))["edits"]
    return edits[0] if edits else None


def rename(editor: StdioEditor) -> EditorDocument:
    document = editor.open("shop/store.py", STORE)
    document.replace(*document.place(OLD), NEW)
    return document


def on_disk(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in (*FILES, *LEFT_ALONE)}


def renamed() -> dict[str, bytes]:
    done = {name: text.replace(OLD, NEW).encode() for name, text in FILES.items()}
    left = {name: text if isinstance(text, bytes) else text.encode() for name, text in LEFT_ALONE.items()}
    return done | left


def texts(editor: StdioEditor, folder: Path) -> dict[str, bytes]:
    """Every file, as the editor has it if it is open there."""
    found = on_disk(folder)
    return found | {
        str(path_of(uri).relative_to(folder)): document.text.encode() for uri, document in editor.documents.items()
    }


async def accept(editor: StdioEditor, edit: Message) -> EditorDocument:
    """As a plug-in does it: opens the file if need be, applies the edit, and runs its command."""
    uri = edit["textDocument"]["uri"]
    document = editor.documents.get(uri)
    if document is None:
        assert edit["textDocument"]["version"] is None
        document = editor.open_uri(uri, path_of(uri).read_text(encoding="utf-8"))
    else:
        assert edit["textDocument"]["version"] == document.version
    (start, _), (end, _) = (offset_at(document.text, edit["range"][side], editor.encoding) for side in ("start", "end"))
    assert OLD in document.text[start:end]
    assert document.text[start:end].replace(OLD, NEW) == edit["text"]
    document.replace(start, end, edit["text"])
    await editor.command(edit["command"]["command"], edit["command"]["arguments"][0])
    return document


async def test_one_after_another_is_accepted(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        editor = await editor_in(tmp_path, stack)
        document = rename(editor)
        first = await soon(lambda: ask_once(editor, document))
        assert first["textDocument"] == {"uri": (tmp_path / "shop/report.py").as_uri(), "version": None}
        document = await accept(editor, first)
        for _ in range(3):
            document = await accept(editor, await soon(lambda: ask_once(editor, document)))  # noqa: B023
        assert texts(editor, tmp_path) == renamed()
        await asyncio.sleep(0.5)
        assert await ask_once(editor, document) is None


async def test_a_new_text_is_opened_with_the_edit_in_it(tmp_path: Path) -> None:
    """An editor that tells of a file only once it has changed it."""
    async with AsyncExitStack() as stack:
        editor = await editor_in(tmp_path, stack)
        document = rename(editor)
        first = await soon(lambda: ask_once(editor, document))
        report = FILES["shop/report.py"].replace(OLD, NEW, 1)
        document = editor.open("shop/report.py", report)
        following = await soon(lambda: ask_once(editor, document))
        assert following["textDocument"] == {"uri": first["textDocument"]["uri"], "version": 1}
        await accept(editor, following)
        assert document.text == FILES["shop/report.py"].replace(OLD, NEW)


@pytest.mark.parametrize("shows_documents", [True, False])
async def test_the_command_again_and_again(tmp_path: Path, *, shows_documents: bool) -> None:
    """It has the client open one file after another, or edit them closed."""
    async with AsyncExitStack() as stack:
        editor = await editor_in(tmp_path, stack, shows_documents=shows_documents)
        document = rename(editor)
        deadline = asyncio.get_running_loop().time() + DEADLINE
        while texts(editor, tmp_path) != renamed() and asyncio.get_running_loop().time() < deadline:
            argument = {"textDocument": {"uri": document.uri}, "position": document.position(0)}
            result = await editor.command("spark.nextEdit", argument)
            if result is None:
                await asyncio.sleep(0.05)
            else:
                assert result["status"] == "applied"
                if not shows_documents:
                    uri = editor.messages("workspace/applyEdit")[-1]["params"]["edit"]["documentChanges"][0]
                    path = path_of(uri["textDocument"]["uri"])
                    event = {"uri": path.as_uri(), "type": 2}
                    editor.connection.notify("workspace/didChangeWatchedFiles", {"changes": [event]})
        assert texts(editor, tmp_path) == renamed()
        assert len(editor.documents) == (4 if shows_documents else 1)


async def test_a_file_that_has_changed_is_looked_at_again(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        editor = await editor_in(tmp_path, stack)
        document = rename(editor)
        first = await soon(lambda: ask_once(editor, document))
        path = path_of(first["textDocument"]["uri"])
        path.write_text("import os\n\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
        now = await ask_once(editor, document)
        assert now is None or now["textDocument"]["uri"] != first["textDocument"]["uri"]
        event = {"uri": path.as_uri(), "type": 2}
        editor.connection.notify("workspace/didChangeWatchedFiles", {"changes": [event]})

        async def moved() -> Message | None:
            edit = await ask_once(editor, document)
            return edit if edit is not None and edit["textDocument"] == first["textDocument"] else None

        edit = await soon(moved)
        assert edit["range"]["start"]["line"] == first["range"]["start"]["line"] + 2
        await accept(editor, edit)


async def test_what_the_editor_knows_better_is_left_alone(tmp_path: Path) -> None:
    """It opens the file with a text that the disk does not have."""
    async with AsyncExitStack() as stack:
        editor = await editor_in(tmp_path, stack, shows_documents=True)
        uri = (tmp_path / "shop/report.py").as_uri()
        unsaved = editor.unsaved[uri] = "import os\n" + FILES["shop/report.py"]
        document = rename(editor)
        argument = {"textDocument": {"uri": document.uri}, "position": document.position(0)}
        result = await soon(lambda: editor.command("spark.nextEdit", argument))
        assert result["status"] == "rejected"
        assert result["message"].startswith("The file has changed")
        assert editor.documents[uri].text == unsaved
        result = await soon(lambda: editor.command("spark.nextEdit", argument))
        assert result["status"] == "applied", "the text that it has is looked at"
        done = {one: known.text.replace(NEW, OLD) for one, known in editor.documents.items()}
        assert done[uri] == unsaved
        assert sum(NEW in known.text for known in editor.documents.values()) == 2


async def test_a_file_that_has_changed_below_the_place(tmp_path: Path) -> None:
    """The edit is the same, and for another text."""
    async with AsyncExitStack() as stack:
        editor = await editor_in(tmp_path, stack)
        document = rename(editor)
        first = await soon(lambda: ask_once(editor, document))
        path = path_of(first["textDocument"]["uri"])
        path.write_text(path.read_text(encoding="utf-8") + "print(1)\n", encoding="utf-8")

        async def again() -> Message | None:
            edit = await ask_once(editor, document)
            return edit if edit is not None and edit["textDocument"] == first["textDocument"] else None

        edit = await soon(again)
        assert edit["range"] == first["range"]
        assert edit["command"] != first["command"]
        argument = {"textDocument": {"uri": document.uri}, "position": document.position(0)}
        assert (await editor.command("spark.nextEdit", argument))["status"] == "applied"
        assert path.read_text(encoding="utf-8") == FILES["shop/report.py"].replace(OLD, NEW, 1) + "print(1)\n"


async def test_plain_editors_have_a_lens_that_leads_there(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        editor = await editor_in(tmp_path, stack)
        document = rename(editor)
        await editor.until(lambda: editor.messages("workspace/codeLens/refresh"), "a refresh of the lenses")
        (lens,) = await editor.lenses(document)
        assert lens["command"]["title"] == "Spark: next edit: line 1 of report.py"
        result = await editor.command("spark.nextEdit", lens["command"]["arguments"][0])
        assert result["status"] == "applied"
        assert on_disk(tmp_path)["shop/report.py"].decode() == FILES["shop/report.py"].replace(OLD, NEW, 1)
