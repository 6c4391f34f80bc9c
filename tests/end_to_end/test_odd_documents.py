"""Documents that change in ways that are out of order or out of range, or that go away in the middle of an edit."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from support.sample_code import sample_edit
from support.server_process import DEADLINE
from support.stepwise_endpoint import Say, StepwiseEndpoint, Wait, settings_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.editor_document import EditorDocument
    from support.shared_editors import Editors
    from support.stdio_editor import StdioEditor
    from support.stepwise_endpoint import Step

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAMPLE = sample_edit(range(10, 20), frozenset({11, 13, 18}))
HALF = SAMPLE.reply.index("def function_016")
TOP = sample_edit(range(10, 14), frozenset({11}))
BOTTOM = sample_edit(range(16, 20), frozenset({18}))
NEVER = asyncio.Event()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def endpoint() -> AsyncIterator[StepwiseEndpoint]:
    scripts: dict[str, list[Step]] = {
        "<half>": [Say(SAMPLE.reply[:HALF]), Wait(NEVER)],
        "<top>": [Say(TOP.reply, 1000)],
        "<bottom>": [Say(BOTTOM.reply, 1000)],
        "": [Say(SAMPLE.reply)],
    }
    async with StepwiseEndpoint(scripts) as endpoint:
        yield endpoint


async def an_editor(editors: Editors, endpoint: StepwiseEndpoint) -> StdioEditor:
    return await editors.get("one", settings_for(endpoint.base_url))


def change(editor: StdioEditor, document: EditorDocument, *changes: object) -> None:
    """Report changes that the document's own text does not know of."""
    document.version += 1
    identifier = {"uri": document.uri, "version": document.version}
    editor.connection.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": changes})


async def text_at_the_server(editor: StdioEditor, document: EditorDocument, endpoint: StepwiseEndpoint) -> str:
    """What the server takes the document for: it sends all of it to the model."""
    end = {"line": 2**31 - 1, "character": 2**31 - 1}
    argument = {
        "textDocument": {"uri": document.uri},
        "range": {"start": {"line": 0, "character": 0}, "end": end},
        "instruction": "Show it.",
        "apply": "once",
        "format": "rewrite",
    }
    endpoint.scripts = {"Instruction: Show it.": [Say("")], **endpoint.scripts}
    await editor.command("spark.edit", argument)
    fenced: str = endpoint.exchanges[-1].body["messages"][-1]["content"].partition("```python\n")[2]
    return fenced.rpartition("\n```")[0]


