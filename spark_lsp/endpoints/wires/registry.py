"""The wires by the name that the setting `wire` gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.endpoints.wires.anthropic import AnthropicWire
from spark_lsp.endpoints.wires.chat import ChatWire
from spark_lsp.endpoints.wires.completions import CompletionsWire
from spark_lsp.endpoints.wires.inception_edit import InceptionEditWire
from spark_lsp.endpoints.wires.llama_infill import LlamaInfillWire
from spark_lsp.endpoints.wires.mistral_fim import MistralFimWire
from spark_lsp.endpoints.wires.ollama import OllamaWire
from spark_lsp.endpoints.wires.responses import ResponsesWire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spark_lsp.endpoints.wire import Wire

WIRES: Mapping[str, Wire] = {
    "chat": ChatWire(),
    "responses": ResponsesWire(),
    "completions": CompletionsWire(),
    "anthropic": AnthropicWire(),
    "mistral-fim": MistralFimWire(),
    "llama-infill": LlamaInfillWire(),
    "ollama": OllamaWire(),
    "inception-edit": InceptionEditWire(),
}
