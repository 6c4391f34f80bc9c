"""Instructed edits in a JetBrains IDE: streamed into the document, kept, reverted, undone and cancelled.

The IDE is a fake with LSP4IJ's manners (`support.lsp4ij_editor`), the server is the real one over stdio, and the
endpoint is scripted. Settings come by `workspace/configuration` only, as the template has it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from support.sample_code import sample_edit
from support.server_process import DEADLINE
from support.stepwise_endpoint import Say, StepwiseEndpoint, Wait, settings_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from support.editor_document import Batch
    from support.json_rpc import Message
    from support.lsp4ij_document import Lsp4ijDocument
    from support.lsp4ij_editor import Lsp4ijEditor
    from support.stepwise_endpoint import Step

    AnIde = Callable[[Mapping[str, Any]], Awaitable[Lsp4ijEditor]]

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAMPLE = sample_edit(range(10, 20), frozenset({11, 13, 18}))
HALF = SAMPLE.reply.index("def function_016")
FIRST = "    assert total > 11"
ABOVE, BELOW = SAMPLE.mark(6), SAMPLE.mark(22)
INSIDE = "# end of 017\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def endpoint() -> AsyncIterator[StepwiseEndpoint]:
    async with StepwiseEndpoint({"": [Say(SAMPLE.reply)]}) as endpoint:
        yield endpoint


def gated(endpoint: StepwiseEndpoint, word: str) -> asyncio.Event:
    """Have the endpoint stop in the middle of its answer to what has this word in it, until the event is set."""
    gate = asyncio.Event()
    steps: list[Step] = [Say(SAMPLE.reply[:HALF]), Wait(gate), Say(SAMPLE.reply[HALF:])]
    endpoint.scripts = {word: steps, **endpoint.scripts}
    return gate


def request_of(document: Lsp4ijDocument, instruction: str = "Do it.") -> Message:
    """The command that a code action of a selection has, with words of the test's."""
    argument = {
        "textDocument": {"uri": document.uri},
        "range": document.range(*SAMPLE.span),
        "instruction": instruction,
    }
    return {"command": "spark.edit", "arguments": [argument]}


async def test_an_intention_edits_the_selection(an_ide: AnIde, endpoint: StepwiseEndpoint) -> None:
    ide = await an_ide(settings_for(endpoint.base_url))
    document = ide.open_file("selection.py", SAMPLE.text)
    intentions = await ide.intentions(document, *SAMPLE.span)
    titles = [action["title"] for action in intentions]
    assert titles
    assert all(title.startswith("Spark: ") for title in titles)
    assert not any("command" not in action for action in intentions), "LSP4IJ would have to resolve them"
    result = await ide.invoke(intentions[0])
    document.check_result(result)
    assert document.text == SAMPLE.target
    assert document.version - 1 == len(document.batches) == document.saves
    assert not any("label" in change for batch in document.batches for change in batch.edits)


async def test_the_intention_at_the_caret_edits_the_function_around_it(
    an_ide: AnIde, endpoint: StepwiseEndpoint
) -> None:
    ide = await an_ide(settings_for(endpoint.base_url))
    document = ide.open_file(
        "caret.py", "def one():\n    # TODO: say two\n    return 1\n\n\ndef three():\n    return 3\n"
    )
    endpoint.scripts = {"say two": [Say("```python\ndef one():\n    return 2\n```\n")], **endpoint.scripts}
    at = document.text.index("say two")
    (implement,) = [one for one in await ide.intentions(document, at, at) if "TODO" in one["title"]]
    assert (await ide.invoke(implement))["status"] == "applied"
    assert document.text == "def one():\n    return 2\n\n\ndef three():\n    return 3\n"


async def test_quick_fixes_are_quick_fixes_only(an_ide: AnIde, endpoint: StepwiseEndpoint) -> None:
    """At what the server itself has found: an intention is never one of them, and one of them no intention."""
    ide = await an_ide(settings_for(endpoint.base_url))
    document = ide.open_file("fix.py", SAMPLE.text)
    start, end = document.place("value * 12")
    problem = {"range": document.range(start, end), "message": "This is wrong", "source": "checker"}
    (fix,) = await ide.quick_fixes(document, [problem])
    assert "This is wrong" in fix["title"]
    assert fix["title"] not in [one["title"] for one in await ide.intentions(document, start, end)]


async def test_a_batch_is_a_step_of_undo(an_ide: AnIde, endpoint: StepwiseEndpoint) -> None:
    ide = await an_ide(settings_for(endpoint.base_url))
    document = ide.open_file("undo.py", SAMPLE.text)
    await ide.execute(request_of(document))
    assert document.text == SAMPLE.target
    steps = len(document.undo_stack)
    assert steps == len(document.batches) >= 1
    for _ in range(steps):
        document.undo()
    assert document.text == SAMPLE.text
    await ide.until_lenses(document)


async def test_once_is_one_step_of_undo(an_ide: AnIde, endpoint: StepwiseEndpoint) -> None:
    settings = settings_for(endpoint.base_url, edit={"apply": "once"})
    ide = await an_ide(settings)
    document = ide.open_file("once.py", SAMPLE.text)
    await ide.execute(request_of(document))
    assert document.text == SAMPLE.target
    assert len(document.undo_stack) == len(document.batches) == 1
    document.undo()
    assert document.text == SAMPLE.text


async def test_the_first_hunks_are_there_before_the_end(an_ide: AnIde, endpoint: StepwiseEndpoint) -> None:
    gate = gated(endpoint, "<slowly>")
    ide = await an_ide(settings_for(endpoint.base_url))
    document = ide.open_file("stream.py", SAMPLE.text)
    running = ide.begin(request_of(document, "Do it <slowly>."))
    await ide.until(lambda: FIRST in document.text, "the first hunk")
    assert not running.done()
    gate.set()
    result = await ide.answer_to(running)
    document.check_result(result)
    assert document.text == SAMPLE.target


