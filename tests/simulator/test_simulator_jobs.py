"""Jobs of the simulator, in virtual time."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from simulator.simulated_client import SimulatedClient
from spark_lsp.simulator.reply import ScriptedReply
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator
from support.virtual_time import run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from spark_lsp.simulator.reply import Fault

TEXT = "one two three four " * 25  # 100 tokens and a space, at 100 a second
BACKGROUND = ("/v1/responses", {"model": "m", "input": "Hello", "background": True})
HTTP = ("/v2/chat/completions/spark", {"model": "m", "messages": [{"role": "user", "content": "Hello"}]})
BOTH = pytest.mark.parametrize(("submit", "body"), [BACKGROUND, HTTP])


class Jobs:
    """A client that submits a job and asks for it."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self._client = SimulatedClient(simulator)
        self.path = ""

    async def submit(self, path: str, body: Any) -> Any:
        self._client.post(body, path)
        job = json.loads((await self._client.response())[1])
        background = path == BACKGROUND[0]
        self.path = f"/v1/responses/{job['id']}" if background else f"/v2/jobs/{job['job_id']}"
        return job

    async def look(self) -> Any:
        return json.loads(await self.ask("GET", self.path))

    async def cancel(self) -> Any:
        return json.loads(await self.ask("POST", f"{self.path}/cancel"))

    async def ask(self, method: str, path: str) -> bytes:
        self._client.request(method, path)
        return (await self._client.response())[1]


def _with(reply: ScriptedReply, test: Callable[[Jobs], Awaitable[None]]) -> None:
    async def main() -> None:
        await test(Jobs(Simulator(Script((reply,)), tps=100, ttft_ms=500)))

    run(main())


@BOTH
def test_a_job_is_queued_then_runs_then_is_done(submit: str, body: Any) -> None:
    async def test(jobs: Jobs) -> None:
        states = [(await jobs.submit(submit, body))["status"]]
        for seconds in (0.4, 0.2, 0.8, 0.2):
            await asyncio.sleep(seconds)
            states.append((await jobs.look())["status"])
        assert states in (
            ["queued", "queued", "in_progress", "in_progress", "completed"],
            ["queued", "queued", "running", "running", "succeeded"],
        )
        assert [(record.method, record.path) for record in jobs.simulator.requests] == [
            ("POST", submit),
            *[("GET", jobs.path)] * 4,
        ]

    _with(ScriptedReply(reply=TEXT), test)


def test_the_result_of_a_background_response() -> None:
    async def test(jobs: Jobs) -> None:
        queued = await jobs.submit(*BACKGROUND)
        await asyncio.sleep(60)
        done = await jobs.look()
        assert (queued["output"], queued["usage"]) == ([], None)
        assert done["id"] == queued["id"]
        assert done["output"][0]["content"][0]["text"] == TEXT
        assert done["usage"]["output_tokens"] > 100

    _with(ScriptedReply(reply=TEXT), test)


def test_the_result_of_an_http_job() -> None:
    async def test(jobs: Jobs) -> None:
        queued = await jobs.submit(*HTTP)
        await asyncio.sleep(60)
        assert await jobs.look() == {
            "job_id": queued["job_id"],
            "status": "succeeded",
            "usage": {"sau": 1.5},
            "result": {"diff": TEXT},
        }

    _with(ScriptedReply(reply=TEXT), test)


@BOTH
def test_a_job_can_be_called_off_until_it_is_done(submit: str, body: Any) -> None:
    async def test(jobs: Jobs) -> None:
        await jobs.submit(submit, body)
        await asyncio.sleep(0.6)
        assert (await jobs.cancel())["status"] == "cancelled"
        await asyncio.sleep(60)
        assert (await jobs.look())["status"] == "cancelled"
        await jobs.submit(submit, body)
        await asyncio.sleep(60)
        done = await jobs.look()
        assert await jobs.cancel() == done

    _with(ScriptedReply(reply=TEXT), test)


@BOTH
@pytest.mark.parametrize(
    ("fault", "background", "http"),
    [
        ("error-event", '"status":"failed","error":{"code":"server_error"', '"status":"failed","error":{"message":'),
        ("length", '"incomplete_details":{"reason":"max_output_tokens"}', '"status":"succeeded"'),
        ("filter", '"incomplete_details":{"reason":"content_filter"}', '"status":"succeeded"'),
        ("no-finish", '"output":[]', '"usage":{"sau":1.5}}'),
        ("garbage", "'status':'completed'", "'status':'succeeded'"),
        ("web-page", "<!doctype html>", "<!doctype html>"),
        ("stall", '"status":"in_progress"', '"status":"running"'),
        ("cut", '{"id":"resp_scripted_1"', '{"job_id":'),
    ],
)
def test_faults(fault: Fault, background: str, http: str, submit: str, body: Any) -> None:
    async def test(jobs: Jobs) -> None:
        await jobs.submit(submit, body)
        await asyncio.sleep(60)
        assert (background if body is BACKGROUND[1] else http) in (await jobs.ask("GET", jobs.path)).decode()

    _with(ScriptedReply(reply=TEXT, fault=fault, after=10), test)


@BOTH
@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"input": None, "messages": None}, "must be a"),
        ({"input": None, "messages": []}, "must be a"),
        ({"stream": True, "messages": None}, "must be"),
    ],
)
def test_a_body_that_is_no_job(change: dict[str, Any], problem: str, submit: str, body: Any) -> None:
    async def test(jobs: Jobs) -> None:
        client = SimulatedClient(jobs.simulator)
        client.post({**body, **change}, submit)
        response, content = await client.response()
        assert response.status_code == 400
        assert problem in json.loads(content)["error"]["message"]

    _with(ScriptedReply(reply=TEXT), test)


@BOTH
def test_an_error_instead_of_a_job(submit: str, body: Any) -> None:
    async def test(jobs: Jobs) -> None:
        client = SimulatedClient(jobs.simulator)
        client.post(body, submit)
        response, content = await client.response()
        assert response.status_code == 503
        assert b"no room" in content

    _with(ScriptedReply(reply="no room", status=503), test)


@BOTH
def test_the_headers_of_a_reply_come_with_every_answer(submit: str, body: Any) -> None:
    async def test(jobs: Jobs) -> None:
        client = SimulatedClient(jobs.simulator)
        client.post(body, submit)
        response, content = await client.response()
        assert dict(response.headers)[b"retry-after"] == b"2"
        job = json.loads(content)
        client.request("GET", f"/v1/responses/{job['id']}" if "id" in job else f"/v2/jobs/{job['job_id']}")
        assert dict((await client.response())[0].headers)[b"retry-after"] == b"2"

    _with(ScriptedReply(reply=TEXT, headers={"retry-after": "2"}), test)


@pytest.mark.parametrize("member", ["prompt", "instruction", "input"])
def test_an_http_job_can_be_asked_for_by_a_text(member: str) -> None:
    async def test(jobs: Jobs) -> None:
        await jobs.submit(HTTP[0], {member: "Hello"})
        await asyncio.sleep(60)
        assert (await jobs.look())["result"] == {"diff": TEXT}

    _with(ScriptedReply("Hello", TEXT), test)
