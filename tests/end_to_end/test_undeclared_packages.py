"""An edit imports a package that no manifest declares: the hint, its fix, and how the hint goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from support.editor_abilities import Abilities
from support.editor_text import offset_at
from support.stepwise_endpoint import Say, StepwiseEndpoint, settings_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from support.editor_document import EditorDocument
    from support.json_rpc import Message
    from support.shared_editors import Editors
    from support.stdio_editor import StdioEditor

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEXT = "import json\n\n\ndef load(url):\n    return None\n"
TARGET = (
    "import json\n\nimport declared\nimport requests  # 🐍\n\n\ndef load(url):\n    return requests.get(url).json()\n"
)
MANIFEST = '[project]\nname = "x"\ndependencies = [\n    "declared>=1",  # 🐍\n]\n'
DECLARED = '[project]\nname = "x"\ndependencies = [\n    "declared>=1",  # 🐍\n    "requests",\n]\n'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def endpoint() -> AsyncIterator[StepwiseEndpoint]:
    async with StepwiseEndpoint({"": [Say(f"```python\n{TARGET}```\n")]}) as endpoint:
        yield endpoint


async def edited(
    editors: Editors, endpoint: StepwiseEndpoint, name: str, abilities: Abilities
) -> tuple[StdioEditor, Path, EditorDocument]:
    """A document in a project of its own that an edit has just added imports to."""
    editor = await editors.get(
        "knows" if abilities.diagnostics else "does-not", settings_for(endpoint.base_url), abilities
    )
    folder = editor.folder / name
    folder.mkdir()
    (folder / "pyproject.toml").write_text(MANIFEST, encoding="utf-8")
    document = editor.open(f"{name}/module.py", TEXT)
    result = await editor.edit(document, "Load it.", 0, len(TEXT))
    assert result["status"] == "applied"
    assert document.text == TARGET
    return editor, folder, document


def hints(editor: StdioEditor, document: EditorDocument) -> list[Message] | None:
    """What is shown at a document; None if nothing was ever said."""
    told = [message["params"] for message in editor.messages("textDocument/publishDiagnostics")]
    last: list[list[Message]] = [params["diagnostics"] for params in told if params["uri"] == document.uri]
    return last[-1] if last else None


async def the_hint(editor: StdioEditor, document: EditorDocument) -> Message:
    await editor.until(lambda: hints(editor, document), "a hint")
    (hint,) = hints(editor, document) or []
    return hint


async def gone(editor: StdioEditor, document: EditorDocument) -> None:
    await editor.until(lambda: hints(editor, document) == [], "the end of the hint")


async def the_fix(editor: StdioEditor, document: EditorDocument, hint: Message) -> Message:
    actions: list[Message] = await editor.request(
        "textDocument/codeAction",
        {
            "textDocument": {"uri": document.uri},
            "range": hint["range"],
            "context": {"diagnostics": [hint], "only": ["quickfix"]},
        },
    )
    (action,) = actions
    assert action["kind"] == "quickfix"
    assert action["diagnostics"] == [hint]
    return action


def applied(text: str, edits: list[Message]) -> str:
    for edit in sorted(
        edits, key=lambda edit: (edit["range"]["start"]["line"], edit["range"]["start"]["character"]), reverse=True
    ):
        start, _ = offset_at(text, edit["range"]["start"], "utf-16")
        end, _ = offset_at(text, edit["range"]["end"], "utf-16")
        text = text[:start] + edit["newText"] + text[end:]
    return text


async def test_the_hint_and_its_fix_on_the_disk(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor, folder, document = await edited(editors, endpoint, "disk", Abilities(diagnostics=True))
    hint = await the_hint(editor, document)
    assert hint["range"] == document.range(*document.place("import requests  # 🐍"))
    assert (hint["source"], hint["code"], hint["severity"]) == ("spark", "undeclared-package", 3)
    assert "requests" in hint["message"]
    assert "pyproject.toml" in hint["message"]
    action = await the_fix(editor, document, hint)
    assert action["title"] == "Add requests to pyproject.toml"
    (change,) = action["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": (folder / "pyproject.toml").as_uri(), "version": None}
    assert applied(MANIFEST, change["edits"]) == DECLARED
    (folder / "pyproject.toml").write_text(DECLARED, encoding="utf-8")
    await gone(editor, document)


async def test_the_fix_of_an_open_manifest(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor, _, document = await edited(editors, endpoint, "open", Abilities(diagnostics=True))
    manifest = editor.open("open/pyproject.toml", f"# typed\n{MANIFEST}", "toml")
    manifest.replace(0, 0, "# 🐍\n")
    hint = await the_hint(editor, document)
    (change,) = (await the_fix(editor, document, hint))["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": manifest.uri, "version": manifest.version}
    manifest.replace(0, len(manifest.text), applied(manifest.text, change["edits"]))
    assert manifest.text == f"# 🐍\n# typed\n{DECLARED}"
    await gone(editor, document)


async def test_the_hint_goes_with_the_edit(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor, _, document = await edited(editors, endpoint, "undone", Abilities(diagnostics=True))
    await the_hint(editor, document)
    document.replace(0, len(document.text), TEXT)
    await gone(editor, document)


async def test_the_hint_goes_with_the_document(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor, _, document = await edited(editors, endpoint, "closed", Abilities(diagnostics=True))
    await the_hint(editor, document)
    editor.close(document)
    await gone(editor, document)


async def test_a_client_that_does_not_know_diagnostics_gets_none(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor, _, document = await edited(editors, endpoint, "unknown", Abilities())
    params: dict[str, Any] = {
        "textDocument": {"uri": document.uri},
        "range": document.range(0, len(document.text)),
        "context": {"diagnostics": [], "only": ["quickfix"]},
    }
    assert await editor.request("textDocument/codeAction", params) == []
    assert hints(editor, document) is None
