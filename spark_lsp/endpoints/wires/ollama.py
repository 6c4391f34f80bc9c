"""The wire `ollama`: Ollama's own /api/generate, as JSON lines.

Format: https://docs.ollama.com/api/generate; for what that leaves out, server/routes.go of
https://github.com/ollama/ollama. It is the native interface and not Ollama's /v1, since only here can the context's
size be set: at its default, prompts of a usual size are cut without a word.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from spark_lsp.core.prompt import TextPrompt, tokens_in
from spark_lsp.endpoints.answer import count
from spark_lsp.endpoints.events import FinishReason, Usage
from spark_lsp.endpoints.json_lines import JsonLines
from spark_lsp.endpoints.stream_parser import StreamParser
from spark_lsp.endpoints.wire import (
    endpoint_url,
    json_request,
    messages_of,
    output_limit,
    with_sampling,
    without_system,
)

if TYPE_CHECKING:
    from spark_lsp.endpoints.answer import Answer
    from spark_lsp.endpoints.failures import Failures
    from spark_lsp.endpoints.request import CompletionRequest, Endpoint
    from spark_lsp.endpoints.wire import HttpRequest, Parser

_KEEP_ALIVE = "30m"  # the model stays in memory from one edit to the next; 5 minutes is what Ollama does unasked

# A context of another size makes Ollama load the model anew, which takes seconds. So that this is rare, sizes are
# powers of two, and the smallest is what completions and edits of usual size both fit into.
_SMALLEST_CONTEXT = 8192
_ESTIMATE_MAY_BE_SHORT_BY = 1.5  # code has fewer characters a token than prose, and the template comes on top

_FINISH_REASONS: dict[object, FinishReason] = {"stop": "stop", "length": "length"}  # load, unload: nothing was made


class OllamaWire:
    """POST /api/generate, beside the /v1 of the base URL, with `stream: true`."""

    def request(self, endpoint: Endpoint, request: CompletionRequest) -> HttpRequest:
        options: dict[str, Any] = {
            "num_predict": output_limit(endpoint, request),
            "num_ctx": _context_size(endpoint, request),
        }
        with_sampling(options, endpoint, request)
        body: dict[str, Any] = {
            "model": endpoint.model,
            **_prompt(request),
            "stream": True,
            # Models that can think do so unless told not to, and an edit is not to wait for that.
            "think": False,
            # What does not fit is an error and not cut at its beginning, neither before the answer nor in the middle.
            "truncate": False,
            "shift": False,
            "keep_alive": _KEEP_ALIVE,
            "options": options,
        }
        url = endpoint_url(endpoint.base_url, "/api/generate", instead_of=("/v1", "/api"))
        return json_request(_with_options(endpoint, options), url, body)

    def parser(self, failures: Failures) -> Parser:
        return StreamParser(OllamaDialect(), failures, JsonLines())


def _prompt(request: CompletionRequest) -> dict[str, Any]:
    """What is asked: as it stands (`raw`), or in the model's own template for a hole or for a conversation."""
    prompt = request.prompt
    if isinstance(prompt, TextPrompt):
        if not prompt.suffix:  # an empty one would be taken for none, and the text for something that a user says
            return {"prompt": prompt.prefix, "raw": True}
        return {"prompt": prompt.prefix, "suffix": prompt.suffix}
    system, conversation = without_system(messages_of(prompt))
    text = "\n\n".join(message["content"] for message in conversation)
    return {"prompt": text, "system": system} if system else {"prompt": text}


def _context_size(endpoint: Endpoint, request: CompletionRequest) -> int:
    """Tokens that prompt and answer fit into."""
    prompt = tokens_in(sum(map(len, request.prompt.texts)))
    needed = int(prompt * _ESTIMATE_MAY_BE_SHORT_BY) + output_limit(endpoint, request)
    size = _SMALLEST_CONTEXT
    while size < needed:
        size *= 2
    return min(size, endpoint.context_tokens)


def _with_options(endpoint: Endpoint, options: dict[str, Any]) -> Endpoint:
    """The endpoint with our options under those of its extraBody; a None there leaves one out."""
    given = endpoint.extra_body.get("options")
    if not isinstance(given, dict):
        return endpoint
    merged = {key: value for key, value in {**options, **given}.items() if value is not None}
    return replace(endpoint, extra_body={**endpoint.extra_body, "options": merged})


class OllamaDialect:
    """Reads lines with `response` or `thinking`; the last one is `done`, as a whole answer is."""

    __slots__ = ()

    def take_chunk(self, chunk: dict[str, Any], answer: Answer) -> None:
        if chunk.get("error"):
            answer.fail(answer.failures.reported(chunk))
            return
        text = chunk.get("response")
        if isinstance(text, str) and text:
            answer.text(text)
        elif chunk.get("thinking"):
            answer.thinking()
        if chunk.get("done") is True:
            answer.finish(_finish_of(chunk))
            answer.usage(_usage_of(chunk))

    def take_whole(self, body: dict[str, Any], answer: Answer) -> None:
        self.take_chunk(body, answer)


def _finish_of(chunk: dict[str, Any]) -> FinishReason:
    reason = chunk.get("done_reason")
    if not reason:  # before July 2024
        return "stop"
    return _FINISH_REASONS.get(reason, "other") if isinstance(reason, str) else "other"


def _usage_of(chunk: dict[str, Any]) -> Usage | None:
    """What was counted; a prompt that was cached as a whole has no count in some versions."""
    if "prompt_eval_count" not in chunk and "eval_count" not in chunk:
        return None
    return Usage(count(chunk.get("prompt_eval_count")), 0, count(chunk.get("eval_count")))
