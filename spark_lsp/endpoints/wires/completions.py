"""The wire `completions`: OpenAI's older Completions, which continue a text, or fill a hole before its `suffix`.

Format: https://platform.openai.com/docs/api-reference/completions. Not every server that takes a `suffix` looks at it:
see docs/wires.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spark_lsp.endpoints.stream_parser import StreamParser
from spark_lsp.endpoints.wire import endpoint_url, json_request, output_limit, text_of, with_sampling
from spark_lsp.endpoints.wires.chat import choice_of, finish_reason, usage_of

if TYPE_CHECKING:
    from spark_lsp.endpoints.answer import Answer
    from spark_lsp.endpoints.failures import Failures
    from spark_lsp.endpoints.request import CompletionRequest, Endpoint
    from spark_lsp.endpoints.wire import HttpRequest, Parser


class CompletionsWire:
    """POST {baseUrl}/completions with `stream: true`."""

    def request(self, endpoint: Endpoint, request: CompletionRequest) -> HttpRequest:
        prompt = text_of(request.prompt)
        body: dict[str, Any] = {
            "model": endpoint.model,
            "prompt": prompt.prefix,
            "max_tokens": output_limit(endpoint, request),
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if prompt.suffix is not None:
            body["suffix"] = prompt.suffix
        with_sampling(body, endpoint, request)
        return json_request(endpoint, endpoint_url(endpoint.base_url, "/completions"), body)

    def parser(self, failures: Failures) -> Parser:
        return StreamParser(CompletionsDialect(), failures)


class CompletionsDialect:
    """Reads `choices[0].text`, in the chunks of a stream as in a whole answer."""

    __slots__ = ()

    def take_chunk(self, chunk: dict[str, Any], answer: Answer) -> None:
        if chunk.get("error"):
            answer.fail(answer.failures.reported(chunk))
            return
        choice = choice_of(chunk)
        if isinstance(choice.get("text"), str):
            answer.text(choice["text"])
        if choice.get("finish_reason"):
            answer.finish(finish_reason(choice["finish_reason"]))
        answer.usage(usage_of(chunk))

    def take_whole(self, body: dict[str, Any], answer: Answer) -> None:
        choice = choice_of(body)
        if not choice:
            answer.fail(answer.failures.unreadable())
            return
        self.take_chunk(body, answer)
        answer.finish("stop")  # if it did not say why it ended
