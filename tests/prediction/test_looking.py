"""What a line does with a name, and how many lines and places are looked at."""

from __future__ import annotations

import pytest

from spark_lsp.prediction.finding import found_again, line_change
from spark_lsp.prediction.names import opens_its_scope, role
from spark_lsp.prediction.searched import MOST_LINES, SearchedLines
from spark_lsp.prediction.sites import MOST_SITES
from spark_lsp.prediction.words import bordered, end_of_block, shape

ROLES = {
    "from shapes import NAME": "imports",
    'const NAME = require("shapes")': "declares",
    "def NAME(a):": "defines",
    "class NAME extends Shape {": "defines",
    "def load(NAME, key):": "declares",
    "public Shape load(Store NAME, int key) {": "declares",
    "NAME, err := load(key)": "assigns",
    "NAME: int = 0": "assigns",
    "self.NAME = 0": "uses",
    "return NAME + 1": "uses",
    "load(NAME)": "uses",
}


@pytest.mark.parametrize("line", ROLES)
def test_what_a_line_does_with_a_name(line: str) -> None:
    words = bordered(line)
    at = words.index("NAME")
    assert role(words[:at], words[at + 1 :]) == ROLES[line]


def test_a_parameter_belongs_to_the_block_that_its_line_opens() -> None:
    lines = ["def load(key):", "    return key", "", "key = 1", "if key:", "    print(key)", "else:", "    pass"]
    assert opens_its_scope(bordered(lines[0])[:4])
    assert end_of_block(lines, 0, opened=True) == 3
    assert end_of_block(lines, 3, opened=False) == len(lines)
    assert end_of_block(lines, 5, opened=False) == 6


def test_lines_are_alike_if_only_names_and_numbers_differ() -> None:
    assert shape("    total += price[1]") == shape("count += sizes[20]")
    assert shape("total += price[1]") != shape("total -= price[1]")


def test_a_word_that_very_many_lines_hold_tells_nothing() -> None:
    lines = [f"a_{number} = value\n" for number in range(MOST_LINES)]
    assert SearchedLines([*lines, "b = 1\n"]).holding("value") == tuple(range(MOST_LINES))
    assert SearchedLines([*lines, "b = value\n"]).holding("value") == ()


def test_the_number_of_places_is_bounded() -> None:
    lines = ["    result = load(items, key=name, other=make(a, b), more=[1, 2])\n"] * 250
    new = "    result = await load(ctx, items, key=key, other=make(b, a), more=[2, 1])\n"
    lines[0:7:2] = [new] * 4
    changes = [line_change(lines, number, [lines[1]], [new]) for number in (0, 2, 4, 6)]
    found = list(found_again(lines, changes))
    assert 100 < len(found) <= 2 * MOST_SITES
