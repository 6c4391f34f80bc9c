"""The table of presets: it holds by the rules of the settings, the user wins, and the documentation tells of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from spark_lsp.endpoints.catalog import ROUTES
from spark_lsp.endpoints.presets import PRESETS, filled
from spark_lsp.settings.endpoint_model import WIRES
from spark_lsp.settings.layers import parse
from spark_lsp.settings.tree import leaves, merge

if TYPE_CHECKING:
    from spark_lsp.endpoints.presets import Preset
    from spark_lsp.settings.endpoint_model import EndpointSettings

PAGE = (Path(__file__).parents[2] / "docs" / "endpoints.md").read_text(encoding="utf-8")
HOSTED = {name: preset for name, preset in PRESETS.items() if not preset.local}
LOCAL = {name: preset for name, preset in PRESETS.items() if preset.local}


def endpoint(preset: str, **given: Any) -> EndpointSettings:
    settings, problems = parse({"endpoints": {"mine": {"preset": preset, **given}}})
    assert problems == []
    return settings.endpoints["mine"]


def with_preset(name: str, task: str = "edit", **given: Any) -> EndpointSettings:
    return filled(endpoint(name, **given), PRESETS[name], task)


def price(settings: EndpointSettings) -> tuple[float, float, float]:
    return settings.price.input, settings.price.cached_input, settings.price.output


def test_the_order_in_which_they_are_tried() -> None:
    assert list(HOSTED) == [
        *("openai", "cerebras", "groq", "mistral", "codestral"),
        *("deepseek", "inception", "anthropic", "gemini", "openrouter"),
    ]
    assert list(LOCAL) == ["ollama", "llama.cpp", "vllm", "lmstudio"]


@pytest.mark.parametrize("name", PRESETS)
def test_every_table_holds_by_the_rules_of_the_settings(name: str) -> None:
    preset = PRESETS[name]
    for model, of_model in [(None, {}), *preset.models.items()]:
        for of_task in ({}, *preset.tasks.values()):
            table = merge(merge(preset.settings, of_task), of_model)
            _, problems = parse({"endpoints": {"mine": {**table, **({"model": model} if model else {})}}})
            assert problems == []
    wires = {table.get("wire", "chat") for table in (preset.settings, *preset.tasks.values())}
    assert wires <= set(WIRES)
    assert set(preset.tasks) <= set(ROUTES)


@pytest.mark.parametrize(("name", "preset"), HOSTED.items())
def test_hosted_ones_need_a_key_and_no_more(name: str, preset: Preset) -> None:
    for task in ROUTES:
        settings = with_preset(name, task)
        assert settings.base_url is not None
        assert settings.base_url.startswith("https://")
        assert settings.model in preset.models
        assert settings.api_key_env == preset.key_variable == f"{name.upper()}_API_KEY"


@pytest.mark.parametrize("name", LOCAL)
def test_local_ones_need_no_key_and_have_the_models_that_they_have(name: str) -> None:
    settings = with_preset(name)
    assert settings.base_url is not None
    assert settings.base_url.startswith("http://127.0.0.1:")
    assert (settings.model, settings.api_key_env) == (None, None)


def test_what_the_user_sets_wins() -> None:
    settings = with_preset(
        "cerebras",
        baseUrl="http://127.0.0.1:9/v1",
        maxOutputTokens=100,
        price={"output": 7},
        extraBody={"reasoning_effort": "high"},
        timeouts={"total": 5},
    )
    assert settings.base_url == "http://127.0.0.1:9/v1"
    assert settings.max_output_tokens == 100
    assert price(settings) == (0.35, 0.35, 7)
    assert settings.extra_body == {"reasoning_effort": "high", "max_completion_tokens": None}
    assert settings.model == "gpt-oss-120b"
    assert (settings.timeouts.total, settings.timeouts.connect) == (5, 2)


def test_another_way_to_the_key_replaces_the_variable() -> None:
    settings = with_preset("groq", apiKeyCommand=["pass", "show", "groq"])
    assert settings.api_key_env is None


def test_another_model_does_not_inherit_what_holds_for_one() -> None:
    known = with_preset("cerebras", model="qwen-3.8-27b")
    assert price(known) == (0.99, 0.99, 1.49)
    assert known.extra_body == {"max_completion_tokens": None}
    unknown = with_preset("cerebras", model="brand-new")
    assert price(unknown) == (0, 0, 0)
    assert unknown.extra_body == {"max_completion_tokens": None}
    assert unknown.base_url == "https://api.cerebras.ai/v1"


def test_another_wire_does_not_get_members_of_the_first() -> None:
    settings = with_preset("openai", wire="chat", model="gpt-6-luna", extraBody={"reasoning_effort": "minimal"})
    assert settings.extra_body == {"reasoning_effort": "minimal"}
    assert price(settings) == (0.10, 0.01, 0.50)
    assert with_preset("openai", wire="responses-ws").extra_body == {"reasoning": {"effort": "low"}}


def test_a_member_that_is_left_out_is_sent_after_all_if_the_user_sets_it() -> None:
    assert with_preset("gemini").extra_body["seed"] is None
    settings = with_preset("gemini", seed=7)
    assert "seed" not in settings.extra_body
    assert settings.seed == 7


@pytest.mark.parametrize(
    ("name", "task", "wire", "model"),
    [
        ("codestral", "edit", "chat", "codestral-latest"),
        ("codestral", "inline", "mistral-fim", "codestral-latest"),
        ("mistral", "inline", "mistral-fim", "codestral-latest"),
        ("inception", "edit", "chat", "mercury-2.5"),
        ("inception", "nextEdit", "inception-edit", "mercury-edit-2"),
        ("openai", "inline", "responses-ws", "gpt-5.3-codex-spark"),
    ],
)
def test_some_do_some_tasks_in_another_way(name: str, task: str, wire: str, model: str) -> None:
    settings = with_preset(name, task)
    assert (settings.wire, settings.model) == (wire, model)


def test_a_wire_or_model_of_the_user_holds_for_every_task() -> None:
    assert with_preset("codestral", "inline", wire="chat").wire == "chat"
    settings = with_preset("inception", "nextEdit", model="mercury-2")
    assert (settings.wire, settings.model, price(settings)) == ("chat", "mercury-2", (0.25, 0.025, 0.75))


@pytest.mark.parametrize("name", HOSTED)
def test_no_price_without_its_source(name: str) -> None:
    preset = PRESETS[name]
    priced = [model for model, table in preset.models.items() if "price" in table]
    assert bool(priced) == (preset.prices_from is not None)
    for model in priced:
        given = dict(leaves(preset.models[model]))
        assert {key[-1] for key in given if key[0] == "price"} == {"input", "cachedInput", "output"}


@pytest.mark.parametrize(("name", "preset"), PRESETS.items())
def test_the_documentation_has_each_in_at_most_five_lines(name: str, preset: Preset) -> None:
    found = re.search(rf"^### `{re.escape(name)}`: {preset.label}\n\n(.*?)\n\n", PAGE, re.DOTALL | re.MULTILINE)
    assert found, f"docs/endpoints.md has no section on {name}"
    section = found[1]
    assert len(section.splitlines()) <= 5
    said = [str(preset.settings["baseUrl"]), f"`{preset.settings.get('wire', 'chat')}`"]
    if not preset.local:
        model = next(iter(preset.models))
        said += [f"`{preset.key_variable}`", f"`{model}`"]
        known = dict(leaves(preset.models[model])).get(("price", "output"))
        input_price = dict(leaves(preset.models[model])).get(("price", "input"))
        said.append("no price" if known is None else f"${input_price:.2f} in, ${known:.2f} out")
    missing = [word for word in said if word not in section]
    assert missing == []


def test_the_documentation_says_where_prices_are_from() -> None:
    for preset in HOSTED.values():
        assert preset.prices_from is None or preset.prices_from in PAGE
