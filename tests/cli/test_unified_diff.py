"""Diffs as `git apply` and `patch` take them, to the byte."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spark_lsp.cli.unified_diff import unified_diff

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PIECES = st.lists(st.sampled_from(["a", "b", "\n", "\n", "\r\n", "\r", "\f", "\u2028", "é", "\ufeff", "-", "+ ", "\\"]))


def git_apply(folder: Path, diff: bytes) -> None:
    environment = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"],
        cwd=folder,
        env=environment,
        input=diff,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()


def patch(folder: Path, diff: bytes) -> None:
    subprocess.run(["patch", "-p1", "--binary", "--quiet"], cwd=folder, input=diff, check=True)


TOOLS = [
    pytest.param(tool, marks=pytest.mark.skipif(shutil.which(name) is None, reason=f"{name} is not here"))
    for tool, name in ((git_apply, "git"), (patch, "patch"))
]


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\nb\nc\n", "a\nB\nc\n"),
        ("a\nb\nc", "a\nb\nC"),
        ("a\nb\nc", "a\nb\nc\n"),
        ("a\nb\nc\n", "a\nb\nc"),
        ("a\r\nb\r\n", "a\r\nB\r\n"),
        ("a\r\nb\nc\r\n", "a\nb\nc\r\n"),
        ("a\rb\rc\n", "a\rB\rc\n"),
        ("\ufeffa\nb\n", "\ufeffA\nb\n"),
        ("", "a\n"),
        ("a\n", "b"),
        ("é\u2028\x0c\x85x\n😀\n", "é\u2028\x0c\x85y\n😀\n"),
        ("".join(f"{n}\n" for n in range(99)), "".join(f"{n}{'!' * (n % 20 == 7)}\n" for n in range(99))),
    ],
)
def test_it_can_be_applied(tool: Callable[[Path, bytes], None], before: str, after: str, tmp_path: Path) -> None:
    (tmp_path / "x.py").write_bytes(before.encode())
    tool(tmp_path, "".join(unified_diff("x.py", before, after)).encode())
    assert (tmp_path / "x.py").read_bytes() == after.encode()


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")
@given(PIECES.map("".join), PIECES.map("".join).filter(bool))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_change_can_be_applied(tmp_path: Path, before: str, after: str) -> None:
    (tmp_path / "x.py").write_bytes(before.encode())
    diff = "".join(unified_diff("x.py", before, after))
    assert bool(diff) == (before != after)
    if diff:
        git_apply(tmp_path, diff.encode())
    assert (tmp_path / "x.py").read_bytes() == after.encode()


@pytest.mark.skipif(sys.platform == "win32", reason="such names are none there")
@pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")
@pytest.mark.parametrize(
    "name",
    ["below/x.py", "./x.py", "below/../x.py", "a b.py", "naïve 漢.py", 'quo"ted', "back\\slash", "tab\there", "b/b"],
)
def test_any_name_can_be_applied(name: str, tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("a\n", encoding="utf-8")
    git_apply(tmp_path, "".join(unified_diff(name, "a\n", "b\n")).encode())
    assert path.read_text(encoding="utf-8") == "b\n"


def test_headers() -> None:
    assert list(unified_diff("a/x.py", "1\n", "2\n")) == [
        "--- a/a/x.py\n", "+++ b/a/x.py\n", "@@ -1 +1 @@\n", "-1\n", "+2\n",
    ]  # fmt: skip
    assert next(unified_diff(f"{os.sep}tmp{os.sep}x.py", "1\n", "2\n")) == "--- a/tmp/x.py\n"
    assert next(unified_diff("a b", "1", "2")) == "--- a/a b\t\n"
    assert not list(unified_diff("x", "1\n", "1\n"))
