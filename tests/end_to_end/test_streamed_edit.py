"""An edit of 120 lines streams in at 1,000 tokens a second, in every encoding and with clients of all manners."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from support.editor_abilities import Abilities
from support.editor_text import offset_at
from support.sample_code import SampleEdit, sample_edit
from support.stepwise_endpoint import (
    CACHED_TOKENS,
    INPUT_TOKENS,
    OUTPUT_TOKENS,
    Say,
    StepwiseEndpoint,
    settings_for,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from support.editor_document import Batch, EditorDocument
    from support.shared_editors import Editors
    from support.stdio_editor import StdioEditor

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNIX, WINDOWS = sample_edit(), sample_edit(ending="\r\n")
TOKENS_PER_SECOND = 1000
ENCODINGS = ("utf-8", "utf-16", "utf-32")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def endpoint() -> AsyncIterator[StepwiseEndpoint]:
    async with StepwiseEndpoint({"": [Say(UNIX.reply, TOKENS_PER_SECOND)]}) as endpoint:
        yield endpoint


async def an_editor(editors: Editors, endpoint: StepwiseEndpoint, encoding: str) -> StdioEditor:
    price = {"input": 1.0, "cachedInput": 0.5, "output": 2.0}
    settings = settings_for(endpoint.base_url)
    settings["endpoints"]["scripted"]["price"] = price
    return await editors.get(encoding, settings, Abilities((encoding,)))


async def in_every_encoding(check: Callable[[str], Awaitable[None]]) -> None:
    """Run a check side by side with servers of all encodings; each fails by its own name."""
    async with asyncio.TaskGroup() as group:
        for encoding in ENCODINGS:
            group.create_task(_named(check(encoding), encoding))


async def _named(check: Awaitable[None], encoding: str) -> None:
    try:
        await check
    except Exception as error:
        error.add_note(f"in {encoding}")
        raise


def check_the_result(result: Any, document: EditorDocument, sample: SampleEdit) -> None:
    assert result["status"] == "applied"
    assert "message" not in result
    usd = (1.0 * (INPUT_TOKENS - CACHED_TOKENS) + 0.5 * CACHED_TOKENS + 2.0 * OUTPUT_TOKENS) / 1_000_000
    assert result["usage"] == {
        "inputTokens": INPUT_TOKENS,
        "cachedTokens": CACHED_TOKENS,
        "outputTokens": OUTPUT_TOKENS,
        "estimated": False,
        "usd": pytest.approx(usd),
    }
    timings = result["timings"]
    assert set(timings) == {"contextMs", "firstTokenMs", "firstEditMs", "totalMs"}
    assert timings["contextMs"] <= timings["firstTokenMs"] <= timings["firstEditMs"] <= timings["totalMs"]
    hunks = result["hunks"]
    assert [hunk["range"]["start"]["line"] for hunk in hunks] == sorted(
        hunk["range"]["start"]["line"] for hunk in hunks
    )
    assert sum(hunk["added"] for hunk in hunks) == len(sample.new_lines)
    removed = len(sample.region.splitlines()) - len(sample.new_region.splitlines()) + len(sample.new_lines)
    assert sum(hunk["removed"] for hunk in hunks) == removed
    for line in sample.new_lines:
        start, end = document.place(line.strip())
        spans = [
            [offset_at(document.text, hunk["range"][edge], document.encoding)[0] for edge in ("start", "end")]
            for hunk in hunks
        ]
        assert any(span[0] <= end and start <= span[1] for span in spans), f"no hunk for {line!r} in {hunks}"


@pytest.mark.parametrize("ending", ["lf", "crlf"])
async def test_the_text_is_exactly_what_the_model_meant(
    editors: Editors, endpoint: StepwiseEndpoint, ending: str
) -> None:
    sample = UNIX if ending == "lf" else WINDOWS

    async def check(encoding: str) -> None:
        editor = await an_editor(editors, endpoint, encoding)
        document = editor.open(f"{ending}.py", sample.text, answers_first=ending == "crlf")
        instruction = f"Do it, {encoding}, {ending}."
        result = await editor.edit(document, instruction, *sample.span)
        assert document.text == sample.target
        check_the_result(result, document, sample)
        (exchange,) = (exchange for exchange in endpoint.exchanges if exchange.instruction == instruction)
        assert exchange.finished_at is not None
        assert document.batches[0].at < exchange.finished_at
        assert document.batches[0].at < exchange.said_at(len(sample.reply) // 2)
        assert document.characters_sent <= 1.1 * sum(map(len, sample.new_lines))
        assert document.refused == 0
        assert {batch.label for batch in document.batches} == {f"Spark: {instruction}"}

    await in_every_encoding(check)


@pytest.mark.parametrize("versions", ["honours", "ignores", "lies"])
async def test_nothing_that_the_user_types_meanwhile_is_lost(
    editors: Editors, endpoint: StepwiseEndpoint, versions: str
) -> None:
    async def check(encoding: str) -> None:
        editor = await an_editor(editors, endpoint, encoding)
        document = editor.open(f"typed-{versions}.py", UNIX.text, versions=versions)
        typing = {
            0: [(UNIX.mark(7), "# above 🦊 ①\n")],
            1: [(UNIX.mark(14), "# inside 🦊 ②\n"), (UNIX.mark(26), "# inside 🦊 ③\n")],
            2: [(UNIX.mark(32), "# below 🦊 ④\n"), (UNIX.mark(8), "# above 🦊 ⑤\n\n")],
        }
        target = UNIX.target

        def type_before(_: Batch) -> None:
            nonlocal target
            for mark, new in typing.pop(len(document.batches) - 1, []):
                document.type(mark, new)
                target = target.replace(mark, new + mark)

        document.on_batch = type_before
        result = await editor.edit(document, "Make it safe.", *UNIX.span)
        assert not typing
        assert document.text == target
        check_the_result(result, document, UNIX)
        assert document.refused == 0 if versions == "ignores" else document.refused > 0

    await in_every_encoding(check)


@pytest.mark.parametrize("answers_first", [False, True])
async def test_a_client_that_reports_whole_texts(
    editors: Editors, endpoint: StepwiseEndpoint, answers_first: bool
) -> None:
    editor = await an_editor(editors, endpoint, "utf-16")
    document = editor.open(f"full-{answers_first}.py", UNIX.text, full_sync=True, answers_first=answers_first)
    typing = {0: (UNIX.mark(7), "# above 🦊 ①\n"), 2: (UNIX.mark(14), "# inside 🦊 ②\n")}
    target = UNIX.target

    def type_afterwards(_: Batch) -> None:
        nonlocal target
        if typed := typing.pop(len(document.batches) - 1, None):
            document.type(*typed)
            target = target.replace(typed[0], typed[1] + typed[0])

    document.after_batch = type_afterwards
    result = await editor.edit(document, "Make it safe.", *UNIX.span)
    assert not typing
    assert document.text == target
    check_the_result(result, document, UNIX)


async def test_lines_that_the_user_works_on_are_left_alone(editors: Editors, endpoint: StepwiseEndpoint) -> None:
    editor = await an_editor(editors, endpoint, "utf-16")
    document = editor.open("same-lines.py", UNIX.text)
    typed = "🦊①②③"

    def type_where_the_next_hunk_goes(_: Batch) -> None:
        document.on_batch = lambda batch: None
        start, end = document.place(f"value * {28}")
        document.replace(start, end, typed)

    document.on_batch = type_where_the_next_hunk_goes
    result = await editor.edit(document, "Make it safe.", *UNIX.span)
    assert document.text.count(typed) == 1
    assert result["status"] == "applied"
    assert result["message"] == "1 hunk left out, because you were typing there."
    others = [line for line in UNIX.new_lines if "28" not in line and "too small" in line]
    assert all(line in document.text for line in others)
