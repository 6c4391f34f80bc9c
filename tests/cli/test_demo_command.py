"""`spark-lsp demo` from end to end: a real server in a process of its own, and nothing left behind."""

from __future__ import annotations

import asyncio
import io
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

import spark_lsp
from cli.shell import SECONDS, configure, endpoint
from spark_lsp.cli.demonstration import acts, language_client, live_stage, show, stage
from spark_lsp.cli.main import main
from spark_lsp.simulator.library import LIBRARY
from spark_lsp.simulator.reply import ScriptedReply

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(spark_lsp.__file__).parent.parent
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals and programs of POSIX")
VERDICTS = [
    "1. ✓ The class is now the reply, to the byte, and nothing else has changed.",
    "2. ✓ The function is now the reply, to the byte, and nothing else has changed.",
    "3. ✓ All 78 keystrokes survived, each where it was typed.",
    "3. ✓ The function is now the reply, to the byte, and nothing else has changed.",
    r"4. ✓ The file is what it was, to the byte, \d+ ms after the cancel.",
    "4. ✓ The model's stream was closed at once: it says no more.",
]


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int | None]]:
    """Nobody's settings, a folder for temporary files, and the exit status of every server that was started."""
    monkeypatch.setenv("SPARK_LSP_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(ROOT)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    clients: list[language_client.LanguageClient] = []
    start = language_client.LanguageClient.start

    async def noted(environment: Mapping[str, str]) -> language_client.LanguageClient:
        clients.append(await start(environment))
        return clients[-1]

    monkeypatch.setattr(language_client.LanguageClient, "start", noted)
    statuses: list[int | None] = []
    yield statuses
    statuses += [client._process.returncode for client in clients]
    assert None not in statuses, "a server was left behind"
    assert not list(temporary.iterdir()), "files were left behind"


def demo(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["demo", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def verdicts_of(out: str) -> list[str]:
    return re.findall(r"^\d\. [✓✗–] .*$", out, re.MULTILINE)


def test_where_there_is_no_terminal(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "spark_lsp", "demo"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    out = done.stdout
    assert "\x1b" not in out
    lines = [line.strip() for line in out.splitlines()]
    assert lines[0] == "The replies are scripted, at 1,000 tokens a second: no model is asked."
    assert any(line.startswith("The replies were scripted: ") for line in lines)
    found = verdicts_of(out)
    assert len(found) == len(VERDICTS)
    for verdict, expected in zip(found, VERDICTS, strict=True):
        assert re.fullmatch(expected, verdict)
    table = [line.split() for line in lines if re.match(r"\d\. \w.* ms", line)]
    assert [row[0] for row in table] == ["1.", "2.", "3.", "4."]
    assert [int(row[-3]) for row in table[:3]] == [14, 1, 14], "the hunks"
    for row in table:
        sent, changed = int(row[-2].replace(",", "")), int(row[-1].replace(",", ""))
        assert 0 < sent <= changed


def test_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """All of it as on a terminal, but for the time that people need."""
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=80, height=24, highlight=False)
    monkeypatch.setattr(show, "Console", lambda **_: console)
    monkeypatch.setattr(show, "_can_move", lambda _: True)
    monkeypatch.setattr(show, "_WATCHED_TOKENS_PER_SECOND", 1000)
    monkeypatch.setattr(live_stage.LiveStage, "keystroke_seconds", 0.002)
    monkeypatch.setattr(live_stage.LiveStage, "pause", stage.PlainStage.pause)
    for name in ("_WRITING_SECONDS", "_WRITTEN_SECONDS", "_WINDOW_SECONDS"):
        monkeypatch.setattr(live_stage, name, 0)
    status = main(["demo"])
    painted = screen.getvalue()
    on_screen, _, after = painted.partition("\x1b[?1049l")
    assert status == 0, "".join([after, *capsys.readouterr()])
    assert painted.count("\x1b[?1049h") == painted.count("\x1b[?1049l") == 1, "one screen, and the old one back"
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", on_screen)
    for sign in ("+ ", "- ", "» ", "! "):
        assert re.search(rf"^ *\d* +{re.escape(sign)}", plain, re.MULTILINE)
    assert "spark-lsp  4/4  A cancel rolls it back" in plain
    assert "You press Esc after 3 hunks." in plain
    assert "cancelled · first token " in plain
    after = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", after)
    assert [verdict[3] for verdict in verdicts_of(after)] == ["✓"] * 6
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("replies", "made"),
    [
        (LIBRARY, "applied."),
        ([ScriptedReply(reply="I cannot help with that, sorry.")], "failed: The model answered with words instead"),
        ([ScriptedReply(reply="```\nentirely()\ndifferent()\n```\n")], "applied."),
        ([], "unchanged: The model left the code as it is."),
    ],
)
def test_an_endpoint_of_your_own_may_say_anything(
    replies: list[ScriptedReply], made: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with endpoint(*replies) as simulator:
        status, out, err = demo(capsys, "--base-url", simulator.base_url, "--model", "any")
        requests = [request for request in simulator.requests if request.method == "POST"]
    assert (status, err) == (0, ""), out
    assert "scripted" not in out
    assert "✗" not in out
    assert "3. ✓ All 78 keystrokes survived, each where it was typed." in out
    assert f"1. – What the model made of it: {made}" in out
    assert [request.body["model"] for request in requests] == ["any"] * 4


def test_the_configured_endpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(show, "ACTS", (acts.refactor,))
    monkeypatch.setenv("A_KEY", "key-of-the-user")
    with endpoint(*LIBRARY) as simulator:
        configure(tmp_path / "config.toml", simulator.base_url, 'apiKeyEnv = "A_KEY"\nnonsense = 1\n')
        status, out, err = demo(capsys, "--configured")
        (request,) = (request for request in simulator.requests if request.method == "POST")
    assert status == 0
    assert "The endpoint is here, the model scripted." in out
    assert request.headers["authorization"] == "Bearer key-of-the-user"
    assert "nonsense: there is no such setting" in err


def test_the_users_settings_count_for_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show, "ACTS", (acts.refactor,))
    (tmp_path / "config.toml").write_text('endpoint = "offline"\nedit.apply = "preview"\nprivacy.exclude = ["*"]\n')
    assert main(["demo"]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--base-url", "http://127.0.0.1:1/v1", "--model", "x"], "refuses connections: start the server"),
        (
            ["--base-url", "http://127.0.0.1:1/v1", "--model", "x", "--api-key-env", "NOT_SET"],
            "The endpoint “demo” has no key: the environment variable NOT_SET is not set.",
        ),
        (["--configured"], "No endpoint is configured: "),
    ],
)
def test_an_endpoint_that_cannot_be_used(
    arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    status, _, err = demo(capsys, *arguments)
    assert status == 1
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "x"], "an endpoint needs both --base-url and --model"),
        (["--base-url", "http://x"], "an endpoint needs both --base-url and --model"),
        (["--api-key-env", "X"], "an endpoint needs both --base-url and --model"),
        (["--base-url", "ftp://x", "--model", "x"], "--base-url: expected an http:// or https:// URL"),
        (["--base-url", "http://x", "--model", "x", "--api-key-env", "sk-1"], "--api-key-env: expected the name"),
        (["--configured", "--model", "x"], "--configured takes the endpoint from your settings"),
    ],
)
def test_wrong_usage(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = demo(capsys, *arguments)
    assert (status, out) == (2, "")
    assert err.startswith(f"spark-lsp demo: error: {message}")


def test_a_broken_promise_is_a_failure(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(show, "ACTS", (acts.type_along,))
    monkeypatch.setattr(acts, "_survived", lambda _, typing: typing.where != "inside")
    status, out, _ = demo(capsys)
    assert status == 1
    assert "1. ✗ Keystrokes ['inside'] were lost." in out


@POSIX
@pytest.mark.parametrize(
    ("program", "message"),
    [
        (None, "The server cannot be started: No such file or directory.\n"),
        ("echo 'no such module' >&2; exit 3", "The server ended unexpectedly (status 3): no such module\n"),
        ("echo nonsense; echo; sleep 60", "The server sent something that cannot be understood: "),
    ],
)
def test_a_server_that_is_none(
    program: str | None,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    executable = tmp_path / "python"
    if program is not None:
        executable.write_text(f"#!/bin/sh\n{program}\n")
        executable.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(executable))
    status, _, err = demo(capsys)
    assert status == 1
    assert err.startswith(message)
    assert err.count("\n") == 1


def test_a_server_that_dies_in_the_middle(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    async def deadly(theatre: acts.Theatre, number: int) -> Any:
        theatre.editor._client._process.kill()
        await asyncio.get_running_loop().create_future()

    monkeypatch.setattr(show, "ACTS", (deadly,))
    status, _, err = demo(capsys)
    assert status == 1
    assert err.startswith("The server ended unexpectedly (status ")


@POSIX
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_is_interrupted_without_a_trace(number: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "spark_lsp", "demo"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout
        while not process.stdout.readline().startswith("1. "):
            assert process.poll() is None
        children = _children(process.pid)
        process.send_signal(number)
        _, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (130, "")
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


def _children(process: int) -> list[int]:
    """The processes that a process has started, where the system tells."""
    listing = Path(f"/proc/{process}/task/{process}/children")
    return [int(child) for child in listing.read_text().split()] if listing.exists() else []


@POSIX
def test_a_reader_who_has_enough_is_no_error(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-m", "spark_lsp", "demo"], cwd=ROOT, stdout=writer, stderr=subprocess.PIPE
    ) as process:
        os.close(writer)
        os.read(reader, 1)
        os.close(reader)
        _, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (1, b"")
