"""`spark-lsp prompt` shows a request as it would go out: with placeholders, and a list of what they stand for."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from context.echo_endpoint import PLACEHOLDER
from context.planted_secrets import KINDS, password
from spark_lsp.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = random.Random(50)
PASSWORD = password(SOURCE)
TOKEN = next(kind for kind in KINDS if kind.kind == "slack-token").made(SOURCE)
TEXT = f"""\
PASSWORD = "{PASSWORD}"


def connect():
    token = "{TOKEN}"
    return call(token, "{PASSWORD}")
"""


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder, with a file; the user's settings are beside it."""
    monkeypatch.setenv("SPARK_LSP_CONFIG", str(tmp_path / "config.toml"))
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "code.py").write_text(TEXT, encoding="utf-8")
    monkeypatch.chdir(folder)


def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prompt", "code.py:5:9", "-m", f"Hide {TOKEN}", "--json"]) == 0
    said = capsys.readouterr()
    assert PASSWORD not in said.out + said.err
    assert TOKEN not in said.out + said.err
    shown = json.loads(said.out)
    placeholders = {secret["kind"]: secret["placeholder"] for secret in shown["redacted"]}
    assert [{**secret, "placeholder": None} for secret in shown["redacted"]] == [
        {"kind": "slack-token", "part": "instruction", "line": 1, "placeholder": None},
        {"kind": "password", "part": "before", "line": 1, "placeholder": None},
        {"kind": "slack-token", "part": "region", "line": 5, "placeholder": None},
        {"kind": "password", "part": "region", "line": 6, "placeholder": None},
    ]
    sent = shown["body"]["messages"][-1]["content"]
    assert sorted(set(PLACEHOLDER.findall(sent))) == sorted(placeholders.values())
    assert f'PASSWORD = "{placeholders["password"]}"' in sent
    assert f"Hide {placeholders['slack-token']}" in sent


def test_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prompt", "code.py:5:9"]) == 0
    said = capsys.readouterr()
    assert PASSWORD not in said.out + said.err
    assert TOKEN not in said.out + said.err
    assert " · 2 secrets redacted · " in said.out


def test_turned_off(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.toml").write_text("privacy.redactSecrets = false\n", encoding="utf-8")
    assert main(["prompt", "code.py:5:9", "--json"]) == 0
    said = capsys.readouterr().out
    assert PASSWORD in said
    assert json.loads(said)["redacted"] == []
