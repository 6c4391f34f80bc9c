"""What is sent, and answers whose status is an error."""

from __future__ import annotations

import httpx
import pytest

from endpoints.scripted_http import FINISH, ScriptedTransport, Step, an_endpoint, read
from spark_lsp.endpoints.errors import EndpointError, Misconfigured, NotFound
from spark_lsp.endpoints.transport import EndpointClient
from support.virtual_time import run


def test_a_status_that_is_an_error_is_raised_with_its_body() -> None:
    transport = ScriptedTransport([b'{"error":', b'{"message":"no model-1"}}'], status=404)
    outcome = run(read(transport))
    assert isinstance(outcome.failure, NotFound)
    assert '"no model-1"' in outcome.failure.message
    assert outcome.closed_at == 0


@pytest.mark.parametrize("steps", [[b"x" * 1024] * 200, [b"", httpx.ReadError("")]])
def test_no_more_of_an_errors_body_is_read_than_needed(steps: list[Step]) -> None:
    outcome = run(read(ScriptedTransport(steps, status=500)))
    assert isinstance(outcome.failure, EndpointError)
    assert outcome.ended_at == 0


def test_an_errors_body_that_does_not_come_is_not_waited_for() -> None:
    outcome = run(read(ScriptedTransport([b"half a", 1000.0], status=500)))
    assert isinstance(outcome.failure, EndpointError)
    assert '"half a"' in outcome.failure.message
    assert outcome.ended_at == outcome.closed_at == 2


def test_a_redirect_is_not_followed() -> None:
    transport = ScriptedTransport(status=307, headers={"location": "http://elsewhere.example/v1/chat/completions"})
    outcome = run(read(transport))
    assert isinstance(outcome.failure, Misconfigured)
    assert len(transport.requests) == 1


def test_what_is_sent() -> None:
    transport = ScriptedTransport([FINISH])
    run(read(transport))
    [request] = transport.requests
    assert request.method == "POST"
    assert str(request.url) == "http://127.0.0.1:8000/v1/chat/completions"
    assert request.headers["authorization"] == "Bearer sk-secret-key"
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["user-agent"] == "spark-lsp"
    assert request.extensions["timeout"] == {"connect": 2, "read": None, "write": None, "pool": 1}


def test_warming_up_connects_without_the_key() -> None:
    transport = ScriptedTransport([], status=404)

    async def warm() -> None:
        client = EndpointClient(transport)
        await client.warm(an_endpoint())
        await client.aclose()

    run(warm())
    [request] = transport.requests
    assert request.method == "HEAD"
    assert "authorization" not in request.headers
