"""The lines that a model may change: within the budget of its family, whole in the syntax where that fits."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.context.next_edit_window import EditWindow, edit_window
from spark_lsp.core.prompt import WindowSize
from spark_lsp.core.text import Position, Text
from spark_lsp.formats.next_edit_formats import NEXT_EDIT_FORMATS
from spark_lsp.syntax.tree import SyntaxTree

CODE = """\
import math


class Circle:
    def __init__(self, radius):
        self.radius = radius

    def area(self):
        total = 0
        for part in range(3):
            total += part
        return math.pi * self.radius

    def length(self):
        return 2 * math.pi


def main():
    print(Circle(3).area())
"""
SIZES = {name: one.window for name, one in NEXT_EDIT_FORMATS.items()}


def window(code: str, line: int, size: WindowSize, language: str = "python") -> EditWindow | None:
    text = Text.of(code)
    tree = SyntaxTree(language, text)
    tree.advance(time.monotonic, 5)
    return edit_window(text, tree.snapshot(), Position(line, 0), size)


def lines(code: str, line: int, size: WindowSize, language: str = "python") -> tuple[int, int]:
    found = window(code, line, size, language)
    assert found is not None
    return found.lines.start, found.lines.stop


def test_it_grows_to_what_encloses_it_for_as_long_as_that_fits() -> None:
    assert lines(CODE, 9, WindowSize(0, 0, 40)) == (9, 10)
    assert lines(CODE, 9, WindowSize(0, 0, 80)) == (9, 11), "the loop"
    assert lines(CODE, 9, WindowSize(0, 0, 200)) == (7, 12), "the function"
    assert lines(CODE, 9, WindowSize(0, 0, 340)) == (3, 15), "the class"
    assert lines(CODE, 9, WindowSize(2, 5, 200)) == (7, 15), "lines that are always in it count"
    assert lines(CODE, 9, WindowSize(2, 5, 60)) == (8, 10), "if there is room"


def test_it_is_filled_line_by_line_where_nothing_more_fits() -> None:
    assert lines(CODE, 9, WindowSize(0, 0, 200, filled=True)) == (5, 14)
    assert lines(CODE, 9, WindowSize(0, 0, 260, filled=True)) == (2, 17), "260 bytes to the last"
    assert lines(CODE, 9, WindowSize(0, 0, 10_000, filled=True)) == (0, 19)


def test_without_a_grammar_it_is_what_is_around() -> None:
    assert lines(CODE, 9, WindowSize(2, 5, 1000), "no such language") == (7, 15)
    assert lines(CODE, 9, WindowSize(0, 0, 200, filled=True), "") == (5, 14)


def test_some_have_so_and_so_many_lines() -> None:
    assert lines(CODE, 9, WindowSize(1, 5)) == (8, 15)
    assert lines(CODE, 0, WindowSize(1, 5)) == (0, 6)
    assert lines(CODE, 17, WindowSize(1, 5)) == (16, 19)
    found = window(CODE, 9, WindowSize(1, 2, around_lines=3))
    assert found == EditWindow(range(8, 12), range(6, 13))


def test_the_code_around_has_a_budget_of_its_own() -> None:
    found = window(CODE, 9, WindowSize(0, 0, 80, filled=False, around=130))
    assert found is not None
    assert found.lines == range(9, 11)
    assert found.shown is not None
    shown = "".join(CODE.splitlines(keepends=True)[found.shown.start : found.shown.stop])
    assert found.shown.start < 9
    assert found.shown.stop > 11
    assert len(shown) <= 80 + 130


def test_the_line_behind_the_last_ending_is_in_it_only_with_the_cursor() -> None:
    assert lines("a\nb\n", 1, WindowSize(1, 5)) == (0, 2)
    assert lines("a\nb\n", 2, WindowSize(1, 5)) == (1, 3)
    assert lines("a\nb", 1, WindowSize(1, 5)) == (0, 2)
    assert lines("", 0, WindowSize(1, 5)) == (0, 1)


@pytest.mark.parametrize("name", SIZES)
def test_there_is_none_where_lines_are_endless(name: str) -> None:
    assert window("x = 1\n" + "y" * 100_000 + "\n", 1, SIZES[name]) is None


@pytest.mark.parametrize("name", SIZES)
@given(
    code=st.lists(st.sampled_from(("", "x = 1", "def f():", "    return é", "    y = [", "]")), max_size=60),
    data=st.data(),
)
def test_it_holds_the_cursor_and_keeps_to_its_budget(name: str, code: list[str], data: st.DataObject) -> None:
    size, text = SIZES[name], "\n".join(code)
    line = data.draw(st.integers(0, text.count("\n")))
    found = window(text, line, size)
    assert found is not None
    assert line in found.lines
    shown = found.shown or found.lines
    assert shown.start <= found.lines.start
    assert found.lines.stop <= shown.stop <= len(Text.of(text).lines)
    assert (found.shown is None) == (not size.around and not size.around_lines)

    def bytes_in(lines: range) -> int:
        return sum(len(Text.of(text).lines[at].encode()) for at in lines)

    if size.grown is not None:
        assert bytes_in(found.lines) <= size.grown
    if size.around:
        assert bytes_in(shown) - bytes_in(found.lines) <= size.around
