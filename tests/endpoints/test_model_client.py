"""When a model is asked, asked again, left alone or not asked at all; in virtual time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import httpx
import pytest

from endpoints.scripted_http import (
    DONE,
    FINISH,
    REQUEST,
    THINKING,
    USAGE,
    ScriptedTransport,
    Step,
    an_endpoint,
    chunk,
)
from spark_lsp.core.prompt import Message, Prompt
from spark_lsp.endpoints.errors import (
    Dropped,
    EndpointError,
    Interrupted,
    KeyRefused,
    OverLimit,
    Paused,
    RateLimited,
    Rejected,
    TooSlow,
    Unavailable,
)
from spark_lsp.endpoints.events import Finish, TextDelta, Thinking, Usage
from spark_lsp.endpoints.model_client import ModelClient, Purpose
from spark_lsp.endpoints.request import CompletionRequest, Price
from spark_lsp.endpoints.transport import EndpointClient
from spark_lsp.settings.layers import parse
from support.virtual_time import run

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from spark_lsp.core.records import RequestRecord
    from spark_lsp.endpoints.events import Event
    from spark_lsp.endpoints.request import Endpoint
    from spark_lsp.settings.model import Settings

EDIT = Purpose("edit")
TYPING = Purpose("inline", automatic=True)
NO_CACHE = {"cache": {"replies": False}}
GOOD: list[Step] = [0.1, chunk("good"), FINISH + USAGE + DONE]


@dataclass
class Book:
    records: list[RequestRecord] = field(default_factory=list)
    spent: float = 0.0

    def record(self, record: RequestRecord) -> None:
        self.records.append(record)

    def spent_today(self) -> float:
        return self.spent

    @property
    def outcomes(self) -> list[str]:
        return [record.failure or record.outcome for record in self.records]


@dataclass
class Answers(httpx.AsyncBaseTransport):
    """The first answer for the first request, and so on; the last one for all that follow. HEAD is only a greeting."""

    transports: list[ScriptedTransport]
    asked: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "HEAD":
            return httpx.Response(200)
        transport = self.transports[min(self.asked, len(self.transports) - 1)]
        self.asked += 1
        return await transport.handle_async_request(request)


@dataclass
class Bench:
    """One model client and all that it needs; the wall clock reads noon at the start of the loop."""

    answers: Answers
    settings: Settings
    book: Book = field(default_factory=Book)
    endpoint: Endpoint = field(default_factory=an_endpoint)
    changes: int = 0

    def __post_init__(self) -> None:
        self.client = EndpointClient(self.answers)
        loop = asyncio.get_running_loop()
        self.models = ModelClient(self.client, self.book, self._changed, lambda: 1_000_000_000 + loop.time())

    def _changed(self) -> None:
        self.changes += 1

    async def ask(self, purpose: Purpose = EDIT, request: CompletionRequest = REQUEST) -> list[Event]:
        found: list[Event] = []
        async with self.models.ask(self.endpoint, request, purpose, self.settings) as batches:
            async for events in batches:
                found += events
        return found

    async def text(self, purpose: Purpose = EDIT) -> str:
        return "".join(event.text for event in await self.ask(purpose) if isinstance(event, TextDelta))

    async def failure(self, purpose: Purpose = EDIT) -> EndpointError:
        with pytest.raises(EndpointError) as caught:
            await self.ask(purpose)
        return caught.value


def on_a_bench(
    story: Callable[[Bench], Coroutine[None, None, None]],
    *answers: ScriptedTransport,
    settings: dict[str, object] | None = None,
    endpoint: Endpoint | None = None,
) -> Bench:
    async def scene() -> Bench:
        bench = Bench(Answers(list(answers)), parse(NO_CACHE if settings is None else settings)[0])
        if endpoint is not None:
            bench.endpoint = endpoint
        await story(bench)
        await bench.client.aclose()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        assert not others, "a task was left behind"
        return bench

    return run(scene())


def good() -> ScriptedTransport:
    return ScriptedTransport(list(GOOD))


def broken(status: int = 500, **headers: str) -> ScriptedTransport:
    return ScriptedTransport([b"{}"], status=status, headers={key.replace("_", "-"): v for key, v in headers.items()})


def now() -> float:
    return round(asyncio.get_running_loop().time(), 3)


def test_an_answer_is_handed_on_whole_and_written_down() -> None:
    async def story(bench: Bench) -> None:
        assert await bench.ask() == [Thinking(), TextDelta("good"), Finish("stop"), Usage(1, 0, 2)]

    priced = replace(an_endpoint(), price=Price(input=1_000_000, output=10))
    bench = on_a_bench(story, ScriptedTransport([0.5, THINKING, *GOOD]), endpoint=priced)
    (record,) = bench.book.records
    assert (record.task, record.endpoint, record.model, record.wire) == ("edit", "mine", "model-1", "chat")
    assert (record.outcome, record.failure, record.estimated) == ("ok", None, False)
    assert (record.input_tokens, record.cached_tokens, record.output_tokens) == (1, 0, 2)
    assert record.usd == pytest.approx(1 + 20 / 1_000_000)
    assert record.started_at == 1_000_000_000
    assert record.first_token_seconds == pytest.approx(0.6)
    assert record.total_seconds >= 0.6


# Once more


def test_prompts_and_answers_are_logged_only_where_the_settings_say_so(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "spark_lsp")
    answer = ScriptedTransport([0.1, chunk("a fine answer"), FINISH + USAGE + DONE])
    prompt = REQUEST.prompt.texts[-1]

    async def story(bench: Bench) -> None:
        await bench.ask()

    on_a_bench(story, answer)
    assert prompt not in caplog.text
    assert "a fine answer" not in caplog.text
    on_a_bench(story, answer, settings={**NO_CACHE, "log": {"prompts": True}})
    assert prompt in caplog.text
    assert "a fine answer" in caplog.text


@pytest.mark.parametrize(
    "first",
    [
        broken(500),
        broken(503, retry_after="1"),
        broken(429, retry_after="1.5"),
        ScriptedTransport(before=[httpx.RemoteProtocolError("gone")]),
        ScriptedTransport([0.1, THINKING, httpx.ReadError("gone")]),
        ScriptedTransport([b'data: {"error":{"message":"hiccup"}}\n\n']),
    ],
    ids=["500", "503 soon", "429 soon", "dropped", "cut while thinking", "error at once"],
)
def test_before_the_first_text_it_is_tried_once_more(first: ScriptedTransport) -> None:
    async def story(bench: Bench) -> None:
        assert await bench.text() == "good"

    bench = on_a_bench(story, first, good())
    assert bench.answers.asked == 2
    assert bench.book.outcomes[1:] == ["ok"]
    assert bench.book.records[0].outcome == "failed"


@pytest.mark.parametrize(
    ("answer", "kind", "requests"),
    [
        (broken(401), KeyRefused, 1),
        (broken(400), Rejected, 1),
        (broken(429, retry_after="30"), RateLimited, 1),
        (broken(503, retry_after="30"), Unavailable, 1),
        (broken(500), Unavailable, 2),
        (ScriptedTransport(before=[httpx.ReadError("gone")]), Dropped, 2),
        (ScriptedTransport([0.1, chunk("some"), httpx.ReadError("gone")]), Interrupted, 1),
    ],
    ids=["401", "400", "429 later", "503 later", "500 twice", "dropped twice", "cut behind text"],
)
def test_what_trying_again_cannot_help_fails(answer: ScriptedTransport, kind: type, requests: int) -> None:
    async def story(bench: Bench) -> None:
        assert type(await bench.failure()) is kind

    bench = on_a_bench(story, answer)
    assert bench.answers.asked == requests
    assert bench.book.outcomes == [kind.__name__] * requests


def test_a_second_try_ends_with_the_first_ones_deadline() -> None:
    async def story(bench: Bench) -> None:
        assert isinstance(await bench.failure(), Unavailable)
        assert now() == 15

    on_a_bench(story, ScriptedTransport([b"{}"], status=500, before=[14.0]), ScriptedTransport(before=[1000.0]))


# Limits of the server


def test_a_server_that_asks_for_a_while_gets_it() -> None:
    async def story(bench: Bench) -> None:
        failure = await bench.failure()
        assert isinstance(failure, RateLimited)
        assert "limited until " in str(failure)
        again = await bench.failure()
        assert isinstance(again, RateLimited)
        assert "is limited until " in str(again)
        assert again.retry_after == pytest.approx(30, abs=0.1)
        assert bench.models.limited(bench.endpoint.base_url, bench.endpoint.model)
        assert bench.answers.asked == 1
        changes = bench.changes
        await asyncio.sleep(30)
        assert bench.changes > changes
        assert bench.models.limited(bench.endpoint.base_url, bench.endpoint.model) is None
        assert await bench.text() == "good"

    on_a_bench(story, broken(429, retry_after="30"), good())


def test_a_short_rest_of_a_limit_is_waited_for_but_not_by_what_nobody_asked_for() -> None:
    async def story(bench: Bench) -> None:
        await bench.failure()
        await asyncio.sleep(29)
        assert isinstance(await bench.failure(TYPING), RateLimited)
        assert await bench.text() == "good"
        assert now() >= 30

    bench = on_a_bench(story, broken(429, retry_after="30"), good())
    assert bench.answers.asked == 2


# Left alone


def test_after_five_failures_automatic_work_leaves_it_alone_until_a_probe_succeeds() -> None:
    async def story(bench: Bench) -> None:
        for _ in range(3):
            await bench.failure(TYPING)
        paused = await bench.failure(TYPING)
        assert isinstance(paused, Paused)
        assert "left alone until " in str(paused)
        asked = bench.answers.asked
        await asyncio.sleep(16)
        probes = await asyncio.gather(*(bench.failure(TYPING) for _ in range(5)))
        assert sum(isinstance(probe, Paused) for probe in probes) == 4
        assert bench.answers.asked <= asked + 2
        assert isinstance(await bench.failure(TYPING), Paused)
        bench.answers.transports = [good()]
        await asyncio.sleep(31)
        assert await bench.text(TYPING) == "good"
        assert await bench.text(TYPING) == "good"

    on_a_bench(story, broken(500))


def test_whoever_asks_for_something_may_probe_at_once() -> None:
    async def story(bench: Bench) -> None:
        for _ in range(4):
            assert isinstance(await bench.failure(), Unavailable)
        assert isinstance(await bench.failure(TYPING), Paused)
        bench.answers.transports = [good()]
        assert await bench.text() == "good"
        assert await bench.text(TYPING) == "good"

    on_a_bench(story, broken(500))


def test_with_another_endpoint_to_go_on_to_nobody_insists() -> None:
    async def story(bench: Bench) -> None:
        for _ in range(3):
            await bench.failure()
        assert isinstance(await bench.failure(Purpose("edit", last=False)), Paused)

    on_a_bench(story, broken(500))


def test_a_refused_key_is_not_shown_again_by_what_nobody_asked_for() -> None:
    async def story(bench: Bench) -> None:
        assert isinstance(await bench.failure(TYPING), KeyRefused)
        assert isinstance(await bench.failure(TYPING), Paused)
        assert bench.answers.asked == 1
        assert isinstance(await bench.failure(), KeyRefused)
        bench.models.forget()
        assert isinstance(await bench.failure(TYPING), KeyRefused)

    on_a_bench(story, broken(401))


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_refusal_is_no_sign_of_bad_health(status: int) -> None:
    async def story(bench: Bench) -> None:
        for _ in range(10):
            assert not isinstance(await bench.failure(), Paused)

    assert on_a_bench(story, broken(status)).answers.asked == 10


# Limits of the user


def test_tokens_a_minute() -> None:
    big = CompletionRequest(Prompt((Message("user", "x" * 400),)), 10)  # 100 tokens, and 3 of usage

    async def story(bench: Bench) -> None:
        await bench.ask(request=big)
        with pytest.raises(OverLimit, match=r"limited until .* by limits.tokensPerMinute \(120\)"):
            await bench.ask(request=big)
        assert bench.answers.asked == 1
        await asyncio.sleep(60)
        await bench.ask(request=big)

    on_a_bench(
        story,
        ScriptedTransport([chunk("x" * 4), FINISH, b'data: {"usage":{"prompt_tokens":100,"completion_tokens":3}}\n\n']),
        settings={"limits": {"tokensPerMinute": 120}, **NO_CACHE},
    )


def test_usd_a_day_turns_automatic_work_off_first() -> None:
    async def story(bench: Bench) -> None:
        bench.book.spent = 0.79
        assert await bench.text(TYPING) == "good"
        bench.book.spent = 0.8
        assert isinstance(await bench.failure(TYPING), OverLimit)
        assert await bench.text() == "good"
        bench.book.spent = 1.0
        assert "Today's limit of $1 is reached: raise limits.usdPerDay" in str(await bench.failure())

    on_a_bench(story, good(), settings={"limits": {"usdPerDay": 1}, **NO_CACHE})


# The same again


def test_the_same_prompt_gives_the_same_answer_without_asking() -> None:
    async def story(bench: Bench) -> None:
        assert await bench.text() == "good"
        bench.answers.transports = [ScriptedTransport([chunk("else"), FINISH])]
        assert await bench.ask() == [TextDelta("good"), Finish("stop"), Usage(0, 0, 0)]
        bench.endpoint = replace(bench.endpoint, seed=7)
        assert await bench.text() == "else"

    bench = on_a_bench(story, good(), settings={})
    assert bench.answers.asked == 2
    assert bench.book.outcomes == ["ok", "cached", "ok"]


@pytest.mark.parametrize(
    "steps",
    [[chunk("half"), FINISH.replace(b"stop", b"length")], [chunk("half"), httpx.ReadError("gone")]],
    ids=["length", "cut"],
)
def test_only_a_whole_answer_is_kept(steps: list[Step]) -> None:
    async def story(bench: Bench) -> None:
        for _ in range(2):
            try:
                await bench.ask()
            except EndpointError:
                assert isinstance(steps[-1], Exception)

    assert on_a_bench(story, ScriptedTransport(steps), settings={}).answers.asked == 2


def test_an_answer_that_its_reader_rejects_is_not_kept() -> None:
    async def story(bench: Bench) -> None:
        for _ in range(2):
            with pytest.raises(ValueError, match="no use"):  # noqa: PT012 (it is about the block)
                async with bench.models.ask(bench.endpoint, REQUEST, EDIT, bench.settings) as batches:
                    async for _events in batches:
                        pass
                    raise ValueError("no use")

    assert on_a_bench(story, good(), settings={}).answers.asked == 2


# Two at once


def test_a_late_answer_is_asked_for_once_more_and_the_first_one_counts() -> None:
    slow = ScriptedTransport([9.0, chunk("slow"), FINISH])

    async def story(bench: Bench) -> None:
        for _ in range(20):
            await bench.ask()
        bench.answers.transports = [slow, good()]
        bench.answers.asked = 0
        before = now()
        assert await bench.text() == "good"
        assert now() - before < 1
        assert slow.bodies[0].closed_at is not None
        assert slow.bodies[0].closed_at - before < 1

    bench = on_a_bench(story, good(), endpoint=replace(an_endpoint(), hedge=True))
    assert bench.answers.asked == 2
    assert sorted(bench.book.outcomes[-2:]) == ["cancelled", "ok"]


def test_two_that_fail_fail_once() -> None:
    async def story(bench: Bench) -> None:
        for _ in range(20):
            await bench.ask()
        bench.answers.transports = [ScriptedTransport([b"{}"], status=400, before=[3.0])]
        assert isinstance(await bench.failure(), Rejected)

    on_a_bench(story, good(), endpoint=replace(an_endpoint(), hedge=True))


def test_a_cancel_ends_both() -> None:
    slow = ScriptedTransport([9.0, chunk("slow"), FINISH])

    async def story(bench: Bench) -> None:
        for _ in range(20):
            await bench.ask()
        bench.answers.transports = [slow]
        asking = asyncio.create_task(bench.ask())
        await asyncio.sleep(3)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert [body.closed_at is not None for body in slow.bodies] == [True, True]

    bench = on_a_bench(story, good(), endpoint=replace(an_endpoint(), hedge=True))
    assert bench.book.outcomes[-2:] == ["cancelled", "cancelled"]


# Cancelled


def test_a_cancelled_answer_costs_what_came_of_it() -> None:
    async def story(bench: Bench) -> None:
        async with bench.models.ask(bench.endpoint, REQUEST, EDIT, bench.settings) as batches:
            async for _ in batches:
                break

    bench = on_a_bench(story, ScriptedTransport([0.1, chunk("x" * 40), 5.0, FINISH]))
    (record,) = bench.book.records
    assert (record.outcome, record.estimated, record.output_tokens) == ("cancelled", True, 10)
    assert record.input_tokens > 0


def test_a_silent_endpoint_gets_new_connections_for_the_next_request() -> None:
    async def story(bench: Bench) -> None:
        rebuilt = []
        rebuild = bench.client.rebuild
        bench.client.rebuild = lambda: (rebuilt.append(1), rebuild())[1]  # type: ignore[method-assign,func-returns-value]
        assert isinstance(await bench.failure(), TooSlow)
        assert rebuilt

    on_a_bench(story, ScriptedTransport(before=[1000.0]))
