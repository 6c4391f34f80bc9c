"""The wire `mistral-fim`: Mistral's fill-in-the-middle, for Codestral.

Format: https://docs.mistral.ai/api/ (FIM completion). The answer is shaped like one of chat completions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spark_lsp.endpoints.stream_parser import StreamParser
from spark_lsp.endpoints.wire import endpoint_url, json_request, output_limit, text_of, with_sampling
from spark_lsp.endpoints.wires.chat import ChatDialect

if TYPE_CHECKING:
    from spark_lsp.endpoints.failures import Failures
    from spark_lsp.endpoints.request import CompletionRequest, Endpoint
    from spark_lsp.endpoints.wire import HttpRequest, Parser


class MistralFimWire:
    """POST {baseUrl}/fim/completions with `stream: true`."""

    def request(self, endpoint: Endpoint, request: CompletionRequest) -> HttpRequest:
        prompt = text_of(request.prompt)
        body: dict[str, Any] = {
            "model": endpoint.model,
            "prompt": prompt.prefix,
            "max_tokens": output_limit(endpoint, request),
            "stream": True,
        }
        if prompt.suffix is not None:
            body["suffix"] = prompt.suffix
        with_sampling(body, endpoint, request, seed="random_seed")
        return json_request(endpoint, endpoint_url(endpoint.base_url, "/fim/completions"), body)

    def parser(self, failures: Failures) -> Parser:
        return StreamParser(ChatDialect(), failures)
