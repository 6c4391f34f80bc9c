"""What the simulator serves where."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from spark_lsp.simulator.rendering import MODEL, Object
from spark_lsp.simulator.wires.anthropic import ANTHROPIC
from spark_lsp.simulator.wires.chat import CHAT, INCEPTION_EDIT, MISTRAL_FIM
from spark_lsp.simulator.wires.completions import COMPLETIONS
from spark_lsp.simulator.wires.llama import LLAMA_COMPLETION, LLAMA_INFILL
from spark_lsp.simulator.wires.ollama import OLLAMA, tags_object
from spark_lsp.simulator.wires.responses import RESPONSES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from spark_lsp.simulator.rendering import Wire

RESPONSES_PATH: Final = "/v1/responses"
SUBMIT_PATH: Final = "/v2/chat/completions/spark"

WIRES: Final[Mapping[str, Wire]] = {
    "/v1/chat/completions": CHAT,
    RESPONSES_PATH: RESPONSES,
    "/v1/completions": COMPLETIONS,
    "/v1/messages": ANTHROPIC,
    "/v1/fim/completions": MISTRAL_FIM,
    "/v1/edit/completions": INCEPTION_EDIT,
    "/infill": LLAMA_INFILL,
    "/completion": LLAMA_COMPLETION,
    "/api/generate": OLLAMA,
}
"""By the path of its POST."""

BASE_PATHS: Final[Mapping[str, str]] = {
    "chat": "/v1",
    "responses": "/v1",
    "responses-ws": "/v1",
    "completions": "/v1",
    "anthropic": "/v1",
    "mistral-fim": "/v1",
    "llama-infill": "",
    "ollama": "",
    "inception-edit": "/v1",
    "jobs": "/v1",
}
"""By wire, what stands between the host and the wire's own path in the setting baseUrl."""


def _models() -> Object:
    model = {"id": MODEL, "object": "model", "created": int(time.time()), "owned_by": "spark-lsp"}
    return {"object": "list", "data": [model]}


FIXED: Final[Mapping[str, Callable[[], Object]]] = {
    "/v1/models": _models,
    "/v1/tcp_warming": lambda: {"status": "ok"},
    "/health": lambda: {"status": "ok"},
    "/api/tags": lambda: tags_object(int(time.time())),
    "/api/version": lambda: {"version": "0.0.0-scripted"},
}
"""What a GET of this path is answered with."""