async def test_changes_out_of_range(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    document = editor.open("out-of-range.py", "one = 1\ntwo = '🐍'\n")

    def at(line: int, character: int) -> dict[str, int]:
        return {"line": line, "character": character}

    change(editor, document, {"range": {"start": at(900, 7), "end": at(901, 0)}, "text": "end = 1"})
    change(editor, document, {"range": {"start": at(0, 900), "end": at(0, 950)}, "text": "1"})
    change(editor, document, {"range": {"start": at(1, 8), "end": at(1, 8)}, "text": "<inside>"})
    change(editor, document, {"range": {"start": at(1, 3), "end": at(1, 0)}, "text": "TWO"})
    change(editor, document)
    text = await text_at_the_server(editor, document, endpoint)
    assert text == "one = 11\nTWO = '<inside>🐍'\nend = 1"


async def test_many_changes_in_one_message(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    document = editor.open("many.py", "a = 1\n")
    start = {"line": 0, "character": 0}
    insert = {"range": {"start": start, "end": start}, "text": "x\n"}
    change(editor, document, insert, insert, {"text": "b = 2\n"}, insert)
    assert await text_at_the_server(editor, document, endpoint) == "x\nb = 2"


async def test_a_change_of_a_document_that_is_not_open(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    document = editor.open("closed.py", SAMPLE.text)
    editor.close(document)
    change(editor, document, {"text": "the secret text of a closed document\n"})
    editor.close(document)
    editor.secrets.add("the secret text")
    assert (await editor.edit(document, "Do it.", 0, 0))["status"] == "failed"
    again = editor.open("closed.py", SAMPLE.text)
    assert (await editor.edit(again, "Do it.", *SAMPLE.span))["status"] == "applied"
    assert again.text == SAMPLE.target


async def test_a_document_that_is_opened_twice(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    editor.open("twice.py", "the first text = 1\n")
    document = editor.open("twice.py", SAMPLE.text)
    result = await editor.edit(document, "Do it.", *SAMPLE.span)
    assert (result["status"], document.text) == ("applied", SAMPLE.target)


async def test_a_document_that_is_closed_in_the_middle_of_an_edit(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    document = editor.open("closed-in-mid-edit.py", SAMPLE.text)
    known = len(endpoint.exchanges)
    _, answer = editor.start_edit(document, "Do it <half>.", *SAMPLE.span)
    await editor.until(lambda: "total > 13" in document.text, "the first hunks")
    batches = len(document.batches)
    editor.close(document)
    result = await editor.answer_to(answer)
    assert result["status"] == "cancelled"
    assert "closed" in result["message"]
    async with asyncio.timeout(DEADLINE):
        await endpoint.exchanges[known].left.wait()
    assert len(document.batches) == batches
    document = editor.open("closed-in-mid-edit.py", document.text)
    assert await editor.lenses(document) == []


async def test_a_document_that_is_opened_anew_in_the_middle_of_an_edit(
    editors: Editors, endpoint: StepwiseEndpoint
) -> None:
    editor = await an_editor(editors, endpoint)
    document = editor.open("reopened.py", SAMPLE.text)
    _, answer = editor.start_edit(document, "Do it <half>.", *SAMPLE.span)
    await editor.until(lambda: "total > 13" in document.text, "the first hunks")
    editor.close(document)
    document = editor.open("reopened.py", SAMPLE.text)
    assert (await editor.answer_to(answer))["status"] == "cancelled"
    assert document.batches == []
    result = await editor.edit(document, "Do it.", *SAMPLE.span)
    assert (result["status"], document.text) == ("applied", SAMPLE.target)


@pytest.mark.parametrize("versions", ["honours", "ignores", "lies"])
async def test_two_edits_at_once(editors: Editors, endpoint: StepwiseEndpoint, versions: str) -> None:
    editor = await an_editor(editors, endpoint)
    document = editor.open(f"two-{versions}.py", SAMPLE.text, versions=versions)
    answers = [
        editor.start_edit(document, f"Do it <{name}>.", *document.place(sample.region))[1]
        for name, sample in (("top", TOP), ("bottom", BOTTOM))
    ]
    results = [await editor.answer_to(answer) for answer in answers]
    assert [result["status"] for result in results] == ["applied", "applied"], results
    target = SAMPLE.text.replace(TOP.region, TOP.new_region).replace(BOTTOM.region, BOTTOM.new_region)
    assert document.text == target
    await editor.command("spark.revert", {"editId": results[0]["editId"]})
    await editor.command("spark.revert", {"editId": results[1]["editId"]})
    assert document.text == SAMPLE.text


async def test_two_edits_of_the_same_lines(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    """Only one can have its way; the text is none that nobody meant."""
    editor = await an_editor(editors, endpoint)
    document = editor.open("same-lines.py", SAMPLE.text)
    answers = [editor.start_edit(document, "Do it <top>.", *document.place(TOP.region))[1] for _ in range(2)]
    results = [await editor.answer_to(answer) for answer in answers]
    assert "applied" in [result["status"] for result in results]
    assert document.text == SAMPLE.text.replace(TOP.region, TOP.new_region)


async def test_half_a_surrogate_pair(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    """Editors in JavaScript can send one; JSON carries it as an escape."""
    editor = await an_editor(editors, endpoint)
    document = editor.open("surrogate.py", "")
    await editor.command("spark.status")
    document.version = 2
    document.text = "x = '\ud83d'\ny = 1\n"
    identifier = {"uri": document.uri, "version": document.version}
    params = {"textDocument": identifier, "contentChanges": [{"text": document.text}]}
    message = {"jsonrpc": "2.0", "method": "textDocument/didChange", "params": params}
    editor.connection.send_raw(json.dumps(message).encode("ascii"))
    endpoint.scripts = {"<y>": [Say("```python\ny = 2\n```\n")], **endpoint.scripts}
    result = await editor.edit(document, "Do it <y>.", *document.place("y = 1\n"))
    assert result["status"] == "applied"
    assert document.text == "x = '\ud83d'\ny = 2\n"


@pytest.mark.parametrize(
    "text",
    [
        "a = 1",
        "a = 1\r",
        "a = 1\r\nb = 2\nc = 3\rd = 4",
        "a = '\f'\r\nb = '\u2028'\n",
        "\ufeffa = 1\n",
        "\n\n\n",
        "\t\ta\n",
    ],
    ids=repr,
)
async def test_odd_lines(editors: Editors, endpoint: StepwiseEndpoint, text: str) -> None:
    editor = await an_editor(editors, endpoint)
    document = editor.open(f"odd-{hash(text)}.py", text)
    content = text.replace("\r\n", "\n").replace("\r", "\n")
    ending = "" if content.endswith("\n") else "\n"
    endpoint.scripts = {"<odd>": [Say(f"```python\n{content}{ending}new = 1\n```\n")], **endpoint.scripts}
    result = await editor.edit(document, "Do it <odd>.", 0, len(text))
    assert result["status"] == "applied"
    assert "new = 1" in document.text
    await editor.command("spark.revert", {"editId": result["editId"]})
    assert document.text == text
