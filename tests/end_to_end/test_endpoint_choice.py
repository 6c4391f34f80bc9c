"""The server as a process: with a key and nothing else, a local server and nothing else, nothing; and switching."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from spark_lsp.simulator.reply import ScriptedReply
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator
from support.editor_abilities import Abilities
from support.json_rpc import RequestFailed
from support.sample_code import sample_edit
from support.stdio_editor import StdioEditor
from support.stepwise_endpoint import Say, StepwiseEndpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

pytestmark = pytest.mark.asyncio

SAMPLE = sample_edit(range(10, 14), frozenset({11}))
KEY = "key-0123456789"
NO_WAY_OUT = {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
"""Connections to the world end at a proxy that is not there."""
INVALID_PARAMS = -32602


class Rig:
    """Two endpoints and the editors of a test."""

    def __init__(self, folder: Path, stack: AsyncExitStack, first: StepwiseEndpoint, second: StepwiseEndpoint) -> None:
        self.folder = folder
        self.first = first
        self.second = second
        self._stack = stack

    async def editor(self, settings: Mapping[str, Any], **environment: str) -> StdioEditor:
        abilities = Abilities(spark={"status": True})
        editor = StdioEditor(self.folder, settings, abilities, environment={**NO_WAY_OUT, **environment})
        editor.secrets.add(KEY)
        return await self._stack.enter_async_context(editor)

    @property
    def both(self) -> dict[str, Any]:
        """Settings with both endpoints, of which the first is used."""
        endpoints = {"one": self.first, "two": self.second}
        return {
            "endpoint": "one",
            "endpoints": {name: {"baseUrl": served.base_url, "model": name} for name, served in endpoints.items()},
        }

    def place(self, kind: str) -> str:
        """The first endpoint as a server of that kind, for SPARK_LSP_LOCAL_SERVERS."""
        return f"{kind}={self.first.base_url.removeprefix('http://').removesuffix('/v1')}"


@pytest_asyncio.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(StepwiseEndpoint({"": [Say(SAMPLE.reply)]}))
        second = await stack.enter_async_context(StepwiseEndpoint({"": [Say(SAMPLE.reply)]}))
        yield Rig(tmp_path, stack, first, second)


async def edited(editor: StdioEditor, name: str = "code.py") -> Any:
    document = editor.open(name, SAMPLE.text)
    return await editor.edit(document, f"Do it in {name}.", *SAMPLE.span)


async def test_a_key_in_the_environment_and_nothing_else(rig: Rig) -> None:
    editor = await rig.editor({}, CEREBRAS_API_KEY=KEY)
    status = await editor.command("spark.status")
    assert (status["state"], status["endpoint"], status["model"]) == ("ready", "cerebras", "gpt-oss-120b")
    assert status["message"] == "cerebras: CEREBRAS_API_KEY is set"
    assert {"cerebras", "groq", "auto", "offline"} < set(status["endpoints"]), "to choose from"
    result = await edited(editor)
    assert result["status"] == "failed"
    assert "api.cerebras.ai" in result["message"], "it was tried, and there is no way out"


async def test_the_request_of_a_preset(rig: Rig) -> None:
    settings = {"endpoints": {"cerebras": {"preset": "cerebras", "baseUrl": rig.first.base_url}}}
    editor = await rig.editor(settings, CEREBRAS_API_KEY=KEY)
    result = await edited(editor)
    assert result["status"] == "applied"
    assert result["usage"]["usd"] == pytest.approx((1234 * 0.35 + 321 * 0.75) / 1_000_000)
    (exchange,) = rig.first.exchanges
    assert exchange.body["model"] == "gpt-oss-120b"
    assert exchange.body["reasoning_effort"] == "low"
    assert exchange.body["max_completion_tokens"] == 4096
    assert "max_tokens" not in exchange.body


async def test_ollama_and_nothing_else(rig: Rig) -> None:
    async with Simulator(Script((ScriptedReply(reply=SAMPLE.reply),)), tps=0, ttft_ms=0) as ollama:
        place = ollama.base_url.removeprefix("http://").removesuffix("/v1")
        editor = await rig.editor({}, SPARK_LSP_LOCAL_SERVERS=f"ollama={place}")
        status = await editor.command("spark.status")
        assert (status["state"], status["endpoint"]) == ("ready", "ollama")
        assert status["message"] == f"ollama: it answers on {place}"
        assert (await edited(editor))["status"] == "applied"
        asked = [(request.method, request.path) for request in ollama.requests]
    assert asked[0] == ("GET", "/api/tags")
    assert ("POST", "/api/generate") in asked  # among greetings, which may come at any time


async def test_what_speaks_like_ollama_only_in_part(rig: Rig) -> None:
    models = [{"id": name, "object": "model", "owned_by": "library"} for name in ("llama3.2:3b", "qwen2.5-coder:7b")]
    rig.first.pages = {"/v1/models": {"object": "list", "data": models}}
    editor = await rig.editor({}, SPARK_LSP_LOCAL_SERVERS=rig.place("ollama"))
    status = await editor.command("spark.status")
    assert (status["state"], status["endpoint"], status["model"]) == ("ready", "ollama", "qwen2.5-coder:7b")
    place = rig.place("ollama").removeprefix("ollama=")
    assert status["message"] == f"ollama: it answers on {place}"
    await rig.first.until_asked_besides("HEAD /v1")
    assert (await edited(editor))["status"] == "applied"
    (exchange,) = rig.first.exchanges
    assert exchange.body["model"] == "qwen2.5-coder:7b"
    told = [message["params"] for message in editor.messages("spark/status")]
    assert told[-1]["endpoint"] == "ollama"


async def test_only_what_decides_is_asked(rig: Rig) -> None:
    rig.first.pages = {"/api/tags": {"models": [{"name": "llama3.2:3b"}]}}  # and nothing else is asked
    everywhere = f"{rig.place('ollama')} {rig.place('vllm')}"
    editor = await rig.editor({"endpoint": "ollama"}, SPARK_LSP_LOCAL_SERVERS=everywhere, GROQ_API_KEY=KEY)
    assert (await editor.command("spark.status"))["model"] == "llama3.2:3b"
    assert "GET /v1/models" not in rig.first.asked_besides


async def test_a_server_that_is_started_later(rig: Rig) -> None:
    editor = await rig.editor({}, SPARK_LSP_LOCAL_SERVERS=rig.place("vllm"))
    assert (await editor.command("spark.status"))["state"] == "offline"
    result = await edited(editor)
    assert (result["status"], result["message"].partition(":")[0]) == ("failed", "No endpoint is configured")
    rig.first.pages = {"/v1/models": {"object": "list", "data": [{"id": "m", "max_model_len": 16384}]}}
    status = await editor.command("spark.endpoint", {"use": "auto"})
    assert (status["state"], status["endpoint"], status["model"]) == ("ready", "vllm", "m")
    assert (await edited(editor, "again.py"))["status"] == "applied"


async def test_nothing_at_all(rig: Rig) -> None:
    editor = await rig.editor({})
    status = await editor.command("spark.status")
    assert (status["state"], status["endpoint"], status["model"]) == ("offline", "offline", "")
    assert "CEREBRAS_API_KEY" in status["message"]
    assert "Ollama" in status["message"]
    result = await edited(editor)
    assert (result["status"], result["message"]) == ("failed", status["message"])


async def test_a_name_whose_key_is_missing(rig: Rig) -> None:
    editor = await rig.editor({"endpoint": "groq"}, CEREBRAS_API_KEY=KEY)
    status = await editor.command("spark.status")
    assert (status["state"], status["endpoint"]) == ("error", "groq")
    result = await edited(editor)
    assert (result["status"], result["message"]) == ("failed", status["message"])
    assert "GROQ_API_KEY" in status["message"]


async def test_switching(rig: Rig) -> None:
    editor = await rig.editor(rig.both)
    assert "spark.endpoint" in editor.capabilities["executeCommandProvider"]["commands"]
    assert (await edited(editor, "a.py"))["status"] == "applied"
    status = await editor.command("spark.endpoint", {"use": "two"})
    assert status["state"] == "ready"
    assert (status["endpoint"], status["model"], status["routes"]) == ("two", "two", {})
    assert status["message"] == "two: chosen for this session"
    await rig.second.until_asked_besides("HEAD /v1")
    await editor.until(lambda: editor.messages("spark/status")[-1]["params"] == status, "the new status")
    assert (await edited(editor, "b.py"))["status"] == "applied"
    assert [len(one.exchanges) for one in (rig.first, rig.second)] == [1, 1]
    status = await editor.command("spark.endpoint", {"use": "one", "route": "inline"})
    assert (status["endpoint"], status["routes"]) == ("two", {"inline": "one"})
    status = await editor.command("spark.endpoint", {"use": "one", "route": "edit"})
    assert (status["endpoint"], status["routes"]) == (
        "one",
        {"inline": "one", "edit": "one", "nextEdit": "two", "deep": "two"},
    )
    assert (await edited(editor, "c.py"))["status"] == "applied"
    assert [len(one.exchanges) for one in (rig.first, rig.second)] == [2, 1]
    assert await editor.command("spark.status") | {"firstTokenMs": 0, "tokensPerSecond": 0} == status | {
        "firstTokenMs": 0,
        "tokensPerSecond": 0,
    }


async def test_an_edit_right_behind_a_switch_goes_to_the_new_one(rig: Rig) -> None:
    editor = await rig.editor(rig.both)
    document = editor.open("code.py", SAMPLE.text)
    switch = editor.start_command("spark.endpoint", {"use": "two"})[1]
    _, edit = editor.start_edit(document, "Do it.", *SAMPLE.span)
    assert (await editor.answer_to(switch))["endpoint"] == "two"
    assert (await editor.answer_to(edit))["status"] == "applied"
    assert [len(one.exchanges) for one in (rig.first, rig.second)] == [0, 1]


async def test_going_offline(rig: Rig) -> None:
    editor = await rig.editor({**rig.both, "fallback": ["two"]})
    status = await editor.command("spark.endpoint", {"use": "offline"})
    assert (status["state"], status["endpoint"]) == ("offline", "offline")
    assert (await edited(editor))["status"] == "failed"
    assert rig.first.exchanges == rig.second.exchanges == []


async def test_what_can_be_switched_to(rig: Rig) -> None:
    settings = rig.both
    settings["endpoints"]["keyed"] = {"preset": "groq", "apiKeyEnv": "MY_KEY"}
    settings["endpoints"]["incomplete"] = {"preset": "nowhere", "model": "x"}
    editor = await rig.editor(settings, CEREBRAS_API_KEY=KEY, SPARK_LSP_LOCAL_SERVERS=rig.place("ollama"))
    offered = await editor.command("spark.endpoints")
    by_name = {offer["name"]: offer for offer in offered}
    assert list(by_name)[:5] == ["one", "two", "keyed", "incomplete", "openai"], "the user's own come first"
    assert by_name["one"] == {"name": "one", "model": "one"}
    assert by_name["keyed"]["lacksKey"] is True
    assert by_name["keyed"]["apiKeyEnv"] == "MY_KEY"
    assert "a preset that does not exist" in by_name["incomplete"]["problem"]
    assert by_name["cerebras"] == {"name": "cerebras", "model": "gpt-oss-120b", "apiKeyEnv": "CEREBRAS_API_KEY"}
    assert by_name["ollama"] == {"name": "ollama"}, "it may answer once it is asked"
    assert rig.first.exchanges == rig.second.exchanges == []


async def test_a_switch_to_what_does_not_exist(rig: Rig) -> None:
    editor = await rig.editor(rig.both)
    status = await editor.command("spark.endpoint", {"use": "three"})
    assert status["state"] == "error"
    assert status["endpoint"] == "one"
    for name in ("“three”", "one", "two", "cerebras", "ollama", "auto", "offline"):
        assert name in status["message"]
    status = await editor.command("spark.status")
    assert (status["state"], status["endpoint"]) == ("ready", "one")


async def test_a_malformed_argument(rig: Rig) -> None:
    editor = await rig.editor(rig.both)
    editor.errors_are_expected = True
    wrong: list[dict[str, Any]] = [
        *({}, {"use": None}, {"use": 1}, {"use": ["one"]}, {"route": "edit"}),
        *({"use": "two", "route": "edits"}, {"use": "two", "route": 1}),
    ]
    for argument in wrong:
        with pytest.raises(RequestFailed) as failed:
            await editor.command("spark.endpoint", argument)
        assert failed.value.code == INVALID_PARAMS
    assert (await editor.command("spark.status"))["endpoint"] == "one"


async def test_going_on_to_the_next_endpoint(rig: Rig) -> None:
    settings = {**rig.both, "fallback": ["nobody", "groq", "two"]}
    settings["endpoints"]["one"]["baseUrl"] = "http://127.0.0.1:9/v1"
    editor = await rig.editor(settings)
    assert (await edited(editor))["status"] == "applied"
    assert len(rig.second.exchanges) == 1
