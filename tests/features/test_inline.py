"""Ghost text, from the request to the item, with a client that types: what is asked of the model, and what is shown."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest

from spark_lsp.endpoints.transport import EndpointClient
from support.answering_endpoint import AnsweringEndpoint, Call
from support.peer import SETTINGS, URI, Manners
from support.scripted_endpoint import Answer, ScriptedEndpoint
from support.typing_editor import TypingEditor
from support.virtual_time import run

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    import httpx

DOCUMENT = "def add(a, b):\n    \n\n\nx = 1\n"
CURSOR = DOCUMENT.index("\n\n\nx")
SAID = "return a + b\n\n\ndef other():\n    pass\n"
FIRST = 0.15
INVOKED = 1


async def editor(
    endpoint: httpx.AsyncBaseTransport,
    *,
    document: str = DOCUMENT,
    cursor: int = CURSOR,
    settings: dict[str, Any] | None = None,
    manners: Manners | None = None,
    language: str = "python",
    uri: str = URI,
) -> TypingEditor:
    """An editor with a document that has been parsed by now."""
    peer = TypingEditor(manners=manners, endpoints=EndpointClient(endpoint))
    await peer.start(SETTINGS | (settings or {}))
    peer.open(document, language, uri)
    peer.cursor = cursor
    await asyncio.sleep(1)
    return peer


def saying(text: str | Callable[[Call], str], **options: float) -> AnsweringEndpoint:
    return AnsweringEndpoint(text if callable(text) else lambda _: text, **options)


def played(play: Callable[[], Coroutine[Any, Any, None]]) -> None:
    run(play())


def test_it_is_asked_for_at_once_and_ends_where_the_block_does() -> None:
    async def play() -> None:
        endpoint = saying(SAID)
        peer = await editor(endpoint)
        before = asyncio.get_running_loop().time()
        ghost = await peer.ask()
        assert ghost is not None
        assert ghost.insert == "return a + b"
        assert endpoint.calls[0].asked_at - before < 0.003
        assert asyncio.get_running_loop().time() - before < FIRST + 0.02
        await asyncio.sleep(0.01)
        assert not endpoint.open_streams
        assert not endpoint.calls[0].finished, "it was closed at its natural end"

    played(play)


def test_what_is_typed_along_needs_no_call() -> None:
    async def play() -> None:
        endpoint = saying(SAID)
        peer = await editor(endpoint)
        await peer.ask()
        for index, key in enumerate("return"):
            peer.insert(key)
            before = asyncio.get_running_loop().time()
            ghost = await peer.ask()
            assert ghost is not None
            assert ghost.insert == "return a + b"[index + 1 :]
            assert asyncio.get_running_loop().time() - before < 0.003
        assert len(endpoint.calls) == 1
        # Deleted again, undone, and come back to.
        peer.put(peer.cursor - 2, peer.cursor, "")
        ghost = await peer.ask()
        assert ghost is not None
        assert ghost.insert == "rn a + b"
        at, peer.cursor = peer.cursor, peer.text.index("x = 1") + 5
        await peer.ask()
        calls = len(endpoint.calls)
        peer.cursor = at
        ghost = await peer.ask()
        assert ghost is not None
        assert ghost.insert == "rn a + b"
        assert len(endpoint.calls) == calls

    played(play)


def test_a_stream_serves_while_what_is_typed_agrees_and_is_closed_when_it_does_not() -> None:
    async def play() -> None:
        endpoint = saying("return a + b")
        peer = await editor(endpoint)
        peer.ask_as_typed()
        await asyncio.sleep(0.04)
        peer.insert("r")
        answer = peer.ask_as_typed()
        await asyncio.sleep(0.04)
        assert len(endpoint.calls) == 1
        assert endpoint.calls[0].closed_at is None
        ghost = peer.ghost_of(await answer, peer.text, peer.cursor)
        assert ghost is not None
        assert ghost.insert == "eturn a + b"

    played(play)


def test_a_loser_is_closed_at_the_key() -> None:
    async def play() -> None:
        endpoint = saying("return a + b\n    and more\n    and more", first=0.01, each=0.05)
        peer = await editor(endpoint)
        peer.ask_as_typed()
        await asyncio.sleep(0.45)
        assert endpoint.open_streams == 1
        peer.insert("z")
        typed_at = asyncio.get_running_loop().time()
        await asyncio.sleep(0.1)
        closed_at = endpoint.calls[0].closed_at
        assert closed_at is not None
        assert closed_at - typed_at < 0.005

    played(play)


def test_a_cancel_closes_the_stream_unless_the_user_types_on() -> None:
    async def play() -> None:
        endpoint = saying("return a + b")
        peer = await editor(endpoint)
        request, answer = peer.start_asking()
        await asyncio.sleep(0.05)
        peer.notify("$/cancelRequest", {"id": request})
        assert "error" in await answer
        await asyncio.sleep(0.01)
        assert not endpoint.open_streams

        request, answer = peer.start_asking()
        await asyncio.sleep(0.05)
        peer.notify("$/cancelRequest", {"id": request})
        peer.insert("r")
        ghost = await peer.ask()
        assert ghost is not None
        assert ghost.insert == "eturn a + b"
        assert len(endpoint.calls) == 2

        endpoint.answer = lambda _: "x = 1"
        peer.insert("\n    ")
        request, answer = peer.start_asking()
        await asyncio.sleep(0.05)
        peer.insert("x")
        peer.notify("$/cancelRequest", {"id": request})
        await asyncio.sleep(0.06)
        assert endpoint.calls[-1].closed_at is None, "the editor may ask again any moment"

    played(play)


def test_every_request_is_answered_and_the_newest_wins() -> None:
    async def play() -> None:
        peer = await editor(saying("return a + b"))
        answers = [peer.start_asking()[1] for _ in range(5)]
        results = [(await answer)["result"]["items"] for answer in answers]
        assert [len(items) for items in results] == [0, 0, 0, 0, 1]

    played(play)


def test_the_one_after_is_prepared_while_a_suggestion_is_read() -> None:
    async def play() -> None:
        endpoint = saying(lambda call: "\n    y = 2" if "first = 1" in call.prompt else "first = 1")
        peer = await editor(endpoint)
        ghost = await peer.ask()
        assert ghost is not None
        await asyncio.sleep(1)
        assert len(endpoint.calls) == 2
        peer.accept(ghost)
        before = asyncio.get_running_loop().time()
        ghost = await peer.ask()
        assert ghost is not None
        assert ghost.insert == "\n    y = 2"
        assert asyncio.get_running_loop().time() - before < 0.003
        assert len(endpoint.calls) == 2

    played(play)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_the_document_has_its_own_line_endings_and_positions(encoding: str) -> None:
    async def play() -> None:
        document = "# 𝒳é\r\ndef add(a):  # 𝒳\r\n    \r\n"
        peer = await editor(
            saying("b = '𝒳é'\n    return b"),
            document=document,
            cursor=len(document) - 2,
            manners=Manners(encoding=encoding),
        )
        ghost = await peer.ask()
        assert ghost is not None
        assert ghost.insert == "b = '𝒳é'\r\n    return b"
        assert ghost.result == document[:-2] + ghost.insert + "\r\n"

    played(play)


def test_brackets_of_the_editors() -> None:
    async def play() -> None:
        peer = await editor(saying("(a, b)"), document="x = add\n", cursor=7)
        assert await peer.ask() is not None
        peer.edit(7, 7, "()")
        peer.cursor = 8
        ghost = await peer.ask()
        assert ghost is not None
        assert ghost.result == "x = add(a, b)\n"
        assert ghost.end == 8

    played(play)


def test_secrets_are_sent_as_placeholders_and_come_back() -> None:
    secret = "ghp_" + "x7Kq2mZp9Lw4Rt6Yv1Bn8Cd3Fg5Hj0Ss2aQe"

    def answer(call: Call) -> str:
        placeholder = next(word for word in call.prompt.replace('"', " ").split() if word.startswith("REDACTED_"))
        return f'print("{placeholder}")'

    async def play() -> None:
        document = f'token = "{secret}"\n\n'
        endpoint = saying(answer)
        peer = await editor(endpoint, document=document, cursor=len(document))
        ghost = await peer.ask()
        assert ghost is not None
        assert secret not in endpoint.calls[0].prompt
        assert ghost.insert == f'print("{secret}")'

    played(play)


@pytest.mark.parametrize(
    ("document", "said", "settings", "reason"),
    [
        pytest.param("foo|bar = 1\n", "x", {}, "in the middle of a word", id="word"),
        pytest.param("|foo = 1\n", "x", {}, "in front of the code of its line", id="front"),
        pytest.param("x = a|b + 1\n", "x", {}, "in the middle of a word", id="word too"),
        pytest.param("x = foo(a| b)\n", "x", {}, "in the middle of a line", id="line"),
        pytest.param("x = 1  # a |\n", "x", {"inComments": False}, "in a comment (inline.inComments)", id="comment"),
        pytest.param("x = 'a |'\n", "x", {"inStrings": False}, "in a string (inline.inStrings)", id="string"),
    ],
)
def test_nobody_is_asked(
    document: str, said: str, settings: dict[str, Any], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def play() -> None:
        before, _, after = document.partition("|")
        endpoint = saying(said)
        peer = await editor(endpoint, document=before + after, cursor=len(before), settings={"inline": settings})
        assert await peer.ask() is None
        assert not endpoint.calls
        assert f"No suggestion: {reason}." in caplog.messages
        await peer.ask(INVOKED)
        assert endpoint.calls, "whoever asks gets an answer"

    caplog.set_level(logging.INFO)
    played(play)


@pytest.mark.parametrize(
    ("document", "said", "reason"),
    [
        pytest.param(DOCUMENT, "return ((a\n", "the file would not parse any more", id="parse"),
        pytest.param("def f():\n    |\n    return 1\n", "return 1", "it repeats the lines that follow", id="repeat"),
        pytest.param("x = (| + 1)\n", "for for", "the file would not parse any more", id="no fit"),
        pytest.param(DOCUMENT, "", "the model has nothing to add", id="nothing"),
    ],
)
def test_it_is_not_shown(document: str, said: str, reason: str, caplog: pytest.LogCaptureFixture) -> None:
    async def play() -> None:
        before, _, after = document.partition("|")
        cursor = CURSOR if document == DOCUMENT else len(before)
        endpoint = saying(said)
        peer = await editor(endpoint, document=before + after, cursor=cursor)
        assert await peer.ask() is None
        assert f"No suggestion: {reason}." in caplog.messages
        calls = len(endpoint.calls)
        assert await peer.ask() is None
        assert len(endpoint.calls) == calls == 1, "that there is nothing to show is known by then"

    caplog.set_level(logging.INFO)
    played(play)


def test_after_a_deletion_and_what_that_took_away(caplog: pytest.LogCaptureFixture) -> None:
    async def play() -> None:
        document = "first = 1\nsecond = first + 2\nthird = 3\n"
        endpoint = saying("first + 2")
        start = document.index("first + 2")
        peer = await editor(endpoint, document=document, cursor=start)
        peer.put(start, start + len("first + 2"), "")
        assert await peer.ask() is None
        assert not endpoint.calls
        assert "No suggestion: after a deletion." in caplog.messages
        peer.insert("f")
        endpoint.answer = lambda _: "irst + 2"
        assert await peer.ask() is None
        assert "No suggestion: it undoes what was just changed." in caplog.messages

    caplog.set_level(logging.INFO)
    played(play)


def test_what_was_refused_is_not_suggested_again(caplog: pytest.LogCaptureFixture) -> None:
    async def play() -> None:
        peer = await editor(saying("return a + b"))
        assert await peer.ask() is not None
        await asyncio.sleep(1)
        peer.insert("p")
        await peer.ask()
        peer.put(CURSOR, peer.cursor, "")
        assert await peer.ask() is not None, "a slip refuses nothing"
        await asyncio.sleep(1)
        peer.insert("p")
        await peer.ask()
        await asyncio.sleep(4)
        peer.put(CURSOR, peer.cursor, "")
        peer.edit(len(peer.text), len(peer.text), "y = 1\n")
        assert await peer.ask() is None
        assert "No suggestion: it was refused here before." in caplog.messages
        assert await peer.ask(INVOKED) is not None

    caplog.set_level(logging.INFO)
    played(play)


def test_many_refusals_make_it_quiet_for_a_while(caplog: pytest.LogCaptureFixture) -> None:
    async def play() -> None:
        number = 0

        def answer(_: Call) -> str:
            nonlocal number
            number += 1
            return f"value{number} = {number}"

        endpoint = saying(answer)
        peer = await editor(endpoint)
        for _ in range(8):
            assert await peer.ask() is not None
            await asyncio.sleep(1)
            peer.insert(f"other{number}\n    ")
            await asyncio.sleep(4)
        calls = len(endpoint.calls)
        assert await peer.ask() is None
        assert len(endpoint.calls) == calls
        assert "No suggestion: many were refused in a row." in caplog.messages
        await asyncio.sleep(40)
        assert await peer.ask() is not None

    caplog.set_level(logging.INFO)
    played(play)


def test_a_client_that_rejects_and_shows() -> None:
    async def play() -> None:
        peer = await editor(saying("return a + b"))
        ghost = await peer.ask()
        assert ghost is not None
        peer.notify("spark/didShow", {"id": ghost.id})
        peer.notify("spark/didReject", {"id": ghost.id})
        peer.notify("spark/didReject", {"id": "no such item"})
        peer.notify("spark/didReject", {"id": 3})
        assert await peer.ask() is None

    played(play)


def test_nothing_of_a_denied_file_is_sent() -> None:
    async def play() -> None:
        endpoint = saying("X = 1")
        peer = await editor(endpoint, uri="file:///project/.env", language="plaintext")
        assert await peer.ask() is None
        assert await peer.ask(INVOKED) is None
        assert not endpoint.calls

    played(play)


@pytest.mark.parametrize("answer", [Answer(status=401), Answer(status=500), Answer(status=200, cut=True)])
def test_a_failure_is_silent_and_in_the_status(answer: Answer) -> None:
    async def play() -> None:
        peer = await editor(ScriptedEndpoint(answer))
        assert await peer.ask() is None
        status = (await peer.command("spark.status"))["result"]
        assert status["state"] == "error"
        assert status["message"]
        assert not [message for message in peer.received if message["method"].startswith("window/show")]

    played(play)


def test_a_cut_answer_is_not_shown() -> None:
    async def play() -> None:
        whole = Answer.text("return a + b\n    or more", reason="length")
        peer = await editor(ScriptedEndpoint(whole))
        ghost = await peer.ask()
        assert ghost is not None
        assert ghost.insert == "return a + b"

    played(play)


def test_the_first_line_is_shown_where_the_rest_takes_long() -> None:
    async def play() -> None:
        endpoint = saying("first = 1\n    second = 2\n    third = 3", each=0.25)
        peer = await editor(endpoint)
        ghost = await peer.ask()
        assert ghost is not None
        assert ghost.insert.startswith("first = 1")
        assert "third" not in ghost.insert
        await asyncio.sleep(2)
        ghost = await peer.ask()
        assert ghost is not None
        assert ghost.insert.endswith("third = 3")
        assert len([call for call in endpoint.calls if "third" in call.text]) >= 1

    played(play)


def test_a_long_one_that_is_not_welcome_holds_nobody_up() -> None:
    async def play() -> None:
        document = "def add(a, b):\n    first = 1\n    second = 2\n\n\nx = 1\n"
        endpoint = saying("first = 1\n    second = 2\n    third = 3", each=0.25)
        start = document.index("    first")
        peer = await editor(endpoint, document=document, cursor=start)
        peer.put(start, document.index("\n\n\nx"), "    ")
        peer.insert("f")
        peer.put(peer.cursor - 1, peer.cursor, "")
        peer.insert("\n    ")
        async with asyncio.timeout(30):
            await peer.ask()

    played(play)


def test_disabled() -> None:
    async def play() -> None:
        endpoint = saying("x")
        peer = await editor(endpoint, settings={"inline": {"enabled": False}})
        assert await peer.ask() is None
        assert not endpoint.calls

    played(play)


def test_the_bucket_of_a_priced_endpoint_runs_dry() -> None:
    async def play() -> None:
        address = {"baseUrl": "http://127.0.0.1:1/v1", "model": "scripted"}
        priced = {"scripted": {**address, "price": {"input": 1.0, "output": 1.0}}}
        endpoint = saying(lambda call: f"value{len(call.prompt)} = 1")
        settings = {"endpoints": priced, "limits": {"tokensPerMinute": 400}}
        peer = await editor(endpoint, settings=settings)
        for number in range(20):
            peer.insert(f"a{number} = 1\n    ")
            await peer.ask()
        assert 1 <= len(endpoint.calls) < 10

    played(play)


def test_a_client_without_ghost_text_gets_an_item_when_its_user_asks() -> None:
    async def play() -> None:
        endpoint = saying(SAID)
        peer = await editor(endpoint, manners=Manners(ghost_text=False))
        position = {"textDocument": {"uri": peer.uri}, "position": peer.range(CURSOR, CURSOR)["start"]}

        async def complete(trigger: int) -> Any:
            params = {**position, "context": {"triggerKind": trigger}}
            return (await peer.request("textDocument/completion", params))["result"]

        assert await complete(2) is None, "a character that was typed is no question"
        assert not endpoint.calls
        items = (await complete(1))["items"]
        assert [item["textEdit"]["newText"] for item in items] == ["return a + b"]
        assert items[0]["textEdit"]["range"] == peer.range(CURSOR, CURSOR)
        assert items[0]["command"]["command"] == "spark.accepted"

    played(play)


@pytest.mark.parametrize(
    ("name", "document", "said", "expected"),
    [
        ("Visual Studio Code", "x = f()\n", "a) + g(b)", "x = f(a) + g(b)\n"),
        ("IntelliJ IDEA", "x = f()\n", "a) + g(b)", "x = f(a) + g(b)\n"),
        ("Visual Studio Code", "def f()\n", "a, b):\n    return a", "def f(a, b):\n    return a\n"),
        ("IntelliJ IDEA", "def f()\n", "a, b):\n    return a", "def f(a, b)\n"),
    ],
)
def test_what_goes_on_behind_a_bracket_of_the_editors(name: str, document: str, said: str, expected: str) -> None:
    """One client replaces what is behind the cursor; another would skip over it."""

    async def play() -> None:
        peer = await editor(saying(said), document=document, cursor=6, manners=Manners(name=name))
        ghost = await peer.ask()
        assert ghost is not None
        assert ghost.result == expected
        assert name != "IntelliJ IDEA" or ghost.end == ghost.cursor

    played(play)


def test_what_was_accepted_and_is_still_there_is_in_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play() -> None:
        verdicts: list[str] = []
        peer = await editor(saying("return a + b"))
        monkeypatch.setattr(peer.server.book, "judge", lambda record: verdicts.append(record.verdict))
        ghost = await peer.ask()
        assert ghost is not None
        await asyncio.sleep(1)
        accepted = peer.accept(ghost)
        assert accepted is not None
        await accepted
        assert verdicts == ["shown", "accepted"]
        await asyncio.sleep(31)
        assert verdicts == ["shown", "accepted", "survived"]

    played(play)
