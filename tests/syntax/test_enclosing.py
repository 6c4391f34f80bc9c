"""What encloses a place, from the inside out."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from spark_lsp.core.text import Position, Text
from spark_lsp.syntax.enclosing import enclosing_lines
from spark_lsp.syntax.tree import SyntaxTree

CODE = """\
import os

def f(a):
    for b in a:
        g(
            b,
        )
    return 1

x = 1
"""


def around(code: str, line: int, column: int, language: str = "python") -> list[tuple[int, int]]:
    tree = SyntaxTree(language, Text.of(code))
    tree.advance(time.monotonic, 5)
    return [(lines.start, lines.stop) for lines in enclosing_lines(tree.snapshot(), Position(line, column))]


def test_each_is_larger_than_the_one_before() -> None:
    assert around(CODE, 5, 12) == [(5, 6), (4, 7), (3, 7), (3, 8), (2, 8)]
    assert around(CODE, 7, 8)[-1] == (2, 8)
    assert around(CODE, 9, 0) == [(9, 10)]
    assert around(CODE, 1, 0) == []


def test_without_a_tree_there_is_nothing() -> None:
    assert around(CODE, 5, 12, "no such language") == []


@pytest.mark.parametrize("code", ["", "x", "(" * 3000, "\n" * 50, "{\n" * 500])
def test_any_place_of_any_text(code: str) -> None:
    for line in range(min(len(Text.of(code).lines), 20)):
        found = around(code, line, 99)
        assert all(one[1] - one[0] < other[1] - other[0] for one, other in pairwise(found))
        assert all(0 <= start < end <= len(Text.of(code).lines) for start, end in found)
