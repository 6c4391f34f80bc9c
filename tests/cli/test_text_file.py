"""Files that are read and written back: what they must keep, and what is none of ours to touch."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING

import pytest

from spark_lsp.cli.text_file import LARGEST_FILE, FileProblem, read_text_file, write_text_file

if TYPE_CHECKING:
    from pathlib import Path

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="modes and links of POSIX")
NOT_ROOT = pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may do anything")


@pytest.mark.parametrize(
    "content",
    [b"", b"a", b"a\n", b"a\r\nb\r\n", b"a\rb\r\n\n", b"\xef\xbb\xbfa\r\n", b"\xef\xbb\xbf", "é\u2028\x0c😀".encode()],
)
def test_what_is_read_is_written(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_bytes(content)
    file = read_text_file(str(path))
    assert not file.text.startswith("\ufeff")
    write_text_file(file, file.text)
    assert path.read_bytes() == content
    assert [entry.name for entry in tmp_path.iterdir()] == ["file.txt"]


def problem_with(path: Path) -> str:
    with pytest.raises(FileProblem) as caught:
        read_text_file(str(path))
    return str(caught.value).replace(str(path), "IT")


def test_what_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    assert problem_with(path) == "There is no file IT."
    assert problem_with(tmp_path) == "IT is a folder: name a file."
    path.write_bytes(b"one\ntwo\ncaf\xe9\n")
    assert problem_with(path) == "IT is not UTF-8 (see line 3): convert it to UTF-8 first."
    path.write_bytes("漢".encode("utf-16"))
    assert problem_with(path) == "IT is not UTF-8 (see line 1): convert it to UTF-8 first."
    path.write_bytes("a".encode("utf-16-le"))
    assert problem_with(path) == "IT is a binary file, or text in UTF-16: only text in UTF-8 can be edited."
    path.write_bytes(b"a" * (LARGEST_FILE + 1))
    assert problem_with(path) == "IT is larger than 4 MiB: too large for an edit."
    assert problem_with(path / "below").startswith("IT cannot be read: ")
    with pytest.raises(FileProblem, match="cannot be read: its name is none"):
        read_text_file("a\0b")


@POSIX
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert problem_with(tmp_path / "pipe") == "IT is not a file."


@NOT_ROOT
def test_what_may_not_be_read_or_written(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("a")
    file = read_text_file(str(path))
    path.chmod(0o400)
    with pytest.raises(FileProblem, match="is read-only, so it was not written"):
        write_text_file(file, "b")
    path.chmod(0)
    assert problem_with(path) == "IT cannot be read: Permission denied."
    path.chmod(0o600)
    tmp_path.chmod(0o500)
    with pytest.raises(FileProblem, match="was not written: Permission denied"):
        write_text_file(file, "b")
    tmp_path.chmod(0o700)
    assert path.read_text() == "a"


@POSIX
def test_the_mode_stays(tmp_path: Path) -> None:
    path = tmp_path / "script.sh"
    path.write_text("a")
    path.chmod(0o751)
    write_text_file(read_text_file(str(path)), "b")
    assert path.read_text() == "b"
    assert stat.S_IMODE(path.stat().st_mode) == 0o751


@POSIX
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    target = tmp_path / "below" / "file.txt"
    target.write_text("a")
    link = tmp_path / "link.txt"
    link.symlink_to(target)
    write_text_file(read_text_file(str(link)), "b")
    assert link.is_symlink()
    assert target.read_text() == "b"


def test_what_was_saved_meanwhile_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("a")
    file = read_text_file(str(path))
    path.write_text("saved by somebody else")
    with pytest.raises(FileProblem, match="has changed since it was read, so it was not written: try again"):
        write_text_file(file, "b")
    assert path.read_text() == "saved by somebody else"
    path.unlink()
    with pytest.raises(FileProblem, match="was not written"):
        write_text_file(file, "b")
    assert not list(tmp_path.iterdir())


def test_half_a_character_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("a")
    with pytest.raises(FileProblem, match="has half a character in it"):
        write_text_file(read_text_file(str(path)), "\ud83d")
    assert path.read_text() == "a"
