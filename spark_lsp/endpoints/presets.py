"""Presets: endpoints that need no more than a key, or nothing at all if they run on this machine.

A preset is a table of settings like one under `endpoints`; what the user sets wins over it, key by key. What holds for
one model only (what it costs, how much it takes in, whether it can be told to think less) goes with that model, so that
another model of the same provider does not inherit it. Models and prices change: each price says where and when it was
seen, and a model whose price nobody knows has none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from spark_lsp.settings.layers import fill_left_out
from spark_lsp.settings.tree import Tree, merge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spark_lsp.settings.endpoint_model import EndpointSettings

LITELLM: Final = "LiteLLM 1.109.1, November 2026"
"""Where and when a price was seen: https://github.com/BerriAI/litellm, model_prices_and_context_window.json."""


@dataclass(frozen=True, slots=True)
class Preset:
    """One provider or local server. All tables are spelled as in the settings."""

    label: str
    settings: Tree
    """What holds for every model."""
    models: Mapping[str, Tree] = field(default_factory=dict)
    """What holds for one model only; the first is the default. Local servers have those that they say they have."""
    tasks: Mapping[str, Tree] = field(default_factory=dict)
    """What a task is done with instead, as long as the user names neither wire nor model."""
    prices_from: str | None = None

    @property
    def local(self) -> bool:
        """It runs on this machine and needs no key."""
        return "apiKeyEnv" not in self.settings

    @property
    def key_variable(self) -> str | None:
        """The environment variable that holds the key."""
        return str(self.settings["apiKeyEnv"]) if "apiKeyEnv" in self.settings else None


def filled(endpoint: EndpointSettings, preset: Preset, task: str) -> EndpointSettings:
    """An endpoint with what it leaves out taken from a preset, as a task needs it. The model may stay unknown."""
    table: Tree = preset.settings
    if not endpoint.given & {"wire", "model"}:
        table = merge(table, preset.tasks.get(task, {}))
    model = endpoint.model or table.get("model") or next(iter(preset.models), None)
    if model is not None:
        table = {**merge(table, preset.models.get(str(model), {})), "model": model}
    return fill_left_out(endpoint, _without_quirks(table, endpoint))


def _without_quirks(table: Tree, endpoint: EndpointSettings) -> Tree:
    """The table without the members of a body that would contradict what the user set."""
    quirks = table.get("extraBody")
    if not isinstance(quirks, dict):
        return table
    if "wire" in endpoint.given and endpoint.wire != table.get("wire", "chat"):
        # They are spelled for the wire of the preset.
        return {key: value for key, value in table.items() if key != "extraBody"}
    kept = {key: value for key, value in quirks.items() if value is not None or key not in endpoint.given}
    return {**table, "extraBody": kept}


def _price(price_in: float, cached: float, price_out: float) -> Tree:
    """USD per million tokens. Where no discount for cached input is known, `cached` is what all input costs."""
    return {"price": {"input": price_in, "cachedInput": cached, "output": price_out}}


_LOW_EFFORT: Final[Tree] = {"extraBody": {"reasoning_effort": "low"}}
_LOW_REASONING: Final[Tree] = {"extraBody": {"reasoning": {"effort": "low"}}}

# A Mistral API refuses what it does not know, calls the seed by another name, and reports usage unasked.
_MISTRAL: Final[Tree] = {
    "extraBody": {"seed": None, "random_seed": 0, "stream_options": None},
    "contextTokens": 128_000,
}
_CODESTRAL: Final[Mapping[str, Tree]] = {"codestral-latest": _price(0.30, 0.03, 0.90)}
_MISTRAL_FIM: Final[Mapping[str, Tree]] = {"inline": {"wire": "mistral-fim"}}

# The first token may have to wait until the model is in memory.
_LOCAL: Final[Tree] = {"timeouts": {"firstToken": 60, "total": 600}}

