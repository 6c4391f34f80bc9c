"""Ghost text and next edits in a JetBrains IDE, as LSP4IJ shows and applies them.

LSP4IJ asks 0.3 s after the last key; that time is the test's own. It never tells what was accepted, and skips over
what stands behind the caret in place of replacing it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from support.lsp4ij_abilities import Lsp4ijAbilities
from support.lsp4ij_editor import Lsp4ijEditor
from support.lsp4ij_typing import DELAY, GhostText, Lsp4ijTyping
from support.stepwise_endpoint import Say, StepwiseEndpoint, settings_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from pathlib import Path

    AnIde = Callable[[Mapping[str, Any]], Awaitable[Lsp4ijEditor]]

pytestmark = pytest.mark.asyncio(loop_scope="module")

ABOVE = '"""Sizes. 🦊"""\n\n\ndef area(width: int, height: int) -> int:\n'
BELOW = "\n\ndef volume(width: int, height: int, depth: int) -> int:\n    return area(width, height) * depth\n"
REST = "return width * height"
LINES = "if width < 0:\n        return 0\n    return width * height  # 🐍 漢字"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def endpoint() -> AsyncIterator[StepwiseEndpoint]:
    async with StepwiseEndpoint({"": [Say("")]}) as endpoint:
        yield endpoint


async def typing(
    an_ide: AnIde, endpoint: StepwiseEndpoint, name: str, said: str, *, before: str = "    ", after: str = ""
) -> Lsp4ijTyping:
    """Somebody at the end of `before` in the middle of a module, and a model that always says the same."""
    ide = await an_ide(settings_for(endpoint.base_url))
    endpoint.scripts = {"": [Say(said)]}
    document = ide.open_file(f"{name}.py", f"{ABOVE}{before}{after}\n{BELOW}")
    return Lsp4ijTyping(ide, document, len(ABOVE + before))


async def test_it_is_asked_for_after_the_delay_shown_and_accepted(an_ide: AnIde, endpoint: StepwiseEndpoint) -> None:
    user = await typing(an_ide, endpoint, "accept", REST.removeprefix("r"))
    user.type("r")
    assert await user.wait(DELAY - 0.001) is None
    assert user.asked == 0
    assert await user.wait(0.001) == GhostText("", REST.removeprefix("r"))
    assert user.asked == 1
    whole = f"{ABOVE}    {REST}\n{BELOW}"
    assert user.preview == whole
    user.accept()
    assert user.document.text == whole
    assert user.caret == whole.index(REST) + len(REST)
    user.document.undo()
    assert user.document.text == whole.replace(REST, "r")


async def test_several_lines(an_ide: AnIde, endpoint: StepwiseEndpoint) -> None:
    user = await typing(an_ide, endpoint, "lines", LINES, before="", after="")
    user.type("    ")
    assert await user.wait() is not None
    user.accept()
    assert user.document.text == f"{ABOVE}    {LINES}\n{BELOW}"


async def test_typing_along_asks_nobody(an_ide: AnIde, endpoint: StepwiseEndpoint) -> None:
    user = await typing(an_ide, endpoint, "along", REST)
    assert await user.call() is not None
    asked = user.asked
    user.type("return w")
    assert user.ghost == GhostText("", REST.removeprefix("return w"))
    await user.wait()
    assert user.asked == asked
    user.accept()
    assert user.document.text == f"{ABOVE}    {REST}\n{BELOW}"


async def test_another_key_takes_it_away_and_it_is_asked_again(an_ide: AnIde, endpoint: StepwiseEndpoint) -> None:
    user = await typing(an_ide, endpoint, "away", REST)
    assert await user.call() is not None
    user.type("x")
    assert user.ghost is None
    asked = user.asked
    await user.wait()
    assert user.asked == asked + 1


async def test_a_question_is_called_off_by_the_next(an_ide: AnIde, endpoint: StepwiseEndpoint) -> None:
    user = await typing(an_ide, endpoint, "again", REST)
    first = user.start_asking()
    user.type("r")
    endpoint.scripts = {"": [Say(REST.removeprefix("r"))]}
    second = await user.call()
    assert "error" in await first or (await first)["result"] is not None
    assert second == GhostText("", REST.removeprefix("r"))


@pytest.mark.parametrize(
    ("before", "key", "said", "whole"),
    [
        ("    return max", "(", "width, height)", "    return max(width, height)"),
        ("    return max", "(", "width, height) * 2", None),
        ("    return [width, height]", "[", "0]", "    return [width, height][0]"),
        ("    print", "(", '"🦊", width)', '    print("🦊", width)'),
    ],
)
async def test_brackets_that_the_ide_has_closed(
    an_ide: AnIde, endpoint: StepwiseEndpoint, before: str, key: str, said: str, whole: str | None
) -> None:
    """The bracket behind the caret is neither doubled nor lost, whatever the model thinks of it."""
    user = await typing(an_ide, endpoint, f"brackets-{len(before)}-{len(said)}", said, before=before)
    user.type(key)
    line = user.document.text[: user.caret].rpartition("\n")[2]
    ghost = await user.wait()
    assert ghost is not None, f"nothing is suggested behind {line!r}"
    user.accept()
    now = user.document.text.removeprefix(ABOVE).partition("\n")[0]
    assert now.count("(") == now.count(")")
    assert now.count("[") == now.count("]")
    assert now == (whole or "    return max(width, height)")


async def test_behind_characters_of_two_units(an_ide: AnIde, endpoint: StepwiseEndpoint) -> None:
    user = await typing(an_ide, endpoint, "units", "str(width)", before='    label = "🦊🐍" +')
    user.type(" ")
    assert await user.wait() == GhostText("", "str(width)")
    user.accept()
    assert user.document.text == f'{ABOVE}    label = "🦊🐍" + str(width)\n{BELOW}'


async def test_a_file_with_windows_line_endings(an_ide: AnIde, endpoint: StepwiseEndpoint) -> None:
    """What is inserted has line feeds: IntelliJ takes nothing else, and writes the file as it was."""
    ide = await an_ide(settings_for(endpoint.base_url))
    endpoint.scripts = {"": [Say(LINES)]}
    content = f"{ABOVE}    \n{BELOW}".replace("\n", "\r\n")
    document = ide.open_file("windows.py", content)
    user = Lsp4ijTyping(ide, document, len(f"{ABOVE}    "))
    assert await user.call() is not None
    user.accept()
    assert document.saved == f"{ABOVE}    {LINES}\n{BELOW}".replace("\n", "\r\n")


async def test_what_was_accepted_is_seen_in_the_text(an_ide: AnIde, endpoint: StepwiseEndpoint) -> None:
    """LSP4IJ runs no commands of items. A suggestion that counted as refused would not be shown at that place again."""
    user = await typing(an_ide, endpoint, "seen", REST)
    for _ in range(2):
        assert await user.call() == GhostText("", REST)
        user.accept()
        await user.editor.settled()
        user.document.undo()
        user.go(len(f"{ABOVE}    "))


async def test_an_ide_that_does_not_say_that_it_shows_ghost_text(tmp_path: Path, endpoint: StepwiseEndpoint) -> None:
    """LSP4IJ goes by what the server says. Once it has asked, its completion holds nothing of ours."""
    endpoint.scripts = {"": [Say(REST)]}
    silent = Lsp4ijAbilities(inline_completion=False)
    async with Lsp4ijEditor(tmp_path, settings_for(endpoint.base_url), silent) as ide:
        assert ide.capabilities["inlineCompletionProvider"] is not None
        document = ide.open_file("silent.py", f"{ABOVE}    \n{BELOW}")
        user = Lsp4ijTyping(ide, document, len(f"{ABOVE}    "))
        params = {"textDocument": {"uri": document.uri}, "position": document.position(user.caret)}
        completion = {**params, "context": {"triggerKind": 1}}
        assert (await ide.request("textDocument/completion", completion))["items"]
        assert await user.call() == GhostText("", REST)
        assert await ide.request("textDocument/completion", completion) is None


# Next edits, which LSP4IJ knows nothing of: they come as an intention and as a lens

CODE = """\
import store


