"""Settings from every source over the wire, the status, and what goes only to clients that ask for it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from support.editor_abilities import Abilities
from support.sample_code import sample_edit
from support.stdio_editor import StdioEditor
from support.stepwise_endpoint import Say, StepwiseEndpoint, settings_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

import pytest_asyncio

pytestmark = pytest.mark.asyncio

SAMPLE = sample_edit(range(10, 14), frozenset({11}))
STATUS_KEYS = {"state", "message", "endpoint", "model", "routes", "busy", "firstTokenMs", "tokensPerSecond", "todayUsd"}


class Rig:
    """An endpoint, one that must never be asked, and the editors of a test."""

    def __init__(self, folder: Path, stack: AsyncExitStack, right: StepwiseEndpoint, wrong: StepwiseEndpoint) -> None:
        self.folder = folder
        self.right = right
        self.wrong = wrong
        self._stack = stack

    async def editor(self, settings: Mapping[str, Any] | None, *abilities: Abilities, **options: Any) -> StdioEditor:
        editor = StdioEditor(self.folder, settings or {}, *abilities, **options)
        return await self._stack.enter_async_context(editor)


@pytest_asyncio.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with AsyncExitStack() as stack:
        right = await stack.enter_async_context(StepwiseEndpoint({"": [Say(SAMPLE.reply)]}))
        wrong = await stack.enter_async_context(StepwiseEndpoint({"": [Say(SAMPLE.reply)]}))
        yield Rig(tmp_path, stack, right, wrong)


async def edited(editor: StdioEditor, name: str = "code.py") -> Any:
    document = editor.open(name, SAMPLE.text)
    return await editor.edit(document, "Do it.", *SAMPLE.span)


async def test_the_status_and_its_notifications(rig: Rig) -> None:
    editor = await rig.editor(settings_for(rig.right.base_url), Abilities(spark={"status": True}))
    told = [message["params"] for message in editor.messages("spark/status")]
    status = await editor.command("spark.status")
    assert told[-1:] in ([status], [])
    assert status == {"state": "ready", "endpoint": "scripted", "model": "scripted", "routes": {}, "busy": []}
    assert (await edited(editor))["status"] == "applied"
    status = await editor.command("spark.status")
    assert set(status) <= STATUS_KEYS
    assert status["state"] == "ready"
    assert status["firstTokenMs"] > 0
    assert status["tokensPerSecond"] > 0
    told = [message["params"] for message in editor.messages("spark/status")]
    assert told[-1] == status
    busy = {"task": "edit", "uri": (rig.folder / "code.py").as_uri()}
    assert [busy] in [one["busy"] for one in told]
    assert next(one for one in told if one["busy"])["state"] == "busy"
    assert all(one != other for one, other in pairwise(told))


async def test_a_failure_shows_in_the_status_until_it_is_over(rig: Rig) -> None:
    settings = settings_for(rig.right.base_url, edit={"syntaxGate": "off"})
    editor = await rig.editor(settings, Abilities(spark={"status": True}))
    rig.right.scripts = {"": [Say("")]}
    failed = await edited(editor)
    assert failed["status"] == "failed"
    status = await editor.command("spark.status")
    assert (status["state"], status["message"]) == ("error", failed["message"])
    rig.right.scripts = {"": [Say(SAMPLE.reply)]}
    assert (await edited(editor, "again.py"))["status"] == "applied"
    status = await editor.command("spark.status")
    assert status["state"] == "ready"
    assert "message" not in status


async def test_the_own_request_to_apply_edits(rig: Rig) -> None:
    editor = await rig.editor(settings_for(rig.right.base_url), Abilities(spark={"applyEdit": True}))
    assert (await edited(editor))["status"] == "applied"
    (document,) = editor.documents.values()
    assert document.text == SAMPLE.target
    assert {message["method"] for message in editor.received if "Edit" in message["method"]} == {"spark/applyEdit"}
    first, *others = [batch.params for batch in document.batches]
    assert set(first) == {"edit", "label", "undoStopBefore", "undoStopAfter"}
    assert first["undoStopBefore"] is True
    assert not any(params["undoStopBefore"] for params in others)
    assert [params["undoStopAfter"] for params in (first, *others)][-1] is True


async def test_settings_are_pulled_and_pulled_again(rig: Rig) -> None:
    configuration = settings_for(rig.right.base_url)
    editor = await rig.editor(
        settings_for(rig.wrong.base_url), Abilities(configuration=True), configuration=configuration
    )
    await editor.until(lambda: editor.messages("client/registerCapability"), "a registration")
    (registration,) = editor.messages("client/registerCapability")[0]["params"]["registrations"]
    assert registration["method"] == "workspace/didChangeConfiguration"
    await editor.until(lambda: editor.messages("workspace/configuration"), "a pull")
    assert editor.messages("workspace/configuration")[0]["params"] == {"items": [{"section": "spark"}]}
    assert (await edited(editor))["status"] == "applied"
    await editor.configure({"endpoint": "offline"})
    assert (await editor.command("spark.status"))["state"] == "offline"
    result = await edited(editor, "offline.py")
    assert result["status"] == "failed"
    assert "offline" in result["message"]
    await editor.configure(None)
    assert (await editor.command("spark.status"))["state"] == "ready"
    assert rig.wrong.exchanges == []


async def test_an_edit_that_is_asked_for_before_the_settings_have_come(rig: Rig) -> None:
    """Scripts and quick users do that; the editor's settings hold for them too."""
    configuration = settings_for(rig.right.base_url)
    editor = await rig.editor(None, Abilities(configuration=True), configuration=configuration)
    assert (await edited(editor))["status"] == "applied"


