"""One tiny real request, to see whether an endpoint answers and how fast."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.core.prompt import Message, Prompt, TextPrompt, tokens_in
from spark_lsp.endpoints.errors import EndpointError
from spark_lsp.endpoints.events import TextDelta, Thinking, Usage
from spark_lsp.endpoints.model_client import Purpose
from spark_lsp.endpoints.request import CompletionRequest

if TYPE_CHECKING:
    from spark_lsp.endpoints.model_client import ModelClient
    from spark_lsp.endpoints.request import Endpoint
    from spark_lsp.settings.model import Settings

MAX_OUTPUT_TOKENS: Final = 256
_COUNTING: Final = Prompt(
    (Message("user", "Write the numbers from one to sixty as English words, with a space between them. Nothing else."),)
)
_FILLING: Final = TextPrompt("def add(a: int, b: int) -> int:\n    return ", "\n\n\nprint(add(1, 2))\n")
_FILLS_IN: Final = frozenset({"completions", "mistral-fim", "llama-infill"})
"""Wires whose models may know nothing but to go on with a text."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it. An answer may be too short to tell its speed."""

    failure: EndpointError | None = None
    first_token_seconds: float | None = None
    """Of text or of reasoning."""
    tokens_per_second: float | None = None

    @property
    def answered(self) -> bool:
        return self.failure is None and self.first_token_seconds is not None


async def try_endpoint(models: ModelClient, endpoint: Endpoint, settings: Settings) -> Trial:
    """Ask for a few tokens and read them. Never raises EndpointError."""
    request = CompletionRequest(_FILLING if endpoint.wire in _FILLS_IN else _COUNTING, MAX_OUTPUT_TOKENS)
    loop = asyncio.get_running_loop()
    started = loop.time()
    first = last = None
    characters, thoughts, usage = 0, 0, None
    try:
        async with models.ask(endpoint, request, Purpose("doctor"), settings) as batches:
            async for events in batches:
                for event in events:
                    match event:
                        case TextDelta():
                            characters += len(event.text)
                        case Thinking():
                            thoughts += 1
                        case Usage():
                            usage = event
                if characters or thoughts:
                    last = loop.time()
                    first = first or last
    except EndpointError as failure:
        return Trial(failure)
    if first is None or last is None:
        return Trial()
    tokens = usage.output_tokens if usage and usage.output_tokens else tokens_in(characters) + thoughts
    return Trial(None, first - started, tokens / (last - first) if last > first and tokens > 1 else None)
