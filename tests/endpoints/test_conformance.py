"""What every wire must do, over loopback sockets, against the simulator. See `conformance_cases.py`."""

from __future__ import annotations

import asyncio

import pytest

from endpoints.conformance_cases import (
    Expectation,
    ask,
    counts_tokens,
    gives_the_text,
    says_how_it_ended,
    stops_before_the_first_token,
    stops_when_cancelled,
    stops_when_left,
    thinks_before_it_speaks,
    uses_its_connection_again,
)
from endpoints.conformance_servers import (
    ABILITIES,
    CONVERSATION,
    HOLE,
    KEY,
    REQUESTS,
    Served,
    Serving,
    simulated,
    wires_that,
)
from spark_lsp.endpoints.events import FinishReason, Usage
from spark_lsp.endpoints.request import CompletionRequest
from spark_lsp.settings import endpoint_model
from spark_lsp.simulator.reply import Fault, ScriptedReply

TEXTS = {
    "code": "def add(a, b):\n    return a + b\n",
    "not-ascii": "naïve — 🐍 e\u0301 \u200d漢字 \U0010ffff",
    "every-line-ending": "\na\nb\r\nc\rd\u2028e\u2029f\x85g\x0bh\x0ci\n\r\n\r",
    "looks-like-the-wire": 'data: [DONE]\n\nevent: error\n: comment\n{"error": {"message": "no"}, "done": true}\n\n',
    "spaces-around": "   \n x \t \n  ",
    "long": "".join(f"line {number} of a long text; é\n" for number in range(100)),
    "control-characters": "".join(map(chr, range(1, 32))) + "\x7f\ufeff",
}
WIRES = wires_that()
STREAMED: dict[str, dict[str, bool]] = {"streamed": {}, "whole": {"stream": False}}

EVERY_WIRE = pytest.mark.parametrize("wire", WIRES)
STREAMING = pytest.mark.parametrize("wire", wires_that(lambda can: can.streams))
EITHER_WAY = pytest.mark.parametrize(
    ("wire", "way"),
    [
        *((wire, "streamed") for wire in wires_that(lambda can: can.streams)),
        *((wire, "whole") for wire in wires_that(lambda can: can.whole)),
    ],
)


def _serving(reply: ScriptedReply, way: str = "streamed", *, tps: float = 0, ttft_ms: float = 0) -> Serving:
    return Serving(reply, extra_body=STREAMED[way], tps=tps, ttft_ms=ttft_ms)


@EITHER_WAY
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_text_is_exact(wire: str, way: str, text: str) -> None:
    async def test(it: Served) -> None:
        await gives_the_text(it.client, it.endpoint, it.expecting(text=text))

    simulated(wire, _serving(ScriptedReply(reply=text), way), test)


@EVERY_WIRE
@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_a_conversation_and_a_hole_reach_the_model(wire: str, request_: CompletionRequest) -> None:
    async def test(it: Served) -> None:
        await gives_the_text(it.client, it.endpoint, it.expecting(text="good", request=request_))
        assert it.record.headers["authorization" if wire != "anthropic" else "x-api-key"].endswith(KEY)
        assert it.record.body.get("model", "model-1") == "model-1"

    simulated(wire, _serving(ScriptedReply("Hello, ", "good")), test)


@pytest.mark.parametrize(
    "wire", [wire for wire in WIRES if wire in {"completions", "mistral-fim", "llama-infill", "ollama"}]
)
def test_what_stands_behind_a_hole_reaches_the_model(wire: str) -> None:
    async def test(it: Served) -> None:
        await gives_the_text(it.client, it.endpoint, it.expecting(text="good", request=HOLE))

    simulated(wire, _serving(ScriptedReply(" there", "good")), test)


@EITHER_WAY
def test_usage(wire: str, way: str) -> None:
    """The cached tokens are more than the prompt has, so that they are all of it."""
    cached = 5000 if ABILITIES[wire].cached else 0

    async def test(it: Served) -> None:
        await counts_tokens(it.client, it.endpoint, it.expecting(usage=Usage(5000, cached, 3)))

    simulated(wire, _serving(ScriptedReply(reply="a" * 12, cached_tokens=5000), way), test)


