"""Edits of code that holds secrets: none is sent, and the document ends as it should in every format."""

from __future__ import annotations

import asyncio
import difflib
import json
import random
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest

from context.echo_endpoint import PLACEHOLDER, EchoEndpoint, fenced, region_of
from context.planted_secrets import KINDS, key_block, password
from spark_lsp.context.edit import edit_context, plain_surroundings
from spark_lsp.context.redaction import SecretVault
from spark_lsp.context.redaction_of_edit import redacted_edit
from spark_lsp.core.prompt import EditContext, Region, RelatedCode
from spark_lsp.core.text import Position, Text
from spark_lsp.endpoints.transport import EndpointClient
from support.peer import SETTINGS, Peer
from support.virtual_time import run

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = random.Random(30)
PASSWORD = password(SOURCE)
TOKEN = next(kind for kind in KINDS if kind.kind == "github-token").made(SOURCE)
BLOCK = key_block(SOURCE, lines=12)
KEY_LINES = [line for line in BLOCK.splitlines() if "-----" not in line]
SECRETS = [PASSWORD, TOKEN, *KEY_LINES]
TEXT = f'''\
import api

PASSWORD = "{PASSWORD}"
KEY = """\\
{BLOCK}"""


def connect():
    return api.connect("{TOKEN}", PASSWORD, retries=1)
'''


async def play(
    reply: Callable[[str], str],
    instruction: str = "Retry twice",
    text: str = TEXT,
    *,
    size: int = 3,
    format_name: str = "rewrite",
    **settings: Any,
) -> tuple[dict[str, Any], str, EchoEndpoint]:
    """The result of an edit of a whole document, the document in the end, and the endpoint."""
    endpoint = EchoEndpoint(reply, size=size)
    peer = Peer(endpoints=EndpointClient(endpoint))
    await peer.start(SETTINGS | settings)
    peer.open(text, "python", "file:///project/code.py")
    _, answer = peer.spark_edit(instruction, 0, len(text), format=format_name)
    result = (await answer)["result"]
    await asyncio.sleep(1)
    await peer.stop()
    return result, peer.text, endpoint


def unsent(endpoint: EchoEndpoint) -> bool:
    return endpoint.sent != "[]" and not any(secret in endpoint.sent for secret in SECRETS)


TARGET = TEXT.replace("retries=1", "retries=2")


def rewritten(message: str) -> str:
    return fenced(region_of(message).replace("retries=1", "retries=2"))


def searched(message: str) -> str:
    line = next(line for line in region_of(message).splitlines() if "retries" in line)
    return f"<<<<<<< SEARCH\n{line}\n=======\n{line.replace('=1', '=2')}\n>>>>>>> REPLACE\n"


def searched_with_key(message: str) -> str:
    lines = region_of(message).splitlines()
    first = next(number for number, line in enumerate(lines) if "BEGIN" in line)
    quoted = "\n".join(lines[first : first + 5])
    return searched(message) + f"<<<<<<< SEARCH\n{quoted}\n=======\n{quoted}\n>>>>>>> REPLACE\n"


def diffed(message: str) -> str:
    region = region_of(message)
    new = region.replace("retries=1", "retries=2")
    return "".join(
        difflib.unified_diff(
            region.splitlines(keepends=True), new.splitlines(keepends=True), "a/code.py", "b/code.py", n=30
        )
    )


@pytest.mark.parametrize(
    ("name", "reply"),
    [("rewrite", rewritten), ("search-replace", searched), ("search-replace", searched_with_key), ("diff", diffed)],
    ids=["rewrite", "search-replace", "search-replace with a key", "diff"],
)
@pytest.mark.parametrize("size", [1, 7, 4000])
def test_one_line_changes(name: str, reply: Callable[[str], str], size: int) -> None:
    result, text, endpoint = run(play(reply, size=size, format_name=name))
    assert (result["status"], text) == ("applied", TARGET)
    assert "message" not in result
    assert [(hunk["removed"], hunk["added"]) for hunk in result["hunks"]] == [(1, 1)]
    assert unsent(endpoint)


def test_a_model_that_changes_nothing() -> None:
    result, text, endpoint = run(play(lambda message: fenced(region_of(message))))
    assert (result["status"], text) == ("unchanged", TEXT)
    assert unsent(endpoint)


def test_a_secret_may_be_moved() -> None:
    def moved(message: str) -> str:
        lines = region_of(message).splitlines(keepends=True)
        return fenced("".join([lines[0], *lines[3:], "\n\n", lines[2]]))

    lines = TEXT.splitlines(keepends=True)
    result, text, endpoint = run(play(moved, "Move the password to the end"))
    assert (result["status"], text) == ("applied", "".join([lines[0], *lines[3:], "\n\n", lines[2]]))
    assert unsent(endpoint)


def test_a_secret_in_the_instruction() -> None:
    instruction = f"Replace {PASSWORD} and {TOKEN} by environment variables"
    result, _, endpoint = run(play(lambda message: fenced("import api\n"), instruction))
    assert result["status"] == "applied"
    assert unsent(endpoint)
    asked = endpoint.requests[0]["messages"][-1]["content"].rpartition("Instruction: ")[2]
    assert PLACEHOLDER.sub("…", asked) == "Replace … and … by environment variables"


