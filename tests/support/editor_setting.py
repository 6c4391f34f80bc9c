"""What an editor finds on a machine where spark-lsp is installed and set up, and what the documentation tells users."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from support.server_process import environment_in
from support.stepwise_endpoint import settings_for

if TYPE_CHECKING:
    from collections.abc import Mapping

README = Path(__file__).resolve().parents[2] / "editors" / "README.md"


def section(title: str) -> str:
    """What editors/README.md says under a heading."""
    whole = README.read_text(encoding="utf-8")
    found = whole.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    assert found, f"editors/README.md has no section {title!r}"
    return found


def snippets(text: str, language: str) -> list[str]:
    """The blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def set_up(folder: Path, base_url: str) -> Mapping[str, str]:
    """An environment with `spark-lsp` on its PATH and an endpoint in the user's settings; `folder` is the home."""
    commands = folder / "bin"
    commands.mkdir(exist_ok=True)
    command = commands / "spark-lsp"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m spark_lsp "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    settings = folder / "config.toml"
    endpoint = settings_for(base_url)["endpoints"]["scripted"]
    fields = "".join(f"{key} = {json.dumps(value)}\n" for key, value in endpoint.items())
    settings.write_text(
        f'endpoint = "scripted"\ncontext.repository = false\n[endpoints.scripted]\n{fields}', encoding="utf-8"
    )
    path = os.pathsep.join((str(commands), os.environ["PATH"]))
    return environment_in(folder, {"SPARK_LSP_CONFIG": str(settings), "PATH": path})
