from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endpoints.scripted_http import DONE, FINISH, REQUEST, ROLE, THINKING, an_endpoint, chunk, some_failures
from spark_lsp.core.prompt import Message, Prompt
from spark_lsp.endpoints.errors import EndpointError, Interrupted, RateLimited, UnexpectedAnswer
from spark_lsp.endpoints.events import Event, Finish, TextDelta, Thinking, Usage
from spark_lsp.endpoints.request import CompletionRequest, Endpoint
from spark_lsp.endpoints.server_sent_events import MAX_EVENT_BYTES
from spark_lsp.endpoints.wires.chat import ChatWire

if TYPE_CHECKING:
    from collections.abc import Iterable

DATA = Path(__file__).parent / "data"
STREAMS = sorted(path.name for path in DATA.iterdir() if path.is_file())


def _parse(*pieces: bytes) -> tuple[list[Event], EndpointError | None]:
    parser = ChatWire().parser(some_failures())
    events = [event for piece in pieces for event in parser.feed(piece)]
    events += parser.close()
    assert parser.finished == any(isinstance(event, Finish) for event in events)
    assert parser.finished or parser.failure is not None
    return events, parser.failure


def _text(events: Iterable[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize(
    ("name", "text", "others"),
    [
        ("openai.sse", "def add(a, b):\n", [Finish("stop"), Usage(22, 21, 18)]),
        ("llama_server.sse", "def f", [Finish("length"), Usage(9, 0, 2)]),
        ("transformers_serve.sse", "x = 1", [Finish("stop"), Usage(7, 0, 4)]),
        ("deepseek.sse", "pass", [Thinking(), Thinking(), Finish("stop"), Usage(50, 48, 9)]),
        ("groq.sse", "ok", [Thinking(), Finish("stop"), Usage(12, 0, 3)]),
        ("mistral.sse", "a = 2\n", [Thinking(), Finish("length"), Usage(5, 0, 4)]),
        ("azure.sse", "He", [Finish("filter")]),
        ("unescaped.sse", "s = 'naïve 🐍 \u2028 \u2029 \x85 \x0b' — ü", [Finish("stop")]),
        ("whole.json", "def f():\n    pass\n", [Finish("stop"), Usage(3, 0, 6)]),
    ],
)
def test_what_servers_send_is_understood(name: str, text: str, others: list[Event]) -> None:
    events, failure = _parse((DATA / name).read_bytes())
    assert failure is None
    assert _text(events) == text
    assert [event for event in events if not isinstance(event, TextDelta)] == others


@pytest.mark.parametrize(
    ("name", "text", "kind", "said"),
    [
        ("error_in_the_middle.sse", "def", Interrupted, "The server had an error while processing your request."),
        ("rate_limit_in_the_middle.sse", "", RateLimited, "Tokens per minute limit exceeded"),
        ("error.json", "", Interrupted, "Unexpected endpoint or method. (POST /chat/completions)"),
    ],
)
def test_an_error_in_place_of_a_chunk_ends_the_answer(
    name: str, text: str, kind: type[EndpointError], said: str
) -> None:
    events, failure = _parse((DATA / name).read_bytes())
    assert _text(events) == text
    assert isinstance(failure, kind)
    assert f'"{said}"' in failure.message


@pytest.mark.parametrize("name", STREAMS)
def test_every_stream_is_the_same_byte_by_byte(name: str) -> None:
    body = (DATA / name).read_bytes()
    events, failure = _parse(body)
    cut_events, cut_failure = _parse(*(body[index : index + 1] for index in range(len(body))))
    assert cut_events == events
    assert repr(cut_failure) == repr(failure)


@given(st.sampled_from(STREAMS), st.booleans(), st.data())
def test_it_does_not_matter_where_a_stream_is_cut(name: str, windows: bool, data: st.DataObject) -> None:
    body = (DATA / name).read_bytes()
    if windows:
        body = body.replace(b"\n", b"\r\n")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)))))
    pieces = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    events, failure = _parse(*pieces)
    whole_events, whole_failure = _parse(body)
    assert events == whole_events
    assert repr(failure) == repr(whole_failure)


