"""Ghost text in a real Neovim with the settings of editors/README.md: keys are pressed, and the screen is looked at."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from spark_lsp.simulator.reply import ScriptedReply
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator
from support.headless_neovim import Neovim
from support.neovim_cache import OLDEST
from support.stepwise_endpoint import Say, StepwiseEndpoint, Wait, settings_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

pytestmark = [pytest.mark.editor, pytest.mark.asyncio]

README = Path(__file__).resolve().parents[2] / "editors" / "README.md"
ABOVE = '"""Sizes."""\n\n\ndef area(width: int, height: int) -> int:\n'
BELOW = "\n\ndef volume(width: int, height: int, depth: int) -> int:\n    return area(width, height) * depth\n"
LINE = "    return "
REST = "width * height"
SAID = [ScriptedReply(reply=REST)]
LINES = ("    if width < 0 or height < 0:", "        return 0", "    return width * height  # 🐍 漢字")


def users_settings() -> str:
    """What the README tells users of Neovim to write, to the letter."""
    section = README.read_text(encoding="utf-8").partition("\n## Neovim")[2].partition("\n## ")[0]
    return "\n".join(re.findall(r"^```lua\n(.*?)^```", section, re.MULTILINE | re.DOTALL))


def command_in(folder: Path) -> None:
    """Make `spark-lsp` a command, as installing it does."""
    command = folder / "spark-lsp"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m spark_lsp "$@"\n', encoding="utf-8")
    command.chmod(0o755)


async def play(
    folder: Path,
    scenario: str,
    base_url: str,
    text: str,
    on_event: Callable[[dict[str, Any]], None] = lambda event: None,
    needed: tuple[int, int] = OLDEST,
    **plan: Any,
) -> Neovim:
    neovim = Neovim(folder, needed)
    (folder / ".git").mkdir()
    file, init, settings = folder / "sizes.py", folder / "init.lua", folder / "config.toml"
    file.write_text(text, encoding="utf-8", newline="")
    init.write_text(users_settings(), encoding="utf-8")
    commands = folder / "bin"
    commands.mkdir()
    command_in(commands)
    endpoint = settings_for(base_url)["endpoints"]["scripted"]
    fields = "".join(f"{key} = {json.dumps(value)}\n" for key, value in endpoint.items())
    settings.write_text(f'endpoint = "scripted"\n[endpoints.scripted]\n{fields}', encoding="utf-8")
    await neovim.play(
        "inline_completion.lua",
        scenario,
        {"init": str(init), "file": str(file), "part": REST, **plan},
        on_event,
        {"SPARK_LSP_CONFIG": str(settings), "PATH": os.pathsep.join((str(commands), os.environ["PATH"]))},
    )
    return neovim


async def play_with(
    folder: Path, scenario: str, replies: Sequence[ScriptedReply], text: str, **plan: Any
) -> tuple[Neovim, int]:
    """The run, and how often the model was asked for what is suggested (and not, ahead of time, for what follows)."""
    async with Simulator(Script(tuple(replies)), tps=0, ttft_ms=0) as simulator:
        neovim = await play(folder, scenario, simulator.base_url, text, **plan)
        first_line = replies[-1].reply.partition("\n")[0]
        bodies = [json.dumps(request.body) for request in simulator.requests if request.method == "POST"]
        return neovim, sum(first_line not in body for body in bodies)


def rows(text: str) -> list[str]:
    """As they stand on a screen that starts with them."""
    return text.removesuffix("\n").split("\n")


async def test_it_is_shown_accepted_and_undone(tmp_path: Path) -> None:
    before, after = ABOVE + LINE + "\n" + BELOW, ABOVE + LINE + REST + "\n" + BELOW
    neovim, asked = await play_with(tmp_path, "accept", SAID, before, typed="5GA", shown=[LINE + REST])
    shown, accepted = neovim.event("shown")["shown"], neovim.event("accepted")["accepted"]
    assert shown["text"] == before
    assert shown["screen"][: after.count("\n")] == rows(after)
    assert shown["cursor"] == [5, len(LINE)]
    assert accepted["text"] == after
    assert accepted["screen"][: after.count("\n")] == rows(after)
    assert accepted["cursor"] == [5, len(LINE + REST)]
    looks = neovim.event("ghost")
    assert looks["ghost"] != looks["plain"]
    assert neovim.event("undone")["undone"]["text"] == before
    assert neovim.event("redone")["redone"]["text"] == after
    assert asked == 1


async def test_several_lines_are_shown_and_accepted_whole(tmp_path: Path) -> None:
    """They were asked for by a key in normal mode that opens a line: what is undone is the suggestion, not the line."""
    before = ABOVE + BELOW
    opened, after = ABOVE + "    \n" + BELOW, ABOVE + "\n".join(LINES) + "\n" + BELOW
    neovim, asked = await play_with(
        tmp_path,
        "accept",
        [ScriptedReply(reply="\n".join(LINES).strip())],
        before,
        typed="4Go",
        shown=list(LINES),
        part="if width",
    )
    shown, accepted = neovim.event("shown")["shown"], neovim.event("accepted")["accepted"]
    assert shown["text"] == opened
    assert shown["screen"][: after.count("\n")] == rows(after)
    assert accepted["text"] == after
    assert accepted["screen"][: after.count("\n")] == rows(after)
    assert accepted["cursor"] == [7, len(LINES[-1].encode())]
    assert neovim.event("undone")["undone"]["text"] == opened
    assert neovim.event("redone")["redone"]["text"] == after
    assert asked == 1


async def test_it_stays_while_what_it_says_is_typed(tmp_path: Path) -> None:
    """The model is asked once."""
    before, after = ABOVE + LINE + "\n" + BELOW, ABOVE + LINE + REST + "\n" + BELOW
    neovim, asked = await play_with(
        tmp_path, "type_along", SAID, before, typed="5GA", shown=[LINE + REST], along=["w", "id", "th *"]
    )
    steps = [event["along"] for event in neovim.events if "along" in event]
    assert [step["text"] for step in steps] == [
        ABOVE + LINE + typed + "\n" + BELOW for typed in ("w", "wid", "width *")
    ]
    for step in steps:
        assert step["screen"][: after.count("\n")] == rows(after)
    assert neovim.event("accepted")["accepted"]["text"] == after
    assert asked == 1


@pytest.mark.parametrize(
    ("line", "behind", "reply"),
    [(LINE, "", REST), (LINE + "max(", ")", "width, height) * 2")],
    ids=["at the end of a line", "before a bracket that the suggestion has, too"],
)
async def test_it_is_accepted_before_the_editor_has_asked_about_the_last_key(
    tmp_path: Path, line: str, behind: str, reply: str
) -> None:
    """What was typed of it is not inserted again, and what it takes the place of goes."""
    before, after = ABOVE + line + behind + "\n" + BELOW, ABOVE + line + reply + "\n" + BELOW
    neovim, asked = await play_with(
        tmp_path,
        "type_along_quickly",
        [ScriptedReply(reply=reply)],
        before,
        typed="5GA" + "<Left>" * len(behind),
        shown=[line + reply],
        along=["wid"],
        target=after,
    )
    assert neovim.event("accepted")["accepted"]["cursor"] == [5, len(line + reply)]
    assert asked == 1


async def test_it_is_typed_along_with_while_the_model_still_talks(tmp_path: Path) -> None:
    """Its answer goes on, and is shown once there is enough of it."""
    before, after = ABOVE + LINE + "\n" + BELOW, ABOVE + LINE + REST + "\n" + BELOW
    typed = asyncio.Event()
    async with StepwiseEndpoint({"": [Say(REST[:7]), Wait(typed), Say(REST[7:])]}) as endpoint:
        neovim = await play(
            tmp_path,
            "type_ahead",
            endpoint.base_url,
            before,
            lambda event: typed.set() if "ahead" in event else None,
            typed="5GA",
            ahead=["w", "id"],
            shown=[LINE + REST],
        )
        ahead, shown = neovim.event("ahead")["ahead"], neovim.event("shown")["shown"]
        assert ahead["screen"][: before.count("\n")] == rows(ABOVE + LINE + "wid\n" + BELOW)
        assert ahead["text"] == shown["text"] == ABOVE + LINE + "wid\n" + BELOW
        assert shown["screen"][: after.count("\n")] == rows(after)
        assert [REST in json.dumps(exchange.body) for exchange in endpoint.exchanges].count(False) == 1


async def test_it_goes_when_something_else_is_typed(tmp_path: Path) -> None:
    """And then Tab is a tab."""
    before = ABOVE + LINE + "\n" + BELOW
    other = "depth  # so it is"
    typed, target = (ABOVE + LINE + other + more + "\n" + BELOW for more in ("", "    "))
    script = (ScriptedReply(when=other, reply="", fault="empty"), ScriptedReply(reply=REST))
    neovim, asked = await play_with(
        tmp_path,
        "type_against",
        script,
        before,
        typed="5GA",
        shown=[LINE + REST],
        against=other,
        gone=[LINE + other],
        target=target,
    )
    gone = neovim.event("gone")["gone"]
    assert gone["text"] == typed
    assert gone["screen"][: typed.count("\n")] == rows(typed)
    assert asked == 2


async def test_the_same_settings_do_for_a_neovim_without_ghost_text(tmp_path: Path) -> None:
    """Its server starts, and Tab is a tab."""
    before, after = (ABOVE + LINE + more + "\n" + BELOW for more in ("", " "))
    await play_with(tmp_path, "tab", SAID, before, needed=(0, 11), typed="5GA", target=after)
