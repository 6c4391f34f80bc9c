"""Every wire reads the streams in `data/wires` as the files beside them say, however they are cut and spoilt."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endpoints.wire_streams import Stream, parse, plain, streams
from spark_lsp.endpoints.errors import EndpointError, Interrupted, UnexpectedAnswer
from spark_lsp.endpoints.events import Finish
from spark_lsp.endpoints.server_sent_events import MAX_EVENT_BYTES
from spark_lsp.endpoints.wires.registry import WIRES

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL = streams()
STREAMED = [stream for stream in ALL if stream.path.suffix != ".json"]
each = pytest.mark.parametrize("stream", ALL, ids=repr)
each_wire = pytest.mark.parametrize("wire", WIRES)

ODD: list[Any] = [None, True, 0, -1, 1.5, "", "x", [], {}, [None], [[]], [{}], {"x": None}]


def test_every_wire_has_its_streams() -> None:
    assert {stream.wire for stream in ALL} == WIRES.keys() - {"chat"}


@each
def test_what_servers_send_is_understood(stream: Stream) -> None:
    events, failure = parse(stream.wire, stream.body)
    expected = stream.expected
    assert plain(events) == expected["events"]
    if failure is None:
        assert "failure" not in expected
    else:
        assert type(failure).__name__ == expected["failure"]["kind"]
        assert expected["failure"]["says"] in failure.message
        assert getattr(failure, "retry_after", None) == expected["failure"].get("retry_after")


@each
def test_it_does_not_matter_where_a_stream_is_cut_in_two(stream: Stream) -> None:
    body = stream.body
    whole = repr(parse(stream.wire, body))
    for cut in range(len(body) + 1):
        assert repr(parse(stream.wire, body[:cut], body[cut:])) == whole


@each
@pytest.mark.parametrize("line_feed", [b"\n", b"\r\n"])
def test_a_stream_is_the_same_byte_by_byte(stream: Stream, line_feed: bytes) -> None:
    body = stream.body.replace(b"\r\n", b"\n").replace(b"\n", line_feed)
    pieces = (body[index : index + 1] for index in range(len(body)))
    assert repr(parse(stream.wire, *pieces)) == repr(parse(stream.wire, stream.body))


@given(st.sampled_from(ALL), st.data())
def test_it_does_not_matter_where_a_stream_is_cut(stream: Stream, data: st.DataObject) -> None:
    body = stream.body
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)))))
    pieces = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    assert repr(parse(stream.wire, *pieces)) == repr(parse(stream.wire, body))


@given(st.sampled_from(STREAMED), st.data())
def test_a_stream_that_breaks_off_is_no_more_than_it_is(stream: Stream, data: st.DataObject) -> None:
    whole, _ = parse(stream.wire, stream.body)
    events, failure = parse(stream.wire, stream.body[: data.draw(st.integers(0, len(stream.body)))])
    assert whole[: len(events)] == events
    assert any(isinstance(event, Finish) for event in events) or isinstance(failure, EndpointError)


@pytest.mark.parametrize("stream", [stream for stream in ALL if stream.path.suffix == ".sse"], ids=repr)
def test_comments_and_pings_say_nothing(stream: Stream) -> None:
    pings = b'\n\n: keep-alive\n\nevent: ping\ndata: {"type":"ping"}\n\n'
    spoken = stream.body.replace(b"\n\n", pings)
    assert repr(parse(stream.wire, spoken)) == repr(parse(stream.wire, stream.body))


@each
def test_any_member_may_be_odd_or_missing(stream: Stream) -> None:
    """Nothing is raised, and what comes still keeps the promises; `parse` sees to both."""
    for before, value, after in _objects(stream):
        for odd in _oddities(value):
            spoilt = json.dumps(odd, ensure_ascii=False).encode()
            _, failure = parse(stream.wire, before + spoilt + after)
            assert failure is None or isinstance(failure, EndpointError)


def _objects(stream: Stream) -> Iterator[tuple[bytes, Any, bytes]]:
    """Each JSON object of a stream, with what stands before and behind it."""
    body = stream.body
    if stream.path.suffix == ".json":
        yield b"", json.loads(body), b""
        return
    lines = body.split(b"\n")
    for number, line in enumerate(lines):
        start = b"data: " if line.startswith(b"data: ") else b""
        if line.removeprefix(start).startswith(b"{"):
            before = b"".join(earlier + b"\n" for earlier in lines[:number]) + start
            yield before, json.loads(line.removeprefix(start)), b"\n" + b"\n".join(lines[number + 1 :])


def _oddities(value: Any) -> Iterator[Any]:
    """The value with one of its members, at any depth, odd or missing."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield {other: kept for other, kept in value.items() if other != name}
            for odd in (*ODD, *_oddities(member)):
                yield {**value, name: odd}
    elif isinstance(value, list):
        for number, member in enumerate(value):
            for odd in _oddities(member):
                yield [*value[:number], odd, *value[number + 1 :]]


