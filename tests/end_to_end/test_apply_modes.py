"""How an edit is applied (stream, once, preview), in which format it is asked for, and the syntax gate."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from support.editor_abilities import Abilities
from support.sample_code import function, sample_edit
from support.stepwise_endpoint import Say, StepwiseEndpoint, Wait, settings_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.shared_editors import Editors
    from support.stdio_editor import StdioEditor

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAMPLE = sample_edit(range(10, 20), frozenset({11, 13, 18}))
LARGE = sample_edit(range(10, 60), frozenset())
"""300 lines: more than are rewritten whole."""
PATIENT = {"firstToken": 60, "stall": 60, "total": 600}


def block(search: str, replacement: str) -> str:
    return f"<<<<<<< SEARCH\n{search}\n=======\n{replacement}\n>>>>>>> REPLACE\n"


def at_end(number: int) -> str:
    return function(number)[4]


BLOCKS = "".join(block(at_end(number), f"{at_end(number)} + {number}") for number in (12, 33, 58))
BLOCKS_TARGET = LARGE.text
for _number in (12, 33, 58):
    BLOCKS_TARGET = BLOCKS_TARGET.replace(f"{at_end(_number)}\n", f"{at_end(_number)} + {_number}\n")
TWICE = "x = 1\ny = 2\nx = 1\n"
BROKEN = SAMPLE.reply.replace("abs(value) * 13", "abs(value * 13")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def endpoint() -> AsyncIterator[StepwiseEndpoint]:
    scripts = {
        "<blocks>": [Say(BLOCKS)],
        "<good and missing>": [Say(block(at_end(12), "    return None") + block("no such line", "x"))],
        "<ambiguous>": [Say(block("x = 1", "x = 3"))],
        "<open>": [Say(BLOCKS[:-10])],
        "<no block>": [Say("I would not change anything.")],
        "<broken>": [Say(BROKEN)],
        "<rewrite>": [Say(f"```python\n{LARGE.region.replace('times 44', 'TIMES 44')}```")],
        "": [Say(SAMPLE.reply)],
    }
    async with StepwiseEndpoint(scripts) as endpoint:
        yield endpoint


async def an_editor(
    editors: Editors, endpoint: StepwiseEndpoint, name: str = "annotations", abilities: Abilities | None = None
) -> StdioEditor:
    settings = settings_for(endpoint.base_url)
    settings["endpoints"]["scripted"]["timeouts"] = PATIENT
    editor = await editors.get(name, settings, abilities or Abilities(configuration=True))
    if editor.abilities.configuration:
        await editor.configure(None)
    return editor


async def plain_editor(editors: Editors, endpoint: StepwiseEndpoint) -> StdioEditor:
    """An editor that knows neither annotations nor versions."""
    return await an_editor(editors, endpoint, "plain", Abilities(annotations=False, document_changes=False))


async def test_once(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    document = editor.open("once.py", SAMPLE.text)
    go_on = asyncio.Event()
    endpoint.scripts = {"<slow>": [Say(SAMPLE.reply[:-20]), Wait(go_on), Say(SAMPLE.reply[-20:])], **endpoint.scripts}
    _, answer = editor.start_edit(document, "Do it <slow>.", *SAMPLE.span, apply="once")
    await editor.until(editor.progress_begun, "a progress")
    assert (await editor.command("spark.status"))["state"] == "busy"
    assert document.batches == []
    released = time.monotonic()
    go_on.set()
    result = await editor.answer_to(answer)
    document.check_result(result)
    assert result["status"] == "applied"
    assert document.text == SAMPLE.target
    (batch,) = document.batches
    assert batch.at > released


async def test_a_client_without_versions(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await plain_editor(editors, endpoint)
    document = editor.open("plain.py", SAMPLE.text)
    typed = "# above 🦊 ①\n"
    document.on_batch = lambda batch: document.type(SAMPLE.mark(6), typed) if len(document.batches) == 1 else None
    result = await editor.edit(document, "Do it.", *SAMPLE.span)
    assert result["status"] == "applied"
    assert document.text == SAMPLE.target.replace(SAMPLE.mark(6), typed + SAMPLE.mark(6))


@pytest.mark.parametrize("accepts", [True, False])
@pytest.mark.parametrize("by", ["argument", "setting"])
async def test_preview(editors: Editors, endpoint: StepwiseEndpoint, by: str, accepts: bool) -> None:
    editor = await an_editor(editors, endpoint)
    if by == "setting":
        await editor.configure({"edit": {"apply": "preview"}})
    document = editor.open(f"preview-{by}-{accepts}.py", SAMPLE.text, accepts_preview=accepts)
    more: dict[str, Any] = {"apply": "preview"} if by == "argument" else {}
    result = await editor.edit(document, "Do it.", *SAMPLE.span, **more)
    assert result["status"] == "previewed"
    (batch,) = document.batches
    (annotation,) = batch.annotations.values()
    assert annotation["needsConfirmation"] is True
    assert annotation["label"] == "Spark: Do it."
    assert {edit["annotationId"] for edit in batch.edits} == set(batch.annotations)
    assert document.text == (SAMPLE.target if accepts else SAMPLE.text)
    assert bool(result["hunks"]) == accepts
    assert accepts or "not accepted" in result["message"]


async def test_no_preview_without_annotations(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await plain_editor(editors, endpoint)
    document = editor.open("no-preview.py", SAMPLE.text)
    known = len(endpoint.exchanges)
    result = await editor.edit(document, "Do it.", *SAMPLE.span, apply="preview")
    assert result["status"] == "failed"
    assert "preview" in result["message"]
    assert document.text == SAMPLE.text
    assert len(endpoint.exchanges) == known


async def test_a_large_region_is_asked_for_in_blocks(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    document = editor.open("large.py", LARGE.text)
    result = await editor.edit(document, "Do it <blocks>.", *LARGE.span)
    assert result["status"] == "applied"
    assert document.text == BLOCKS_TARGET
    assert [(hunk["removed"], hunk["added"]) for hunk in result["hunks"]] == [(1, 1)] * 3
    assert "SEARCH" in endpoint.exchanges[-1].body["messages"][0]["content"]


async def test_a_format_can_be_forced(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    document = editor.open("forced-rewrite.py", LARGE.text)
    result = await editor.edit(document, "Do it <rewrite>.", *LARGE.span, format="rewrite")
    assert result["status"] == "applied"
    assert document.text == LARGE.text.replace("times 44", "TIMES 44")
    assert "SEARCH" not in endpoint.exchanges[-1].body["messages"][0]["content"]
    document = editor.open("forced-blocks.py", SAMPLE.text)
    endpoint.scripts = {"<one block>": [Say(block(at_end(12), "    return None"))], **endpoint.scripts}
    result = await editor.edit(document, "Do it <one block>.", *SAMPLE.span, format="search-replace")
    assert result["status"] == "applied"
    assert document.text == SAMPLE.text.replace(at_end(12), "    return None")
    assert "SEARCH" in endpoint.exchanges[-1].body["messages"][0]["content"]


@pytest.mark.parametrize(
    ("instruction", "says"),
    [
        ("<good and missing>", "“no such line” is not in the region"),
        ("<ambiguous>", "fits 2 places"),
        ("<open>", "ended inside a SEARCH/REPLACE block"),
        ("<no block>", "has no SEARCH/REPLACE block"),
    ],
)
async def test_blocks_that_fit_nowhere(
    editors: Editors, endpoint: StepwiseEndpoint, instruction: str, says: str
) -> None:
    editor = await an_editor(editors, endpoint)
    text = LARGE.text + TWICE
    document = editor.open(f"{instruction[1:-1]}.py", text)
    result = await editor.edit(document, f"Do it {instruction}.", 0, len(text), format="search-replace")
    assert result["status"] == "failed"
    assert says in result["message"]
    assert document.text == text


@pytest.mark.parametrize("gate", ["reject", "warn", "off"])
async def test_the_syntax_gate(editors: Editors, endpoint: StepwiseEndpoint, gate: str) -> None:
    editor = await an_editor(editors, endpoint)
    await editor.configure({"edit": {"syntaxGate": gate}})
    document = editor.open(f"gate-{gate}.py", SAMPLE.text)
    result = await editor.edit(document, "Do it <broken>.", *SAMPLE.span)
    target = SAMPLE.target.replace("abs(value) * 13", "abs(value * 13")
    assert document.text == (SAMPLE.text if gate == "reject" else target)
    assert result["status"] == ("rejected" if gate == "reject" else "applied")
    if gate == "off":
        assert "message" not in result
    else:
        assert "parse" in result["message"]
    document = editor.open(f"gate-{gate}-good.py", SAMPLE.text)
    result = await editor.edit(document, "Do it.", *SAMPLE.span)
    assert (result["status"], document.text) == ("applied", SAMPLE.target)
    assert "message" not in result


async def test_an_empty_range_is_the_enclosing_block(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    functions = ["\n".join(function(number)[:5]) for number in (11, 12, 13)]
    text = "\n\n\n".join(functions) + "\n"
    document = editor.open("empty-range.py", text)
    reply = functions[1].replace(at_end(12), "    return 0")
    endpoint.scripts = {"<one>": [Say(f"```python\n{reply}\n```")], **endpoint.scripts}
    offset, _ = document.place("print(label_012")
    result = await editor.edit(document, "Do it <one>.", offset, offset)
    assert result["status"] == "applied"
    assert document.text == text.replace(at_end(12), "    return 0")


async def test_a_read_only_document(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    document = editor.open("read-only.py", SAMPLE.text, read_only=True)
    result: Any = await editor.edit(document, "Do it.", *SAMPLE.span)
    assert result["status"] == "failed"
    assert "read-only" in result["message"]
    assert document.text == SAMPLE.text
