"""`spark-lsp edit`: the same edit as in an editor, from the shell."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import spark_lsp
from cli.shell import SECONDS, chat_requests, configure, endpoint
from spark_lsp.cli.main import main
from spark_lsp.features.surroundings import STILL_INDEXING
from spark_lsp.repo.indexer import Indexer
from spark_lsp.simulator.reply import ScriptedReply

ROOT = Path(spark_lsp.__file__).parent.parent
BEFORE = """\
import math


def area(radius):
    \"\"\"Of a circle.\"\"\"
    return math.pi * radius ** 2


def name(thing):
    return thing["name"]
"""
AREA = 'def area(radius: float) -> float:\n    """Of a circle."""\n    return math.pi * radius ** 2\n'
AFTER = BEFORE.replace("def area(radius):", "def area(radius: float) -> float:")
DIFF = "".join(
    f"{line}\n"
    for line in (
        "--- a/shapes.py",
        "+++ b/shapes.py",
        "@@ -1,7 +1,7 @@",
        " import math",
        " ",
        " ",
        "-def area(radius):",
        "+def area(radius: float) -> float:",
        '     """Of a circle."""',
        "     return math.pi * radius ** 2",
        " ",
    )
)


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a file to edit; the user's settings are beside it."""
    monkeypatch.setenv("SPARK_LSP_CONFIG", str(tmp_path / "config.toml"))
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "shapes.py").write_bytes(BEFORE.encode())
    monkeypatch.chdir(folder)
    return folder


def reply(text: str) -> ScriptedReply:
    return ScriptedReply(reply=f"```python\n{text}```\n")


def region_of(body: object) -> str:
    """The region that a request was about."""
    message: str = body["messages"][-1]["content"]  # type: ignore[index]
    return message.partition("The region:\n```python\n")[2].partition("\n```\n\nInstruction: ")[0]


