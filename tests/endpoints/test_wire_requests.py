"""What each wire sends, to the member, and where."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from spark_lsp.core.prompt import Message, Prompt, PromptFile, TextPrompt
from spark_lsp.endpoints.request import CompletionRequest, Endpoint
from spark_lsp.endpoints.wires.registry import WIRES

CONVERSATION = Prompt((Message("system", "Edit."), Message("user", "Please."), Message("assistant", "What?")))
HOLE = TextPrompt("def f(", "):\n", (PromptFile("a/b.py", "x = 1\n"),))
OPEN_END = TextPrompt("def f(")
STOP = ("\n\n", "</s>")

each_wire = pytest.mark.parametrize("wire", WIRES)


def an_endpoint(wire: str, **more: Any) -> Endpoint:
    fields = {"base_url": "https://h.example/v1", "model": "model-1", "api_key": "sk-secret-key", **more}
    return Endpoint("mine", wire=wire, **fields)


def sent(endpoint: Endpoint, prompt: Prompt | TextPrompt, *, tokens: int = 100, stop: tuple[str, ...] = ()) -> Any:
    request = WIRES[endpoint.wire].request(endpoint, CompletionRequest(prompt, tokens, stop))
    return json.loads(request.content)


OLLAMA = {"stream": True, "think": False, "truncate": False, "shift": False, "keep_alive": "30m"}
OPTIONS = {"num_predict": 100, "num_ctx": 8192, "temperature": 0, "seed": 0}


@pytest.mark.parametrize(
    ("wire", "prompt", "url", "body"),
    [
        (
            "responses",
            CONVERSATION,
            "https://h.example/v1/responses",
            {
                "model": "model-1",
                "instructions": "Edit.",
                "input": [{"role": "user", "content": "Please."}, {"role": "assistant", "content": "What?"}],
                "max_output_tokens": 100,
                "temperature": 0,
                "store": False,
                "stream": True,
            },
        ),
        (
            "responses",
            OPEN_END,
            "https://h.example/v1/responses",
            {
                "model": "model-1",
                "input": [{"role": "user", "content": "def f("}],
                "max_output_tokens": 100,
                "temperature": 0,
                "store": False,
                "stream": True,
            },
        ),
        (
            "completions",
            HOLE,
            "https://h.example/v1/completions",
            {
                "model": "model-1",
                "prompt": "def f(",
                "suffix": "):\n",
                "max_tokens": 100,
                "temperature": 0,
                "seed": 0,
                "stop": ["\n\n", "</s>"],
                "stream": True,
                "stream_options": {"include_usage": True},
            },
        ),
        (
            "completions",
            CONVERSATION,
            "https://h.example/v1/completions",
            {
                "model": "model-1",
                "prompt": "Edit.\n\nPlease.\n\nWhat?\n\n",
                "max_tokens": 100,
                "temperature": 0,
                "seed": 0,
                "stop": ["\n\n", "</s>"],
                "stream": True,
                "stream_options": {"include_usage": True},
            },
        ),
        (
            "anthropic",
            CONVERSATION,
            "https://h.example/v1/messages",
            {
                "model": "model-1",
                "max_tokens": 100,
                "system": "Edit.",
                "messages": [{"role": "user", "content": "Please."}, {"role": "assistant", "content": "What?"}],
                "stop_sequences": ["</s>"],
                "temperature": 0,
                "stream": True,
            },
        ),
        (
            "mistral-fim",
            HOLE,
            "https://h.example/v1/fim/completions",
            {
                "model": "model-1",
                "prompt": "def f(",
                "suffix": "):\n",
                "max_tokens": 100,
                "temperature": 0,
                "random_seed": 0,
                "stop": ["\n\n", "</s>"],
                "stream": True,
            },
        ),
        (
            "mistral-fim",
            OPEN_END,
            "https://h.example/v1/fim/completions",
            {
                "model": "model-1",
                "prompt": "def f(",
                "max_tokens": 100,
                "temperature": 0,
                "random_seed": 0,
                "stop": ["\n\n", "</s>"],
                "stream": True,
            },
        ),
        (
            "llama-infill",
            HOLE,
            "https://h.example/infill",
            {
                "model": "model-1",
                "input_prefix": "def f(",
                "input_suffix": "):\n",
                "input_extra": [{"filename": "a/b.py", "text": "x = 1\n"}],
                "n_predict": 100,
                "cache_prompt": True,
                "temperature": 0,
                "seed": 0,
                "stop": ["\n\n", "</s>"],
                "stream": True,
            },
        ),
        (
            "llama-infill",
            CONVERSATION,
            "https://h.example/completion",
            {
                "model": "model-1",
                "prompt": "Edit.\n\nPlease.\n\nWhat?\n\n",
                "n_predict": 100,
                "cache_prompt": True,
                "temperature": 0,
                "seed": 0,
                "stop": ["\n\n", "</s>"],
                "stream": True,
            },
        ),
        (
            "ollama",
            CONVERSATION,
            "https://h.example/api/generate",
            {
                "model": "model-1",
                "system": "Edit.",
                "prompt": "Please.\n\nWhat?",
                **OLLAMA,
                "options": {**OPTIONS, "stop": ["\n\n", "</s>"]},
            },
        ),
        (
            "ollama",
            HOLE,
            "https://h.example/api/generate",
            {
                "model": "model-1",
                "prompt": "def f(",
                "suffix": "):\n",
                **OLLAMA,
                "options": {**OPTIONS, "stop": ["\n\n", "</s>"]},
            },
        ),
        (
            "ollama",
            OPEN_END,
            "https://h.example/api/generate",
            {
                "model": "model-1",
                "prompt": "def f(",
                "raw": True,
                **OLLAMA,
                "options": {**OPTIONS, "stop": ["\n\n", "</s>"]},
            },
        ),
        (
            "inception-edit",
            CONVERSATION,
            "https://h.example/v1/edit/completions",
            {
                "model": "model-1",
                "messages": [{"role": "user", "content": "Edit.\n\nPlease.\n\nWhat?"}],
                "max_tokens": 100,
                "temperature": 0,
            },
        ),
    ],
)
def test_the_request(wire: str, prompt: Prompt | TextPrompt, url: str, body: dict[str, Any]) -> None:
    request = WIRES[wire].request(an_endpoint(wire), CompletionRequest(prompt, 100, STOP))
    assert (request.method, request.url) == ("POST", url)
    assert json.loads(request.content) == body
    assert "secret" not in repr(request)


@each_wire
@pytest.mark.parametrize("prompt", [CONVERSATION, HOLE, OPEN_END, TextPrompt("x", "")])
def test_extra_body_and_headers_override(wire: str, prompt: Prompt | TextPrompt) -> None:
    plain = sent(an_endpoint(wire), prompt)
    extra = {"model": "model-2", "temperature": 0.7, "nested": {"a": None}, "stream": None}
    headers = {"Authorization": "Basic x", "X-Team": "1", "X-Api-Key": "y", "Anthropic-Version": "2026-10-21"}
    endpoint = an_endpoint(wire, extra_body=extra, headers=headers)
    request = WIRES[wire].request(endpoint, CompletionRequest(prompt, 100))
    body = json.loads(request.content)
    assert "stream" not in body
    assert (body["model"], body["temperature"], body["nested"]) == ("model-2", 0.7, {"a": None})
    assert {key for key in body if body[key] != plain.get(key)} == {"model", "temperature", "nested"}
    sent_headers = {"authorization": "Basic x", "x-team": "1", "x-api-key": "y", "anthropic-version": "2026-10-21"}
    assert request.headers.items() >= sent_headers.items()


@each_wire
def test_the_key(wire: str) -> None:
    def headers(endpoint: Endpoint) -> dict[str, str]:
        found = WIRES[wire].request(endpoint, CompletionRequest(CONVERSATION, 1)).headers
        assert all(name == name.lower() for name in found)
        return {name: found[name] for name in ("authorization", "x-api-key", "anthropic-version") if name in found}

    version = {"anthropic-version": "2023-06-01"} if wire == "anthropic" else {}
    key = {"x-api-key": "sk-secret-key"} if wire == "anthropic" else {"authorization": "Bearer sk-secret-key"}
    assert headers(an_endpoint(wire)) == version | key
    assert headers(an_endpoint(wire, api_key=None)) == version


@each_wire
def test_a_lone_surrogate_does_not_fail_a_request(wire: str) -> None:
    broken = "a\ud800b — 🐍"
    for prompt in (
        Prompt((Message("system", broken), Message("user", broken))),
        TextPrompt(broken, broken, (PromptFile(broken, broken),)),
        TextPrompt(broken),
    ):
        request = WIRES[wire].request(an_endpoint(wire), CompletionRequest(prompt, 1, (broken,)))
        assert "a?b — 🐍" in json.dumps(json.loads(request.content), ensure_ascii=False)


LIMITS = {
    "chat": "max_tokens",
    "responses": "max_output_tokens",
    "completions": "max_tokens",
    "anthropic": "max_tokens",
    "mistral-fim": "max_tokens",
    "llama-infill": "n_predict",
    "inception-edit": "max_tokens",
}


@pytest.mark.parametrize("wire", LIMITS)
def test_the_endpoints_limit_caps_what_a_task_asks_for(wire: str) -> None:
    assert sent(an_endpoint(wire), CONVERSATION, tokens=1_000_000)[LIMITS[wire]] == 4096
    assert sent(an_endpoint(wire, max_output_tokens=5), CONVERSATION, tokens=7)[LIMITS[wire]] == 5


def test_ollama_has_its_limit_among_the_options() -> None:
    assert sent(an_endpoint("ollama"), CONVERSATION, tokens=1_000_000)["options"]["num_predict"] == 4096


def test_inception_takes_no_more_than_its_own_limit() -> None:
    endpoint = an_endpoint("inception-edit", max_output_tokens=100_000)
    assert sent(endpoint, CONVERSATION, tokens=100_000)["max_tokens"] == 8192


@each_wire
def test_temperature_and_seed_can_be_left_out(wire: str) -> None:
    body = sent(an_endpoint(wire, temperature=None, seed=None), HOLE)
    assert not {"temperature", "seed", "random_seed"} & (body.keys() | body.get("options", {}).keys())


@pytest.mark.parametrize(
    ("wire", "base_url", "prompt", "url"),
    [
        ("anthropic", "https://api.anthropic.com", CONVERSATION, "https://api.anthropic.com/v1/messages"),
        ("anthropic", "https://api.anthropic.com/", CONVERSATION, "https://api.anthropic.com/v1/messages"),
        ("anthropic", "https://api.anthropic.com/v1/", CONVERSATION, "https://api.anthropic.com/v1/messages"),
        ("anthropic", "https://h/a/v1/messages", CONVERSATION, "https://h/a/v1/messages"),
        ("anthropic", "https://h/a?key=1", CONVERSATION, "https://h/a/v1/messages?key=1"),
        ("llama-infill", "http://127.0.0.1:8080", HOLE, "http://127.0.0.1:8080/infill"),
        ("llama-infill", "http://127.0.0.1:8080/v1", OPEN_END, "http://127.0.0.1:8080/completion"),
        ("llama-infill", "http://h/llama/infill", HOLE, "http://h/llama/infill"),
        ("llama-infill", "http://h/llama/infill", OPEN_END, "http://h/llama/completion"),
        ("ollama", "http://127.0.0.1:11434", HOLE, "http://127.0.0.1:11434/api/generate"),
        ("ollama", "http://127.0.0.1:11434/v1/", HOLE, "http://127.0.0.1:11434/api/generate"),
        ("ollama", "http://127.0.0.1:11434/api", HOLE, "http://127.0.0.1:11434/api/generate"),
        ("ollama", "http://127.0.0.1:11434/api/generate", HOLE, "http://127.0.0.1:11434/api/generate"),
        ("responses", "https://h/v1/responses", CONVERSATION, "https://h/v1/responses"),
        ("responses", "https://h/openai?api-version=1", CONVERSATION, "https://h/openai/responses?api-version=1"),
        ("mistral-fim", "https://codestral.mistral.ai/v1", HOLE, "https://codestral.mistral.ai/v1/fim/completions"),
        ("completions", "https://api.deepseek.com/beta", HOLE, "https://api.deepseek.com/beta/completions"),
        ("inception-edit", "https://h/v1/", CONVERSATION, "https://h/v1/edit/completions"),
    ],
)
def test_where_it_goes(wire: str, base_url: str, prompt: Prompt | TextPrompt, url: str) -> None:
    endpoint = an_endpoint(wire, base_url=base_url)
    assert WIRES[wire].request(endpoint, CompletionRequest(prompt, 1)).url == url


@each_wire
def test_an_address_that_is_none_is_a_value_error(wire: str) -> None:
    with pytest.raises(ValueError, match="IPv6"):
        WIRES[wire].request(an_endpoint(wire, base_url="http://["), CompletionRequest(HOLE, 1))


@pytest.mark.parametrize(
    ("model", "takes"),
    [
        ("gpt-5.3-codex-spark", False),
        ("gpt-6-luna", False),
        ("openai/gpt-6.1-sol", False),
        ("gpt-10", False),
        ("o3-mini", False),
        ("codex-mini-latest", False),
        ("gpt-4.1", True),
        ("gpt-oss-120b", True),
        ("olmo-3", True),
        ("qwen-3.8-27b", True),
    ],
)
def test_models_of_openai_that_reason_get_no_temperature(model: str, takes: bool) -> None:
    assert ("temperature" in sent(an_endpoint("responses", model=model), CONVERSATION)) == takes
    given = an_endpoint("responses", model=model, extra_body={"temperature": 1})
    assert sent(given, CONVERSATION)["temperature"] == 1


@pytest.mark.parametrize(
    ("model", "takes"),
    [
        ("claude-haiku-4-5", True),
        ("claude-haiku-4-5-20251001", True),
        ("claude-sonnet-4-20250514", True),
        ("claude-opus-4-6", True),
        ("anthropic/claude-opus-4.6", True),
        ("claude-3-5-haiku-latest", True),
        ("qwen3-coder", True),
        ("claude-opus-4-7", False),
        ("anthropic/claude-opus-4.8", False),
        ("claude-opus-4-10", False),
        ("claude-sonnet-5", False),
        ("claude-fable-5", False),
    ],
)
def test_newer_models_of_anthropic_get_no_temperature(model: str, takes: bool) -> None:
    assert ("temperature" in sent(an_endpoint("anthropic", model=model), CONVERSATION)) == takes


@pytest.mark.parametrize(("given", "used"), [(0, 0), (0.7, 0.7), (1, 1), (1.5, 1), (2, 1)])
def test_anthropic_takes_temperatures_up_to_one(given: float, used: float) -> None:
    assert sent(an_endpoint("anthropic", temperature=given), CONVERSATION)["temperature"] == used


@pytest.mark.parametrize(
    ("base_url", "tokens", "limit"),
    [
        ("https://api.openai.com/v1", 3, 16),
        ("https://api.openai.com/v1", 17, 17),
        ("https://r.openai.azure.com/openai/v1", 3, 16),
        ("http://127.0.0.1:8080/v1", 3, 3),
    ],
)
def test_openai_is_not_asked_for_fewer_tokens_than_it_gives(base_url: str, tokens: int, limit: int) -> None:
    body = sent(an_endpoint("responses", base_url=base_url), CONVERSATION, tokens=tokens)
    assert body["max_output_tokens"] == limit


@pytest.mark.parametrize(
    ("characters", "tokens", "context", "size"),
    [
        (0, 1, 128_000, 8192),
        (10_000, 4096, 128_000, 8192),
        (11_000, 4096, 128_000, 16_384),
        (120_000, 4096, 128_000, 65_536),
        (400_000, 4096, 128_000, 128_000),
        (10, 10, 4096, 4096),
    ],
)
def test_ollamas_context_is_large_enough_and_seldom_changes(
    characters: int, tokens: int, context: int, size: int
) -> None:
    endpoint = an_endpoint("ollama", context_tokens=context)
    assert sent(endpoint, TextPrompt("x" * characters), tokens=tokens)["options"]["num_ctx"] == size


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ({"num_ctx": 2048, "top_k": 20}, {**OPTIONS, "num_ctx": 2048, "top_k": 20}),
        ({"seed": None}, {key: value for key, value in OPTIONS.items() if key != "seed"}),
        ({}, OPTIONS),
    ],
)
def test_options_for_ollama_are_merged(given: dict[str, Any], options: dict[str, Any]) -> None:
    endpoint = an_endpoint("ollama", extra_body={"options": given, "keep_alive": -1})
    body = sent(endpoint, OPEN_END)
    assert body["options"] == options
    assert body["keep_alive"] == -1
    assert "options" not in sent(replace(endpoint, extra_body={"options": None}), OPEN_END)


def test_a_hole_at_the_end_of_a_file() -> None:
    at_the_end = TextPrompt("def f(", "")
    assert sent(an_endpoint("llama-infill"), at_the_end)["input_suffix"] == ""
    assert sent(an_endpoint("completions"), at_the_end)["suffix"] == ""
    assert sent(an_endpoint("mistral-fim"), at_the_end)["suffix"] == ""
    assert sent(an_endpoint("ollama"), at_the_end)["raw"] is True
