"""The wire `inception-edit`: Inception's edits, for Mercury Edit.

Format: https://docs.inceptionlabs.ai (edit completions). A request has exactly one user message, which holds everything
in sections of its own (`formats` writes them), and the answer is shaped like one of chat completions. It comes whole:
this path does not stream.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spark_lsp.endpoints.stream_parser import StreamParser
from spark_lsp.endpoints.wire import endpoint_url, json_request, messages_of, output_limit
from spark_lsp.endpoints.wires.chat import ChatDialect

if TYPE_CHECKING:
    from spark_lsp.endpoints.failures import Failures
    from spark_lsp.endpoints.request import CompletionRequest, Endpoint
    from spark_lsp.endpoints.wire import HttpRequest, Parser

_MOST_OUTPUT_TOKENS = 8192


class InceptionEditWire:
    """POST {baseUrl}/edit/completions."""

    def request(self, endpoint: Endpoint, request: CompletionRequest) -> HttpRequest:
        text = "\n\n".join(message["content"] for message in messages_of(request.prompt))
        body: dict[str, Any] = {
            "model": endpoint.model,
            "messages": [{"role": "user", "content": text}],
            "max_tokens": min(output_limit(endpoint, request), _MOST_OUTPUT_TOKENS),
        }
        if endpoint.temperature is not None:
            body["temperature"] = endpoint.temperature
        return json_request(endpoint, endpoint_url(endpoint.base_url, "/edit/completions"), body)

    def parser(self, failures: Failures) -> Parser:
        return StreamParser(ChatDialect(), failures)
