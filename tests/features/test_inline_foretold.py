"""The next edit that the text tells, as ghost text where it only adds something at the cursor."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from spark_lsp.core.edits import Edit, apply
from spark_lsp.core.text import Position, Text
from spark_lsp.endpoints.transport import EndpointClient
from spark_lsp.features.inline_foretold import added_at
from support.answering_endpoint import AnsweringEndpoint
from support.peer import SETTINGS
from support.typing_editor import TypingEditor
from support.virtual_time import run

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from spark_lsp.core.records import VerdictRecord

CODE = """\
def one(key):
    return load(key)


def two(key):
    return load(key)


def three(key):
    return load(key)
"""
ADDED = ", default"
SECOND = CODE.index("load(key)", CODE.index("two")) + len("load(key")
THIRD = CODE.rindex("load(key)") + len("load(key")
MODEL = ", said_by_a_model"
INVOKED = 1


async def editor(
    endpoint: AnsweringEndpoint, *, settings: dict[str, Any] | None = None, begun: bool = True
) -> TypingEditor:
    """An editor whose user has added an argument to the first call, and is at the second."""
    found = TypingEditor(endpoints=EndpointClient(endpoint))
    await found.start(SETTINGS | (settings or {}))
    found.open(CODE)
    await asyncio.sleep(1)
    if begun:
        found.cursor = CODE.index("load(key)") + len("load(key")
        found.insert(ADDED)
        found.cursor = SECOND + len(ADDED)
    else:
        found.cursor = SECOND
    await asyncio.sleep(1)
    return found


def model() -> AnsweringEndpoint:
    return AnsweringEndpoint(lambda _: MODEL)


def played(play: Callable[[], Coroutine[Any, Any, None]]) -> None:
    run(play())


@pytest.mark.parametrize("settings", [{}, {"endpoint": "offline"}])
def test_it_is_there_at_once_and_no_model_is_asked(settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    async def play() -> None:
        endpoint = model()
        peer = await editor(endpoint, settings=settings)
        told: list[VerdictRecord] = []
        monkeypatch.setattr(peer.server.book, "judge", told.append)
        asked = asyncio.get_running_loop().time()
        ghost = await peer.ask()
        assert ghost is not None
        assert ghost.insert == ADDED
        assert asyncio.get_running_loop().time() - asked < 0.01
        assert ghost.item["command"]["command"] == "spark.accepted"
        await asyncio.sleep(1)
        assert endpoint.calls == []
        peer.insert(ADDED)
        await peer.command("spark.accepted", {"id": ghost.id})
        assert [(one.task, one.endpoint, one.verdict) for one in told] == [
            ("inline", "offline", "shown"),
            ("inline", "offline", "accepted"),
        ]

    played(play)


def test_it_stays_while_it_is_typed() -> None:
    async def play() -> None:
        endpoint = model()
        peer = await editor(endpoint)
        await peer.ask()
        for at, key in enumerate(ADDED[:-1], 1):
            peer.insert(key)
            ghost = await peer.ask()
            assert ghost is not None
            assert ghost.insert == ADDED[at:]
        assert endpoint.calls == []

    played(play)


def test_a_model_is_asked_where_the_text_tells_nothing() -> None:
    async def play() -> None:
        for begun, settings in (
            (False, {}),
            (True, {"nextEdit": {"offline": False}}),
            (True, {"nextEdit": {"enabled": False}}),
        ):
            endpoint = model()
            peer = await editor(endpoint, begun=begun, settings=settings)
            ghost = await peer.ask()
            assert ghost is not None
            assert ghost.insert == MODEL
            assert len(endpoint.calls) == 1

    played(play)


def test_a_client_that_shows_next_edits_itself_is_left_alone() -> None:
    async def play() -> None:
        peer = await editor(model())
        params = {"textDocument": {"uri": peer.uri, "version": peer.version}, "position": {"line": 0, "character": 0}}
        await peer.request("textDocument/copilotInlineEdit", params)
        ghost = await peer.ask()
        assert ghost is not None
        assert ghost.insert == MODEL

    played(play)


def test_what_was_refused_is_not_shown_again_and_a_model_is_asked() -> None:
    async def play() -> None:
        endpoint = model()
        peer = await editor(endpoint)
        ghost = await peer.ask()
        assert ghost is not None
        peer.notify("spark/didReject", {"id": ghost.id})
        ghost = await peer.ask()
        assert ghost is not None
        assert ghost.insert == MODEL
        assert len(endpoint.calls) == 1

    played(play)


def test_it_goes_when_its_example_is_taken_back() -> None:
    async def play() -> None:
        peer = await editor(model())
        assert await peer.ask() is not None
        start = peer.text.index(ADDED)
        peer.put(start, start + len(ADDED), "")
        peer.cursor = SECOND
        ghost = await peer.ask(INVOKED)
        assert ghost is not None
        assert ghost.insert == MODEL

    played(play)


def test_what_a_model_has_said_there_comes_first() -> None:
    async def play() -> None:
        endpoint = model()
        peer = await editor(endpoint, begun=False)
        peer.cursor = THIRD
        assert await peer.ask() is not None
        peer.cursor = CODE.index("load(key)") + len("load(key")
        peer.insert(ADDED)
        peer.cursor = THIRD + len(ADDED)
        ghost = await peer.ask()
        assert ghost is not None
        assert ghost.insert == MODEL
        assert len(endpoint.calls) == 1

    played(play)


@pytest.mark.parametrize(
    ("line", "new", "column", "added"),
    [
        ("load(key)", "load(key, 1)", 8, (", 1", 0)),
        ("load(key", "load(key, 1)", 8, (", 1)", 0)),
        ("x = f()", "x = f(a)[0]", 6, ("a)[0]", 1)),
        ("load(key)", "load(key, 1)", 4, ("(key, 1", 4)),
        ("load(key)", "load(key, 1)", 9, ("", 0)),
        ("load(key)", "save(key)", 0, ("", 0)),
        ("load(key)", "load()", 5, ("", 0)),
        ("load(key)", "load(key)\nx", 9, ("", 0)),
    ],
)
def test_what_is_added(line: str, new: str, column: int, added: tuple[str, int]) -> None:
    text = Text.of(f"first\n{line}\nlast\n")
    edits = (Edit(Position(1, 0), Position(1, len(line)), new),)
    found = added_at(text, edits, Position(1, column))
    assert found == added
    if found[0]:
        end = Position(1, column + found[1])
        assert apply(text, (Edit(Position(1, column), end, found[0]),)) == apply(text, edits)
