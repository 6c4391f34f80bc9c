"""The wire `llama-infill`: llama-server's own /infill, which puts the model's fill-in-the-middle tokens round a hole.

Format: https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md. A text without a hole goes to
/completion, whose answers look the same, since /infill would put those tokens into it. Both stand beside /v1.

/infill takes a `prompt` too, for the beginning of the line. The server puts it behind the prefix, and would take tokens
that the user wrote there for its own, so it is part of `input_prefix`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spark_lsp.endpoints.answer import count
from spark_lsp.endpoints.events import FinishReason, Usage
from spark_lsp.endpoints.stream_parser import StreamParser
from spark_lsp.endpoints.wire import endpoint_url, json_request, output_limit, text_of, with_sampling

if TYPE_CHECKING:
    from spark_lsp.endpoints.answer import Answer
    from spark_lsp.endpoints.failures import Failures
    from spark_lsp.endpoints.request import CompletionRequest, Endpoint
    from spark_lsp.endpoints.wire import HttpRequest, Parser

_OTHER_PATHS = ("/v1", "/infill", "/completion")

_STOP_TYPES: dict[object, FinishReason] = {"eos": "stop", "word": "stop", "limit": "length"}
# Servers from before December 2024 had one member each instead of `stop_type`.
_STOPPED: dict[str, FinishReason] = {"stopped_limit": "length", "stopped_eos": "stop", "stopped_word": "stop"}


class LlamaInfillWire:
    """POST /infill or /completion, beside the /v1 of the base URL, with `stream: true`."""

    def request(self, endpoint: Endpoint, request: CompletionRequest) -> HttpRequest:
        prompt = text_of(request.prompt)
        body: dict[str, Any] = {"model": endpoint.model}
        if prompt.suffix is None:
            path = "/completion"
            body["prompt"] = prompt.prefix
        else:
            path = "/infill"
            body["input_prefix"] = prompt.prefix
            body["input_suffix"] = prompt.suffix
            if prompt.files:
                body["input_extra"] = [{"filename": file.path, "text": file.text} for file in prompt.files]
        body |= {"n_predict": output_limit(endpoint, request), "cache_prompt": True, "stream": True}
        with_sampling(body, endpoint, request)
        return json_request(endpoint, endpoint_url(endpoint.base_url, path, instead_of=_OTHER_PATHS), body)

    def parser(self, failures: Failures) -> Parser:
        return StreamParser(LlamaDialect(), failures)


class LlamaDialect:
    """Reads chunks with `content`; the last one has `stop`, as a whole answer has."""

    __slots__ = ()

    def take_chunk(self, chunk: dict[str, Any], answer: Answer) -> None:
        if chunk.get("error"):
            answer.fail(answer.failures.reported(chunk))
            return
        if isinstance(chunk.get("content"), str):
            answer.text(chunk["content"])
        if chunk.get("stop") is True:
            answer.finish(_finish_of(chunk))
            answer.usage(_usage_of(chunk))

    def take_whole(self, body: dict[str, Any], answer: Answer) -> None:
        if isinstance(body.get("content"), str):
            self.take_chunk(body, answer)
        else:
            answer.fail(answer.failures.unreadable())


def _finish_of(chunk: dict[str, Any]) -> FinishReason:
    kind = chunk.get("stop_type")
    if isinstance(kind, str):
        return _STOP_TYPES.get(kind, "other")
    return next((reason for name, reason in _STOPPED.items() if chunk.get(name) is True), "other")


def _usage_of(chunk: dict[str, Any]) -> Usage | None:
    """`tokens_evaluated` is all of the prompt, what was cached included; `tokens_cached` is something else."""
    if "tokens_evaluated" not in chunk and "tokens_predicted" not in chunk:
        return None
    timings = chunk.get("timings")
    timings = timings if isinstance(timings, dict) else {}
    prompt = count(chunk.get("tokens_evaluated"))
    cached = count(timings.get("cache_n"))
    if "cache_n" not in timings and "prompt_n" in timings:
        cached = prompt - count(timings["prompt_n"])
    return Usage(prompt, max(0, min(cached, prompt)), count(chunk.get("tokens_predicted")))
