"""What the tests ask a llama-server over each wire that it speaks, and how they read the answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from endpoints.conformance_cases import ask
from spark_lsp.core.prompt import Message, Prompt, TextPrompt
from spark_lsp.endpoints.request import CompletionRequest, Endpoint
from spark_lsp.endpoints.wires.registry import WIRES
from support.tiny_script import RANDOM_CONTEXT

if TYPE_CHECKING:
    from endpoints.conformance_cases import Heard
    from spark_lsp.endpoints.transport import EndpointClient
    from support.llama_server import LlamaServer

SPOKEN = ("chat", "completions", "responses", "anthropic", "llama-infill")
each_wire = pytest.mark.parametrize("wire", [wire for wire in SPOKEN if wire in WIRES])


def endpoint_at(server: LlamaServer, wire: str, **more: Any) -> Endpoint:
    """The endpoint over a wire; `more` are its further fields."""
    fields = {"base_url": server.base_url(wire), "max_output_tokens": RANDOM_CONTEXT, **more}
    return Endpoint("real", model=server.model, wire=wire, **fields)


def a_request(wire: str, text: str = "Add two numbers.\n", tokens: int = 1000) -> CompletionRequest:
    """The text as this wire would have it: a hole in a file, a text to go on with, or a conversation."""
    match wire:
        case "llama-infill":
            return CompletionRequest(TextPrompt(text, "\nprint(add(1, 2))\n"), tokens)
        case "completions":
            return CompletionRequest(TextPrompt(text), tokens)
        case _:
            return CompletionRequest(Prompt((Message("system", "Write code."), Message("user", text))), tokens)


async def read(client: EndpointClient, endpoint: Endpoint, request: CompletionRequest) -> Heard:
    """The whole answer, which keeps the promises of any. Raises EndpointError."""
    heard = await ask(client, endpoint, request)
    if heard.failure is not None:
        raise heard.failure
    return heard


async def until_busy(server: LlamaServer, slots: int) -> None:
    """Wait until the server is at so many answers."""
    await asyncio.to_thread(server.until_busy, slots)
