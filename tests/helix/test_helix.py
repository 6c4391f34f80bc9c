"""A real Helix with the settings of editors/README.md, to the letter."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from support.editor_setting import section, set_up, snippets
from support.sample_code import sample_edit
from support.stepwise_endpoint import Say, StepwiseEndpoint
from support.terminal_helix import ENTER, Helix, program

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.editor

SAMPLE = sample_edit(range(10, 20), frozenset({11, 13, 18}))


def environment(folder: Path, base_url: str) -> Mapping[str, str]:
    configuration = folder / "configuration" / "helix"
    configuration.mkdir(parents=True)
    (languages,) = snippets(section("Helix"), "toml")
    (configuration / "languages.toml").write_text(languages, encoding="utf-8")
    places = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CACHE", "DATA", "STATE")}
    return {**set_up(folder, base_url), **places, "XDG_CONFIG_HOME": str(configuration.parent)}


def test_it_takes_the_settings_and_finds_the_server(tmp_path: Path) -> None:
    done = subprocess.run(
        [program(), "--health", "python"],
        capture_output=True,
        text=True,
        env=environment(tmp_path, "http://127.0.0.1:9/v1"),
        timeout=60,
        check=True,
    )
    said = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    assert f"✓ spark-lsp: {tmp_path / 'bin' / 'spark-lsp'}" in said, said


@pytest.mark.asyncio
async def test_a_code_action_edits_a_region_and_undo_takes_it_back(tmp_path: Path) -> None:
    file = tmp_path / "sizes.py"
    file.write_text(SAMPLE.region, encoding="utf-8", newline="")
    async with (
        StepwiseEndpoint({"": [Say(SAMPLE.reply)]}) as endpoint,
        Helix(file, environment(tmp_path, endpoint.base_url)) as helix,
    ):
        menu = "% a"  # all of the file, and what can be done with it
        await helix.until(lambda: "Spark: " in helix.screen, "the code actions", again=menu)
        helix.press(ENTER)
        await endpoint.until_asked(1)
        await helix.until_file(SAMPLE.new_region, "the edit")
        helix.press("u")
        await helix.until_file(SAMPLE.region, "the text as it was")