@given(st.sampled_from([name for name in STREAMS if name.endswith(".sse")]), st.data())
def test_a_prefix_is_never_taken_for_more_than_it_is(name: str, data: st.DataObject) -> None:
    body = (DATA / name).read_bytes()
    whole, _ = _parse(body)
    events, failure = _parse(body[: data.draw(st.integers(0, len(body)))])
    assert whole[: len(events)] == events
    assert any(isinstance(event, Finish) for event in events) or isinstance(failure, EndpointError)


@pytest.mark.parametrize(
    ("stream", "kind"),
    [
        (chunk("def"), Interrupted),
        (chunk("def") + DONE, Interrupted),
        (chunk("def") + FINISH[:-20], Interrupted),  # cut in the middle of the finish
        (ROLE, Interrupted),
        (b"", Interrupted),
        (b": ping\n\n: ping\n\n", Interrupted),
        (b"Ollama is running", Interrupted),
        (chunk("def") + b"data: {this is not JSON\n\n", UnexpectedAnswer),
        (chunk("def") + b"data: [1, 2]\n\n", UnexpectedAnswer),
        (b"data: " + b"[" * 100_000 + b"\n\n", UnexpectedAnswer),
        (b"data: \xff\n\n", UnexpectedAnswer),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", UnexpectedAnswer),
        (b"\xef\xbb\xbf\n <html>", UnexpectedAnswer),
        (b'{"object":"list","data":[]}', UnexpectedAnswer),
        (b"{not JSON}", UnexpectedAnswer),
        (b"[1]", UnexpectedAnswer),
        (b'data: {"choices":[{"delta":{},"finish_reason":"error"}]}\n\n', Interrupted),
    ],
)
def test_an_answer_without_a_finish_is_a_failure(stream: bytes, kind: type[EndpointError]) -> None:
    _, failure = _parse(stream)
    assert type(failure) is kind


def test_a_finish_in_a_last_event_without_its_blank_line_counts() -> None:
    events, failure = _parse(chunk("def") + FINISH.rstrip())
    assert events == [TextDelta("def"), Finish("stop")]
    assert failure is None


def test_nothing_counts_after_the_finish_but_usage() -> None:
    late = b'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"length"}],"usage":{"prompt_tokens":1}}\n\n'
    events, failure = _parse(chunk("def") + FINISH + late + DONE + chunk("y") + b"data: nonsense\n\n")
    assert events == [TextDelta("def"), Finish("stop"), Usage(1, 0, 0)]
    assert failure is None


@pytest.mark.parametrize("rest", [b"data: nonsense\n\n", b'data: {"error":{"message":"late"}}\n\n', b"data: {", b""])
def test_a_whole_answer_is_not_spoilt_by_what_follows(rest: bytes) -> None:
    assert _parse(FINISH + rest) == ([Finish("stop")], None)


def test_what_precedes_a_failure_is_handed_over() -> None:
    parser = ChatWire().parser(some_failures())
    assert parser.feed(chunk("a") + b"data: nonsense\n\n" + chunk("b")) == [TextDelta("a")]
    assert isinstance(parser.failure, UnexpectedAnswer)
    assert parser.feed(chunk("c")) == parser.close() == []


