"""What an endpoint that fails, limits or costs means to the user, over a real pipe and a real socket."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from spark_lsp.simulator.reply import ScriptedReply
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator
from support.editor_abilities import Abilities
from support.sample_code import sample_edit
from support.stdio_editor import StdioEditor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

pytestmark = pytest.mark.asyncio

SAMPLE = sample_edit(range(10, 14), frozenset({11}))
GOOD = ScriptedReply(reply=SAMPLE.reply)


class Rig:
    """A good endpoint, a bad one, and editors."""

    def __init__(self, folder: Path, stack: AsyncExitStack, good: Simulator, bad: Simulator) -> None:
        self.folder, self.good, self.bad = folder, good, bad
        self._stack = stack

    async def editor(self, **settings: Any) -> StdioEditor:
        endpoints: Mapping[str, Any] = {
            "good": {"baseUrl": self.good.base_url, "model": "good-model", "price": {"input": 1, "output": 2}},
            "bad": {"baseUrl": self.bad.base_url, "model": "bad-model"},
        }
        editor = StdioEditor(self.folder, {"endpoints": endpoints, **settings}, Abilities(spark={"status": True}))
        return await self._stack.enter_async_context(editor)


@pytest_asyncio.fixture
async def rig(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    """`bad` answers with the reply that the test is parametrized with."""
    reply = getattr(request, "param", ScriptedReply(status=500))
    async with AsyncExitStack() as stack:
        good = await stack.enter_async_context(Simulator(Script((GOOD,)), tps=0, ttft_ms=0))
        bad = await stack.enter_async_context(Simulator(Script((reply,)), tps=0, ttft_ms=0))
        yield Rig(tmp_path, stack, good, bad)


def asked(simulator: Simulator) -> int:
    return sum(request.method == "POST" for request in simulator.requests)


async def edited(editor: StdioEditor, name: str, instruction: str = "Do it.") -> Any:
    document = editor.open(name, SAMPLE.text)
    result = await editor.edit(document, instruction, *SAMPLE.span)
    assert document.text == (SAMPLE.target if result["status"] == "applied" else SAMPLE.text)
    return result


LIMITED = ScriptedReply(status=429, headers={"retry-after": "600"})


async def test_another_endpoint_answers_in_place_of_one_that_fails(rig: Rig) -> None:
    editor = await rig.editor(endpoint="bad", fallback=["good"])
    result = await edited(editor, "one.py")
    assert result["status"] == "applied"
    assert "HTTP 500" in result["message"]
    assert result["message"].endswith("The endpoint good answered instead.")
    assert (asked(rig.bad), asked(rig.good)) == (2, 1)


@pytest.mark.parametrize("rig", [LIMITED], indirect=True, ids=["429"])
async def test_a_limit_is_told_and_kept(rig: Rig) -> None:
    editor = await rig.editor(endpoint="bad")
    first = await edited(editor, "one.py")
    assert first["status"] == "failed"
    assert "limited until " in first["message"]
    second = await edited(editor, "two.py", "Do something else.")
    assert "is limited until " in second["message"]
    assert asked(rig.bad) == 1
    status = await editor.command("spark.status")
    assert status["state"] == "limited"
    assert status["message"].startswith("Limited until ")
    switched = await editor.command("spark.endpoint", {"use": "good"})
    assert (switched["state"], switched["endpoint"], switched["model"]) == ("ready", "good", "good-model")
    assert (await edited(editor, "three.py"))["status"] == "applied"


@pytest.mark.parametrize(
    "rig", [ScriptedReply(reply=SAMPLE.reply, after=len(SAMPLE.reply) // 2, fault="cut")], indirect=True, ids=["cut"]
)
async def test_nobody_else_goes_on_with_an_answer_that_has_begun(rig: Rig) -> None:
    editor = await rig.editor(endpoint="bad", fallback=["good"])
    result = await edited(editor, "one.py")
    assert result["status"] == "failed"
    assert "before it was finished" in result["message"]
    assert asked(rig.good) == 0


async def test_the_same_prompt_gives_the_same_edit_for_nothing(rig: Rig) -> None:
    editor = await rig.editor(endpoint="good")
    document = editor.open("one.py", SAMPLE.text)
    first = await editor.edit(document, "Do it.", *SAMPLE.span)
    await editor.command("spark.revert", {"editId": first["editId"]})
    assert document.text == SAMPLE.text
    second = await editor.edit(document, "Do it.", *SAMPLE.span)
    assert document.text == SAMPLE.target
    assert (first["status"], second["status"]) == ("applied", "applied")
    assert asked(rig.good) == 1
    assert first["usage"]["usd"] > 0
    assert second["usage"] == {"inputTokens": 0, "cachedTokens": 0, "outputTokens": 0, "estimated": False}
    status = await editor.command("spark.status")
    assert status["todayUsd"] == pytest.approx(first["usage"]["usd"], abs=1e-6)


async def test_a_day_that_cost_enough(rig: Rig) -> None:
    editor = await rig.editor(endpoint="good", limits={"usdPerDay": 0.000001}, cache={"replies": False})
    assert (await edited(editor, "one.py"))["status"] == "applied"
    result = await edited(editor, "two.py")
    assert result["status"] == "failed"
    assert "Today's limit of $1e-06 is reached: raise limits.usdPerDay, or go on tomorrow." in result["message"]
    assert asked(rig.good) == 1


async def test_what_happened_is_in_the_ledger_and_no_code(rig: Rig) -> None:
    editor = await rig.editor(endpoint="good")
    await edited(editor, "one.py")
    await editor.stop()
    state = rig.folder / "state"
    environment = {**os.environ, "SPARK_LSP_STATE": str(state)}
    command = [sys.executable, "-m", "spark_lsp", "stats", "--json"]
    run = await asyncio.to_thread(subprocess.run, command, env=environment, capture_output=True, check=True, timeout=60)
    printed = run.stdout
    report = json.loads(printed)
    assert "good-model" in printed.decode()
    assert report
    stored = b"".join(path.read_bytes() for path in state.iterdir())
    assert b"good-model" in stored
    assert b"function_011" not in stored
    assert b"Do it." not in stored


async def test_the_deep_route_is_taken_when_it_is_asked_for(rig: Rig) -> None:
    editor = await rig.editor(endpoint="bad", routes={"deep": "good"})
    document = editor.open("one.py", SAMPLE.text)
    result = await editor.edit(document, "Think.", *SAMPLE.span, route="deep")
    assert result["status"] == "applied"
    assert asked(rig.bad) == 0
    assert (await editor.command("spark.status"))["routes"] == {"deep": "good"}