async def test_a_client_that_refuses_what_it_said_it_could_do(rig: Rig) -> None:
    refused = ("workspace/configuration", "client/registerCapability", "window/workDoneProgress/create")
    editor = await rig.editor(settings_for(rig.right.base_url), Abilities(configuration=True), refuses=refused)
    editor.refuses.add("workspace/codeLens/refresh")
    assert (await edited(editor))["status"] == "applied"
    editor.connection.notify("workspace/didChangeConfiguration", {"settings": None})
    editor.refuses.add("workspace/applyEdit")
    result = await edited(editor, "refused.py")
    assert result["status"] == "failed"
    assert "refused the edit" in result["message"]


async def test_settings_are_pushed_by_clients_that_cannot_be_asked(rig: Rig) -> None:
    editor = await rig.editor(settings_for(rig.wrong.base_url))
    pushed = {"settings": {"spark": settings_for(rig.right.base_url), "other": {"a": 1}}}
    editor.connection.notify("workspace/didChangeConfiguration", pushed)
    assert (await edited(editor))["status"] == "applied"
    assert len(rig.right.exchanges) == 1
    assert rig.wrong.exchanges == []


async def test_what_is_wrong_with_settings_is_told_once(rig: Rig) -> None:
    settings = settings_for(rig.right.base_url, edit={"aply": "once", "onCancel": 7})
    editor = await rig.editor(settings, Abilities(configuration=True))
    await editor.until(lambda: editor.shown, "a warning")
    (message,) = editor.messages("window/showMessage")
    assert message["params"]["type"] == 2
    (said,) = editor.shown
    assert "edit.aply" in said
    assert "apply" in said
    assert "initializationOptions" in said
    editor.shown.clear()
    await editor.configure({"inline": {"maxLines": "many"}})
    (said,) = editor.shown
    assert "inline.maxLines" in said
    assert "edit.aply" not in said
    editor.shown.clear()
    await editor.configure({"inline": {"maxLines": "many"}})
    assert editor.shown == []
    assert (await edited(editor))["status"] == "applied"


async def test_a_workspace_file_does_not_choose_the_endpoint(rig: Rig) -> None:
    (rig.folder / ".spark.toml").write_text(
        f'endpoint = "evil"\n[endpoints.evil]\nbaseUrl = "{rig.wrong.base_url}"\nmodel = "evil"\n'
        f'[endpoints.scripted]\nbaseUrl = "{rig.wrong.base_url}"\n[routes]\nedit = "evil"\n'
        '[log]\nprompts = true\nlevel = "debug"\n[edit]\napply = "once"\n'
    )
    editor = await rig.editor(settings_for(rig.right.base_url))
    await editor.until(lambda: editor.shown, "a warning")
    (said,) = editor.shown
    assert "endpoint" in said
    assert ".spark.toml" in said
    editor.shown.clear()
    result = await edited(editor)
    assert result["status"] == "applied"
    (document,) = editor.documents.values()
    assert len(document.batches) == 1  # edit.apply holds
    assert len(rig.right.exchanges) == 1
    assert rig.wrong.exchanges == []
    status = await editor.command("spark.status")
    assert (status["endpoint"], status["routes"]) == ("scripted", {})


async def test_the_user_s_file(rig: Rig) -> None:
    file = rig.folder / "config of mine.toml"
    endpoint = f'[endpoints.mine]\nbaseUrl = "{rig.right.base_url}"\nmodel = "m"\n'
    file.write_text(f'endpoint = "mine"\n{endpoint}', encoding="utf-8")
    editor = await rig.editor(None, environment={"SPARK_LSP_CONFIG": str(file)})
    assert (await edited(editor))["status"] == "applied"
    assert rig.right.exchanges[0].body["model"] == "m"


async def test_without_an_endpoint(rig: Rig) -> None:
    editor = await rig.editor(None)
    result = await edited(editor)
    assert result["status"] == "failed"
    assert "No endpoint is configured" in result["message"]
    status = await editor.command("spark.status")
    assert status["state"] == "offline"
    settings = settings_for(rig.right.base_url)
    settings["endpoints"]["scripted"]["apiKeyEnv"] = "NO_SUCH_KEY"
    editor.connection.notify("workspace/didChangeConfiguration", {"settings": {"spark": settings}})
    result = await edited(editor, "no-key.py")
    assert result["status"] == "failed"
    assert "NO_SUCH_KEY" in result["message"]
    assert rig.right.exchanges == []


async def test_excluded_files_are_never_sent(rig: Rig) -> None:
    settings = settings_for(rig.right.base_url, privacy={"exclude": ["private/"]})
    editor = await rig.editor(settings)
    for name in (".env", ".env.local", "deploy/.env.production", "id_rsa", "server.pem", "private/code.py"):
        document = editor.open(name, "PASSWORD=hunter2-hunter2\n", "dotenv")
        result = await editor.edit(document, "Do it.", 0, 8)
        assert result["status"] == "failed", name
        assert "Nothing was sent" in result["message"]
        assert document.batches == []
    assert rig.right.exchanges == []
    assert (await edited(editor, "environment.py"))["status"] == "applied"
    assert len(rig.right.exchanges) == 1


async def test_the_path_above_the_workspace_is_not_sent(rig: Rig) -> None:
    editor = await rig.editor(settings_for(rig.right.base_url))
    assert (await edited(editor, "src/a b/code.py"))["status"] == "applied"
    (exchange,) = rig.right.exchanges
    assert "src/a b/code.py" in str(exchange.body)
    assert rig.folder.name not in str(exchange.body)