@pytest.mark.parametrize("place", ["above", "in", "below"])
@pytest.mark.parametrize("moment", ["between", "during"])
async def test_typing_during_a_stream_loses_nothing(
    an_ide: AnIde, endpoint: StepwiseEndpoint, place: str, moment: str
) -> None:
    """Between two batches, or as one arrives: LSP4IJ puts it into whatever text there is by then."""
    mark, new = {"above": (ABOVE, "# 🦊 ①\n"), "in": (INSIDE, "# 🦊 ②\n"), "below": (BELOW, "# 🦊 ③\n")}[place]
    word = f"<typing {place} {moment}>"
    gate = gated(endpoint, word)
    ide = await an_ide(settings_for(endpoint.base_url))
    document = ide.open_file(f"typing-{place}-{moment}.py", SAMPLE.text)

    def type_now(batch: Batch | None = None) -> None:
        if new not in document.text:
            document.type(mark, new)

    running = ide.begin(request_of(document, f"Do it {word}."))
    await ide.until(lambda: FIRST in document.text, "the first hunk")
    if moment == "during":
        document.on_batch = type_now
    else:
        type_now()
    gate.set()
    document.check_result(await ide.answer_to(running))
    assert document.text == SAMPLE.target.replace(mark, new + mark)
    assert document.late >= (moment == "during")


async def test_two_documents_at_once(an_ide: AnIde, endpoint: StepwiseEndpoint) -> None:
    gate = gated(endpoint, "<both>")
    ide = await an_ide(settings_for(endpoint.base_url))
    one, two = (ide.open_file(f"{name}.py", SAMPLE.text) for name in ("one", "two"))
    running = [ide.begin(request_of(document, "Do it <both>.")) for document in (one, two)]
    await ide.until(lambda: FIRST in one.text and FIRST in two.text, "the first hunks")
    one.type(ABOVE, "# only in the first\n")
    gate.set()
    for document, answer in zip((one, two), running, strict=True):
        document.check_result(await ide.answer_to(answer))
    assert one.text == SAMPLE.target.replace(ABOVE, f"# only in the first\n{ABOVE}")
    assert two.text == SAMPLE.target


async def test_a_file_with_windows_line_endings(an_ide: AnIde, endpoint: StepwiseEndpoint) -> None:
    """IntelliJ holds line feeds, and writes the file as it was."""
    ide = await an_ide(settings_for(endpoint.base_url))
    windows = sample_edit(range(10, 20), frozenset({11, 13, 18}), "\r\n")
    document = ide.open_file("windows.py", windows.text)
    await ide.execute(request_of(document))
    assert document.saved == windows.target


async def test_the_lenses_keep_and_revert(an_ide: AnIde, endpoint: StepwiseEndpoint) -> None:
    ide = await an_ide(settings_for(endpoint.base_url))
    document = ide.open_file("lenses.py", SAMPLE.text)
    await ide.execute(request_of(document))
    await ide.until_lenses(document, "Keep all", "Revert all", "Keep", "Revert")
    await ide.click(document, "Revert", 1)
    await ide.until(lambda: "abs(value) * 11" not in document.text, "the first function as it was")
    await ide.until_lenses(document, "Keep all", "Revert all")
    await ide.click(document, "Revert all")
    await ide.until(lambda: document.text == SAMPLE.text, "the text as it was")
    await ide.until_lenses(document)


async def test_keep_all(an_ide: AnIde, endpoint: StepwiseEndpoint) -> None:
    ide = await an_ide(settings_for(endpoint.base_url))
    document = ide.open_file("keep.py", SAMPLE.text)
    await ide.execute(request_of(document))
    await ide.until_lenses(document, "Keep all")
    await ide.click(document, "Keep all")
    await ide.until_lenses(document)
    assert document.text == SAMPLE.target


async def test_the_cross_of_the_background_task_cancels(an_ide: AnIde, endpoint: StepwiseEndpoint) -> None:
    gated(endpoint, "<cancel>")
    ide = await an_ide(settings_for(endpoint.base_url))
    document = ide.open_file("cancel.py", SAMPLE.text)
    running = ide.begin(request_of(document, "Do it <cancel>."))
    await ide.until(lambda: FIRST in document.text and ide.progress_begun(), "the first hunk and its task")
    (exchange,) = [one for one in endpoint.exchanges if "<cancel>" in one.instruction]
    document.type(ABOVE, "# typed\n")
    ide.cancel_progress()
    assert (await ide.answer_to(running))["status"] == "cancelled"
    assert document.text == SAMPLE.text.replace(ABOVE, f"# typed\n{ABOVE}")
    async with asyncio.timeout(DEADLINE):
        await exchange.left.wait()


async def test_settings_are_asked_for_and_changed_while_it_runs(an_ide: AnIde, endpoint: StepwiseEndpoint) -> None:
    settings = settings_for(endpoint.base_url)
    ide = await an_ide(settings)
    (asked, *_) = [message["params"]["items"] for message in ide.messages("workspace/configuration")]
    assert [item["section"] for item in asked] == ["spark"]
    document = ide.open_file("settings.py", SAMPLE.text)
    await ide.set_settings({**settings, "endpoint": "offline"})
    result = await ide.execute(request_of(document))
    assert result["status"] == "failed"
    assert document.text == SAMPLE.text
    await ide.set_settings(settings)
    assert (await ide.execute(request_of(document)))["status"] == "applied"
    assert document.text == SAMPLE.target
