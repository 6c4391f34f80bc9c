"""What follows a shown next edit is asked ahead, and is there at once however the shown one comes into the text."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest

from spark_lsp.features.speculation import SECONDS_TO_BE_READ
from support.answering_endpoint import AnsweringEndpoint, Call
from support.next_edit_peer import NextEditPeer, peer
from support.peer import position_of
from support.virtual_time import run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

CODE = "alpha = 1\nbeta = 22\ngamma = 333\ndelta = 4444\n"
BEGUN = CODE.replace("= 1\n", "= uno\n")
STEPS = (
    BEGUN.replace("22", "dos"),
    BEGUN.replace("22", "dos").replace("333", "tres"),
    BEGUN.replace("22", "dos").replace("333", "tres").replace("4444", "cuatro"),
)
WORDS = {"22": "dos", "333": "tres", "4444": "cuatro"}
FIRST = 0.15
MOST = 260
"""Tokens a minute: enough for one request, of which less than half are left."""
READ = SECONDS_TO_BE_READ + FIRST + 0.1


def translated(call: Call) -> str:
    """A model that writes the first number of its window out; each one is different, so that no rule tells it."""
    window = call.prompt.rpartition("The edit window:\n```python\n")[2].partition("```")[0]
    window = window.replace("<|user_cursor|>", "").replace("<CURSOR>", "")
    return f"```python\n{re.sub(r'(22|333|4444)', lambda found: WORDS[found[0]], window, count=1)}```\n"


async def begun(endpoint: AnsweringEndpoint, **more: Any) -> NextEditPeer:
    editor = await peer(CODE, endpoint=endpoint, **more)
    editor.replace("= 1\n", "= uno\n")
    return editor


def saying(answer: Callable[[Call], str] = translated) -> AnsweringEndpoint:
    return AnsweringEndpoint(answer, first=FIRST)


def played(play: Callable[[], Coroutine[Any, Any, None]]) -> None:
    run(play())


async def by_the_editor(editor: NextEditPeer, edit: dict[str, Any]) -> None:
    await editor.accept(edit)


async def by_the_command_first(editor: NextEditPeer, edit: dict[str, Any]) -> None:
    await editor.command(edit["command"]["command"], edit["command"]["arguments"][0])
    editor.edit(*editor.span_of(edit), edit["text"])


async def by_hand(editor: NextEditPeer, edit: dict[str, Any]) -> None:
    """Deletes and types key by key, and asks after every one, as plug-ins do."""
    after = editor.with_edit(edit)
    start, end = editor.span_of(edit)
    while end > start:
        end -= 1
        editor.edit(end, end + 1, "")
        shown = await editor.ask()
        assert shown is not None
        assert editor.with_edit(shown) == after
    for at, key in enumerate(edit["text"]):
        editor.edit(start + at, start + at, key)
        if editor.text != after:
            shown = await editor.ask()
            assert shown is not None
            assert editor.with_edit(shown) == after
            assert shown["textDocument"]["version"] == editor.version


async def by_our_command(editor: NextEditPeer, edit: dict[str, Any]) -> None:
    editor.at = position_of(editor.text, editor.span_of(edit)[0], editor.manners.encoding)
    assert (await editor.next_edit() or {})["status"] == "applied"


@pytest.mark.parametrize("accept", [by_the_editor, by_the_command_first, by_hand, by_our_command])
def test_accept_accept_accept(accept: Callable[[NextEditPeer, dict[str, Any]], Awaitable[None]]) -> None:
    """Only the first answer is waited for, and the last request says that nothing more comes."""

    async def play() -> None:
        endpoint, clock = saying(), asyncio.get_running_loop().time
        editor = await begun(endpoint)
        for number, step in enumerate(STEPS):
            asked = clock()
            edit = await editor.ask()
            assert edit is not None
            assert editor.with_edit(edit) == step
            assert (clock() - asked < 0.01) == bool(number)
            await asyncio.sleep(READ)
            assert len(endpoint.calls) == number + 2, "what follows is asked ahead, once"
            assert endpoint.open_streams == 0
            await accept(editor, edit)
            assert editor.text == step
        asked = clock()
        assert await editor.ask() is None
        assert clock() - asked < 0.01
        assert len(endpoint.calls) == len(STEPS) + 1

    played(play)


def test_what_is_accepted_before_the_answer_is_there_waits_for_the_same_request() -> None:
    async def play() -> None:
        endpoint = saying()
        editor = await begun(endpoint)
        edit = await editor.ask()
        assert edit is not None
        await asyncio.sleep(SECONDS_TO_BE_READ + FIRST / 2)
        assert (len(endpoint.calls), endpoint.open_streams) == (2, 1)
        await editor.accept(edit)
        following = await editor.ask()
        assert following is not None
        assert editor.with_edit(following) == STEPS[1]
        assert len(endpoint.calls) == 2

    played(play)


def test_the_command_again_and_again() -> None:
    async def play() -> None:
        endpoint, clock = saying(), asyncio.get_running_loop().time
        editor = await begun(endpoint)
        for number, step in enumerate(STEPS):
            asked = clock()
            assert (await editor.next_edit() or {})["status"] == "applied"
            assert editor.text == step
            assert (clock() - asked < FIRST) == bool(number)
            await asyncio.sleep(READ)
            assert len(endpoint.calls) == number + 2

    played(play)


async def refused(editor: NextEditPeer, edit: dict[str, Any]) -> None:
    editor.notify("spark/didReject", edit["command"]["arguments"][0])


async def typed_over(editor: NextEditPeer, edit: dict[str, Any]) -> None:
    editor.edit(*editor.span_of(edit), "something_else")


async def typed_elsewhere(editor: NextEditPeer, _: dict[str, Any]) -> None:
    editor.edit(len(editor.text), len(editor.text), "epsilon = 5\n")


async def closed(editor: NextEditPeer, _: dict[str, Any]) -> None:
    editor.notify("textDocument/didClose", {"textDocument": {"uri": editor.uri}})


@pytest.mark.parametrize("end", [refused, typed_over, typed_elsewhere, closed])
def test_its_stream_is_closed_when_it_is_of_no_use(
    end: Callable[[NextEditPeer, dict[str, Any]], Awaitable[None]],
) -> None:
    async def play() -> None:
        endpoint = saying()
        editor = await begun(endpoint)
        edit = await editor.ask()
        assert edit is not None
        await asyncio.sleep(SECONDS_TO_BE_READ + FIRST / 2)
        assert (len(endpoint.calls), endpoint.open_streams) == (2, 1)
        await end(editor, edit)
        await asyncio.sleep(0.01)
        assert endpoint.open_streams == 0
        assert not endpoint.calls[1].finished
        await asyncio.sleep(1)
        assert len(endpoint.calls) == 2

    played(play)


def test_one_request_at_a_time() -> None:
    """A shown edit that the text has told is no reason to ask while a model is at work."""

    async def play() -> None:
        endpoint = saying()
        editor = await begun(endpoint)
        most = 0
        for _ in range(3):
            editor.start_request(
                "textDocument/copilotInlineEdit",
                {"textDocument": {"uri": editor.uri, "version": editor.version}, "position": editor.at},
            )
            await asyncio.sleep(0.03)
            most = max(most, endpoint.open_streams)
            editor.edit(len(editor.text), len(editor.text), "x\n")
        await asyncio.sleep(2)
        assert most == 1
        assert endpoint.open_streams == 0

    played(play)


def test_nothing_is_asked_ahead_where_the_text_tells_what_follows() -> None:
    async def play() -> None:
        endpoint = saying()
        code = "a = store.fetch_all(key)\n\n" * 3
        editor = await peer(code, endpoint=endpoint)
        editor.replace("fetch_all", "fetch_one")
        for count, calls in ((2, 0), (3, 1)):
            edit = await editor.ask()
            assert edit is not None
            assert editor.with_edit(edit) == code.replace("fetch_all", "fetch_one", count)
            await asyncio.sleep(1)
            assert len(endpoint.calls) == calls, "the last one has nothing after it"
            await editor.accept(edit)

    played(play)


def test_offline_asks_nobody() -> None:
    async def play() -> None:
        endpoint = saying()
        code = "a = store.fetch_all(key)\n\n" * 2
        editor = await peer(code, endpoint=endpoint, settings={"endpoint": "offline"})
        editor.replace("fetch_all", "fetch_one")
        assert await editor.ask() is not None
        await asyncio.sleep(1)
        assert endpoint.calls == []

    played(play)


@pytest.mark.parametrize(("tokens", "calls"), [(None, 2), (100_000, 2), (MOST, 1)])
def test_it_keeps_to_the_budget(tokens: int | None, calls: int) -> None:
    async def play() -> None:
        endpoint = saying()
        editor = await begun(endpoint, settings={"limits": {"tokensPerMinute": tokens}})
        assert await editor.ask() is not None
        await asyncio.sleep(1)
        assert len(endpoint.calls) == calls

    played(play)


def test_a_client_that_cancels_at_each_key_and_asks_again_is_answered_by_the_one_request() -> None:
    async def play() -> None:
        endpoint = saying()
        editor = await begun(endpoint)
        number, answer = editor.start_asking()
        await asyncio.sleep(FIRST / 3)
        editor.notify("$/cancelRequest", {"id": number})
        editor.replace("delta", "deltas")
        number, again = editor.start_asking()
        assert "error" in await answer
        edits = (await again)["result"]["edits"]
        assert editor.with_edit(edits[0]) == STEPS[0].replace("delta", "deltas")
        assert len(endpoint.calls) == 1

        editor.replace("alpha", "alphas")
        number, answer = editor.start_asking()
        await asyncio.sleep(FIRST / 3)
        editor.notify("$/cancelRequest", {"id": number})
        assert "error" in await answer
        await asyncio.sleep(0.005)
        assert not endpoint.open_streams

    played(play)
