"""`spark-lsp config`: the schema, and the settings in force."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from spark_lsp.cli.main import main
from spark_lsp.settings.schema import settings_schema

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "do-not-show-me-0123456789"

USER_FILE = f"""
endpoint = "mine"
inline.maxLines = 7

[endpoints.mine]
baseUrl = "http://127.0.0.1:8000/v1?token={SECRET}"
apiKeyEnv = "MY_KEY"
timeouts.connect = 0.5

[endpoints.mine.headers]
X-Api-Key = "{SECRET}"

[endpoints.mine.extraBody]
reasoning_effort = "low"
api_key = "{SECRET}"
max_tokens = 5
nested = [{{ password = "{SECRET}", name = "shown" }}]

[endpoints."a.b"]
preset = "cerebras"
apiKeyEnv = "OTHER_KEY"
apiKeyCommand = ["vault", "read", "{SECRET}"]
"""

WORKSPACE_FILE = """
endpoint = "theirs"
privacy.exclude = ["*.sql"]
inlne.maxLines = 3
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace and a user file, each with settings; MY_KEY is set and OTHER_KEY is not."""
    user = tmp_path / "config.toml"
    user.write_text(USER_FILE, encoding="utf-8")
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / ".spark.toml").write_text(WORKSPACE_FILE, encoding="utf-8")
    monkeypatch.setenv("SPARK_LSP_CONFIG", str(user))
    monkeypatch.setenv("MY_KEY", SECRET)
    monkeypatch.delenv("OTHER_KEY", raising=False)
    return folder


def show(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[str, str]:
    assert main(["config", "show", *map(str, arguments)]) == 0
    captured = capsys.readouterr()
    assert SECRET not in captured.out + captured.err
    return captured.out, captured.err


def test_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "schema"]) == 0
    assert json.loads(capsys.readouterr().out) == settings_schema()


def test_show_tells_every_setting_and_where_it_comes_from(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = show(capsys, "--workspace", workspace)
    lines = out.splitlines()
    assert lines[0] == f"# user file: {workspace.parent / 'config.toml'}"
    assert lines[1] == f"# workspace file: {workspace / '.spark.toml'}"
    for line in (
        'endpoint = "mine"  # user file',
        'endpoints.mine.baseUrl = "http://127.0.0.1:8000/v1?…"  # user file',
        'endpoints.mine.apiKeyEnv = "MY_KEY"  # user file, set',
        'endpoints.mine.headers.X-Api-Key = "…"  # user file',
        'endpoints.mine.extraBody.reasoning_effort = "low"  # user file',
        'endpoints.mine.extraBody.api_key = "…"  # user file',
        "endpoints.mine.extraBody.max_tokens = 5  # user file",
        'endpoints.mine.extraBody.nested = [{password = "…", name = "shown"}]  # user file',
        "endpoints.mine.timeouts.connect = 0.5  # user file",
        'endpoints."a.b".preset = "cerebras"  # user file',
        'endpoints."a.b".apiKeyEnv = "OTHER_KEY"  # user file, not set in this environment',
        'endpoints."a.b".apiKeyCommand = ["vault", "…"]  # user file',
        "# routes.inline = null",
        "inline.enabled = true",
        "inline.maxLines = 7  # user file",
        'privacy.exclude = ["*.sql"]  # workspace file',
        "# limits.usdPerDay = null",
    ):
        assert line in lines
    assert "endpoints.mine.wire" not in out  # a preset may fill what is left out
    file = workspace / ".spark.toml"
    assert [line.partition("; ")[0] for line in err.splitlines()] == [
        f"warning: {file}: endpoint: a workspace file may not set this",
        f"warning: {file}: inlne: there is no such setting",
    ]


def test_what_is_shown_is_toml(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = show(capsys, "--workspace", workspace)
    shown = tomllib.loads(out)
    assert shown["inline"] == {"enabled": True, "maxLines": 7, "inComments": True, "inStrings": True}
    assert shown["endpoints"]["a.b"]["preset"] == "cerebras"


def test_show_as_json(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = show(capsys, "--workspace", workspace, "--json")
    shown: dict[str, Any] = json.loads(out)
    assert shown["settings"]["inline"] == {"enabled": True, "maxLines": 7, "inComments": True, "inStrings": True}
    assert shown["settings"]["limits"] == {"tokensPerMinute": None, "usdPerDay": None}
    assert shown["settings"]["endpoints"]["mine"]["extraBody"]["max_tokens"] == 5
    assert shown["sources"]["inline.maxLines"] == "user file"
    assert shown["sources"]["privacy.exclude"] == "workspace file"
    assert shown["variables"] == {"MY_KEY": True, "OTHER_KEY": False}
    assert len(shown["problems"]) == 2
    assert shown["files"]["workspace file"] == {"path": str(workspace / ".spark.toml"), "exists": True}


def test_the_workspace_is_the_current_folder(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(workspace)
    out, _ = show(capsys)
    assert 'privacy.exclude = ["*.sql"]  # workspace file' in out


def test_show_without_any_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SPARK_LSP_CONFIG", str(tmp_path / "none.toml"))
    out, err = show(capsys, "--workspace", tmp_path)
    assert f"# user file: {tmp_path / 'none.toml'} (not there)" in out
    assert 'endpoint = "auto"\n' in out
    assert not err


def test_a_broken_file_is_a_warning(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workspace / ".spark.toml").write_text("a = \n", encoding="utf-8")
    out, err = show(capsys, "--workspace", workspace)
    assert "inline.maxLines = 7  # user file" in out
    assert err == f"warning: {workspace / '.spark.toml'}:1: is not TOML: Invalid value (at line 1, column 5)\n"


def test_mistakes(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "show", "--workspace", str(workspace / "none")]) == 1
    assert "is not a folder" in capsys.readouterr().err
    assert main(["config"]) == 2
    assert main(["config", "shwo"]) == 2
    assert "usage: spark-lsp config" in capsys.readouterr().err
