"""The next edit by a model, from a document and a cursor to edits: one request in the form of each family."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass, field
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.core.diff import changes
from spark_lsp.core.edits import align, apply
from spark_lsp.core.hunks import LineHunk
from spark_lsp.core.text import Position, Text, line_content
from spark_lsp.endpoints.transport import EndpointClient
from spark_lsp.features.next_edit_model import CONFIDENCE, ask_for_next_edit, edits_of
from support.peer import URI, Peer
from support.scripted_endpoint import USAGE, Answer, ScriptedEndpoint, event, tokens
from support.virtual_time import run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from spark_lsp.core.next_edit import NextEdit
    from spark_lsp.session import Document

PATH = URI.rpartition("/")[2]
SHAPES = """\
import math


class Circle:
    def __init__(self, radius):
        self.radius = radius

    def area(self):
        return math.pi * self.r ** 2

    def length(self):
        return 2 * math.pi * self.r
"""
AREA = "math.pi * self.r ** 2"
LENGTH = "2 * math.pi * self.r\n"
"""Somebody renames r to radius, has done the first and is at the end of it."""
TYPED = SHAPES.replace(AREA, "math.pi * self.radius ** 2")
DONE = TYPED.replace(LENGTH, "2 * math.pi * self.radius\n")
FAMILIES = {
    "window": ("chat", "gpt-5"),
    "zeta1": ("completions", "zeta"),
    "zeta2": ("completions", "zeta-2"),
    "sweep": ("completions", "sweep-next-edit"),
    "mercury": ("inception-edit", "mercury-edit-2"),
    "instinct": ("chat", "instinct"),
}


class _Stream(httpx.AsyncByteStream):
    def __init__(self, owner: OnPaper, text: str, reason: str) -> None:
        self._owner = owner
        self._text = text
        self._reason = reason

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in tokens(self._text):
            await asyncio.sleep(0.01)
            yield event({"choices": [{"index": 0, "text": part, "delta": {"content": part}, "finish_reason": None}]})
        self._owner.finished += 1
        end = {"index": 0, "text": "", "delta": {}, "finish_reason": self._reason}
        yield event({"choices": [end], "usage": USAGE}) + b"data: [DONE]\n\n"

    async def aclose(self) -> None:
        self._owner.closed += 1


@dataclass
class OnPaper(httpx.AsyncBaseTransport):
    """Answers over every wire that these models are behind; the prompt is handed to whoever makes the answer up."""

    answer: Callable[[str], str]
    reason: str = "stop"
    bodies: list[dict[str, Any]] = field(default_factory=list)
    finished: int = 0
    closed: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "HEAD":
            return httpx.Response(404)
        body = json.loads(request.content)
        self.bodies.append(body)
        prompt = body.get("prompt") or body["messages"][-1]["content"]
        stream = _Stream(self, self.answer(prompt), self.reason)
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=stream)


async def opened(
    transport: httpx.AsyncBaseTransport, wire: str, model: str, text: str = SHAPES, **settings: Any
) -> tuple[Peer, Document]:
    peer = Peer(endpoints=EndpointClient(transport))
    endpoint = {"baseUrl": "http://127.0.0.1:1/v1", "wire": wire, "model": model} | settings
    await peer.start({"endpoint": "here", "endpoints": {"here": endpoint}})
    peer.open(text, "python")
    await asyncio.sleep(1)
    return peer, peer.server.services.session.documents[URI]


def alike(one: str, other: str) -> int:
    """Characters that both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


async def typed(peer: Peer, document: Document, new: str = TYPED) -> Position:
    """The user replaces what differs; where the cursor is then."""
    old = str(document.text)
    head = alike(old, new)
    tail = alike(old[head:][::-1], new[head:][::-1])
    before = new[: len(new) - tail]
    peer.edit(head, len(old) - tail, before[head:])
    await asyncio.sleep(1)
    return Position(before.count("\n"), len(before.rpartition("\n")[2]))


async def asked(
    transport: OnPaper | ScriptedEndpoint, wire: str, model: str, text: str = SHAPES, new: str = TYPED, **more: Any
) -> tuple[NextEdit | None, str]:
    """The next edit after something was typed, and the document with it."""
    peer, document = await opened(transport, wire, model, text, **more)
    position = await typed(peer, document, new)
    snapshot = document.snapshot()
    found = await ask_for_next_edit(peer.server.services, snapshot, position)
    if found is None:
        return None, str(snapshot.text)
    assert (found.uri, found.version) == (URI, document.version)
    return found, str(apply(snapshot.text, found.edits))