def test_it_prints_a_diff(tmp_path: Path, workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with endpoint(reply(AREA)) as simulator:
        configure(tmp_path / "config.toml", simulator.base_url)
        assert main(["edit", "shapes.py:6", "-m", "Add types"]) == 0
        (body,) = chat_requests(simulator)
    assert capsys.readouterr() == (DIFF, "")
    assert (workspace / "shapes.py").read_bytes() == BEFORE.encode()
    assert body["messages"][-1]["content"].endswith("Instruction: Add types")


@pytest.mark.parametrize("command", [["edit", "shapes.py:6"], ["prompt", "shapes.py:6:1"]])
def test_it_says_that_it_did_not_wait_for_the_index(
    command: list[str],
    tmp_path: Path,
    workspace: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (workspace / ".git").mkdir()

    def never_done(self: Indexer) -> None:
        self.graph.growing = True

    monkeypatch.setattr(Indexer, "start", never_done)
    with endpoint(reply(AREA)) as simulator:
        configure(tmp_path / "config.toml", simulator.base_url)
        assert main([*command, "-m", "Add types"]) == 0
    assert capsys.readouterr().err == f"{STILL_INDEXING}\n"


@pytest.mark.parametrize(
    ("where", "region"),
    [
        ("shapes.py", BEFORE),
        ("shapes.py:4", "\n".join(BEFORE.splitlines()[3:6])),
        ("shapes.py:6", "\n".join(BEFORE.splitlines()[3:6])),
        ("shapes.py:1", "import math"),
        ("shapes.py:5-5", '    """Of a circle."""'),
        ("shapes.py:6-9", "\n".join(BEFORE.splitlines()[5:9])),
        ("shapes.py:10-10", '    return thing["name"]'),
    ],
)
def test_what_may_be_changed(where: str, region: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with endpoint() as simulator:
        configure(tmp_path / "config.toml", simulator.base_url)
        assert main(["edit", where, "-m", "x"]) == 0
        (body,) = chat_requests(simulator)
    assert region_of(body).rstrip("\n") == region.rstrip("\n")
    assert capsys.readouterr() == ("", "The model left the code as it is.\n")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("final", ["", "end"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_it_writes_to_the_byte(
    ending: str, final: str, mark: str, tmp_path: Path, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def file_of(text: str) -> bytes:
        return (mark + text.replace("\n", ending) + final).encode()

    path = workspace / "shapes.py"
    path.write_bytes(file_of(BEFORE))
    with endpoint(reply(AREA)) as simulator:
        configure(tmp_path / "config.toml", simulator.base_url)
        assert main(["edit", "shapes.py:6", "-m", "Add types", "--write"]) == 0
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("shapes.py: 1 hunk written, +1 −1 lines, ")
    assert err.count("\n") == 1
    assert path.read_bytes() == file_of(AFTER)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")
@pytest.mark.parametrize("content", [BEFORE.replace("\n", "\r\n"), BEFORE[:-1], "\ufeff" + BEFORE])
def test_git_applies_what_it_prints(
    content: str, tmp_path: Path, workspace: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = workspace / "shapes.py"
    path.write_bytes(content.encode())
    last = 'def name(thing: dict) -> str:\n    return thing["name"]\n'
    with endpoint(reply(last)) as simulator:
        configure(tmp_path / "config.toml", simulator.base_url)
        assert main(["edit", "shapes.py:9", "-m", "Add types"]) == 0
    diff = capsysbinary.readouterr().out
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=diff, cwd=workspace, check=True)
    expected = content.replace("def name(thing):", "def name(thing: dict) -> str:")
    assert path.read_bytes() == expected.encode()


def test_an_edit_that_breaks_the_file_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with endpoint(reply(AREA.replace("radius ** 2", "radius ** 2)"))) as simulator:
        configure(tmp_path / "config.toml", simulator.base_url)
        assert main(["edit", "shapes.py:6", "-m", "x"]) == 0
        assert capsys.readouterr().err == "The file parsed before this edit and does not any more: look it over.\n"
        configure(tmp_path / "config.toml", simulator.base_url, '[edit]\nsyntaxGate = "reject"\n')
        assert main(["edit", "shapes.py:6", "-m", "x", "--write"]) == 1
    out, err = capsys.readouterr()
    assert not out
    assert err == "The file parsed before this edit and does not any more: it was not applied (edit.syntaxGate).\n"


def test_settings_of_the_workspace_hold(
    tmp_path: Path, workspace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace / ".spark.toml").write_text('privacy.exclude = ["below/*"]\nendpoint = "theirs"\n')
    below = workspace / "below"
    below.mkdir()
    shutil.copy(workspace / "shapes.py", below)
    monkeypatch.chdir(below)
    with endpoint() as simulator:
        configure(tmp_path / "config.toml", simulator.base_url)
        assert main(["edit", "shapes.py", "-m", "x"]) == 1
        assert not chat_requests(simulator)
    out, err = capsys.readouterr()
    assert not out
    warning, message = err.splitlines()
    assert warning.startswith(f"warning: {workspace / '.spark.toml'}: endpoint: a workspace file may not set this")
    assert message == "Nothing of shapes.py may be sent, because this file matches privacy.exclude (below/*)."


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_does_not_lead_around_the_deny_list(
    tmp_path: Path, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / ".env").write_text("TOKEN=1\n")
    (workspace / "notes.txt").symlink_to(".env")
    with endpoint() as simulator:
        configure(tmp_path / "config.toml", simulator.base_url)
        assert main(["edit", "notes.txt", "-m", "x"]) == 1
        assert not chat_requests(simulator)
    assert (
        "Nothing of notes.txt may be sent, because this file matches the built-in deny list" in capsys.readouterr().err
    )


def test_a_setting_for_editors_does_not_matter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with endpoint(reply(AREA)) as simulator:
        configure(tmp_path / "config.toml", simulator.base_url, '[edit]\napply = "preview"\n')
        assert main(["edit", "shapes.py:6", "-m", "x"]) == 0
    assert capsys.readouterr() == (DIFF, "")


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("none.py", "There is no file none.py."),
        (".", ". is a folder: name a file."),
        ("shapes.py:11", "shapes.py has 10 lines: there is no line 11."),
        ("shapes.py:1-11", "shapes.py has 10 lines: there is no line 11."),
    ],
)
def test_what_is_not_there(where: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["edit", where, "-m", "x"]) == 1
    assert capsys.readouterr() == ("", f"{message}\n")


def test_a_file_that_is_not_text_stays_as_it_is(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = workspace / "shapes.py"
    for content in (b"caf\xe9\n", b"\0\1"):
        path.write_bytes(content)
        assert main(["edit", "shapes.py", "-m", "x", "--write"]) == 1
        assert "shapes.py is " in capsys.readouterr().err
        assert path.read_bytes() == content


def test_failures(tmp_path: Path, workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["edit", "shapes.py", "-m", "x"]) == 1
    assert capsys.readouterr().err.startswith("No endpoint is configured: ")
    with endpoint(ScriptedReply(reply="```\nimport ", fault="cut", after=10)) as simulator:
        configure(tmp_path / "config.toml", simulator.base_url)
        assert main(["edit", "shapes.py", "-m", " \n"]) == 1
        assert capsys.readouterr() == ("", "The instruction is empty: say what is to be changed.\n")
        assert main(["edit", "shapes.py", "-m", "x", "--write"]) == 1
    out, err = capsys.readouterr()
    assert not out
    assert err.endswith(" ended its answer before it was finished: try again.\n")
    assert main(["edit", "shapes.py", "-m", "x"]) == 1
    assert "refuses connections" in capsys.readouterr().err
    assert (workspace / "shapes.py").read_bytes() == BEFORE.encode()


def test_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["shapes.py"], ["-m", "x"], ["shapes.py:0", "-m", "x"], ["shapes.py:3-2", "-m", "x"]):
        assert main(["edit", *arguments]) == 2
        assert capsys.readouterr().err.startswith("usage: spark-lsp edit FILE[:LINE[-LINE]] -m TEXT [--write]\n")


def test_progress_is_for_terminals(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with endpoint(reply(AREA)) as simulator:
        configure(tmp_path / "config.toml", simulator.base_url)
        assert main(["edit", "shapes.py:6", "-m", "x"]) == 0
    out, err = capsys.readouterr()
    assert out == DIFF
    assert "Edits come in (1) …" in err


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
def test_control_c_leaves_the_file_alone(tmp_path: Path, workspace: Path) -> None:
    begun = ScriptedReply(reply=reply(AFTER.replace("math", "maths")).reply, fault="stall", after=150)
    command = [sys.executable, "-m", "spark_lsp", "edit", str(workspace / "shapes.py"), "-m", "x", "--write"]
    with endpoint(begun) as simulator:
        configure(tmp_path / "config.toml", simulator.base_url)
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True) as process:
            while not (simulator.requests and simulator.requests[-1].first_token_seconds):
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out, err) == (130, "", "")
    assert simulator.requests[-1].closed_early
    assert (workspace / "shapes.py").read_bytes() == BEFORE.encode()