def load(key):
    return store.fetch_all(key)  # 🦊


def save(key, value):
    store.fetch_all(key)
    return value


def drop(key):
    store.fetch_all(key)
"""


async def test_the_next_edit_is_an_intention(an_ide: AnIde) -> None:
    ide = await an_ide({"endpoint": "offline"})
    document = ide.open_file("intention.py", CODE)
    start = CODE.index("fetch_all")
    document.replace(start, start + len("fetch_all"), "fetch_many")
    for line in (9, 14):
        (following,) = [one for one in await ide.intentions(document, start, start) if "next edit" in one["title"]]
        assert following["title"].endswith(f"line {line}")
        document.check_result(await ide.invoke(following))
        start = document.text.rindex("fetch_many")
    assert document.text == CODE.replace("fetch_all", "fetch_many")
    assert ide.shown_documents[-1]["uri"] == document.uri
    assert ide.shown_documents[-1]["selection"]["start"]["line"] == 13


async def test_the_next_edit_is_a_lens(an_ide: AnIde) -> None:
    ide = await an_ide({"endpoint": "offline"})
    document = ide.open_file("lens.py", CODE)
    start = CODE.index("fetch_all")
    document.replace(start, start + len("fetch_all"), "fetch_many")
    await ide.until_lenses(document, "Spark: next edit: line 9")
    await ide.click(document, "Spark: next edit")
    await ide.until(lambda: document.text.count("fetch_many") == 2, "the next edit")
    await ide.until_lenses(document, "Revert")
    await ide.click(document, "Revert")
    assert document.text.count("fetch_many") == 1
