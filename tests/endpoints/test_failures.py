"""The messages, word by word: they are what the user gets to read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endpoints.scripted_http import PLACE, REQUEST, an_endpoint, some_failures
from spark_lsp.endpoints.errors import (
    EndpointError,
    KeyRefused,
    Misconfigured,
    NotFound,
    RateLimited,
    Rejected,
    Unavailable,
    UnexpectedAnswer,
)
from spark_lsp.endpoints.failures import failures_for
from spark_lsp.endpoints.server_words import MAX_WORDS, quotable

PAGE = b"<!DOCTYPE html><html><body><h1>Bad gateway</h1></body></html>"


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind", "message"),
    [
        (401, {}, b"x", KeyRefused, "refused the API key (HTTP 401): put a valid key into the variable MY_KEY."),
        (
            403,
            {},
            b'{"error":{"message":"Country not supported"}}',
            KeyRefused,
            (
                'denies access (HTTP 403, "Country not supported"): see that the API key from the variable MY_KEY '
                "may use the model model-1."
            ),
        ),
        (
            404,
            {},
            b'{"detail":"Not Found"}',
            NotFound,
            'does not know this path or the model model-1 (HTTP 404, "Not Found"): check baseUrl and model.',
        ),
        (
            429,
            {"retry-after": "7"},
            b'{"error":{"message":"Rate limit reached"}}',
            RateLimited,
            'limits the rate for the model model-1 (HTTP 429, "Rate limit reached"): try again in 7 s.',
        ),
        (429, {}, b"", RateLimited, "limits the rate for the model model-1 (HTTP 429): try again later."),
        (
            400,
            {},
            b'{"error":{"message":"max_tokens is too large","code":400}}',
            Rejected,
            (
                'rejected the request (HTTP 400, "max_tokens is too large"): '
                "check model, extraBody and contextTokens of the endpoint mine."
            ),
        ),
        (
            422,
            {},
            b'{"detail":[{"loc":["body","seed"],"msg":"not an integer","input":"the secret prompt of the user"}]}',
            Rejected,
            (
                'rejected the request (HTTP 422, "body.seed: not an integer"): '
                "check model, extraBody and contextTokens of the endpoint mine."
            ),
        ),
        (
            500,
            {"content-type": "text/plain"},
            b"Internal Server Error",
            Unavailable,
            'failed (HTTP 500, "Internal Server Error"): try again later.',
        ),
        (503, {"retry-after": "2"}, b"", Unavailable, "is overloaded (HTTP 503): try again in 2 s."),
        (
            502,
            {"content-type": "text/html"},
            b"Bad gateway",
            Unavailable,
            "answered with a web page (HTTP 502): try again later, or check baseUrl, and any proxy in between.",
        ),
        (404, {}, PAGE, NotFound, "answered with a web page (HTTP 404): check baseUrl, and any proxy in between."),
        (
            403,
            {},
            PAGE,
            UnexpectedAnswer,
            "answered with a web page (HTTP 403): check baseUrl, and any proxy in between.",
        ),
        (429, {}, PAGE, RateLimited, "answered with a web page (HTTP 429) that limits the rate: try again later."),
        (
            308,
            {"location": "https://user:password@elsewhere.example/v2/chat?key=1"},
            b"",
            Misconfigured,
            (
                'redirects to "https://elsewhere.example/v2/chat" (HTTP 308), which is not followed so that the key '
                "goes nowhere else: set baseUrl to the final address."
            ),
        ),
        (
            302,
            {"location": "//["},
            PAGE,
            Misconfigured,
            (
                "redirects to another address (HTTP 302), which is not followed so that the key goes nowhere else: set "
                "baseUrl to the final address."
            ),
        ),
    ],
)
def test_a_status_says_what_is_wrong_and_what_to_do(
    status: int, headers: dict[str, str], body: bytes, kind: type[EndpointError], message: str
) -> None:
    failure = some_failures().status(status, headers, body)
    assert type(failure) is kind
    assert failure.message == str(failure) == f"The endpoint at {PLACE} {message}"


def test_how_long_to_wait_is_a_value_too() -> None:
    failure = some_failures().status(429, {"retry-after-ms": "1500"}, b"")
    assert isinstance(failure, RateLimited)
    assert failure.retry_after == 1.5


@pytest.mark.parametrize(
    ("key", "source", "message"),
    [
        (None, "the variable MY_KEY", "needs an API key (HTTP 401), but the variable MY_KEY gives none: set it."),
        (
            None,
            None,
            (
                "needs an API key (HTTP 401), but none is configured: "
                "set endpoints.mine.apiKeyEnv or endpoints.mine.apiKeyCommand."
            ),
        ),
        (
            "sk-secret-key",
            None,
            "refused the API key (HTTP 401): put a valid key into the settings of the endpoint mine.",
        ),
    ],
)
def test_a_refused_key_names_where_it_comes_from(key: str | None, source: str | None, message: str) -> None:
    failures = some_failures(an_endpoint(api_key=key, api_key_source=source))
    assert failures.status(401, {}, b"").message == f"The endpoint at {PLACE} {message}"


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://user:password@h.example:81/v1/chat?api-version=1&key=2#x", "h.example:81/v1/chat"),
        ("http://[::1]:8000/v1/chat", "[::1]:8000/v1/chat"),
        ("http://[", "mine"),
    ],
)
def test_the_place_has_no_secrets(url: str, place: str) -> None:
    assert failures_for(an_endpoint(), REQUEST, url).place == place


@pytest.mark.parametrize(
    "body",
    [
        b'{"error":{"message":"Incorrect API key provided: sk-secret-key."}}',
        b'{"error":"bad header sk-secret-key"}',
        b"you sent Bearer other-secret",
        b'{"message":"cannot parse {\\"content\\": \\"the secret prompt\\n of the user\\"}"}',
        b"cannot parse: Edit. the   secret prompt of\tthe user",
    ],
)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_neither_key_nor_prompt_is_repeated(body: bytes, status: int) -> None:
    endpoint = an_endpoint(headers={"X-Auth": "Bearer other-secret"})
    message = some_failures(endpoint).status(status, {}, body).message
    for secret in ("sk-secret", "other-secret", "secret prompt"):
        assert secret not in message


def test_a_servers_words_are_made_one_clean_line() -> None:
    words = 'A\x1b[31m red\nline\r\n with\u2028breaks, \u202ebidi\u200b and "quotes"' + "!" * 300
    body = json.dumps({"error": {"message": words}}).encode()
    message = some_failures().status(400, {}, body).message
    assert "A[31m red line with breaks, bidi and 'quotes'!!!" in message
    assert message.count("\n") == 0
    assert '!…"' in message


@given(st.text(max_size=400))
def test_words_are_short_and_printable(words: str) -> None:
    line = quotable(words, secrets=[], prompt=[])
    assert len(line) <= MAX_WORDS
    assert line == line.strip()
    assert all(character.isprintable() or character == " " for character in line)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'[{"error":{"code":400,"message":"API key not valid","status":"INVALID_ARGUMENT"}}]', "API key not valid"),
        (b'{"object":"error","message":"no such thing","code":40401}', "no such thing"),
        (b'{"error":{"message":"","type":"invalid_request_error"}}', ""),
        (b'{"error":{"type":"overloaded_error"}}', "overloaded_error"),
        (b'{"error":[]}', ""),
        (b"null", ""),
        (b"[]", ""),
        (b"\xff\xfe broken", "�� broken"),
        (b"[" * 100_000, "[" * (MAX_WORDS - 1) + "…"),
    ],
)
def test_messages_are_found_in_bodies_of_many_shapes(body: bytes, said: str) -> None:
    details = f'(HTTP 400, "{said}")' if said else "(HTTP 400)"
    assert details in some_failures().status(400, {}, body).message
