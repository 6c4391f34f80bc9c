"""Runs the scenario files of this folder: what an edit asks, what comes back, and what the user gets.

A file has sections, each begun by a line `-- name --`:

    -- FILE --          the document, with the selection as <[...]> or the cursor as <|>; a line of ]> alone is none
    -- instruction --   what the user asks for
    -- settings --      JSON, over the settings that name the endpoint (optional)
    -- argument --      JSON, more members for the argument of spark.edit (optional)
    -- reply --         what the model answers; it streams, four characters a millisecond
    -- typing --        what the user types meanwhile, a line each: MILLISECONDS "text" before|after "anchor" (optional)
    -- @prompt --       expected: the last message to the model (optional)
    -- @after --        expected: the document in the end
    -- @result --       expected: the status, the message and the hunks

In the document and the reply, `␍` stands for a carriage return, and a `␃` at the very end for no final newline.
`pytest --update` writes what came out into the sections that begin with @.
"""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path, PurePath
from typing import Any

import pytest

from spark_lsp.endpoints.transport import EndpointClient
from spark_lsp.syntax.grammars import language_of_file
from support.peer import SETTINGS, Peer
from support.scripted_endpoint import Answer, ScriptedEndpoint
from support.virtual_time import run

FOLDER = Path(__file__).parent
_SECTION = re.compile(r"^-- (.+) --\n", re.MULTILINE)
_TYPING = re.compile(r'(\d+) ("(?:[^"\\]|\\.)*") (before|after) ("(?:[^"\\]|\\.)*")')


def sections(content: str) -> dict[str, str]:
    parts = _SECTION.split(content)
    assert not parts[0].strip(), "a scenario begins with a section"
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def decoded(text: str) -> str:
    return text.replace("␍\n", "\r\n").removesuffix("␃\n").removesuffix("␃")


def encoded(text: str) -> str:
    text = text.replace("\r\n", "␍\n")
    return text if text.endswith("\n") else f"{text}␃\n"


def marked(text: str) -> tuple[str, int, int]:
    """The text without its mark, and the offsets of the selection."""
    if "<|>" in text:
        start = text.index("<|>")
        return text.replace("<|>", "", 1), start, start
    text = text.replace("\n]>\n", "\n]>")
    start = text.index("<[")
    text = text.replace("<[", "", 1)
    end = text.index("]>")
    return text.replace("]>", "", 1), start, end


async def play(scenario: dict[str, str]) -> dict[str, str]:
    """What comes out, by section."""
    name = next(name for name in scenario if "." in name)
    text, start, end = marked(decoded(scenario[name]))
    endpoint = ScriptedEndpoint(Answer.text(decoded(scenario.get("reply", "")).removesuffix("\n")))
    peer = Peer(endpoints=EndpointClient(endpoint))
    await peer.start(SETTINGS | json.loads(scenario.get("settings", "{}")))
    uri = f"file:///project/{name}"
    peer.open(text, language_of_file(PurePath(name).name) or "plaintext", uri)
    argument = json.loads(scenario.get("argument", "{}"))
    _, answer = peer.spark_edit(scenario["instruction"].strip(), start, end, **argument)
    began = asyncio.get_running_loop().time()
    for moment, typed, side, anchor in _TYPING.findall(scenario.get("typing", "")):
        await asyncio.sleep(began + int(moment) / 1000 - asyncio.get_running_loop().time())
        place = peer.text.index(json.loads(anchor)) + (len(json.loads(anchor)) if side == "after" else 0)
        peer.edit(place, place, json.loads(typed))
    result: dict[str, Any] = (await answer)["result"]
    await asyncio.sleep(1)
    hunks = [
        f"hunk at line {hunk['range']['start']['line'] + 1}: +{hunk['added']} -{hunk['removed']}\n"
        for hunk in result["hunks"]
    ]
    message = f"{result['message']}\n" if "message" in result else ""
    await peer.stop()
    return {
        "@prompt": endpoint.requests[0]["messages"][-1]["content"] + "\n" if endpoint.requests else "",
        "@after": encoded(peer.text),
        "@result": f"{result['status']}\n{message}{''.join(hunks)}",
    }


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_scenario(path: Path, request: pytest.FixtureRequest) -> None:
    scenario = sections(path.read_text(encoding="utf-8"))
    came_out = run(play(scenario))
    expected = {name: text for name, text in scenario.items() if name.startswith("@")}
    got = {name: came_out[name] for name in expected}
    if request.config.getoption("--update") and got != expected:
        content = "".join(f"-- {name} --\n{text}" for name, text in (scenario | got).items())
        path.write_text(content, encoding="utf-8")
    else:
        assert got == expected