def played(transport: OnPaper | ScriptedEndpoint, name: str, **more: Any) -> tuple[NextEdit | None, str]:
    return run(asked(transport, *FAMILIES[name], **more))


def window_in(name: str, prompt: str) -> str:
    """The edit window that a model of a family sees, without marks."""
    start, end = {
        "window": ("The edit window:\n```python\n", "```"),
        "zeta1": ("<|editable_region_start|>\n", "<|editable_region_end|>"),
        "instinct": ("<|editable_region_start|>\n", "<|editable_region_end|>"),
        "zeta2": ("<<<<<<< CURRENT\n", "=======\n"),
        "sweep": (f"<|file_sep|>current/{PATH}\n", "<|file_sep|>updated/"),
        "mercury": ("<|code_to_edit|>\n", "<|/code_to_edit|>"),
    }[name]
    text = prompt.partition(start)[2].partition(end)[0]
    for mark in ("<|user_cursor_is_here|>", "<|user_cursor|>", "<|cursor|>", "<CURSOR>"):
        text = text.replace(mark, "")
    return text


def model(name: str, change: Callable[[str], str]) -> Callable[[str], str]:
    """A model of a family that makes a change to the window that it is shown."""
    around = {
        "window": ("```python\n", "```"),
        "zeta1": ("", "<|editable_region_end|>\nsomething else"),
        "zeta2": ("", ">>>>>>> UPDATED\nsomething else"),
        "sweep": ("", "<|file_sep|>something else"),
        "mercury": ("```\n", "\n```"),
        "instinct": ("", ""),
    }[name]
    return lambda prompt: around[0] + change(window_in(name, prompt)) + around[1]


def rename(text: str) -> str:
    return text.replace("self.r\n", "self.radius\n")


@pytest.mark.parametrize("name", FAMILIES)
def test_each_family_is_asked_in_its_own_form(name: str) -> None:
    endpoint = OnPaper(model(name, rename))
    found, text = played(endpoint, name)
    assert found is not None
    assert text == DONE
    assert [edit.new for edit in found.edits] == ["adius"], "the smallest edit"
    assert (found.source, found.confidence) == (name, CONFIDENCE)
    (body,) = endpoint.bodies
    assert ("prompt" in body) == (name in ("zeta1", "zeta2", "sweep"))
    prompt = body.get("prompt") or body["messages"][-1]["content"]
    assert "self.r ** 2" in prompt, "what was there before"
    if name in ("zeta1", "zeta2", "sweep"):
        assert endpoint.finished == 0, "it was closed at the stop"
    assert endpoint.closed == 1


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize(
    "change",
    [
        str,
        lambda _: "",
        lambda text: text.replace("self.radius ** 2", "self.r ** 2"),
        lambda text: rename(text).replace("self.radius\n", "(self.radius\n", 2),
    ],
    ids=["nothing", "empty", "taken back", "broken"],
)
def test_what_is_never_shown(name: str, change: Callable[[str], str]) -> None:
    assert played(OnPaper(model(name, change)), name)[0] is None


@pytest.mark.parametrize("name", FAMILIES)
def test_a_cut_reply_deletes_nothing(name: str) -> None:
    def cut(prompt: str) -> str:
        window = window_in(name, prompt)
        return ("```\n" if name in ("window", "mercury") else "") + window[: window.index("\n    def length")]

    assert played(OnPaper(cut, reason="length"), name)[0] is None


def test_a_withheld_answer() -> None:
    assert played(OnPaper(model("instinct", rename), reason="content_filter"), "instinct")[0] is None


def test_patches_when_they_are_wanted() -> None:
    reply = f"{PATH}:11\n-        return 2 * math.pi * self.r\n+        return 2 * math.pi * self.radius\n"
    found, text = played(OnPaper(lambda _: reply), "window", format="patch")
    assert found is not None
    assert (found.source, text) == ("patch", DONE)


