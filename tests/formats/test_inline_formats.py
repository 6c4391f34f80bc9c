"""Which format a suggestion at the cursor is asked for in, and what is never sent in it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from spark_lsp.core.prompt import InlineContext, RelatedCode, TextPrompt
from spark_lsp.endpoints.request import CompletionRequest, Endpoint
from spark_lsp.endpoints.wires.registry import WIRES
from spark_lsp.formats.inline_formats import HOLE, INLINE_FORMATS, can_hold, inline_format
from spark_lsp.settings.endpoint_model import FORMATS
from spark_lsp.settings.endpoint_model import WIRES as WIRE_NAMES

CONTEXT = InlineContext("a.py", "python", "x = ", "\n", (RelatedCode("file", "b.py", "y = 1\n"),))


def test_the_settings_name_every_format() -> None:
    assert tuple(INLINE_FORMATS) == FORMATS["inline"]


@pytest.mark.parametrize("wire", WIRE_NAMES)
@pytest.mark.parametrize("name", INLINE_FORMATS)
def test_a_name_forces_its_format(wire: str, name: str) -> None:
    for model in ("gpt-5", "qwen2.5-coder:7b", "granite-code", "codegeex4"):
        assert inline_format(name, wire, model).name == name


@pytest.mark.parametrize(
    ("model", "completions", "ollama"),
    [
        ("qwen2.5-coder:7b", "fim-qwen", "fim-qwen"),
        ("Qwen/Qwen3-Coder-30B-A3B-Instruct", "fim-qwen", "fim-qwen"),
        ("qwen3:8b", "suffix", "hole"),
        ("codeqwen:7b", "fim-starcoder", "fim-starcoder"),
        ("bigcode/starcoder2-15b", "fim-starcoder", "fim-starcoder"),
        ("stable-code:3b", "fim-starcoder", "fim-starcoder"),
        ("mistralai/Codestral-22B-v0.1", "fim-codestral", "fim-codestral"),
        ("deepseek-coder:6.7b-base", "fim-deepseek", "fim-deepseek"),
        ("deepseek-ai/DeepSeek-V2-Coder-Lite", "fim-deepseek", "fim-deepseek"),
        ("deepseek-v4-flash", "suffix", "hole"),
        ("codellama:7b-code", "fim-codellama", "fim-codellama"),
        ("meta/Code-Llama-13b", "fim-codellama", "fim-codellama"),
        ("codegemma:2b-code", "fim-codegemma", "fim-codegemma"),
        ("ByteDance-Seed/Seed-Coder-8B-Base", "fim-seed", "fim-seed"),
        ("ibm-granite/granite-4.0-h-tiny", "fim-granite", "fim-granite"),
        ("granite-code:8b", "fim-granite", "fim-granite"),
        ("glm-4.6", "fim-glm", "fim-glm"),
        ("codegeex4:9b", "fim-glm", "fim-glm"),
        ("gpt-3.5-turbo-instruct", "suffix", "hole"),
        ("llama3.2:3b", "suffix", "hole"),
    ],
)
def test_auto_follows_from_wire_and_model(model: str, completions: str, ollama: str) -> None:
    assert inline_format("auto", "completions", model).name == completions
    assert inline_format("auto", "ollama", model).name == ollama
    for wire in WIRE_NAMES:
        if wire not in ("completions", "ollama"):
            expected = "suffix" if wire in ("mistral-fim", "llama-infill") else "hole"
            assert inline_format("auto", wire, model).name == expected


def test_granites_tokens_are_those_of_its_generation() -> None:
    old, new = (inline_format("auto", "ollama", model) for model in ("granite-code:3b", "granite4:3b"))
    assert "<fim_prefix>" in old.control_tokens
    assert "<|fim_prefix|>" not in old.control_tokens
    assert "<|fim_prefix|>" in new.control_tokens


@pytest.mark.parametrize("name", INLINE_FORMATS)
@pytest.mark.parametrize("wire", ["completions", "ollama", "mistral-fim"])
def test_a_context_with_a_control_token_is_not_sent(name: str, wire: str) -> None:
    chosen = inline_format(name, wire, "")
    assert can_hold(chosen, CONTEXT)
    assert bool(chosen.control_tokens) == (name.startswith("fim-") or (name, wire) == ("suffix", "ollama"))
    for token in chosen.control_tokens:
        (related,) = CONTEXT.related
        for context in (
            replace(CONTEXT, path=f"{token}.py"),
            replace(CONTEXT, before=f"x = '{token}'"),
            replace(CONTEXT, after=token),
            replace(CONTEXT, related=(replace(related, text=f"y = '{token}'\n"),)),
            replace(CONTEXT, related=(replace(related, heading=token),)),
        ):
            assert not can_hold(chosen, context)


@pytest.mark.parametrize("name", INLINE_FORMATS)
def test_what_a_format_puts_in_counts_as_a_control_token(name: str) -> None:
    chosen = inline_format(name, "completions", "")
    prompt = chosen.render(InlineContext("", "", "", "", (RelatedCode("file", "", ""),)))
    if name == "hole":
        assert chosen is HOLE
        return
    assert isinstance(prompt, TextPrompt)
    rest = prompt.prefix
    for token in chosen.control_tokens:
        rest = rest.replace(token, "")
    assert not any(mark in rest for mark in "<>[]|")


@pytest.mark.parametrize("name", [name for name in INLINE_FORMATS if name.startswith("fim-")])
def test_ollama_puts_no_template_round_a_written_out_prompt(name: str) -> None:
    prompt = inline_format(name, "ollama", "").render(CONTEXT)
    assert isinstance(prompt, TextPrompt)
    endpoint = Endpoint("mine", "http://127.0.0.1:11434/v1", "m", wire="ollama")
    body = json.loads(WIRES["ollama"].request(endpoint, CompletionRequest(prompt, 100)).content)
    assert (body["prompt"], body["raw"]) == (prompt.prefix, True)
    assert not {"system", "suffix", "template"} & set(body)
