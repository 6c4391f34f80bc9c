"""docs/errors.md says what is printed, to the letter."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cli.shell import endpoint
from spark_lsp.cli.main import main
from spark_lsp.simulator.reply import ScriptedReply

if TYPE_CHECKING:
    from spark_lsp.simulator.reply import Fault

PAGE = (Path(__file__).parents[2] / "docs" / "errors.md").read_text(encoding="utf-8")
TABLE = dict(re.findall(r"^\| (?!what|---)(.+?) \| (.+) \|$", PAGE, re.MULTILINE))
CODE = "def name(thing):\n    return thing\n"


@dataclass(frozen=True)
class Case:
    reply: ScriptedReply
    settings: str = ""
    times: int = 1


def status(number: int, words: str = "", **headers: str) -> Case:
    return Case(ScriptedReply(status=number, reply=words, headers={k.replace("_", "-"): v for k, v in headers.items()}))


def fault(name: Fault, settings: str = "") -> Case:
    return Case(ScriptedReply(reply=CODE, fault=name, after=10), settings)


CASES = {
    "the key is refused (401)": status(401),
    "the variable is not set": Case(ScriptedReply(reply=CODE), 'apiKeyEnv = "NO_SUCH_KEY"'),
    "the key may not do this (403)": status(403, "No access"),
    "no such path or model (404)": status(404, "No such model"),
    "the request is not taken (400)": status(400, "Bad request"),
    "too many requests (429)": status(429, "Slow down", retry_after="30"),
    "it fails (500)": status(500, "Internal error"),
    "it is overloaded (503)": status(503, "Busy"),
    "no first token in time": fault("silence", "timeouts.firstToken = 0.3"),
    "it stops in the middle": fault("stall", "timeouts.stall = 0.3"),
    "nothing listens there": Case(ScriptedReply(reply=CODE), "closed"),
    "it hangs up without an answer": fault("refuse"),
    "the connection breaks in the middle": fault("reset"),
    "an error in the middle": fault("error-event"),
    "a web page (a proxy, a login)": Case(ScriptedReply(body="<html></html>", content_type="text/html")),
    "not JSON": fault("garbage"),
    "the answer is cut at the limit": fault("length"),
    "the provider withholds the answer": fault("filter"),
    "your limit for the day": Case(ScriptedReply(reply=CODE), "limits.usdPerDay = 0"),
    "no endpoint at all": Case(ScriptedReply(reply=CODE), "none"),
}
ELSEWHERE = {"too many requests, and it is asked again"}
"""Needs two requests of one session: see tests/end_to_end/test_resilience.py."""


def test_every_row_is_looked_at() -> None:
    assert TABLE.keys() == CASES.keys() | ELSEWHERE


@pytest.mark.parametrize("what", CASES)
def test_what_is_printed(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case = CASES[what]
    monkeypatch.setenv("SPARK_LSP_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("MY_KEY", "sk-a-key-for-nobody")
    file = tmp_path / "code.py"
    file.write_text(CODE, encoding="utf-8")
    with endpoint(case.reply) as simulator:
        base_url = simulator.base_url
        if case.settings == "closed":
            with socket.create_server(("127.0.0.1", 0)) as closed_soon:
                base_url = f"http://127.0.0.1:{closed_soon.getsockname()[1]}/v1"
        own = case.settings if case.settings.startswith(("timeouts", "apiKeyEnv")) else ""
        key = "" if "apiKeyEnv" in own else 'apiKeyEnv = "MY_KEY"'
        top = case.settings if case.settings.startswith("limits") else ""
        if case.settings != "none":
            (tmp_path / "config.toml").write_text(
                f'{top}\n[endpoints.mine]\nbaseUrl = "{base_url}"\nmodel = "MODEL"\n{own}\n{key}\n', encoding="utf-8"
            )
        assert main(["edit", str(file), "-m", "Say it in English."]) == 1
    printed = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", capsys.readouterr().err)
    assert re.sub(r"\d\d:\d\d:\d\d", "HH:MM:SS", printed) == f"{TABLE[what]}\n"
