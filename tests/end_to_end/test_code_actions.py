"""The code actions: what there is, what the filter leaves, that listing asks no model, and that they can be run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from support.editor_abilities import Abilities
from support.stepwise_endpoint import Say, StepwiseEndpoint, settings_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.editor_document import EditorDocument
    from support.json_rpc import Message
    from support.shared_editors import Editors
    from support.stdio_editor import StdioEditor

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEXT = '''\
import os


def first(value):
    """🐍🐍"""
    return value


def second(value):
    # TODO: raise for negative values
    return os.path.join(value, "x")
'''
REPLY = """\
```python
def second(value):
    if value < 0:
        raise ValueError(value)
    return os.path.join(value, "x")
```
"""
REWRITES = {"simplify", "types", "errors", "document", "tests"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def endpoint() -> AsyncIterator[StepwiseEndpoint]:
    async with StepwiseEndpoint({"": [Say(REPLY)]}) as endpoint:
        yield endpoint
        assert all("Implement what this comment asks for" in exchange.instruction for exchange in endpoint.exchanges)


async def an_editor(editors: Editors, endpoint: StepwiseEndpoint) -> StdioEditor:
    return await editors.get("literals", settings_for(endpoint.base_url))


async def actions(
    editor: StdioEditor, document: EditorDocument, start: int, end: int | None = None, **context: Any
) -> list[Message]:
    """The actions for a range; listing them must not ask the model."""
    found: list[Message] = await editor.request(
        "textDocument/codeAction",
        {
            "textDocument": {"uri": document.uri},
            "range": document.range(start, start if end is None else end),
            "context": {"diagnostics": [], **context},
        },
    )
    return found


def kinds(found: list[Message]) -> list[str]:
    return [action["kind"] for action in found]


async def test_the_rewrites_of_a_selection(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    provider = editor.capabilities["codeActionProvider"]
    assert set(provider["codeActionKinds"]) >= {"quickfix", "refactor.rewrite.spark"}
    document = editor.open("selection.py", TEXT)
    start, end = document.place("    return value\n")
    found = await actions(editor, document, start, end)
    assert {kind.removeprefix("refactor.rewrite.spark.") for kind in kinds(found)} == REWRITES
    for action in found:
        assert action["title"].startswith("Spark: ")
        assert "edit" not in action
        assert "tags" not in action
        (argument,) = action["command"]["arguments"]
        assert action["command"]["command"] == "spark.edit"
        assert argument["textDocument"] == {"uri": document.uri}
        assert argument["range"] == document.range(start, end)
        assert argument["instruction"]
    assert any("selection" in action["title"] for action in found)


async def test_the_filter(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    document = editor.open("filter.py", TEXT)
    start, end = document.place("    return value\n")
    for only, expected in {
        "refactor": len(REWRITES),
        "refactor.rewrite": len(REWRITES),
        "refactor.rewrite.spark": len(REWRITES),
        "refactor.rewrite.spark.simplify": 1,
        "refactor.rewrite.spark.simp": 0,
        "refactor.extract": 0,
        "quickfix": 0,
        "source": 0,
    }.items():
        assert len(await actions(editor, document, start, end, only=[only])) == expected, only
    assert len(await actions(editor, document, start, end, only=["quickfix", "refactor"])) == len(REWRITES)


async def test_a_todo_is_implemented(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    document = editor.open("todo.py", TEXT)
    start, _ = document.place("TODO: raise")
    found = await actions(editor, document, start)
    (implement,) = [action for action in found if action["kind"] == "refactor.rewrite.spark.implement"]
    assert implement["title"] == "Spark: Implement this TODO"
    assert found[0] == implement
    command = implement["command"]
    result = await editor.answer_to(editor.start_command(command["command"], *command["arguments"])[1])
    document.check_result(result)
    assert result["status"] == "applied"
    assert document.text == TEXT[: TEXT.index("def second")] + REPLY.replace("```python\n", "").replace("```\n", "")
    assert "raise for negative values" in endpoint.exchanges[-1].instruction


async def test_diagnostics_are_fixed(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    document = editor.open("diagnostics.py", TEXT)
    start, end = document.place("value, ")
    diagnostic = {
        "range": document.range(start, end),
        "message": "Argument has\n  the wrong type",
        "source": "checker",
        "code": "arg-type",
        "severity": 1,
        "data": {"any": ["thing", 1]},
    }
    found = await actions(editor, document, start, end, diagnostics=[diagnostic])
    (fix,) = [action for action in found if action["kind"] == "quickfix"]
    assert "Argument has the wrong type" in fix["title"]
    assert fix["diagnostics"] == [diagnostic]
    (argument,) = fix["command"]["arguments"]
    assert "line 11" in argument["instruction"]
    assert "Argument has the wrong type" in argument["instruction"]
    only = await actions(editor, document, start, end, diagnostics=[diagnostic], only=["quickfix"])
    assert kinds(only) == ["quickfix"]


async def test_where_nothing_can_be_done(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint)
    empty = editor.open("empty.py", "")
    assert await actions(editor, empty, 0) == []
    beyond = {"start": {"line": 900, "character": 7}, "end": {"line": 901, "character": 0}}
    document = editor.open("beyond.py", TEXT)
    identifier = {"uri": document.uri}
    params: dict[str, Any] = {"textDocument": identifier, "range": beyond, "context": {"diagnostics": []}}
    assert isinstance(await editor.request("textDocument/codeAction", params), list)
    unknown = {"uri": f"{document.uri}.unknown"}
    assert not await editor.request("textDocument/codeAction", {**params, "textDocument": unknown})
    secret = editor.open(".env", "TOKEN=1\n", "dotenv")
    assert await actions(editor, secret, 0, 5) == []


async def test_a_client_that_knows_commands_only(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await editors.get("commands", settings_for(endpoint.base_url), Abilities(literal_actions=False))
    document = editor.open("commands.py", TEXT)
    found = await actions(editor, document, *document.place("    return value\n"))
    assert {action["command"] for action in found} == {"spark.edit"}
    assert all(set(action) <= {"title", "command", "arguments"} for action in found)
