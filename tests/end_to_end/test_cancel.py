"""An edit that is cancelled in any of three ways: the text is as before, one answer, and the endpoint hears of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from support.editor_abilities import Abilities
from support.json_rpc import REQUEST_CANCELLED
from support.sample_code import sample_edit
from support.server_process import DEADLINE
from support.stepwise_endpoint import Exchange, Say, StepwiseEndpoint, Wait, settings_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from support.editor_document import EditorDocument
    from support.json_rpc import Message
    from support.shared_editors import Editors
    from support.stdio_editor import StdioEditor
    from support.stepwise_endpoint import Step

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAMPLE = sample_edit(range(10, 20), frozenset({11, 13, 18}))
HALF = SAMPLE.reply.index("def function_016")
NEW = "    assert total > 13"
NEVER = asyncio.Event()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def endpoint() -> AsyncIterator[StepwiseEndpoint]:
    scripts: dict[str, list[Step]] = {
        "<silent>": [Wait(NEVER)],
        "<half>": [Say(SAMPLE.reply[:HALF]), Wait(NEVER)],
        "": [Say(SAMPLE.reply)],
    }
    async with StepwiseEndpoint(scripts) as endpoint:
        yield endpoint


class Running:
    """An edit of a document of its own that stands still in the middle, with its first hunks in the text."""

    def __init__(self, editor: StdioEditor, endpoint: StepwiseEndpoint, document: EditorDocument) -> None:
        self.editor = editor
        self.endpoint = endpoint
        self.document = document

    @classmethod
    async def start(cls, editor: StdioEditor, endpoint: StepwiseEndpoint, name: str, **params: Any) -> Running:
        running = cls(editor, endpoint, editor.open(f"{name}.py", SAMPLE.text))
        known = len(endpoint.exchanges)
        argument = {
            "textDocument": {"uri": running.document.uri},
            "range": running.document.range(*SAMPLE.span),
            "instruction": "Do it <half>.",
        }
        running.number, running.answer = editor.start_command("spark.edit", argument, **params)
        await editor.until(lambda: NEW in running.document.text, "the first hunks")
        await editor.until(editor.progress_begun, "a progress")
        (running.exchange,) = endpoint.exchanges[known:]
        return running

    exchange: Exchange
    number: int
    answer: asyncio.Future[Message]

    async def is_cancelled(self) -> Any:
        result = await self.editor.answer_to(self.answer)
        self.document.check_result(result)
        assert result["status"] == "cancelled"
        async with asyncio.timeout(DEADLINE):
            await self.exchange.left.wait()
        return result


async def an_editor(editors: Editors, endpoint: StepwiseEndpoint, name: str = "one") -> StdioEditor:
    editor = await editors.get(name, settings_for(endpoint.base_url), Abilities(configuration=True))
    await editor.configure({"edit": {"onCancel": "revert"}})
    return editor


def by_request(running: Running) -> None:
    running.editor.connection.notify("$/cancelRequest", {"id": running.number})


def by_command(running: Running) -> None:
    running.editor.start_command("spark.cancel", {})


def by_command_without_an_argument(running: Running) -> None:
    running.editor.start_command("spark.cancel")


def by_progress(running: Running) -> None:
    running.editor.connection.notify("window/workDoneProgress/cancel", {"token": running.editor.last_progress()})


def twice(running: Running) -> None:
    by_request(running)
    by_progress(running)


WAYS = [by_request, by_command, by_command_without_an_argument, by_progress, twice]


@pytest.mark.parametrize("cancel", WAYS)
async def test_the_text_is_as_before(
    editors: Editors, endpoint: StepwiseEndpoint, cancel: Callable[[Running], None]
) -> None:
    editor = await an_editor(editors, endpoint)
    running = await Running.start(editor, endpoint, cancel.__name__)
    cancel(running)
    result = await running.is_cancelled()
    assert running.document.text == SAMPLE.text
    assert result["hunks"] == []
    assert await editor.lenses(running.document) == []
    result = await editor.edit(running.document, "Now do it.", *SAMPLE.span)
    assert result["status"] == "applied"
    assert running.document.text == SAMPLE.target


async def test_the_client_s_own_progress_token(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    running = await Running.start(editor, endpoint, "token", workDoneToken="token of the client's")
    assert [value["kind"] for value in editor.progress["token of the client's"]] == ["begin"]
    assert editor.progress["token of the client's"][0]["cancellable"] is True
    editor.connection.notify("window/workDoneProgress/cancel", {"token": "token of the client's"})
    await running.is_cancelled()
    assert running.document.text == SAMPLE.text
    assert [value["kind"] for value in editor.progress["token of the client's"]] == ["begin", "end"]


async def test_before_the_first_token(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    document = editor.open("silent.py", SAMPLE.text)
    known = len(endpoint.exchanges)
    number, answer = editor.start_edit(document, "Do it <silent>.", *SAMPLE.span)
    await endpoint.until_asked(known + 1)
    editor.connection.notify("$/cancelRequest", {"id": number})
    result = await editor.answer_to(answer)
    assert result["status"] == "cancelled"
    assert "firstTokenMs" not in result["timings"]
    async with asyncio.timeout(DEADLINE):
        await endpoint.exchanges[known].left.wait()
    assert document.batches == []


async def test_in_the_same_breath(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    """The cancel is in the pipe before the request is read."""
    editor = await an_editor(editors, endpoint)
    document = editor.open("same-breath.py", SAMPLE.text)
    for _ in range(5):
        number, answer = editor.start_edit(document, "Do it <silent>.", *SAMPLE.span)
        editor.connection.notify("$/cancelRequest", {"id": number})
        async with asyncio.timeout(DEADLINE):
            message = await answer
        if "error" in message:
            assert message["error"]["code"] == REQUEST_CANCELLED
        else:
            assert message["result"]["status"] == "cancelled"
    assert document.text == SAMPLE.text
    status = await editor.command("spark.status")
    assert status["busy"] == []


async def test_by_command_in_the_same_breath(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    document = editor.open("same-breath-too.py", SAMPLE.text)
    for _ in range(5):
        _, answer = editor.start_edit(document, "Do it <silent>.", *SAMPLE.span)
        await editor.command("spark.cancel")
        result = await editor.answer_to(answer)
        assert result["status"] == "cancelled"


async def test_what_is_over_or_never_was_is_not_cancelled(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    document = editor.open("over.py", SAMPLE.text)
    number, answer = editor.start_edit(document, "Do it.", *SAMPLE.span)
    assert (await editor.answer_to(answer))["status"] == "applied"
    editor.connection.notify("$/cancelRequest", {"id": number})
    editor.connection.notify("$/cancelRequest", {"id": 123456})
    editor.connection.notify("$/cancelRequest", {"id": "a string"})
    editor.connection.notify("window/workDoneProgress/cancel", {"token": "unknown"})
    assert await editor.command("spark.cancel", {"editId": "edit-1"}) is None
    assert await editor.command("spark.cancel") is None
    assert document.text == SAMPLE.target


async def test_hunks_are_kept_where_the_settings_say_so(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    await editor.configure({"edit": {"onCancel": "keep"}})
    running = await Running.start(editor, endpoint, "keep")
    text = running.document.text
    by_request(running)
    result = await running.is_cancelled()
    assert running.document.text == text
    new_until, old_from = SAMPLE.target.index("def function_014"), SAMPLE.text.index("def function_014")
    assert text == SAMPLE.target[:new_until] + SAMPLE.text[old_from:]
    assert result["hunks"]
    assert "stayed" in result["message"]
    lenses = await editor.lenses(running.document)
    revert_all = next(lens["command"] for lens in lenses if lens["command"]["title"] == "Revert all")
    assert await editor.answer_to(editor.start_command(revert_all["command"], *revert_all["arguments"])[1]) is None
    assert running.document.text == SAMPLE.text


async def test_what_the_user_typed_meanwhile_stays(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    running = await Running.start(editor, endpoint, "typed")
    document = running.document
    inside = "total > 13"
    document.type(SAMPLE.mark(7), "# above 🦊 ①\n")
    document.type(SAMPLE.mark(12), "# inside 🦊 ②\n")
    document.type(inside, "🦊③ + ")
    by_command(running)
    result = await running.is_cancelled()
    assert all(mark in document.text for mark in "①②③")
    assert len(result["hunks"]) == 1
    assert "1 hunk of it stayed in the file" in result["message"]
    assert "total > 11" not in document.text
    assert "value * 18" in document.text


async def test_one_of_two(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    first = await Running.start(editor, endpoint, "first-of-two")
    second = await Running.start(editor, endpoint, "second-of-two")
    by_request(first)
    await first.is_cancelled()
    assert not second.answer.done()
    assert NEW in second.document.text
    by_command(second)
    await second.is_cancelled()
    assert second.document.text == SAMPLE.text
