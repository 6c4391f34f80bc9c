"""Ghost text while somebody types fast, in virtual time: who is asked how often, what is answered, and what is left.

The editor asks at every key and cancels nothing, or cancels the question before, as VS Code does. Keys come every 40
ms, the model takes 150 ms to its first token and 1 ms for each that follows.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from spark_lsp.endpoints.transport import EndpointClient
from support.answering_endpoint import AnsweringEndpoint, Call
from support.peer import SETTINGS, Manners
from support.typing_editor import TypingEditor
from support.virtual_time import run

KEYS = 20
SECONDS_BETWEEN_KEYS = 0.04
LATENCY = 0.001
"""One way, between the editor and the server."""
FIRST, EACH = 0.15, 0.001
SLACK = 0.005
"""What the server may take on top of the model's own time."""

ABOVE = "def total(items, rate):\n    result = 0\n"
BELOW = "\n\n\ndef other(items):\n    return items\n"
LINE = "    result = sum(item.price for item in items) * rate"


@dataclass
class Burst:
    """What came of a burst of keys. `asked` are the moments of the keys, with their answers."""

    asked: list[float] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    answered_at: list[float] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    last: str | None = None
    """The text that the last answer suggests behind the cursor."""
    open_streams: int = 0

    @property
    def calls_for_keys(self) -> list[Call]:
        """Those that were made before the last answer. Later ones are about what may come when it is accepted."""
        return [call for call in self.calls if call.asked_at < self.answered_at[-1]]


def burst(keys: str, answer: Any, *, cancels: bool, start: str = LINE[:4]) -> Burst:
    """Type so many keys behind a beginning of a line, and let everything come to its end."""

    async def typing() -> Burst:
        endpoint = AnsweringEndpoint(lambda call: answer(editor), first=FIRST, each=EACH)
        editor = TypingEditor(endpoints=EndpointClient(endpoint), manners=Manners(latency=LATENCY))
        await editor.start(SETTINGS)
        editor.open(f"{ABOVE}{start}{BELOW}")
        editor.cursor = len(ABOVE + start)
        await asyncio.sleep(2)
        loop = asyncio.get_running_loop()
        seen = Burst()
        futures: list[asyncio.Future[Any]] = []
        answered_at: dict[asyncio.Future[Any], float] = {}
        before: tuple[int, asyncio.Future[Any]] | None = None
        for key in keys:
            editor.insert(key)
            if cancels and before is not None and not before[1].done():
                editor.notify("$/cancelRequest", {"id": before[0]})
            before = editor.start_asking()
            seen.asked.append(loop.time())
            before[1].add_done_callback(lambda future: answered_at.setdefault(future, loop.time()))
            futures.append(before[1])
            await asyncio.sleep(SECONDS_BETWEEN_KEYS)
        async with asyncio.timeout(10):
            seen.answers = await asyncio.gather(*futures)
        seen.answered_at = [answered_at[future] for future in futures]
        await asyncio.sleep(5)
        ghost = editor.ghost_of(seen.answers[-1], editor.text, editor.cursor)
        seen.last = None if ghost is None else ghost.shown
        seen.calls, seen.open_streams = endpoint.calls, endpoint.open_streams
        await editor.stop()
        return seen

    return run(typing())


def the_rest(editor: TypingEditor) -> str:
    """The model knows the line: it says what is missing of it."""
    typed = editor.text[len(ABOVE) : editor.cursor]
    assert LINE.startswith(typed)
    return LINE[len(typed) :]


def something_else(editor: TypingEditor) -> str:
    """The model never says what comes next: no digit is typed."""
    return f"{editor.cursor}_apples + {editor.cursor}"


@pytest.mark.parametrize("cancels", [False, True])
def test_keys_that_agree_take_few_calls_and_the_last_one_gets_the_rest(cancels: bool) -> None:
    seen = burst(LINE[4 : 4 + KEYS], the_rest, cancels=cancels)
    assert len(seen.answers) == KEYS
    assert seen.last == LINE[4 + KEYS :]
    assert 1 <= len(seen.calls) <= 3
    assert seen.open_streams == 0


@pytest.mark.parametrize("cancels", [False, True])
def test_keys_that_agree_are_answered_at_once_when_the_answer_is_there(cancels: bool) -> None:
    seen = burst(LINE[4 : 4 + KEYS], the_rest, cancels=cancels)
    assert seen.answered_at[-1] - seen.asked[-1] <= 2 * LATENCY + SLACK


def test_a_question_that_nobody_cancels_is_answered_without_an_error() -> None:
    seen = burst(LINE[4 : 4 + KEYS], the_rest, cancels=False)
    assert not [answer for answer in seen.answers if "error" in answer]


@pytest.mark.parametrize("cancels", [False, True])
def test_keys_that_disagree_close_the_stream_of_the_loser_at_once(cancels: bool) -> None:
    seen = burst("abcdefghijklmnopqrst", something_else, cancels=cancels, start="    total = ")
    assert len(seen.answers) == KEYS
    assert seen.open_streams == 0
    *losers, winner = seen.calls_for_keys
    assert winner.finished
    for call in losers:
        # It has lost when a key has come that it was not asked about, and it has said something.
        next_key = min(at for at in seen.asked if at > call.asked_at)
        assert call.closed_at is not None
        assert call.closed_at <= max(next_key + LATENCY, call.asked_at + FIRST) + SLACK


@pytest.mark.parametrize("count", range(KEYS - 3, KEYS + 1))
def test_the_last_of_keys_that_disagree_gets_its_answer_in_the_time_of_the_model(count: int) -> None:
    seen = burst("abcdefghijklmnopqrst"[:count], something_else, cancels=True, start="    total = ")
    last = seen.calls_for_keys[-1]
    model = FIRST + EACH * (-(-len(last.text) // 4))
    assert seen.last == last.text
    assert seen.answered_at[-1] - seen.asked[-1] <= model + 2 * LATENCY + SLACK
