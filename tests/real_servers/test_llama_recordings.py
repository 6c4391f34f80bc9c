"""The recordings in `tests/endpoints/data/llama-server` are what a llama-server sends, byte for byte.

`scripts/test-servers --update` records them anew. What is in them that changes from time to time (ids, times) is the
server's own: a new answer is the same if our wire reads the same out of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from endpoints.recorded import FOLDER, Recording, read_recording, seen
from support.llama_cache import VERSION
from support.llama_server import LlamaServer
from support.tiny_script import SCRIPT_CONTEXT

if TYPE_CHECKING:
    from pathlib import Path

    from support.llama_cache import LlamaCache

PROMPT = "Add two numbers.\n"
MESSAGES = [{"role": "user", "content": PROMPT}]
ASKED: dict[str, tuple[str, dict[str, Any], str]] = {
    "chat": ("/v1/chat/completions", {"messages": MESSAGES, "stream_options": {"include_usage": True}}, "max_tokens"),
    "completions": ("/v1/completions", {"prompt": PROMPT, "stream_options": {"include_usage": True}}, "max_tokens"),
    "responses": ("/v1/responses", {"input": PROMPT}, "max_output_tokens"),
    "anthropic": ("/v1/messages", {"messages": MESSAGES}, "max_tokens"),
    "llama-infill": ("/infill", {"input_prefix": PROMPT, "input_suffix": "\nprint(add(1, 2))\n"}, "n_predict"),
}
"""By wire: the path, what the request says, and what the limit is called there."""
WAYS: dict[str, dict[str, Any]] = {
    "stream.sse": {"stream": True},
    "whole.json": {"stream": False},
    "limit.sse": {"stream": True, "limit": 4},
    "overflow-400.json": {"stream": True, "times": SCRIPT_CONTEXT},
    "type-400.json": {"stream": True, "temperature": "warm"},
}
NAMES = [f"{wire}-{way}" for wire in ASKED for way in WAYS if (wire, way) != ("llama-infill", "overflow-400.json")]
"""`/infill` has no prompt that is too long: it takes what fits next to the cursor."""


def _request(name: str) -> tuple[str, dict[str, Any]]:
    wire = next(wire for wire in ASKED if name.startswith(f"{wire}-"))
    path, said, limit = ASKED[wire]
    way = dict(WAYS[name.removeprefix(f"{wire}-")])
    times = way.pop("times", 1)
    body = {"model": "tiny-script", **said, limit: way.pop("limit", 100), "temperature": 0, **way}
    if times > 1:
        body |= {"messages": [{"role": "user", "content": PROMPT * times}]} if "messages" in said else {}
        body |= {key: PROMPT * times for key in ("prompt", "input") if key in said}
    return path, body


@pytest.fixture(scope="module")
def fresh(llama: LlamaCache, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recordings")


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_is_what_the_server_says(
    llama: LlamaCache, fresh: Path, name: str, request: pytest.FixtureRequest
) -> None:
    path, body = _request(name)
    with LlamaServer(llama, "tiny-script", SCRIPT_CONTEXT, fresh) as server:  # whose cache is empty
        status, said = server.post(path, body)
    recording = Recording(name)
    assert status == recording.status, said
    if request.config.getoption("--update"):
        FOLDER.mkdir(exist_ok=True)
        recording.path.write_bytes(said)
        (FOLDER / "VERSION").write_text(f"llama.cpp of llama-cpp-python {VERSION}\n", encoding="utf-8")
    known = recording.path.read_bytes()
    assert seen(read_recording(recording, said)) == seen(read_recording(recording, known))