PRESETS: Final[Mapping[str, Preset]] = {
    "openai": Preset(
        "OpenAI",
        {
            "baseUrl": "https://api.openai.com/v1",
            "wire": "responses-ws",
            "apiKeyEnv": "OPENAI_API_KEY",
            "contextTokens": 128_000,
        },
        {
            "gpt-5.3-codex-spark": _LOW_REASONING,  # no price was ever published
            "gpt-5.3-codex": {**_price(1.75, 0.175, 14), **_LOW_REASONING},
            "gpt-6-luna": {**_price(0.10, 0.01, 0.50), **_LOW_REASONING},
            "gpt-5.6-luna": {**_price(0.20, 0.02, 1.20), **_LOW_REASONING},
            "gpt-6.1-sol": {**_price(2, 0.10, 10), **_LOW_REASONING},
            "gpt-6-astra": {**_price(10, 1, 50), **_LOW_REASONING},
        },
        prices_from=LITELLM,
    ),
    "cerebras": Preset(
        "Cerebras",
        {
            "baseUrl": "https://api.cerebras.ai/v1",
            "apiKeyEnv": "CEREBRAS_API_KEY",
            # The quota is charged with all of it when the request comes in, whatever is used of it.
            "maxOutputTokens": 4096,
            # Null: its own name for the limit of a request (see `wires/chat.py`).
            "extraBody": {"max_completion_tokens": None},
        },
        {
            "gpt-oss-120b": {**_price(0.35, 0.35, 0.75), **_LOW_EFFORT, "contextTokens": 131_072},
            "qwen-3.8-27b": _price(0.99, 0.99, 1.49),
            "gemma-4-31b": _price(0.99, 0.99, 1.49),
        },
        prices_from=LITELLM,
    ),
    "groq": Preset(
        "Groq",
        {"baseUrl": "https://api.groq.com/openai/v1", "apiKeyEnv": "GROQ_API_KEY"},
        {
            "openai/gpt-oss-120b": {**_price(0.15, 0.075, 0.60), **_LOW_EFFORT, "contextTokens": 131_072},
            "openai/gpt-oss-20b": {**_price(0.075, 0.0375, 0.30), **_LOW_EFFORT, "contextTokens": 131_072},
        },
        prices_from=LITELLM,
    ),
    "mistral": Preset(
        "Mistral",
        {"baseUrl": "https://api.mistral.ai/v1", "apiKeyEnv": "MISTRAL_API_KEY", **_MISTRAL},
        _CODESTRAL,
        _MISTRAL_FIM,
        prices_from=LITELLM,
    ),
    "codestral": Preset(
        "Codestral",
        {"baseUrl": "https://codestral.mistral.ai/v1", "apiKeyEnv": "CODESTRAL_API_KEY", **_MISTRAL},
        _CODESTRAL,
        _MISTRAL_FIM,
        prices_from=LITELLM,
    ),
    "deepseek": Preset(
        "DeepSeek",
        {"baseUrl": "https://api.deepseek.com", "apiKeyEnv": "DEEPSEEK_API_KEY"},
        {
            "deepseek-v4-flash": {
                **_price(0.30, 0.006, 1.20),
                "contextTokens": 1_000_000,
                "extraBody": {"thinking": {"type": "disabled"}},  # it thinks at length unless told not to
            }
        },
        prices_from=LITELLM,
    ),
    "inception": Preset(
        "Inception",
        {"baseUrl": "https://api.inceptionlabs.ai/v1", "apiKeyEnv": "INCEPTION_API_KEY", "contextTokens": 128_000},
        {
            "mercury-2.5": {**_price(0.20, 0.02, 0.75), "extraBody": {"reasoning_effort": "instant"}},
            "mercury-2": {**_price(0.25, 0.025, 0.75), "extraBody": {"reasoning_effort": "instant"}},
            "mercury-edit-2": _price(0.25, 0.025, 0.75),
        },
        {"nextEdit": {"wire": "inception-edit", "model": "mercury-edit-2"}},
        prices_from=LITELLM,
    ),
    "anthropic": Preset(
        "Anthropic",
        {"baseUrl": "https://api.anthropic.com/v1", "wire": "anthropic", "apiKeyEnv": "ANTHROPIC_API_KEY"},
        {"claude-haiku-4-5": {**_price(1, 0.10, 5), "contextTokens": 200_000}},
        prices_from="Anthropic's overview of models, November 2026",
    ),
    "gemini": Preset(
        "Gemini",
        {
            "baseUrl": "https://generativelanguage.googleapis.com/v1beta/openai",
            "apiKeyEnv": "GEMINI_API_KEY",
            "contextTokens": 1_048_576,
            "extraBody": {"seed": None, "reasoning_effort": "low"},  # it refuses members that it does not know
        },
        {"gemini-3.1-flash-lite": _price(0.25, 0.03, 1.50), "gemini-3.5-flash": {}},
        prices_from="Vercel's AI Gateway, November 2026",
    ),
    "openrouter": Preset(
        "OpenRouter",
        {
            "baseUrl": "https://openrouter.ai/api/v1",
            "apiKeyEnv": "OPENROUTER_API_KEY",
            # The fastest of the providers that do not keep what they are sent. What it costs depends on who that is.
            "extraBody": {"provider": {"sort": "throughput", "data_collection": "deny"}},
        },
        {"openai/gpt-oss-120b": {"contextTokens": 131_072, **_LOW_REASONING}},
    ),
    # The wire has Ollama make room for each prompt, up to this.
    "ollama": Preset(
        "Ollama", {**_LOCAL, "baseUrl": "http://127.0.0.1:11434/v1", "wire": "ollama", "contextTokens": 32_768}
    ),
    "llama.cpp": Preset(
        "llama.cpp",
        {
            **_LOCAL,
            "baseUrl": "http://127.0.0.1:8080/v1",
            "contextTokens": 8192,
            "extraBody": {"cache_prompt": True},  # keeps what the last prompt and this one begin with
        },
    ),
    "vllm": Preset("vLLM", {**_LOCAL, "baseUrl": "http://127.0.0.1:8000/v1", "contextTokens": 8192}),
    "lmstudio": Preset("LM Studio", {**_LOCAL, "baseUrl": "http://127.0.0.1:1234/v1", "contextTokens": 8192}),
}
"""By the name that the settings know them by, in the order in which "auto" tries them."""
