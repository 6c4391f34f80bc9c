"""`spark-lsp doctor`: what is there, what is not and what to do; the status says whether edits would work."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from cli.shell import endpoint
from spark_lsp.cli.main import main
from spark_lsp.simulator.reply import ScriptedReply

if TYPE_CHECKING:
    from pathlib import Path

KEY = "sk-the-key-that-nobody-may-see"
COUNTING = ScriptedReply(reply="one two three four five six seven eight nine ten " * 4)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        return int(closed_soon.getsockname()[1])


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_LSP_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("SPARK_LSP_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("MY_KEY", KEY)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def configured(tmp_path: Path, toml: str) -> None:
    (tmp_path / "config.toml").write_text(toml, encoding="utf-8")


def doctor(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    status = main(["doctor", *options])
    printed = capsys.readouterr().out
    assert KEY not in printed
    return status, printed


def test_with_nothing_configured_it_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    status, printed = doctor(capsys)
    assert status == 1
    assert "✗ No endpoint is configured: set a key such as CEREBRAS_API_KEY" in printed
    assert "not set: OPENAI_API_KEY" in printed
    assert "✓ 19 grammars" in printed
    assert printed.rstrip().endswith("Edits would not work: see ✗ under Endpoints.")


def test_an_endpoint_is_asked_and_timed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with endpoint(COUNTING, tps=2000) as simulator:
        configured(
            tmp_path,
            'endpoint = "mine"\n[endpoints.mine]\nmodel = "m"\napiKeyEnv = "MY_KEY"\n'
            f'baseUrl = "{simulator.base_url}"\n',
        )
        status, printed = doctor(capsys)
    assert status == 0
    assert "✓ MY_KEY is set (mine)" in printed
    assert f"✓ user file, {tmp_path / 'config.toml'}: endpoint, endpoints.mine.apiKeyEnv" in printed
    (line,) = [line for line in printed.splitlines() if "✓ mine (" in line]
    assert "m over chat; first token after " in line
    assert "tokens a second" in line
    assert printed.rstrip().endswith("Edits would work.")
    asked = [request for request in simulator.requests if request.method == "POST"]
    assert len(asked) == 1
    assert asked[0].body["max_tokens"] <= 256


def test_without_a_request_nothing_is_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with endpoint(COUNTING) as simulator:
        configured(tmp_path, f'[endpoints.mine]\nbaseUrl = "{simulator.base_url}"\nmodel = "m"\n')
        status, printed = doctor(capsys, "--no-request")
    assert status == 0
    assert "m over chat; mine: the first of your endpoints that has what it needs; not asked" in printed
    assert not simulator.requests


def test_what_is_used_for_something_else_may_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with endpoint(COUNTING) as simulator:
        configured(
            tmp_path,
            f"""
endpoint = "good"
fallback = ["bad"]
routes.inline = "unfinished"
limits.usdPerDay = 0
[endpoints.good]
baseUrl = "{simulator.base_url}"
model = "m"
[endpoints.bad]
baseUrl = "http://127.0.0.1:{closed_port()}/v1"
model = "m"
[endpoints.unfinished]
baseUrl = "{simulator.base_url}"
[endpoints.keyless]
baseUrl = "{simulator.base_url}"
model = "m"
apiKeyEnv = "NO_SUCH_KEY"
""",
        )
        status, printed = doctor(capsys)
    assert status == 0
    assert "✗ bad (fallback): m over chat. The endpoint at 127.0.0.1:" in printed
    assert "refuses connections: start the server, or check the host and port in baseUrl." in printed
    assert "✗ keyless: the environment variable NO_SUCH_KEY is not set" in printed
    assert "✗ The endpoint “unfinished” has no model: add it under [endpoints.unfinished]." in printed


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (ScriptedReply(status=401), "refused the API key (HTTP 401): put a valid key into the variable MY_KEY."),
        (ScriptedReply(status=404), "does not know this path or the model m"),
        (ScriptedReply(status=429, headers={"retry-after": "30"}), "limited until "),
        (ScriptedReply(status=500), "failed (HTTP 500"),
        (ScriptedReply(body="<html></html>", content_type="text/html"), "answered with a web page: check baseUrl"),
        (ScriptedReply(fault="refuse"), "closed the connection without an answer"),
        (ScriptedReply(reply="x", fault="reset"), "ended its answer"),
        (ScriptedReply(fault="silence"), "sent no first token within 0.3 s"),
        (ScriptedReply(reply=""), "It answered without a word"),
    ],
    ids=["401", "404", "429", "500", "page", "refuse", "reset", "silence", "empty"],
)
def test_each_way_to_fail_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], reply: ScriptedReply, says: str
) -> None:
    # A busy machine may take its time to say no.
    seconds = 0.3 if reply.fault == "silence" else 10
    with endpoint(reply) as simulator:
        configured(
            tmp_path,
            f'[endpoints.mine]\nbaseUrl = "{simulator.base_url}"\nmodel = "m"\napiKeyEnv = "MY_KEY"\n'
            f"timeouts.firstToken = {seconds}\n",
        )
        status, printed = doctor(capsys)
    assert status == 1
    assert says in printed


def test_a_mistake_in_the_settings_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configured(tmp_path, "edit.aply = 'once'\nprivacy.exclude = ['a\\\\']\n")
    _, printed = doctor(capsys)
    assert "edit.aply: there is no such setting" in printed


def test_a_folder_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--workspace", "no-such-folder"]) == 1
    assert "no-such-folder is not a folder" in capsys.readouterr().err
