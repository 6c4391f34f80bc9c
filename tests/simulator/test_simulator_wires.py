"""How each wire of the simulator looks from outside, read by rules that are written down here once more."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from simulator.simulated_client import SimulatedClient
from spark_lsp.simulator.reply import ScriptedReply
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator
from support.virtual_time import run

if TYPE_CHECKING:
    from collections.abc import Callable

    import h11

    from spark_lsp.simulator.reply import Fault

TEXT = "one two three naïve 🐍\r\nfour\n"
MESSAGES = [{"role": "system", "content": "Edit."}, {"role": "user", "content": "Hello"}]


@dataclass(frozen=True)
class Format:
    """A wire: what to ask, and how to read the objects of the stream."""

    path: str
    body: dict[str, Any]
    text: Callable[[dict[str, Any]], str]
    whole: Callable[[dict[str, Any]], str]
    finishes: dict[Fault | None, str]
    """What stands in the last objects, by the fault that ends the answer."""
    usage: str
    """What stands in the stream of 100 tokens of input, all of them cached, and 3 of output."""
    content_type: str = "text/event-stream"
    end: str = ""


def _chat(chunk: dict[str, Any]) -> str:
    return "".join(choice["delta"].get("content", "") for choice in chunk["choices"])


CHAT = Format(
    "/v1/chat/completions",
    {"messages": MESSAGES, "stream_options": {"include_usage": True}},
    _chat,
    lambda body: str(body["choices"][0]["message"]["content"]),
    {
        None: '"finish_reason":"stop"',
        "length": '"finish_reason":"length"',
        "filter": '"finish_reason":"content_filter"',
    },
    '"usage":{"prompt_tokens":100,"completion_tokens":3,"total_tokens":103,"prompt_tokens_details":{"cached_tokens":100},',
    end="data: [DONE]\n\n",
)
FORMATS = {
    "chat": CHAT,
    "responses": Format(
        "/v1/responses",
        {"instructions": "Edit.", "input": MESSAGES[1:]},
        lambda event: event["delta"] if event["type"] == "response.output_text.delta" else "",
        lambda body: str(body["output"][0]["content"][0]["text"]),
        {
            None: "event: response.completed\n",
            "length": '"incomplete_details":{"reason":"max_output_tokens"}',
            "filter": '"incomplete_details":{"reason":"content_filter"}',
        },
        '"usage":{"input_tokens":100,"input_tokens_details":{"cached_tokens":100},"output_tokens":3,',
    ),
    "completions": Format(
        "/v1/completions",
        {"prompt": "Hel", "suffix": "lo", "stream_options": {"include_usage": True}},
        lambda chunk: "".join(choice["text"] for choice in chunk["choices"]),
        lambda body: str(body["choices"][0]["text"]),
        CHAT.finishes,
        CHAT.usage,
        end=CHAT.end,
    ),
    "anthropic": Format(
        "/v1/messages",
        {"system": "Edit.", "messages": MESSAGES[1:], "max_tokens": 10},
        lambda event: event.get("delta", {}).get("text", ""),
        lambda body: str(body["content"][0]["text"]),
        {None: '"stop_reason":"end_turn"', "length": '"stop_reason":"max_tokens"', "filter": '"stop_reason":"refusal"'},
        '"usage":{"output_tokens":3}',
        end='event: message_stop\ndata: {"type":"message_stop"}\n\n',
    ),
    "mistral-fim": Format(
        "/v1/fim/completions",
        {"prompt": "Hel", "suffix": "lo"},
        _chat,
        CHAT.whole,
        CHAT.finishes,
        CHAT.usage,
        end=CHAT.end,
    ),
    "inception-edit": Format(
        "/v1/edit/completions", {**CHAT.body, "messages": MESSAGES[1:]}, _chat, CHAT.whole, CHAT.finishes, CHAT.usage
    ),
    "llama-infill": Format(
        "/infill",
        {"input_prefix": "Hel", "input_suffix": "lo", "input_extra": [{"filename": "a.py", "text": "x"}]},
        lambda chunk: str(chunk["content"]),
        lambda body: str(body["content"]),
        {None: '"stop_type":"eos"', "length": '"stop_type":"limit"'},
        '"timings":{"cache_n":100,"prompt_n":0,"predicted_n":3}',
    ),
    "llama-completion": Format(
        "/completion",
        {"prompt": "Hello"},
        lambda chunk: str(chunk["content"]),
        lambda body: str(body["content"]),
        {None: '"stop_type":"eos"', "length": '"stop_type":"limit"'},
        '"tokens_evaluated":100,',
    ),
    "ollama": Format(
        "/api/generate",
        {"model": "m", "prompt": "Hel", "suffix": "lo"},
        lambda line: str(line["response"]),
        lambda body: str(body["response"]),
        {None: '"done":true,"done_reason":"stop"', "length": '"done_reason":"length"'},
        '"prompt_eval_count":100,',
        content_type="application/x-ndjson",
    ),
}
NAMES = pytest.mark.parametrize("name", FORMATS)


def _ask(reply: ScriptedReply, path: str, body: Any) -> tuple[h11.Response, str]:
    async def main() -> tuple[h11.Response, bytes]:
        client = SimulatedClient(Simulator(Script((reply,)), tps=1000, ttft_ms=50))
        client.post(body, path)
        return await client.response()

    response, content = run(main())
    return response, content.decode()


def _stream(name: str, reply: ScriptedReply) -> tuple[h11.Response, str]:
    return _ask(reply, FORMATS[name].path, {**FORMATS[name].body, "stream": True})


def _objects(name: str, content: str) -> list[dict[str, Any]]:
    if name == "ollama":
        return [json.loads(line) for line in content.splitlines() if line]
    found = []
    for event in content.removesuffix(CHAT.end).split("\n\n"):
        fields = dict(line.split(": ", 1) for line in event.split("\n") if line and not line.startswith(":"))
        if fields:
            value = json.loads(fields["data"])
            assert fields.get("event", value.get("type")) == value.get("type")
            found.append(value)
    return found


@NAMES
def test_a_stream(name: str) -> None:
    response, content = _stream(name, ScriptedReply(reply=TEXT))
    headers = {key.decode(): value.decode() for key, value in response.headers}
    assert (response.status_code, headers["content-type"]) == (200, FORMATS[name].content_type)
    assert headers["x-spark-simulator"] == "scripted"
    assert "".join(FORMATS[name].text(each) for each in _objects(name, content)) == TEXT
    assert content.endswith(FORMATS[name].end)


@NAMES
def test_a_whole_answer(name: str) -> None:
    response, content = _ask(ScriptedReply("Hel", TEXT), FORMATS[name].path, {**FORMATS[name].body, "stream": False})
    assert dict(response.headers)[b"content-type"] == b"application/json"
    assert FORMATS[name].whole(json.loads(content)) == TEXT


@pytest.mark.parametrize(("name", "end"), [(name, end) for name in FORMATS for end in FORMATS[name].finishes])
def test_how_an_answer_ends(name: str, end: Fault | None) -> None:
    reply = ScriptedReply(reply=TEXT, fault=end, after=3)
    _, content = _stream(name, reply)
    assert FORMATS[name].finishes[end] in content
    whole = json.loads(_ask(reply, FORMATS[name].path, {**FORMATS[name].body, "stream": False})[1])
    assert FORMATS[name].whole(whole) == (TEXT[:3] if end else TEXT)


@NAMES
def test_an_answer_without_a_finish(name: str) -> None:
    _, content = _stream(name, ScriptedReply(reply=TEXT, fault="no-finish", after=3))
    assert "".join(FORMATS[name].text(each) for each in _objects(name, content)) == "one"
    assert not any(finish in content for finish in FORMATS[name].finishes.values())


@NAMES
def test_usage(name: str) -> None:
    _, content = _stream(name, ScriptedReply(reply="a" * 12, cached_tokens=100))
    assert FORMATS[name].usage in content
    if name == "anthropic":
        assert '"usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":100,' in content


@pytest.mark.parametrize(
    ("name", "thought"),
    [
        ("chat", '"delta":{"reasoning_content":"hm "}'),
        ("responses", '"type":"response.reasoning_summary_text.delta"'),
        ("anthropic", '"delta":{"type":"thinking_delta","thinking":"hm "}'),
        ("ollama", '"response":"","done":false,"thinking":"hm "'),
    ],
)
def test_thinking_comes_first_and_takes_its_time(name: str, thought: str) -> None:
    simulator = Simulator(Script((ScriptedReply(reply="a", thinking=500),)), tps=1000, ttft_ms=0)

    async def main() -> tuple[str, float]:
        client = SimulatedClient(simulator)
        client.post({**FORMATS[name].body, "stream": True}, FORMATS[name].path)
        _, content = await client.response()
        return content.decode(), client.transport.writes[-1][0]

    content, end = run(main())
    assert content.count(thought) == 500
    assert content.rindex(thought) < content.index('"a"')
    assert end == pytest.approx(0.5, abs=0.002)
    if name != "ollama":
        assert ":501" in content  # the tokens of both


@pytest.mark.parametrize(
    ("name", "comment"),
    [
        ("chat", ": keep-alive\n\n"),
        ("anthropic", 'event: ping\ndata: {"type":"ping"}\n\n'),
        ("ollama", ""),
    ],
)
def test_keep_alives(name: str, comment: str) -> None:
    """Twice while it waits for the first token, and before each of the two. JSON lines have no such thing."""
    _, content = _stream(name, ScriptedReply(reply="one two", comments=3, ttft_ms=100))
    assert not comment or content.count(comment) == 4 * 3
    objects = _objects(name, content.replace(comment, ""))
    assert "".join(FORMATS[name].text(each) for each in objects) == "one two"


@pytest.mark.parametrize(("fault", "times"), [("stall", 201), ("silence", 0)])
def test_a_stream_that_stalls_is_kept_alive(fault: Fault, times: int) -> None:
    simulator = Simulator(Script((ScriptedReply(fault=fault, comments=1),)), tps=0, ttft_ms=0)

    async def main() -> bytes:
        client = SimulatedClient(simulator)
        client.post({**CHAT.body, "stream": True})
        await asyncio.sleep(10.01)
        client.leave()
        return b"".join(data for _, data in client.transport.writes)

    assert run(main()).count(b": keep-alive") == times


ERRORS = {
    "chat": '{"error":{"message":"slow down","type":"rate_limit_error","param":null,"code":null}}',
    "anthropic": '{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}',
    "mistral-fim": '{"object":"error","message":"slow down","type":"rate_limit_error","param":null,"code":null}',
    "llama-infill": '{"error":{"code":429,"message":"slow down","type":"rate_limit_error"}}',
    "ollama": '{"error":"slow down"}',
}


@NAMES
def test_an_error_has_the_shape_of_its_wire(name: str) -> None:
    response, content = _stream(name, ScriptedReply(reply="slow down", status=429, headers={"retry-after": "3"}))
    assert response.status_code == 429
    assert dict(response.headers)[b"retry-after"] == b"3"
    assert content == ERRORS.get(name, ERRORS["llama-infill" if name == "llama-completion" else "chat"])


@NAMES
def test_an_error_in_the_middle_ends_the_stream(name: str) -> None:
    _, content = _stream(name, ScriptedReply(reply=TEXT, fault="error-event", after=3))
    objects = _objects(name, content)
    assert "The script wants an error here." in json.dumps(objects[-1])
    assert "".join(FORMATS[name].text(each) for each in objects[:-1]) == "one"


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        ("responses", {"input": []}, "input must be a string or a list of objects, and not empty."),
        ("responses", {"input": [{"role": "user"}]}, "input must hold items with a content."),
        ("responses", {"instructions": 3}, "instructions must be a string."),
        ("completions", {"prompt": None}, "prompt must be a string."),
        ("completions", {"suffix": 3}, "suffix must be a string or null."),
        ("anthropic", {"max_tokens": 0}, "max_tokens must be an integer of at least 1."),
        ("anthropic", {"system": {}}, "system must be a string or a list of blocks."),
        (
            "anthropic",
            {"messages": MESSAGES},
            "messages must have the role user or assistant; what the system says goes into system.",
        ),
        ("mistral-fim", {"seed": 0, "n": 1}, "Extra inputs are not permitted: n, seed."),
        ("mistral-fim", {"prompt": 3}, "prompt must be a string."),
        ("mistral-fim", {"suffix": 3}, "suffix must be a string or null."),
        ("inception-edit", {"messages": MESSAGES}, "messages must hold one user message, and nothing else."),
        ("llama-infill", {"input_suffix": None}, "input_suffix must be a string."),
        ("llama-infill", {"input_extra": [{}]}, "input_extra must be a list of objects with a text."),
        ("llama-infill", {"prompt": 3}, "prompt must be a string."),
        ("llama-completion", {"prompt": 3}, "prompt must be a string."),
        ("ollama", {"model": ""}, "model must be a string, and not empty."),
        ("ollama", {"prompt": 3}, "prompt must be a string."),
        ("ollama", {"suffix": 3}, "suffix must be a string or null."),
    ],
)
def test_a_body_that_is_no_request(name: str, change: dict[str, Any], problem: str) -> None:
    response, content = _ask(ScriptedReply(), FORMATS[name].path, {**FORMATS[name].body, **change})
    assert response.status_code == 400
    assert json.dumps(problem) in content


def test_ollama_only_loads_its_model_for_an_empty_prompt() -> None:
    _, content = _ask(ScriptedReply(reply=TEXT), "/api/generate", {"model": "m", "prompt": "", "suffix": "x"})
    assert json.loads(content)["done_reason"] == "load"


def test_the_events_of_responses_are_numbered_and_in_order() -> None:
    _, content = _stream("responses", ScriptedReply(reply="ab", thinking=1))
    events = _objects("responses", content)
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert [event["type"].removeprefix("response.") for event in events] == [
        *("created", "in_progress", "output_item.added", "reasoning_summary_text.delta", "output_item.done"),
        *("output_item.added", "content_part.added", "output_text.delta", "output_text.done", "content_part.done"),
        *("output_item.done", "completed"),
    ]
    assert [item["type"] for item in events[-1]["response"]["output"]] == ["reasoning", "message"]
    assert [event["output_index"] for event in events[2:-1]] == [0, 0, 0, 1, 1, 1, 1, 1, 1]


def test_the_blocks_of_anthropic_are_numbered_and_in_order() -> None:
    _, content = _stream("anthropic", ScriptedReply(reply="ab", thinking=1))
    events = _objects("anthropic", content)
    assert [(event["type"], event.get("index")) for event in events] == [
        ("message_start", None),
        ("content_block_start", 0),
        ("content_block_delta", 0),  # the thought
        ("content_block_delta", 0),  # its signature
        ("content_block_stop", 0),
        ("content_block_start", 1),
        ("content_block_delta", 1),
        ("content_block_stop", 1),
        ("message_delta", None),
        ("message_stop", None),
    ]
