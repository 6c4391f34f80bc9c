"""Places on a command line, with names that make them hard to tell."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import pytest

from spark_lsp.cli.location import Cursor, Lines, parse_cursor, parse_lines

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.py").touch()


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("x.py", Lines("x.py")),
        ("x.py:3", Lines("x.py", 3)),
        ("x.py:3-3", Lines("x.py", 3, 3)),
        ("x.py:3-17", Lines("x.py", 3, 17)),
        ("none.py:3", Lines("none.py")),
        ("C:\\x.py", Lines("C:\\x.py")),
        ("C:\\x.py:10-20", Lines("C:\\x.py")),
    ],
)
def test_lines(argument: str, expected: Lines) -> None:
    assert parse_lines(argument) == expected


@pytest.mark.skipif(sys.platform == "win32", reason="such names are none there")
@pytest.mark.parametrize(
    ("name", "argument", "expected"),
    [
        ("C:\\x.py", "C:\\x.py:10-20", Lines("C:\\x.py", 10, 20)),
        ("a:b", "a:b", Lines("a:b")),
        ("a:b", "a:b:2", Lines("a:b", 2)),
        ("notes:10", "notes:10", Lines("notes:10")),
        ("notes:10", "notes:10:5-6", Lines("notes:10", 5, 6)),
        ("x.py:5", "x.py:5", Lines("x.py:5")),
        ("a\nb", "a\nb:7", Lines("a\nb", 7)),
    ],
)
def test_names_with_colons(name: str, argument: str, expected: Lines, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    assert parse_lines(argument) == expected


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("x.py:0", "lines and columns count from 1"),
        ("x.py:3-0", "lines and columns count from 1"),
        ("x.py:3-2", "line 2 comes before line 3"),
        ("x.py:", "what follows “x.py:” must be LINE or LINE-LINE, not “”"),
        ("x.py:a", "what follows “x.py:” must be LINE or LINE-LINE, not “a”"),
        ("x.py:3-", "what follows “x.py:” must be LINE or LINE-LINE, not “3-”"),
        ("x.py:3:5", "what follows “x.py:” must be LINE or LINE-LINE, not “3:5”"),
        ("x.py:٣", "what follows “x.py:” must be LINE or LINE-LINE, not “٣”"),
    ],
)
def test_lines_that_are_none(argument: str, message: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as caught:
        parse_lines(argument)
    assert str(caught.value) == message


def test_a_number_of_any_length_is_read() -> None:
    assert parse_lines("x.py:" + "9" * 10_000) == Lines("x.py", 999_999_999)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("x.py:3:5", Cursor("x.py", 3, 5)),
        ("none.py:3:5", Cursor("none.py", 3, 5)),
        ("C:\\x.py:3:5", Cursor("C:\\x.py", 3, 5)),
    ],
)
def test_cursor(argument: str, expected: Cursor) -> None:
    assert parse_cursor(argument) == expected


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("x.py:0:1", "lines and columns count from 1"),
        ("x.py:3", "what follows “x.py:” must be LINE:COL, not “3”"),
        ("x.py", "“x.py” does not end in :LINE:COL"),
        ("none.py:3", "“none.py:3” does not end in :LINE:COL"),
    ],
)
def test_a_cursor_that_is_none(argument: str, message: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as caught:
        parse_cursor(argument)
    assert str(caught.value) == message
