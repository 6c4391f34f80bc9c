"""Reading settings files: whatever is in them, a layer comes out."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.settings.files import file_layers, read_layer, state_folder, user_config_file, workspace_config_file
from spark_lsp.settings.layers import Layer, Source, resolve


def read(path: Path, content: bytes) -> Layer:
    path.write_bytes(content)
    return read_layer(path, Source.USER_FILE)


def problem_of(path: Path, content: bytes) -> str:
    layer = read(path, content)
    assert layer.raw == {}
    (problem,) = layer.problems
    return str(problem).removeprefix(str(path))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_the_user_file_is_where_the_platform_wants_it() -> None:
    expected = Path(platformdirs.user_config_dir("spark-lsp", appauthor=False, roaming=True)) / "config.toml"
    assert user_config_file({}) == expected
    assert user_config_file({"SPARK_LSP_CONFIG": ""}) == expected
    assert expected.parent.name == "spark-lsp"


def test_a_variable_names_another_user_file(tmp_path: Path) -> None:
    assert user_config_file({"SPARK_LSP_CONFIG": str(tmp_path / "x.toml")}) == tmp_path / "x.toml"
    assert user_config_file({"SPARK_LSP_CONFIG": "~/x.toml"}) == Path("~/x.toml").expanduser()


def test_the_state_is_where_the_platform_wants_it_or_the_variable(tmp_path: Path) -> None:
    expected = Path(platformdirs.user_state_dir("spark-lsp", appauthor=False))
    assert state_folder({}) == state_folder({"SPARK_LSP_STATE": ""}) == expected
    assert expected.name == "spark-lsp"
    assert state_folder({"SPARK_LSP_STATE": str(tmp_path)}) == tmp_path
    assert state_folder({"SPARK_LSP_STATE": "~/state"}) == Path("~/state").expanduser()


def test_both_files_are_layers(tmp_path: Path) -> None:
    user = tmp_path / "user.toml"
    user.write_text("endpoint = 'mine'\n[inline]\nmaxLines = 3\n", encoding="utf-8")
    workspace_config_file(tmp_path).write_text("endpoint = 'theirs'\ninline.maxLines = 4\n", encoding="utf-8")
    environment = {"SPARK_LSP_CONFIG": str(user)}
    layers = file_layers(tmp_path, environment)
    assert [(layer.source, layer.where) for layer in layers] == [
        (Source.USER_FILE, str(user)),
        (Source.WORKSPACE_FILE, str(tmp_path / ".spark.toml")),
    ]
    settings = resolve(layers).settings
    assert (settings.endpoint, settings.inline.max_lines) == ("mine", 4)
    assert [layer.source for layer in file_layers(None, environment)] == [Source.USER_FILE]


def test_a_missing_file_says_nothing(tmp_path: Path, file: Path) -> None:
    assert read_layer(file, Source.USER_FILE) == Layer(Source.USER_FILE, {}, str(file))
    file.write_bytes(b"")
    assert read_layer(file / "below a file", Source.USER_FILE).problems == ()
    assert read_layer(tmp_path / "no folder" / "config.toml", Source.USER_FILE).problems == ()


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbfa = 1", b"# only a comment\r\n", b"a = 1\r\nb = 2\r\n"])
def test_files_that_hold(file: Path, content: bytes) -> None:
    layer = read(file, content)
    assert layer.problems == ()
    assert layer.raw == {} or layer.raw["a"] == 1  # type: ignore[index]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"a = 1\nb = \n", ":2: is not TOML: Invalid value (at line 2, column 5)"),
        (b"a = 1\na = 2\n", ":2: is not TOML: Cannot overwrite a value (at line 2, column 6)"),
        (b"a = 1\n\xff = 2\n", ":2: is not UTF-8 text"),
        (b"\xff\xfea\x00", ":1: is not UTF-8 text"),
        (b"a = " + b"[" * 100_000, ": is nested too deeply"),
        (b"a = " + b"{a=" * 100_000, ": is nested too deeply"),
        (b"a" + b".a" * 300_000 + b" = 1", ": has too many dots in a line"),
        (b"[" + b"'a' . " * 100_000 + b"a]", ": has too many dots in a line"),
        ((b"a" + b".a" * 2000 + b" = 1\n") * 200, ": has too many dots in a line"),
        (b"#" * (1024 * 1024 + 1), ": is larger than 1 MiB"),
    ],
)
def test_files_that_do_not_hold(file: Path, content: bytes, problem: str) -> None:
    assert problem_of(file, content) == problem


def test_a_number_too_long_for_python(file: Path) -> None:
    assert "is not TOML: Exceeds the limit" in problem_of(file, b"a = " + b"9" * 100_000)


def test_dotted_lines_that_are_no_attack_hold(file: Path) -> None:
    content = b"[privacy]\nexclude = [" + b"'a.b.c', " * 800 + b"]\n" + b"# a. b. c.\n" * 20_000
    assert read(file, content).problems == ()


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    (problem,) = read_layer(tmp_path, Source.WORKSPACE_FILE).problems
    assert str(problem) == f"{tmp_path}: is not a file"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes among its files")
def test_a_pipe_does_not_make_anybody_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".spark.toml")
    (problem,) = read_layer(tmp_path / ".spark.toml", Source.WORKSPACE_FILE).problems
    assert problem.message == "is not a file"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="nothing is closed to an administrator")
def test_an_unreadable_file(file: Path) -> None:
    file.write_bytes(b"")
    file.chmod(0)
    (problem,) = read_layer(file, Source.USER_FILE).problems
    assert problem.message == "cannot be read: Permission denied"


def test_a_name_that_no_file_can_have() -> None:
    (problem,) = read_layer(Path("a\0b"), Source.USER_FILE).problems
    assert problem.message.startswith("cannot be read: ")


@given(st.binary(max_size=300) | st.text("ab.=[]{}'\"\n 1", max_size=300).map(str.encode))
def test_no_content_raises(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    resolve([read(tmp_path_factory.getbasetemp() / "any.toml", content)])