def test_secrets_stay_here_and_come_back() -> None:
    key = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
    text = SHAPES + f'\n\nKEY = "{key}"\nkey = KEY\n'
    new = text.replace("key = KEY", "secret = KEY")
    endpoint = OnPaper(model("window", lambda window: window.replace("KEY =", "TOKEN =").replace("= KEY", "= TOKEN")))
    found, result = played(endpoint, "window", text=text, new=new)
    assert found is not None
    assert result == new.replace("KEY =", "TOKEN =").replace("= KEY", "= TOKEN")
    assert key not in json.dumps(endpoint.bodies)
    invented = OnPaper(model("window", lambda window: window.replace("KEY\n", '"REDACTED_SECRET_7KQ2"\n')))
    assert played(invented, "window", text=text, new=new)[0] is None


def test_a_file_with_control_tokens_is_not_sent(caplog: pytest.LogCaptureFixture) -> None:
    endpoint = OnPaper(model("zeta2", rename))
    text, new = (f"TOKEN = '<[fim-prefix]>'\n{one}" for one in (SHAPES, TYPED))
    with caplog.at_level(logging.INFO):
        assert played(endpoint, "zeta2", text=text, new=new)[0] is None
    assert not endpoint.bodies
    assert "No next edit: The file holds control tokens of the model's format." in caplog.text


def test_a_model_that_foresees_nothing_is_not_asked() -> None:
    endpoint = OnPaper(lambda _: "x")
    assert run(asked(endpoint, "completions", "qwen2.5-coder"))[0] is None
    assert not endpoint.bodies


def test_a_failure_is_nobodys_concern() -> None:
    assert played(ScriptedEndpoint(Answer(status=400)), "window")[0] is None


def test_to_cancel_closes_the_stream() -> None:
    async def play() -> None:
        endpoint = OnPaper(model("window", rename))
        peer, document = await opened(endpoint, *FAMILIES["window"])
        position = await typed(peer, document)
        task = asyncio.create_task(ask_for_next_edit(peer.server.services, document.snapshot(), position))
        await asyncio.sleep(0.05)
        assert (len(endpoint.bodies), endpoint.closed) == (1, 0)
        task.cancel()
        await asyncio.sleep(0.01)
        assert (endpoint.finished, endpoint.closed) == (0, 1)

    run(play())


def test_nothing_of_an_excluded_file_is_sent() -> None:
    async def play() -> None:
        endpoint = OnPaper(model("window", rename))
        peer, _ = await opened(endpoint, *FAMILIES["window"])
        services = peer.server.services
        document = services.session.open("file:///project/.env", "python", 1, SHAPES)
        assert await ask_for_next_edit(services, document.snapshot(), Position(0, 0)) is None
        assert not endpoint.bodies

    run(play())


LINES = st.lists(st.sampled_from(("", "a", "b", "    c")), max_size=8)


@given(old=LINES, new=LINES, ended=st.booleans(), ending=st.sampled_from(("\n", "\r\n", "\r")))
def test_edits_do_what_the_hunks_say(old: list[str], new: list[str], ending: str, *, ended: bool) -> None:
    text = Text.of(ending.join(old) + (ending if ended else ""))
    lines = [line_content(line) for line in text.lines]
    if not lines[-1]:
        del lines[-1]
    hunks = (
        LineHunk(one.old_start, one.old_end, tuple(new[one.new_start : one.new_end])) for one in changes(lines, new)
    )
    edits = edits_of(text, tuple(hunks))
    assert all(one.end <= other.start for one, other in pairwise(edits))
    assert all(align(text, edit) == edit for edit in edits)
    result = [line_content(line) for line in apply(text, edits).lines]
    assert result[: len(new)] == new
    assert not any(result[len(new) :])


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_new_lines_end_as_those_of_the_document(ending: str) -> None:
    text = Text.of(ending.join(("a", "b", "c", "d")))
    hunks = (LineHunk(0, 1, ("A", "AA")), LineHunk(2, 2, ("new",)), LineHunk(3, 4, ("d", "e")))
    assert str(apply(text, edits_of(text, hunks))) == ending.join(("A", "AA", "b", "new", "c", "d", "e"))
    ended = Text.of(f"a{ending}b{ending}")
    assert str(apply(ended, edits_of(ended, (LineHunk(2, 2, ("c",)),)))) == f"a{ending}b{ending}c{ending}"
    assert str(apply(ended, edits_of(ended, (LineHunk(1, 3, ("c",)),)))) == f"a{ending}c{ending}"
    assert str(apply(ended, edits_of(ended, (LineHunk(0, 1, ()),)))) == f"b{ending}"
    assert str(apply(Text.of(""), edits_of(Text.of(""), (LineHunk(0, 1, ("a",)),)))).rstrip("\n") == "a"