NAMES = (
    *("type", "error", "status", "status_code", "code", "message", "headers", "choices", "text", "delta", "usage"),
    *("content", "finish_reason", "stop", "stop_type", "response", "thinking", "done", "done_reason", "item", "id"),
    *("output", "incomplete_details", "reason", "phase", "item_id", "content_block", "stop_reason", "input_tokens"),
    *("output_tokens", "input_tokens_details", "cached_tokens", "timings", "cache_n", "prompt_n", "tokens_evaluated"),
    *("prompt_eval_count", "eval_count", "resets_in_seconds", "detail", "msg", "loc", "retry-after"),
)
WORDS = (
    *("response.created", "response.output_text.delta", "response.completed", "response.incomplete", "error", "stop"),
    *("response.failed", "response.output_item.added", "response.refusal.delta", "message_start", "message_delta"),
    *("content_block_start", "content_block_delta", "message_stop", "text_delta", "text", "message", "refusal"),
    *("completed", "incomplete", "failed", "max_output_tokens", "commentary", "length", "eos", "limit", "end_turn"),
    *("rate_limit_exceeded", "try again in 1h2m3.5s", "429", "context length", "\ud800", "\x00"),
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(400, 599)
    | st.floats()
    | st.sampled_from(WORDS)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=10,
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6)


@each_wire
@given(objects=st.lists(OBJECTS, max_size=4), whole=st.booleans())
def test_no_json_is_too_odd(wire: str, objects: list[dict[str, Any]], whole: bool) -> None:
    bodies = [json.dumps(value).encode() for value in objects]
    if whole:
        for body in bodies:
            parse(wire, body)
    parse(wire, *(b"data: " + body + b"\n\n" for body in bodies))
    parse(wire, *(body + b"\n" for body in bodies))


@each_wire
@given(body=st.binary())
def test_no_bytes_are_too_odd(wire: str, body: bytes) -> None:
    parse(wire, body)


@given(st.sampled_from(ALL), st.integers(0), st.integers(0, 40), st.binary(max_size=20))
def test_no_damage_is_too_odd(stream: Stream, place: int, length: int, damage: bytes) -> None:
    body = stream.body
    start = place % (len(body) + 1)
    parse(stream.wire, body[:start] + damage + body[start + length :])


@each_wire
@pytest.mark.parametrize("depth", [10, 300, 600, 900, 930, 960, 100_000])
@pytest.mark.parametrize("name", ["error", "usage", "choices", "type", "finish_reason", "stop_reason", "response"])
def test_no_json_is_too_deep(wire: str, depth: int, name: str) -> None:
    for opening, closing in ((b'{"error":', b"}"), (b"[", b"]")):
        deep = b'{"' + name.encode() + b'":' + opening * depth + b"1" + closing * depth + b"}"
        for body in (deep, b"data: " + deep + b"\n\n", deep + b"\n"):
            parse(wire, body)
    reason = b"[" * depth + b"]" * depth
    parse(wire, b'data: {"choices":[{"finish_reason":' + reason + b"}]}\n\n")


@each_wire
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", Interrupted),
        (b": ping\n\n", Interrupted),
        (b"data: {\n\n", UnexpectedAnswer),
        (b"data: \xff\n\n", UnexpectedAnswer),
        (b"data: [1]\n\n", UnexpectedAnswer),
        (b"[1]\n", UnexpectedAnswer),
        (b"{not JSON}\n", UnexpectedAnswer),
        (b"<!DOCTYPE html><html>", UnexpectedAnswer),
    ],
)
def test_what_is_no_answer(wire: str, body: bytes, kind: type[EndpointError]) -> None:
    _, failure = parse(wire, body)
    if wire == "ollama" and body.startswith(b":"):
        kind = UnexpectedAnswer  # comments belong to the other kind of stream
    assert type(failure) is kind


@each_wire
@pytest.mark.parametrize("opening", [b"data: ", b"{"])
def test_an_answer_without_end_is_not_collected_for_ever(wire: str, opening: bytes) -> None:
    megabytes = (b"x" * 2**20 for _ in range(MAX_EVENT_BYTES // 2**20 + 1))
    _, failure = parse(wire, opening, *megabytes)
    assert isinstance(failure, UnexpectedAnswer)
    assert "8 MiB" in failure.message