def test_an_invented_placeholder_is_told() -> None:
    def invented(message: str) -> str:
        return fenced(region_of(message).replace("retries=1", 'secret="REDACTED_SECRET_2222"'))

    result, text, _ = run(play(invented))
    assert text == TEXT.replace("retries=1", 'secret="REDACTED_SECRET_2222"')
    assert "REDACTED_SECRET" in result["message"]
    assert "look it over" in result["message"]


def test_a_message_that_quotes_a_line_hides_its_secret() -> None:
    def missing(message: str) -> str:
        line = next(line for line in region_of(message).splitlines() if "PASSWORD =" in line)
        return f"<<<<<<< SEARCH\n{line}  # not there\n=======\nx\n>>>>>>> REPLACE\n"

    result, text, _ = run(play(missing, format_name="search-replace"))
    assert (result["status"], text) == ("failed", TEXT)
    assert "not in the region" in result["message"]
    assert PASSWORD not in json.dumps(result, ensure_ascii=False)
    assert 'PASSWORD = "REDACTED_SECRET_' in result["message"]


def test_it_can_be_turned_off() -> None:
    result, text, endpoint = run(play(rewritten, privacy={"redactSecrets": False}))
    assert (result["status"], text) == ("applied", TARGET)
    assert all(secret in endpoint.sent for secret in SECRETS)


def test_a_document_with_placeholders_of_its_own() -> None:
    own = f'WORD = "REDACTED_SECRET_7KQ2"\n{TEXT}redacted_secret = 1\n'
    result, text, endpoint = run(play(rewritten, text=own))
    assert (result["status"], text) == ("applied", own.replace("retries=1", "retries=2"))
    assert "message" not in result
    assert unsent(endpoint)


def test_a_selection_inside_a_key() -> None:
    async def inside() -> tuple[str, EchoEndpoint]:
        endpoint = EchoEndpoint(lambda message: fenced(region_of(message)))
        peer = Peer(endpoints=EndpointClient(endpoint))
        await peer.start(SETTINGS | {"context": {"tokens": 0}})
        peer.open(TEXT)
        start = TEXT.index(KEY_LINES[4])
        _, answer = peer.spark_edit("Do nothing", start, TEXT.index(KEY_LINES[7]) + 10)
        assert (await answer)["result"]["status"] == "unchanged"
        await peer.stop()
        return peer.text, endpoint

    text, endpoint = run(inside())
    assert text == TEXT
    assert unsent(endpoint)
    assert not any(line[:10] in endpoint.sent for line in KEY_LINES)


def test_asked_again_it_is_as_exact() -> None:
    async def twice() -> tuple[list[str], str, EchoEndpoint]:
        endpoint = EchoEndpoint(lambda message: fenced(region_of(message)))
        peer = Peer(endpoints=EndpointClient(endpoint))
        await peer.start(SETTINGS)
        peer.open(TEXT)
        statuses = [(await peer.spark_edit("Do nothing", 0, len(TEXT))[1])["result"]["status"] for _ in range(2)]
        await peer.stop()
        return statuses, peer.text, endpoint

    statuses, text, endpoint = run(twice())
    assert (statuses, text) == (["unchanged", "unchanged"], TEXT)
    prompts = {json.dumps(request["messages"]) for request in endpoint.requests}
    assert len(prompts) == 1, "the same secret has the same placeholder, so that caches hit"


def test_every_text_of_a_context_passes_the_vault() -> None:
    texts = {"path", "instruction", "region", "before", "after", "related"}
    harmless = {"language", "line_ending", "ends_document"}
    names = {field.name for field in fields(EditContext)}
    assert names == texts | harmless, "whatever is new and goes into prompts is to be redacted (redacted_edit)"


def test_code_from_other_files() -> None:
    text = Text.of("x = 1\n")
    region = Region(text, Position(0, 0))
    others = (RelatedCode("definitions", "Definitions:", TEXT), RelatedCode("recent edit", "Changed:", TEXT))
    around = plain_surroundings(text, region, 0)
    context = edit_context(text, region, around, path="code.py", language="python", instruction="Do it")
    safe = redacted_edit(replace(context, related=others), text, SecretVault(), file=None)
    assert not any(secret in one.text for secret in SECRETS for one in safe.context.related)
    assert safe.context.related[0].text == safe.context.related[1].text != TEXT
    assert {secret.part for secret in safe.redaction.secrets} == {"definitions", "recent edit"}


def test_a_file_that_goes_along() -> None:
    text = Text.of(TEXT)
    region = Region(Text.of(text.lines[2]), Position(2, 0))
    around = plain_surroundings(text, region, 0)
    context = edit_context(text, region, around, path="code.py", language="python", instruction="Do it")
    safe = redacted_edit(context, text, SecretVault(), file=TEXT)
    assert safe.file is not None
    assert not any(secret in safe.file for secret in SECRETS)
    assert str(safe.context.region.text).strip() in safe.file, "the same secret is the same word everywhere"
    restorer = safe.redaction.restorer()
    assert restorer.feed(safe.file) + restorer.finish() == TEXT
    assert {secret.part for secret in safe.redaction.secrets} == {"region", "file"}
