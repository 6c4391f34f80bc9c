"""Errors in the words of many servers, over HTTP and in the midst of a stream, and what the user is told of them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from endpoints.scripted_http import PLACE, an_endpoint, some_failures
from spark_lsp.endpoints.errors import (
    EndpointError,
    Interrupted,
    KeyRefused,
    Misconfigured,
    NotFound,
    RateLimited,
    Rejected,
    Unavailable,
)
from spark_lsp.endpoints.server_error import read_error, seconds_in

OPENAI_LIMIT = (
    "Rate limit reached for gpt-6-luna in organization org-x on tokens per min (TPM): Limit 30000, Used 22999, "
    "Requested 12528. Please try again in 11.054s."
)
NO_QUOTA = "You exceeded your current quota, please check your plan and billing details."


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (
            429,
            {"error": {"message": NO_QUOTA, "type": "insufficient_quota", "code": "insufficient_quota"}},
            Misconfigured,
            (
                f'says that the account has no credit left (HTTP 429, "{NO_QUOTA}"): '
                "add some with the provider, or use another endpoint."
            ),
        ),
        (
            402,
            {"error": {"message": "Insufficient Balance", "type": "unknown_error"}},
            Misconfigured,
            (
                'says that the account has no credit left (HTTP 402, "Insufficient Balance"): '
                "add some with the provider, or use another endpoint."
            ),
        ),
        (
            400,
            {"error": {"message": "Too long.", "type": "invalid_request_error", "code": "context_length_exceeded"}},
            Rejected,
            (
                'says that this is too much for the model model-1 (HTTP 400, "Too long."): '
                "select less, lower context.tokens, or correct contextTokens of the endpoint mine."
            ),
        ),
        (
            400,
            {
                "type": "error",
                "error": {"type": "invalid_request_error", "message": "prompt is too long: 210000 tokens"},
            },
            Rejected,
            (
                'says that this is too much for the model model-1 (HTTP 400, "prompt is too long: 210000 tokens"): '
                "select less, lower context.tokens, or correct contextTokens of the endpoint mine."
            ),
        ),
        (
            413,
            {"error": {"message": "Request too large on TPM", "code": "rate_limit_exceeded"}},
            Rejected,
            (
                'says that this is too much for the model model-1 (HTTP 413, "Request too large on TPM"): '
                "select less, lower context.tokens, or correct contextTokens of the endpoint mine."
            ),
        ),
        (
            501,
            {"error": {"code": 501, "message": "Infill is not supported by this model", "type": "not_supported_error"}},
            Rejected,
            (
                'cannot do this with the model model-1 (HTTP 501, "Infill is not supported by this model"): '
                "check model and wire of the endpoint mine."
            ),
        ),
        (
            503,
            {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}},
            Unavailable,
            'is overloaded (HTTP 503, "Loading model"): try again later.',
        ),
        (
            400,
            {"error": {"message": "x is not a valid model ID", "code": "model_not_found"}},
            NotFound,
            (
                'does not know this path or the model model-1 (HTTP 400, "x is not a valid model ID"): '
                "check baseUrl and model."
            ),
        ),
        (
            400,
            {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}},
            KeyRefused,
            "refused the API key (HTTP 400): put a valid key into the variable MY_KEY.",
        ),
        (
            400,
            {"error": '"registry/library/m" does not support insert'},
            Rejected,
            (
                "rejected the request (HTTP 400, \"'registry/library/m' does not support insert\"): "
                "check model, extraBody and contextTokens of the endpoint mine."
            ),
        ),
    ],
)
def test_a_status_with_a_reason(status: int, body: Any, kind: type[EndpointError], message: str) -> None:
    failure = some_failures().status(status, {}, json.dumps(body).encode())
    assert type(failure) is kind
    assert failure.message == f"The endpoint at {PLACE} {message}"


@pytest.mark.parametrize(
    ("chunk", "kind", "message"),
    [
        (
            {"type": "error", "code": "rate_limit_exceeded", "message": OPENAI_LIMIT},
            RateLimited,
            f'limits the rate for the model model-1 ("{OPENAI_LIMIT}"): try again in 11 s.',
        ),
        (
            {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
            Unavailable,
            'is overloaded ("Overloaded"): try again later.',
        ),
        (
            {"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}},
            KeyRefused,
            "refused the API key: put a valid key into the variable MY_KEY.",
        ),
        (
            {"type": "error", "error": {"type": "permission_error", "message": "No."}},
            KeyRefused,
            'denies access ("No."): see that the API key from the variable MY_KEY may use the model model-1.',
        ),
        (
            {"type": "error", "status": 400, "error": {"code": "invalid_prompt", "message": "Bad prompt."}},
            Rejected,
            (
                'rejected the request (HTTP 400, "Bad prompt."): '
                "check model, extraBody and contextTokens of the endpoint mine."
            ),
        ),
        (
            {"error": {"message": "The server had an error.", "type": "server_error", "code": None}},
            Interrupted,
            'broke off with an error ("The server had an error."): try again.',
        ),
        (
            {"error": {"code": 500, "message": "oops", "type": "server_error"}},
            Interrupted,
            'broke off with an error ("oops"): try again.',
        ),
        ({}, Interrupted, "broke off with an error: try again."),
        (
            {"error": "CUDA error: out of memory"},
            Interrupted,
            'broke off with an error ("CUDA error: out of memory"): try again.',
        ),
    ],
)
def test_an_error_in_a_stream(chunk: dict[str, Any], kind: type[EndpointError], message: str) -> None:
    failure = some_failures().reported(chunk)
    assert type(failure) is kind
    assert failure.message == f"The endpoint at {PLACE} {message}"


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Please try again in 1.5s.", 1.5),
        ("Please try again in 250ms.", 0.25),
        ("please TRY AGAIN in 20 s", 20),
        ("Please try again in 6m0s.", 360),
        ("Please try again in 2m59.56s. Need more tokens?", 179.56),
        ("Please try again in 1h2m3s", 3723),
        ("Please retry in 23.5s.", 23.5),
        ("Please retry after 4 seconds", 4),
        ("Please try again later.", None),
        ("try again in a while", None),
        ("Limit 3, Used 3.", None),
        ("try again in " + "9" * 5000 + "h", None),
        ("", None),
    ],
)
def test_how_long_a_sentence_asks_to_wait(words: str, seconds: float | None) -> None:
    assert seconds_in(words) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"retry-after": "7"}, {"error": {"message": "try again in 1.5s"}}, 7),
        ({}, {"error": {"message": "try again in 1.5s"}}, 1.5),
        ({}, [{"error": {"code": 429, "message": "Please retry in 2s.", "status": "RESOURCE_EXHAUSTED"}}], 2),
        ({}, {"status": 429, "headers": {"Retry-After-Ms": 1500}, "error": {"code": "x"}}, 1.5),
        ({}, {"error": {"type": "usage_limit_reached", "resets_in_seconds": 12}}, 12),
        ({}, {"error": {"resets_in_seconds": True}}, None),
        ({"retry-after": "1e300"}, {}, 7 * 86_400),
        ({}, {"error": {"resets_in_seconds": 1e300}}, 7 * 86_400),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], body: Any, seconds: float | None) -> None:
    failure = some_failures().status(429, headers, json.dumps(body).encode())
    assert isinstance(failure, RateLimited)
    assert failure.retry_after == seconds
    assert failure.message.endswith((" s.", " later."))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (
            404,
            {"error": {"message": "The model `gpt-5.3-codex-spark` does not exist or you do not have access to it."}},
        ),
        (403, {"error": {"message": "Project `p` does not have access to model `m`", "code": "model_not_found"}}),
        (400, {"detail": "The 'gpt-5.3-codex-spark' model is not supported when using Codex with a ChatGPT account."}),
    ],
)
def test_codex_spark_was_a_preview(status: int, body: Any) -> None:
    failures = some_failures(replace(an_endpoint(), model="gpt-5.3-codex-spark"))
    for failure in (
        failures.status(status, {}, json.dumps(body).encode()),
        failures.reported({"type": "error", "status": status, **body}),
    ):
        assert isinstance(failure, NotFound)
        beginning, _, advice = failure.message.partition("): access to ")
        assert beginning.startswith(
            f"The endpoint at {PLACE} does not offer the model gpt-5.3-codex-spark (HTTP {status}, "
        )
        assert advice == (
            'Codex-Spark was by preview, so set another model (such as model = "gpt-6-luna"), or one that has a fast '
            'service tier and ask for that (extraBody.service_tier = "priority" or "ultrafast").'
        )


@pytest.mark.parametrize(
    ("model", "status", "body"),
    [
        (
            "gpt-6-luna",
            404,
            {"error": {"message": "The model `gpt-6-luna` does not exist.", "code": "model_not_found"}},
        ),
        ("gpt-5.3-codex-spark", 404, {"error": {"message": "Invalid URL (POST /v1/respond)"}}),
        ("gpt-5.3-codex-spark", 400, {"error": {"message": "Unknown parameter: 'seed'."}}),
        ("gpt-5.3-codex-spark", 401, {"error": {"message": "no model for you: not found", "code": "invalid_api_key"}}),
        ("gpt-5.3-codex-spark", 429, {"error": {"message": "the model is not available just now"}}),
    ],
)
def test_what_does_not_speak_of_the_preview(model: str, status: int, body: Any) -> None:
    failures = some_failures(replace(an_endpoint(), model=model))
    assert "preview" not in failures.status(status, {}, json.dumps(body).encode()).message


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 429, 500, 501, 503])
@pytest.mark.parametrize("code", ["", "context_length_exceeded", "insufficient_quota", "overloaded_error"])
def test_neither_key_nor_prompt_is_repeated_in_a_stream(status: int, code: str) -> None:
    for words in ("bad key sk-secret-key", "cannot parse: Edit. the   secret prompt of\tthe user"):
        message = some_failures().reported({"status": status, "error": {"code": code, "message": words}}).message
        assert "sk-secret" not in message
        assert "secret prompt" not in message


def test_an_errors_words_are_not_in_its_repr() -> None:
    assert "secret" not in repr(read_error({"error": {"message": "secret", "code": 400}}))
