"""`spark-lsp prompt`: what would be sent, without anything that must not be seen."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from cli.shell import chat_requests, configure, endpoint
from spark_lsp.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "do-not-show-me-0123456789"
TEXT = """\
# A comment with 漢 and 😀.


def twice(number):
    return number * 2


def thrice(number):
    return number * 3
"""


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a file; the user's settings are beside it."""
    monkeypatch.setenv("SPARK_LSP_CONFIG", str(tmp_path / "config.toml"))
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "numbers.py").write_bytes(TEXT.encode())
    monkeypatch.chdir(folder)
    return folder


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["prompt", "numbers.py:5:9", "-m", "Add types", "--json", *arguments]) == 0
    value: dict[str, Any] = json.loads(capsys.readouterr().out)
    return value


def test_it_is_what_an_edit_sends(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with endpoint() as simulator:
        configure(tmp_path / "config.toml", simulator.base_url, "temperature = 0.5\nextraBody = {top_k = 3}\n")
        prompt = shown(capsys)
        assert not chat_requests(simulator), "it asks nobody"
        assert main(["edit", "numbers.py:5", "-m", "Add types"]) == 0
        (request,) = (request for request in simulator.requests if request.method == "POST")
    assert prompt["body"] == request.body
    assert prompt["headers"] == request.headers
    assert prompt["url"] == f"{simulator.base_url}/chat/completions"
    assert (prompt["endpoint"], prompt["model"], prompt["format"]) == ("here", "scripted", "rewrite")
    assert prompt["region"] == {"start": {"line": 4, "column": 1}, "end": {"line": 6, "column": 1}}
    assert prompt["tokens"]["estimated"] > 50
    assert prompt["contextMs"] > 0
    assert list(prompt) == [
        *("endpoint", "model", "format", "url", "headers", "body", "region", "tokens", "redacted", "contextMs"),
    ]


def test_nothing_secret_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    more = f"""
apiKeyEnv = "A_KEY"
headers = {{ X-Org = "{SECRET}" }}
extraBody = {{ api_key = "{SECRET}", nested = [{{ token = "{SECRET}", shown = "yes" }}] }}
"""
    configure(tmp_path / "config.toml", f"http://127.0.0.1:1/v1?key={SECRET}", more)
    monkeypatch.setenv("A_KEY", SECRET)
    prompt = shown(capsys)
    assert SECRET not in json.dumps(prompt)
    assert prompt["headers"]["authorization"] == "Bearer …"
    assert prompt["headers"]["x-org"] == "…"
    assert prompt["url"] == "http://127.0.0.1:1/v1/chat/completions?…"
    assert prompt["body"]["nested"] == [{"token": "…", "shown": "yes"}]
    assert main(["prompt", "numbers.py:5:9"]) == 0
    out, err = capsys.readouterr()
    assert SECRET not in out
    assert not err


def test_a_key_that_is_not_there_is_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(tmp_path / "config.toml", "http://127.0.0.1:1/v1", 'apiKeyEnv = "A_KEY"\n')
    monkeypatch.delenv("A_KEY", raising=False)
    assert main(["prompt", "numbers.py:5:9", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["headers"]["authorization"] == "Bearer …"
    assert err == (
        "The endpoint “here” has no key, so nothing would be sent: the environment variable A_KEY is not set.\n"
    )


def test_a_command_for_the_key_is_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran = tmp_path / "ran"
    command = f"apiKeyCommand = ['touch', '{ran}']\n"
    configure(tmp_path / "config.toml", "http://127.0.0.1:1/v1", command)
    assert shown(capsys)["headers"]["authorization"] == "Bearer …"
    assert not ran.exists()


def test_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configure(tmp_path / "config.toml", "http://127.0.0.1:1/v1")
    assert main(["prompt", "numbers.py:5:9", "-m", "Add types"]) == 0
    out, err = capsys.readouterr()
    assert not err
    assert out.startswith("POST http://127.0.0.1:1/v1/chat/completions\n")
    assert '\n  "model": "scripted",\n' in out
    assert "\n── system ──" in out
    assert "\n```python\ndef twice(number):\n    return number * 2\n```\n\nInstruction: Add types\n" in out
    last = out.splitlines()[-1]
    expected = r"here, scripted · format rewrite · region 4:1 to 6:1 · about \d+ tokens · made in \d+\.\d\d ms"
    assert re.fullmatch(expected, last)


def test_without_an_endpoint(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prompt", "numbers.py:1:1", "--json"]) == 0
    out, err = capsys.readouterr()
    prompt = json.loads(out)
    assert err.startswith("No endpoint is configured: ")
    assert [prompt[key] for key in ("endpoint", "model", "url", "headers")] == [None] * 4
    assert [message["role"] for message in prompt["body"]["messages"]] == ["system", "user"]
    assert main(["prompt", "numbers.py:1:1"]) == 0
    out, _ = capsys.readouterr()
    assert out.startswith("── system ──")
    assert "no endpoint · format rewrite" in out.splitlines()[-1]


@pytest.mark.parametrize("place", ["numbers.py:5:9999", "numbers.py:4:1"])
def test_a_column_behind_the_line_is_its_end(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prompt", place, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["region"]["start"] == {"line": 4, "column": 1}


def test_a_suggestion_at_the_cursor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configure(tmp_path / "config.toml", "http://127.0.0.1:1/v1")
    assert main(["prompt", "numbers.py:5:5", "--kind", "inline", "--json"]) == 0
    prompt = json.loads(capsys.readouterr().out)
    assert prompt["position"] == {"line": 5, "column": 5}
    assert prompt["format"] == "hole"
    assert "return number * 2" in prompt["body"]["messages"][-1]["content"]
    assert "region" not in prompt
    assert main(["prompt", "numbers.py:5:5", "--kind", "inline"]) == 0
    assert "format hole · cursor 5:5 · about " in capsys.readouterr().out.splitlines()[-1]


def test_the_next_edit(tmp_path: Path, workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configure(tmp_path / "config.toml", "http://127.0.0.1:1/v1")
    assert main(["prompt", "numbers.py:5:5", "--kind", "next", "--json"]) == 0
    prompt = json.loads(capsys.readouterr().out)
    assert prompt["position"] == {"line": 5, "column": 5}
    assert prompt["region"] == {"start": {"line": 3, "column": 1}, "end": {"line": 10, "column": 1}}
    assert prompt["format"] == "window"
    assert "    <CURSOR>return number * 2\n" in prompt["body"]["messages"][-1]["content"]
    assert main(["prompt", "numbers.py:5:5", "--kind", "next"]) == 0
    assert "format window · region 3:1 to 10:1 · about " in capsys.readouterr().out.splitlines()[-1]
    configure(tmp_path / "config.toml", "http://127.0.0.1:1/v1", 'wire = "completions"\nformat = "zeta2"\n')
    assert main(["prompt", "numbers.py:5:5", "--kind", "next", "--json"]) == 0
    body = json.loads(capsys.readouterr().out)["body"]
    assert body["prompt"].startswith("<[fim-suffix]>")
    assert body["stop"][0] == ">>>>>>> UPDATED"
    (workspace / "numbers.py").write_text("x = '<filename>'\n")
    assert main(["prompt", "numbers.py:1:1", "--kind", "next"]) == 1
    nothing = "Nothing would be sent: the file holds control tokens of the model's format.\n"
    assert capsys.readouterr() == ("", nothing)


def test_failures(tmp_path: Path, workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for place, message in (
        ("none.py:1:1", "There is no file none.py."),
        ("numbers.py:10:1", "numbers.py has 9 lines: there is no line 10."),
    ):
        assert main(["prompt", place]) == 1
        assert capsys.readouterr() == ("", f"{message}\n")
    (workspace / "one.env").write_text("A=1\n")
    assert main(["prompt", "one.env:1:1"]) == 1
    assert "Nothing of one.env may be sent" in capsys.readouterr().err
    configure(tmp_path / "config.toml", "ftp://127.0.0.1")
    assert main(["prompt", "numbers.py:1:1"]) == 0
    assert capsys.readouterr().err.startswith(f"warning: {tmp_path / 'config.toml'}: endpoints.here.baseUrl: ")


def test_an_endpoint_that_cannot_be_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spark_lsp.endpoints.http_transport.WIRES", {"other": None})
    configure(tmp_path / "config.toml", "http://127.0.0.1:1/v1")
    assert main(["prompt", "numbers.py:1:1"]) == 1
    out, err = capsys.readouterr()
    assert not out
    assert err == 'The endpoint "here" cannot be used: its wire is not known: set it to one of other.\n'


def test_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["numbers.py"], ["numbers.py:1"], ["numbers.py:0:1"], ["numbers.py:1:1", "--kind", "x"]):
        assert main(["prompt", *arguments]) == 2
        assert capsys.readouterr().err.startswith("usage: spark-lsp prompt FILE:LINE:COL ")
