"""The simulator behind a fake transport, in virtual time."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from simulator.simulated_client import SimulatedClient, chunks, text_of
from spark_lsp.simulator.channel import PAGE
from spark_lsp.simulator.connection import MAX_BODY_BYTES
from spark_lsp.simulator.reply import ScriptedReply
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator
from spark_lsp.simulator.tokens import tokens
from support.virtual_time import run

if TYPE_CHECKING:
    import h11

    from spark_lsp.simulator.reply import Fault

TEXT = "one two three four " * 250
ASK = {"model": "any", "messages": [{"role": "user", "content": "Hello"}], "stream": True}


def _simulator(*replies: ScriptedReply) -> Simulator:
    return Simulator(Script(replies), tps=1000, ttft_ms=50)


def _respond(simulator: Simulator, body: Any) -> tuple[h11.Response, bytes, SimulatedClient]:
    async def main() -> tuple[h11.Response, bytes, SimulatedClient]:
        client = SimulatedClient(simulator)
        client.post(body)
        return *await client.response(), client

    return run(main())


def _headers(response: h11.Response) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in response.headers}


def test_a_stream() -> None:
    response, body, client = _respond(_simulator(ScriptedReply(reply=TEXT)), ASK)
    assert response.status_code == 200
    assert _headers(response)["content-type"] == "text/event-stream"
    assert _headers(response)["x-spark-simulator"] == "scripted"
    events = chunks(body)
    assert events[-1] == "[DONE]"
    assert text_of(events) == TEXT
    assert events[0]["system_fingerprint"] == "scripted"
    assert events[0]["model"] == "any"
    assert events[-2]["choices"][0]["finish_reason"] == "stop"
    assert len(events) == len(tokens(TEXT)) + 3
    assert client.transport.ended is None


def test_the_rate_and_the_time_to_the_first_token_hold() -> None:
    simulator = _simulator(ScriptedReply(reply=TEXT))
    _, _, client = _respond(simulator, ASK)
    times = [when for when, data in client.transport.writes if b'"content":"' in data]
    assert times[1] == pytest.approx(0.05)  # the first write is the role, with the headers
    assert times[-1] - times[1] == pytest.approx((len(tokens(TEXT)) - 1) / 1000, abs=0.002)
    assert simulator.requests[0].first_token_seconds == pytest.approx(0.05)


@pytest.mark.parametrize("tps", [10, 3000, 0])
def test_a_reply_has_its_own_pace(tps: float) -> None:
    _, _, client = _respond(_simulator(ScriptedReply(reply=TEXT, ttft_ms=700, tps=tps)), ASK)
    times = [when for when, data in client.transport.writes if b'"content":"' in data]
    assert times[1] == pytest.approx(0.7)
    seconds = (len(tokens(TEXT)) - 1) / tps if tps else 0
    assert times[-1] - times[1] == pytest.approx(seconds, abs=0.002)


def test_usage_is_sent_to_who_wants_it() -> None:
    ask = {**ASK, "stream_options": {"include_usage": True}}
    _, body, _ = _respond(_simulator(ScriptedReply(reply="12345678")), ask)
    usage = chunks(body)[-2]
    assert usage["choices"] == []
    assert usage["usage"]["prompt_tokens"] == 2
    assert usage["usage"]["completion_tokens"] == 2


def test_a_whole_answer() -> None:
    ask = {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}]}
    simulator = _simulator(ScriptedReply("Hello", "abc"))
    response, body, _ = _respond(simulator, ask)
    answer = json.loads(body)
    assert _headers(response)["content-type"] == "application/json"
    assert answer["choices"][0]["message"]["content"] == "abc"
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert answer["model"] == "spark-scripted"
    assert simulator.requests[0].body == ask


def test_the_last_user_message_is_what_counts() -> None:
    messages = [{"role": "user", "content": f"```\n{number}\n```"} for number in (1, 2)]
    messages.append({"role": "assistant", "content": "```\n3\n```"})
    _, body, _ = _respond(_simulator(), {**ASK, "messages": messages})
    assert text_of(chunks(body)) == "```\n2\n```\n"


@pytest.mark.parametrize(
    ("reply", "status", "headers", "body"),
    [
        (
            ScriptedReply(status=429, headers={"retry-after": "3"}, reply="slow down"),
            429,
            {"retry-after": "3", "content-type": "application/json"},
            b'{"error":{"message":"slow down","type":"rate_limit_error","param":null,"code":null}}',
        ),
        (
            ScriptedReply(body="<html>", content_type="text/html"),
            200,
            {"content-type": "text/html", "x-spark-simulator": "scripted"},
            b"<html>",
        ),
        (
            ScriptedReply(fault="web-page"),
            200,
            {"content-type": "text/html; charset=utf-8", "x-spark-simulator": "scripted"},
            PAGE,
        ),
    ],
)
def test_a_status_or_a_body_is_sent_as_it_is(
    reply: ScriptedReply, status: int, headers: dict[str, str], body: bytes
) -> None:
    response, sent, _ = _respond(_simulator(reply), ASK)
    assert (response.status_code, sent) == (status, body)
    assert headers.items() <= _headers(response).items()


@pytest.mark.parametrize(
    ("fault", "text", "last", "ended"),
    [
        ("cut", "one two", {"content": " two"}, "closed"),
        ("reset", "one two", {"content": " two"}, "aborted"),
        ("no-finish", "one two", {"content": " two"}, None),
        ("error-event", "one two", None, None),
        ("length", "one two", "[DONE]", None),
        ("filter", "one two", "[DONE]", None),
        ("empty", "", "[DONE]", None),
    ],
)
def test_faults(fault: Fault, text: str, last: object, ended: str | None) -> None:
    _, body, client = _respond(_simulator(ScriptedReply(reply=TEXT, fault=fault, after=7)), ASK)
    events = chunks(body)
    assert text_of(events) == text
    assert (
        events[-1]["choices"][0]["delta"] if isinstance(last, dict) else last or events[-1]["error"]["message"]
    ) == (last or "The script wants an error here.")
    assert client.transport.ended == ended
    assert bool(client.transport.socket.options) == (fault == "reset")


def test_a_refused_request_gets_no_answer() -> None:
    async def main() -> SimulatedClient:
        client = SimulatedClient(_simulator(ScriptedReply(fault="refuse")))
        client.post(ASK)
        await client.connection.closed.wait()
        return client

    assert run(main()).transport.writes == []


@pytest.mark.parametrize("fault", [None, "stall", "silence"])
@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_leaves_stops_the_answer(fault: Fault | None, stream: bool) -> None:
    simulator = _simulator(ScriptedReply(reply=TEXT, fault=fault, after=10))

    async def main() -> float:
        client = SimulatedClient(simulator)
        client.post({**ASK, "stream": stream})
        await asyncio.sleep(0.3)
        client.leave()
        await simulator.requests[0].ended.wait()
        await asyncio.sleep(10)
        assert all(when <= 0.3 for when, _ in client.transport.writes)
        return 0

    run(main())
    assert simulator.requests[0].closed_early
    assert simulator._connections == set()


def test_a_reader_that_is_slow_is_waited_for() -> None:
    simulator = _simulator(ScriptedReply(reply=TEXT))

    async def main() -> None:
        client = SimulatedClient(simulator)
        client.post(ASK)
        client.connection.pause_writing()
        await asyncio.sleep(100)
        assert len(client.transport.writes) == 3  # headers, role, first token
        client.connection.resume_writing()
        _, body = await client.response()
        assert text_of(chunks(body)) == TEXT

    run(main())


def test_requests_follow_each_other_on_one_connection() -> None:
    async def main() -> None:
        client = SimulatedClient(_simulator(ScriptedReply(reply="abc")))
        for _ in range(3):
            client.post(ASK)
            _, body = await client.response()
            assert text_of(chunks(body)) == "abc"

    run(main())


@pytest.mark.parametrize(
    ("method", "path", "status", "part"),
    [
        ("GET", "/health", 200, b'{"status":"ok"}'),
        ("GET", "/v1/models?x=1", 200, b'"id":"spark-scripted"'),
        ("GET", "/v1/tcp_warming", 200, b'{"status":"ok"}'),
        ("GET", "/api/tags", 200, b'{"models":[{"name":"spark-scripted"'),
        ("GET", "/api/version", 200, b'{"version":"0.0.0-scripted"}'),
        ("HEAD", "/v1/models", 200, b""),
        ("GET", "/v1/chat/completions", 404, b"Nothing is served at GET /v1/chat/completions."),
        ("GET", "/v1/responses", 404, b"Nothing is served at GET /v1/responses."),
        ("POST", "/v2/jobs", 404, b"Nothing is served at POST /v2/jobs."),
        ("GET", "/v2/jobs/absent", 404, b"No job has the id absent."),
        ("POST", "/v1/responses/absent/cancel", 404, b"No job has the id absent."),
        ("HEAD", "/v1", 404, b""),
        ("HEAD", "/v1/responses", 404, b""),
        ("HEAD", "/v2/jobs/absent", 404, b""),
    ],
)
def test_the_other_paths(method: str, path: str, status: int, part: bytes) -> None:
    async def main() -> tuple[h11.Response, bytes]:
        client = SimulatedClient(_simulator())
        client.request(method, path)
        return await client.response()

    response, body = run(main())
    assert response.status_code == status
    assert part in body
    assert _headers(response)["x-spark-simulator"] == "scripted"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"{", "The body is not JSON."),
        (b"\xff", "The body is not JSON."),
        (b"[" * 100_000, "The body is not JSON."),
        (b"", "The body must be a JSON object."),
        (b"3", "The body must be a JSON object."),
        (b"{}", "messages must be a list of objects, and not empty."),
        (b'{"messages":[]}', "messages must be a list of objects, and not empty."),
        (b'{"messages":["x"]}', "messages must be a list of objects, and not empty."),
    ],
)
def test_a_body_that_is_no_request(body: bytes, problem: str) -> None:
    response, sent, _ = _respond(_simulator(), body)
    assert response.status_code == 400
    assert json.loads(sent)["error"]["message"] == problem


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01 this is TLS\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n", 400),
        (b"GET /" + b"a" * 70_000, 431),
        (b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999\r\n\r\n" + b"a" * (MAX_BODY_BYTES + 1), 413),
    ],
)
def test_what_is_no_http(sent: bytes, status: int) -> None:
    async def main() -> SimulatedClient:
        client = SimulatedClient(_simulator())
        client.connection.data_received(sent)
        await client.connection.closed.wait()
        return client

    client = run(main())
    assert client.transport.writes[0][1].startswith(f"HTTP/1.1 {status} ".encode())
    assert b"invalid_request_error" in client.transport.writes[0][1]


def test_a_client_that_waits_for_leave_to_send_its_body_gets_it() -> None:
    async def main() -> list[tuple[float, bytes]]:
        client = SimulatedClient(_simulator())
        head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n"
        client.connection.data_received(head)
        return client.transport.writes

    assert run(main())[0][1].startswith(b"HTTP/1.1 100 ")
