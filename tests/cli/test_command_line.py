"""`spark-lsp` itself: which command runs, what is imported for it, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import types
from typing import TYPE_CHECKING

import pytest

import spark_lsp
from spark_lsp.cli.main import COMMANDS, main

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

HEAVY = ("lsprotocol", "pygls", "httpx", "tree_sitter", "rich", "asyncio", "platformdirs", "spark_lsp.cli.serve")


def install(monkeypatch: pytest.MonkeyPatch, command: str, run: Callable[[argparse.Namespace], int]) -> None:
    """Put a command of ours in place of the real one."""
    module = types.ModuleType(f"spark_lsp.cli.{command}")
    module.add_arguments = lambda parser: parser.add_argument("--number", type=int, default=0)  # type: ignore[attr-defined]
    module.run = run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)


def spark_lsp_process(*arguments: str, program: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program] if program else [sys.executable, "-m", "spark_lsp"]
    return subprocess.run([*command, *arguments], capture_output=True, encoding="utf-8", timeout=60, check=False)


def test_version() -> None:
    done = spark_lsp_process("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"spark-lsp {spark_lsp.__version__}\n", "")
    assert re.fullmatch(r"spark-lsp \d+\.\d+\.\d+\n", done.stdout)


@pytest.mark.parametrize("arguments", [["--version"], ["edti"]])
def test_nothing_heavy_is_imported(arguments: list[str]) -> None:
    program = (
        "import sys; from spark_lsp.cli.main import main; main(sys.argv[1:]); "
        f"heavy = [name for name in {HEAVY} if name in sys.modules]; sys.exit(', '.join(heavy) or 0)"
    )
    done = spark_lsp_process(*arguments, program=program)
    assert done.returncode == 0, done.stderr


def test_a_command_gets_its_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "demo", lambda arguments: int(arguments.number))
    assert main(["demo"]) == 0
    assert main(["demo", "--number", "3"]) == 3


@pytest.mark.parametrize("arguments", [[], ["--number", "0"]])
def test_without_a_command_it_is_the_server(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    install(monkeypatch, "serve", lambda parsed: 7 + int(parsed.number))
    monkeypatch.setattr(sys, "argv", ["spark-lsp", *arguments])
    assert main() == 7


def test_help_lists_the_commands_without_importing_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(monkeypatch, "serve", lambda _: 1)
    for command in COMMANDS:
        monkeypatch.setitem(sys.modules, f"spark_lsp.cli.{command}", None)
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert "--number" in out
    assert list(COMMANDS) == ["demo", "doctor", "edit", "prompt", "stats", "simulate", "config"]
    for command, what in COMMANDS.items():
        assert re.search(rf"^  {command} +{re.escape(what)}$", out, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["edti"], "there is no command 'edti'; did you mean edit?"),
        (["confg", "show"], "there is no command 'confg'; did you mean config?"),
        (["x"], "there is no command 'x'; the commands are demo, doctor, edit, prompt, stats, simulate, config"),
        (["\x1b[31m"], "there is no command '\\x1b[31m'"),
        ([""], "there is no command ''"),
    ],
)
def test_an_unknown_command(arguments: list[str], hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert not captured.out
    assert captured.err.startswith("usage: spark-lsp ")
    assert hint in captured.err


def test_bad_arguments(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    install(monkeypatch, "demo", lambda _: 0)
    install(monkeypatch, "serve", lambda _: 0)
    for arguments, prog in ((["demo", "--number", "x"], "spark-lsp demo"), (["--nonsense"], "spark-lsp")):
        assert main(arguments) == 2
        captured = capsys.readouterr()
        assert not captured.out
        assert captured.err.startswith(f"usage: {prog} ")
    assert main(["demo", "--num", "3"]) == 2  # an abbreviation may become another option's tomorrow


def test_control_c_ends_quietly(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def run(_: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    install(monkeypatch, "demo", run)
    assert main(["demo"]) == 130
    assert capsys.readouterr() == ("", "")


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
def test_control_c_in_a_process() -> None:
    program = (
        "import sys, time, types\n"
        "demo = sys.modules['spark_lsp.cli.demo'] = types.ModuleType('demo')\n"
        "demo.add_arguments = lambda parser: None\n"
        "demo.run = lambda arguments: print('ready', flush=True) or time.sleep(60)\n"
        "from spark_lsp.cli.main import main\n"
        "sys.exit(main(['demo']))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
        assert process.stderr.read() == ""


def test_a_reader_who_has_enough_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "spark_lsp", "config", "schema"],
            stdout=writer,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_any_character_can_be_written() -> None:
    program = (
        "import sys; from spark_lsp.cli.main import main; main(['--version']); "
        "sys.stdout.write('→ \\U0001f600 \\ud800'); sys.stderr.write('→')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.stdout.endswith("→ \U0001f600 ?")
    assert done.stderr == "→"


def test_an_error_of_a_command_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_: argparse.Namespace) -> int:
        raise FileNotFoundError

    install(monkeypatch, "demo", run)
    with pytest.raises(FileNotFoundError):
        main(["demo"])
