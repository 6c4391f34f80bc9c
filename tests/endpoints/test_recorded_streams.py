"""Every wire reads what a real llama-server sent over it. `tests/real_servers` sees that it still sends that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endpoints.recorded import FOLDER, LIMIT, Recording, read_recording, recordings, seen
from spark_lsp.endpoints.errors import Interrupted, Rejected
from spark_lsp.endpoints.events import TextDelta, Usage
from support.tiny_script import GOLDEN, SCRIPT

if TYPE_CHECKING:
    from collections.abc import Iterable

INPUT_TOKENS = {"chat": 41, "completions": 22, "responses": 41, "anthropic": 41, "llama-infill": 66}
ALL = recordings()


def each(*cases: str) -> pytest.MarkDecorator:
    found = [recording for recording in ALL if recording.case in cases]
    return pytest.mark.parametrize("recording", found, ids=[recording.name for recording in found])


def test_there_are_recordings() -> None:
    assert {recording.wire for recording in ALL} == set(INPUT_TOKENS)
    assert (FOLDER / "VERSION").read_text(encoding="utf-8").startswith("llama.cpp ")


@each("stream", "whole")
def test_an_answer(recording: Recording) -> None:
    heard = read_recording(recording, recording.path.read_bytes())
    assert heard.failure is None
    assert heard.text == GOLDEN
    assert heard.finishes == ["stop"]
    assert heard.usage == Usage(INPUT_TOKENS[recording.wire], 0, len(SCRIPT) + 1)
    pieces = sum(isinstance(event, TextDelta) for event in heard.events)
    assert pieces == (len(SCRIPT) - 3 if recording.case == "stream" else 1)


@each("limit")
def test_a_limit(recording: Recording) -> None:
    """Over `responses` this server says in all words that the answer is completed: the tokens tell that it is not."""
    heard = read_recording(recording, recording.path.read_bytes())
    assert heard.failure is None
    assert heard.text == "def add(a"
    assert heard.usage == Usage(INPUT_TOKENS[recording.wire], 0, LIMIT)
    assert heard.finishes == ["length"]


@each("overflow-400", "type-400")
def test_an_error(recording: Recording) -> None:
    failure = read_recording(recording, recording.path.read_bytes()).failure
    assert type(failure) is Rejected
    said = {
        "overflow-400": "exceeds the available context size (4096 tokens), try increasing it",
        "type-400": "Field 'temperature'",
    }
    assert said[recording.case] in failure.message
    assert failure.message.endswith(".")


STREAMS = st.sampled_from([recording for recording in ALL if recording.name.endswith(".sse")])


def _cut_anywhere(recording: Recording) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, recording.path.stat().st_size))


@given(st.data(), STREAMS)
def test_it_does_not_matter_where_a_recording_is_cut(data: st.DataObject, recording: Recording) -> None:
    body = recording.path.read_bytes()
    pieces: Iterable[int] = data.draw(st.one_of(_cut_anywhere(recording), st.just(range(len(body)))))
    assert seen(read_recording(recording, body, pieces)) == seen(read_recording(recording, body))


@given(st.data(), STREAMS)
def test_a_part_of_a_recording_is_never_whole(data: st.DataObject, recording: Recording) -> None:
    body = recording.path.read_bytes()
    heard = read_recording(recording, body[: data.draw(st.integers(0, len(body)))])
    assert GOLDEN.startswith(heard.text)
    if not heard.finishes:
        assert isinstance(heard.failure, Interrupted)
    elif recording.case == "stream":
        assert heard.text == GOLDEN