@pytest.mark.parametrize("opening", [b"data: ", b"{"])
def test_an_answer_without_end_is_not_collected_for_ever(opening: bytes) -> None:
    parser = ChatWire().parser(some_failures())
    parser.feed(opening)
    for _ in range(MAX_EVENT_BYTES // 2**20 + 1):
        parser.feed(b"x" * 2**20)
    assert isinstance(parser.failure, UnexpectedAnswer)


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        ({"finish_reason": "stop"}, "stop"),
        ({"finish_reason": "eos_token"}, "stop"),
        ({"finish_reason": "length"}, "length"),
        ({"finish_reason": "content_filter"}, "filter"),
        ({"finish_reason": "tool_calls", "delta": {"tool_calls": []}}, "other"),
        ({"finish_reason": "something new"}, "other"),
        ({"finish_reason": "stop", "delta": {"refusal": "I cannot help with that."}}, "filter"),
    ],
)
def test_reasons_to_finish(choice: dict[str, Any], reason: str) -> None:
    events, _ = _parse(b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n")
    assert [event.reason for event in events if isinstance(event, Finish)] == [reason]


@pytest.mark.parametrize(
    "value", [None, 0, "x", [], {}, [None], [{}], [{"delta": 3}], [{"delta": {"content": 7}}], [[]]]
)
def test_odd_values_are_passed_over(value: Any) -> None:
    odd = {"choices": value, "usage": value, "error": None, "x_groq": value}
    events, failure = _parse(b"data: " + json.dumps(odd).encode() + b"\n\n" + chunk("a") + FINISH)
    assert _text(events) == "a"
    assert failure is None


def test_reasoning_is_no_text_but_a_sign_of_life() -> None:
    parser = ChatWire().parser(some_failures())
    assert parser.feed(ROLE) == []
    assert parser.feed(THINKING) == [Thinking()]


def _body(endpoint: Endpoint, request: CompletionRequest = REQUEST) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(ChatWire().request(endpoint, request).content)
    return body


def test_the_request() -> None:
    request = ChatWire().request(an_endpoint(), REQUEST)
    assert (request.method, request.url) == ("POST", "http://127.0.0.1:8000/v1/chat/completions")
    assert request.headers["authorization"] == "Bearer sk-secret-key"
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.content) == {
        "model": "model-1",
        "messages": [
            {"role": "system", "content": "Edit."},
            {"role": "user", "content": "the secret prompt of the user"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 100,
        "temperature": 0,
        "seed": 0,
    }
    assert "secret" not in repr(request)
    assert "secret" not in repr(an_endpoint(headers={"api-key": "secret"}))


def test_no_key_no_authorization() -> None:
    assert "authorization" not in ChatWire().request(an_endpoint(api_key=None), REQUEST).headers


def test_the_endpoints_limit_caps_what_a_task_asks_for() -> None:
    assert _body(an_endpoint(), CompletionRequest(REQUEST.prompt, 1_000_000))["max_tokens"] == 4096


def test_stop_is_sent_if_there_is_one() -> None:
    assert _body(an_endpoint(), CompletionRequest(REQUEST.prompt, 1, ("\n\n",)))["stop"] == ["\n\n"]


def test_temperature_and_seed_can_be_left_out() -> None:
    body = _body(Endpoint("mine", "http://h/v1", "m", temperature=None, seed=None))
    assert not {"temperature", "seed"} & body.keys()


def test_extra_body_and_headers_override() -> None:
    extra = {"temperature": 0.7, "stream_options": None, "reasoning_effort": "none"}
    endpoint = an_endpoint(extra_body=extra, headers={"Authorization": "Basic x", "X-Team": "1"})
    request = ChatWire().request(endpoint, REQUEST)
    body = json.loads(request.content)
    assert body["temperature"] == 0.7
    assert body["reasoning_effort"] == "none"
    assert "stream_options" not in body
    assert request.headers["authorization"] == "Basic x"
    assert request.headers["x-team"] == "1"


@pytest.mark.parametrize(
    ("base_url", "extra", "limit"),
    [
        ("http://h/v1", {"max_completion_tokens": 500}, 500),
        ("http://h/v1", {"max_completion_tokens": None}, 20),
        ("https://api.cerebras.ai/v1", {}, 20),
        ("https://api.openai.com/v1", {}, 20),
        ("https://api.openai.com/v1", {"max_completion_tokens": 500}, 500),
    ],
)
def test_the_newer_name_of_the_token_limit_replaces_the_older(base_url: str, extra: dict[str, Any], limit: int) -> None:
    endpoint = an_endpoint(base_url=base_url, extra_body=extra)
    body = _body(endpoint, CompletionRequest(REQUEST.prompt, 20))
    assert body.get("max_completion_tokens") == limit
    assert "max_tokens" not in body


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("https://h/v1/", "https://h/v1/chat/completions"),
        ("https://h", "https://h/chat/completions"),
        ("https://h/v1/chat/completions", "https://h/v1/chat/completions"),
        ("https://h/d?api-version=1", "https://h/d/chat/completions?api-version=1"),
    ],
)
def test_where_it_goes(base_url: str, url: str) -> None:
    assert ChatWire().request(an_endpoint(base_url=base_url), REQUEST).url == url


def test_text_that_is_not_unicode_does_not_fail_the_request() -> None:
    request = CompletionRequest(Prompt((Message("user", "a\ud800b — ü"),)), 1)
    assert _body(an_endpoint(), request)["messages"][0]["content"] == "a?b — ü"