@EITHER_WAY
@pytest.mark.parametrize(
    ("fault", "finish"), [(None, "stop"), ("length", "length"), ("filter", "filter"), ("empty", "stop")]
)
def test_finish(wire: str, way: str, fault: Fault | None, finish: FinishReason) -> None:
    if fault == "filter" and not ABILITIES[wire].filter:
        finish = "stop"

    async def test(it: Served) -> None:
        text = {None: "good morning", "empty": ""}.get(fault, "good")
        await says_how_it_ended(it.client, it.endpoint, it.expecting(finish=finish, text=text))

    simulated(wire, _serving(ScriptedReply(reply="good morning", fault=fault, after=4), way), test)


@STREAMING
def test_thinking(wire: str) -> None:
    thoughts = 5 if ABILITIES[wire].thinking else 0

    async def test(it: Served) -> None:
        await thinks_before_it_speaks(it.client, it.endpoint, it.expecting(thoughts=thoughts, text="good morning"))

    simulated(wire, _serving(ScriptedReply(reply="good morning", thinking=5)), test)


@STREAMING
def test_keep_alives_between_the_pieces(wire: str) -> None:
    async def test(it: Served) -> None:
        await gives_the_text(it.client, it.endpoint, it.expecting(text="good morning to you"))

    simulated(wire, _serving(ScriptedReply(reply="good morning to you", comments=2), ttft_ms=20), test)


@STREAMING
def test_the_text_comes_while_it_is_said(wire: str) -> None:
    """The answer stands still for ever after its third word; what was said is here all the same."""

    async def test(it: Served) -> None:
        text = ""
        async with it.client.stream(it.endpoint, CONVERSATION) as batches:
            async for events in batches:
                text += "".join(getattr(event, "text", "") for event in events)
                if text == "one two three":
                    break

    simulated(wire, _serving(ScriptedReply(reply="one two three four", fault="stall", after=13)), test)


@EITHER_WAY
def test_the_connection_is_used_again(wire: str, way: str) -> None:
    async def test(it: Served) -> None:
        await it.client.warm(it.endpoint)
        await uses_its_connection_again(it.client, it.endpoint, it.expecting(text="good morning"))

    simulated(wire, _serving(ScriptedReply(reply="good morning"), way), test)


@EVERY_WIRE
def test_two_answers_at_a_time_do_not_mix(wire: str) -> None:
    async def test(it: Served) -> None:
        heard = await asyncio.gather(*(ask(it.client, it.endpoint) for _ in range(4)))
        assert [each.text for each in heard] == ["good morning " * 20] * 4

    simulated(wire, _serving(ScriptedReply(reply="good morning " * 20), tps=5000), test)


# Whoever leaves


@EITHER_WAY
def test_a_cancel_before_the_first_token_reaches_the_server(wire: str, way: str) -> None:
    async def test(it: Served) -> None:
        await stops_before_the_first_token(it.client, it.endpoint, it.expecting())
        assert it.record.closed_early

    simulated(wire, _serving(ScriptedReply(fault="silence"), way), test)


@STREAMING
def test_a_cancel_in_the_middle_reaches_the_server(wire: str) -> None:
    async def test(it: Served) -> None:
        await stops_when_cancelled(it.client, it.endpoint, it.expecting())

    simulated(wire, _serving(ScriptedReply(reply="good morning", fault="stall", after=4)), test)


@STREAMING
def test_leaving_reaches_the_server(wire: str) -> None:
    async def test(it: Served) -> None:
        await stops_when_left(it.client, it.endpoint, it.expecting())

    simulated(wire, _serving(ScriptedReply(reply="good morning", fault="stall", after=4)), test)


@STREAMING
def test_the_next_request_works_after_a_cancel(wire: str) -> None:
    async def test(it: Served) -> None:
        await stops_when_left(it.client, it.endpoint, it.expecting())
        heard = await ask(it.client, it.endpoint, CompletionRequest(HOLE.prompt, 10))
        assert heard.text.startswith("one")

    simulated(wire, _serving(ScriptedReply(reply="one two " * 200), tps=2000), test)


def test_every_wire_is_looked_at() -> None:
    assert {*WIRES, "jobs"} == set(endpoint_model.WIRES)


def test_what_is_expected_can_be_false() -> None:
    """The cases do look at what comes."""

    async def test(it: Served) -> None:
        for case, wrong in (
            (gives_the_text, Expectation(text="evil")),
            (says_how_it_ended, Expectation(finish="length")),
            (counts_tokens, Expectation(usage=Usage(1, 1, 1))),
            (thinks_before_it_speaks, Expectation(thoughts=1)),
        ):
            with pytest.raises(AssertionError):
                await case(it.client, it.endpoint, wrong)

    simulated("chat", _serving(ScriptedReply(reply="good")), test)
