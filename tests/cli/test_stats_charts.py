"""The plots of `spark-lsp stats --html`: marks are where the values are."""

from __future__ import annotations

import math
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.cli import stats_words as words
from spark_lsp.cli.stats_page.axes import WIDTH, ticks
from spark_lsp.cli.stats_page.charts import DayChart, Series, line_chart, stacked_chart
from spark_lsp.cli.stats_page.shares import Piece, Shares, share_chart

FIRST = date(2025, 10, 1)


def chart(*values: list[float | None]) -> DayChart:
    days = [FIRST + timedelta(days=number) for number in range(len(values[0]))]
    series = [Series(f"series {number}", one, number) for number, one in enumerate(values)]
    return DayChart("A chart", days, series, words.short)


@given(st.floats(1e-9, 1e15))
def test_ticks_are_few_and_round_and_go_as_far_as_the_values(maximum: float) -> None:
    found = ticks(maximum)
    assert found[0] == 0
    assert 2 <= len(found) <= 7
    assert maximum * (1 - 1e-6) <= found[-1] <= maximum * 2.1
    step = found[1]
    assert found == pytest.approx([step * number for number in range(len(found))])
    leading = step / 10 ** math.floor(math.log10(step) + 1e-9)
    assert min(abs(leading - digit) for digit in (1, 2, 5)) < 1e-6


@pytest.mark.parametrize("maximum", [0.0, -1.0, math.nan, math.inf])
def test_ticks_of_nothing(maximum: float) -> None:
    assert ticks(maximum)[-1] == 1


def test_a_line_is_broken_where_there_is_no_value() -> None:
    svg = line_chart(chart([None, 10.0, 0.0, None, 5.0]))
    lines = [
        [tuple(map(float, point.split(","))) for point in line.get("points", "").split()]
        for line in svg.iter("polyline")
    ]
    assert [len(line) for line in lines] == [2, 1]
    (ten, zero), (five,) = lines
    assert zero[1] > five[1] > ten[1]  # y grows downwards
    assert five[1] == pytest.approx((zero[1] + ten[1]) / 2)
    assert five[0] - zero[0] == pytest.approx(2 * (zero[0] - ten[0]), abs=0.2)
    assert [title.text for title in svg.iter("title")] == [
        "2025-10-02, series 0: 10",
        "2025-10-03, series 0: 0",
        "2025-10-05, series 0: 5",
    ]


def test_bars_stand_on_each_other() -> None:
    svg = stacked_chart(chart([1.0, 2.0], [3.0, None], [0.0, 2.0]))
    found = [tuple(float(bar.get(name, "")) for name in ("x", "y", "width", "height")) for bar in svg.iter("rect")]
    assert len(found) == 4
    one, three, two, other_two = found
    assert one[0] == three[0] < two[0] == other_two[0]
    assert three[3] == pytest.approx(3 * one[3], abs=0.1)
    assert two[3] == pytest.approx(other_two[3], abs=0.1) == pytest.approx(2 * one[3], abs=0.1)
    assert three[1] + three[3] == pytest.approx(one[1], abs=0.1)
    assert other_two[1] + other_two[3] == pytest.approx(two[1], abs=0.1)
    assert one[1] + one[3] == pytest.approx(two[1] + two[3], abs=0.1)


@pytest.mark.parametrize("days", [1, 2, 30, 400])
def test_dates_have_room_and_the_last_day_has_one(days: int) -> None:
    svg = line_chart(chart([1.0] * days))
    dates = [text for text in svg.iter("text") if text.get("text-anchor") == "middle"]
    assert 1 <= len(dates) <= 8
    assert dates[-1].text == f"{FIRST + timedelta(days=days - 1):%m-%d}"
    places = [float(text.get("x", "")) for text in dates]
    assert places == sorted(places)
    assert all(right - left >= 45 for left, right in pairwise(places))
    assert all(0 <= float(circle.get("cx", "")) <= WIDTH for circle in svg.iter("circle"))


def test_shares_fill_their_row() -> None:
    pieces = [Piece("good", 0), Piece("bad", 5), Piece("none", 6)]
    rows = [Shares("first", "4 requests", [3, 1, 0]), Shares("x" * 100, "none", [0, 0, 0])]
    svg = share_chart("Shares", pieces, rows)
    good, bad = list(svg.iter("rect"))
    assert (float(good.get("x", "")), float(good.get("width", ""))) == (0, WIDTH * 0.75)
    assert (float(bad.get("x", "")), float(bad.get("width", ""))) == (WIDTH * 0.75, WIDTH * 0.25)
    assert [title.text for title in svg.iter("title")] == [
        "first",
        "first, good: 3 (75%)",
        "first, bad: 1 (25%)",
        "x" * 100,
    ]
    names = [text.text for text in svg.iter("text") if text.get("class") == "name"]
    assert names == ["first", "x" * 55 + "…"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.5, "0.5"),
        (1.5, "1.5"),
        (7, "7"),
        (999.4, "999"),
        (999.7, "1k"),
        (1234, "1.23k"),
        (35_000_000, "35M"),
        (2.5e9, "2.5G"),
        (5e15, "5,000T"),
    ],
)
def test_short_numbers(value: float, text: str) -> None:
    assert words.short(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "$0.00"), (0.00012, "$0.00012"), (0.0123, "$0.012"), (0.5, "$0.500"), (12.345, "$12.35"), (1234, "$1,234.00")],
)
def test_dollars(value: float, text: str) -> None:
    assert words.dollars(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0, "0 ms"), (85.4, "85 ms"), (999.6, "1.0 s"), (61_250, "61.2 s")]
)
def test_milliseconds(value: float | None, text: str) -> None:
    assert words.milliseconds(value) == text
