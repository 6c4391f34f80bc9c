"""Keep and revert, hunk by hunk and all at once, by commands and by the code lenses that carry them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from support.sample_code import sample_edit
from support.stepwise_endpoint import Say, StepwiseEndpoint, settings_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.editor_document import EditorDocument
    from support.json_rpc import Message
    from support.shared_editors import Editors
    from support.stdio_editor import StdioEditor

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAMPLE = sample_edit(range(10, 20), frozenset({11, 13, 18}))
CHANGED = (11, 13, 18)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def endpoint() -> AsyncIterator[StepwiseEndpoint]:
    async with StepwiseEndpoint({"": [Say(SAMPLE.reply)]}) as endpoint:
        yield endpoint


async def edited(
    editors: Editors, endpoint: StepwiseEndpoint, name: str, **manners: Any
) -> tuple[StdioEditor, EditorDocument, Any]:
    """A document that an edit of three functions has just been applied to."""
    editor = await editors.get("one", settings_for(endpoint.base_url))
    document = editor.open(f"{name}.py", SAMPLE.text, **manners)
    result = await editor.edit(document, "Do it.", *SAMPLE.span)
    assert result["status"] == "applied"
    assert document.text == SAMPLE.target
    return editor, document, result


async def use(editor: StdioEditor, lens: Message) -> None:
    command = lens["command"]
    assert await editor.answer_to(editor.start_command(command["command"], *command["arguments"])[1]) is None


def titles(lenses: list[Message]) -> list[str]:
    return [lens["command"]["title"] for lens in lenses]


def partly(*numbers: int) -> str:
    """The text with these functions changed and the others as they were."""
    return sample_edit(range(10, 20), frozenset(numbers)).target


def hunks_of(document: EditorDocument, result: Any) -> dict[int, list[int]]:
    """The numbers of the hunks by the function that they are in."""
    found: dict[int, list[int]] = {}
    for hunk in result["hunks"]:
        line = hunk["range"]["start"]["line"]
        head = next(text for text in reversed(document.text.splitlines()[: line + 1]) if text.startswith("def "))
        found.setdefault(int(head[13:16]), []).append(hunk["hunk"])
    return found


async def test_the_lenses_of_an_edit(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor, document, result = await edited(editors, endpoint, "lenses")
    lenses = await editor.lenses(document)
    hunks = result["hunks"]
    assert titles(lenses)[:2] == [f"Keep all {len(hunks)}", "Revert all"]
    assert len(lenses) == 2 + 2 * len(hunks)
    for hunk, keep, revert in zip(hunks, lenses[2::2], lenses[3::2], strict=True):
        argument = {"editId": result["editId"], "hunk": hunk["hunk"]}
        assert keep["range"]["start"] == revert["range"]["start"] == hunk["range"]["start"]
        assert keep["command"]["command"] == "spark.keep"
        assert keep["command"]["arguments"] == [argument]
        assert revert["command"] == {"title": "Revert", "command": "spark.revert", "arguments": [argument]}
        assert f"+{hunk['added']}" in keep["command"]["title"]
    assert await editor.lenses(editor.open("other.py", SAMPLE.text)) == []


async def test_revert_one_and_keep_the_others(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor, document, result = await edited(editors, endpoint, "one-by-one")
    hunks = hunks_of(document, result)
    assert list(hunks) == list(CHANGED)
    for hunk in hunks[13]:
        assert await editor.command("spark.revert", {"editId": result["editId"], "hunk": hunk}) is None
    assert document.text == partly(11, 18)
    for hunk in hunks[11]:
        await editor.command("spark.keep", {"editId": result["editId"], "hunk": hunk})
    lenses = await editor.lenses(document)
    left = {lens["command"]["arguments"][0].get("hunk") for lens in lenses} - {None}
    assert left == set(hunks[18])
    await editor.command("spark.revert", {"editId": result["editId"]})
    assert document.text == partly(11)
    assert await editor.lenses(document) == []


@pytest.mark.parametrize("versions", ["honours", "ignores", "lies"])
async def test_revert_all(editors: Editors, endpoint: StepwiseEndpoint, versions: str) -> None:
    editor, document, _ = await edited(editors, endpoint, f"all-{versions}", versions=versions)
    typed = "# above 🦊 ①\n"
    done = len(document.batches)
    document.on_batch = lambda batch: (
        document.type(SAMPLE.mark(6), typed) if len(document.batches) == done + 1 else None
    )
    refreshed = len(editor.messages("workspace/codeLens/refresh"))
    await use(editor, (await editor.lenses(document))[1])
    assert document.text == SAMPLE.text.replace(SAMPLE.mark(6), typed + SAMPLE.mark(6))
    assert await editor.lenses(document) == []
    await editor.until(lambda: len(editor.messages("workspace/codeLens/refresh")) > refreshed, "a refresh")


async def test_keep_all(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor, document, result = await edited(editors, endpoint, "keep-all")
    await use(editor, (await editor.lenses(document))[0])
    assert await editor.lenses(document) == []
    await editor.command("spark.revert", {"editId": result["editId"]})
    assert document.text == SAMPLE.target


async def test_what_the_user_has_built_on_stays(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor, document, result = await edited(editors, endpoint, "built-on")
    document.type("total > 13", "🦊① and ")
    document.type(SAMPLE.mark(12), "# 🦊 ②\n")
    await editor.command("spark.revert", {"editId": result["editId"]})
    target = (
        partly(13).replace("total > 13", "🦊① and total > 13").replace(SAMPLE.mark(12), f"# 🦊 ②\n{SAMPLE.mark(12)}")
    )
    hunks = hunks_of(document, result)
    if len(hunks[13]) == 1:
        assert document.text == target
    assert "①" in document.text
    assert "②" in document.text
    assert "abs(value) * 11" not in document.text
    assert await editor.lenses(document) == []


async def test_lenses_move_with_the_text(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor, document, _ = await edited(editors, endpoint, "moving")
    before = [lens["range"]["start"]["line"] for lens in await editor.lenses(document)]
    document.replace(0, 0, "# one\n# two\n")
    after = [lens["range"]["start"]["line"] for lens in await editor.lenses(document)]
    assert after == [line + 2 for line in before]


async def test_a_second_edit_closes_the_first(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor, document, first = await edited(editors, endpoint, "second")
    start, end = document.place(SAMPLE.new_region)
    second = await editor.edit(document, "Again.", start, end)
    assert second["status"] == "unchanged"
    assert await editor.command("spark.revert", {"editId": first["editId"]}) is None
    assert document.text == SAMPLE.target


async def test_what_is_unknown_is_left_alone(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor, document, result = await edited(editors, endpoint, "unknown")
    assert await editor.command("spark.revert", {"editId": "edit-none"}) is None
    assert await editor.command("spark.keep", {"editId": "edit-none"}) is None
    assert await editor.command("spark.revert", {"editId": result["editId"], "hunk": 99}) is None
    assert document.text == SAMPLE.target


async def test_a_read_only_document_is_told_of_once(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor, document, result = await edited(editors, endpoint, "read-only")
    document.manners = type(document.manners)(read_only=True)
    assert await editor.command("spark.revert", {"editId": result["editId"]}) is None
    assert len(editor.shown) == 1
    assert "read-only" in editor.shown.pop()
    assert document.text == SAMPLE.target
