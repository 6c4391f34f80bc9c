"""The demo's own text and screen, without a server."""

from __future__ import annotations

import io
import re
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from spark_lsp.cli.demonstration.buffer import Buffer, Mark, Replacement, offset_of, position_of, span_of
from spark_lsp.cli.demonstration.findings import size_of_changed_lines
from spark_lsp.cli.demonstration.samples import BACKUP, CHECKOUT, INVOICES, Sample
from spark_lsp.cli.demonstration.screen import Screen
from spark_lsp.cli.demonstration.subjects import INVOICE, PAYMENTS, TOTAL, TYPED, WRITE, Region, with_typing
from spark_lsp.simulator import library

TEXTS = st.lists(st.sampled_from(["a", "\n", "\t", "é", "漢", "😀", "line\n"])).map("".join)


def buffer_of(text: str, language: str = "python") -> Buffer:
    return Buffer("file:///x", "x", language, text)


def marks_of(buffer: Buffer) -> list[tuple[str, str]]:
    return [(row.mark.name[0], row.text) for row in buffer.rows]


@given(TEXTS, st.data())
def test_positions_are_counted_in_utf_16(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    position = position_of(text, offset)
    before = text[:offset].rpartition("\n")[2]
    assert position == {"line": text.count("\n", 0, offset), "character": len(before.encode("utf-16-le")) // 2}
    assert offset_of(text, position) == offset
    assert span_of(text, Replacement(offset, offset, "x")) == {"start": position, "end": position}


@given(TEXTS, st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3), TEXTS, st.sampled_from(Mark)), max_size=4))
def test_rows_are_the_lines_of_the_text(text: str, changes: list[tuple[int, int, str, Mark]]) -> None:
    buffer = buffer_of(text)
    for at, size, new, mark in changes:
        start = min(at, len(buffer.text))
        end = min(start + size, len(buffer.text))
        expected = buffer.text[:start] + new + buffer.text[end:]
        buffer.replace([Replacement(start, end, new)], Mark.ADDED if mark is Mark.REMOVED else mark, 1.0)
        assert buffer.text == expected
        assert "\n".join(row.text for row in buffer.rows if row.mark is not Mark.REMOVED) == expected
    assert buffer.version == 1 + len(changes)


def test_what_is_removed_is_shown_for_a_moment() -> None:
    buffer = buffer_of("a\nb\nc\nd\n")
    assert buffer.replace([Replacement(2, 3, "B"), Replacement(6, 7, "D\nE")], Mark.ADDED, 1.0) == 2
    assert marks_of(buffer) == [
        *(("P", "a"), ("R", "b"), ("A", "B"), ("P", "c"), ("R", "d"), ("A", "D"), ("A", "E"), ("P", "")),
    ]
    assert buffer.attention is buffer.rows[6]
    assert buffer.forget_removed(1.0)
    assert not buffer.forget_removed(1.1)
    assert [mark for mark, _ in marks_of(buffer)] == ["P", "A", "P", "A", "A", "P"]


def test_cursors_stay_with_the_text_around_them() -> None:
    buffer = buffer_of("one two three")
    buffer.cursors = {"early": 3, "middle": 5, "late": 13}
    buffer.replace([Replacement(0, 0, "zero "), Replacement(4, 7, "2")], Mark.ADDED, 1.0)
    assert buffer.text == "zero one 2 three"
    assert buffer.cursors == {"early": 8, "middle": 10, "late": 16}
    buffer.caret = "late"
    buffer.type("late", "!", 1.0)
    assert buffer.text == "zero one 2 three!"
    assert buffer.cursors["late"] == 17
    buffer.replace([Replacement(17, 17, "?")], Mark.ADDED, 1.0)
    assert buffer.cursors["late"] == 17
    assert buffer.attention is not None
    assert buffer.attention.mark is Mark.TYPED, "who types sees the own line"


def test_size_of_changed_lines() -> None:
    assert size_of_changed_lines("a\nbb\nccc\n", "a\nBB\nccc\nd\n") == 5
    assert size_of_changed_lines("a\nb\n", "b\n") == 0


@pytest.mark.parametrize("width", [20, *range(38, 48), 80, 100, 200])
def test_the_screen_is_as_large_as_the_terminal(width: int) -> None:
    console = Console(width=width, height=24, file=io.StringIO(), force_terminal=True)
    for sample in (INVOICES, CHECKOUT, BACKUP):
        buffer = buffer_of(sample.text, sample.language)
        screen = Screen("A title", "an origin", buffer, ["something said that is longer than twenty cells " * 3] * 5)
        for attention in buffer.rows[:-1:7]:
            buffer.attention = attention
            lines = console.render_lines(screen, console.options.update(width=width, height=24))
            assert [sum(segment.cell_length for segment in line) for line in lines] == [width] * 24
            assert screen.shows(attention)


@pytest.mark.parametrize("color_system", ["standard", "256", "truecolor", None])
def test_signs_say_what_colours_say(color_system: Literal["standard", "256", "truecolor"] | None) -> None:
    output = io.StringIO()
    console = Console(width=60, height=12, file=output, force_terminal=True, color_system=color_system)
    buffer = buffer_of("def a():\n\treturn 1\n\nx = 2\n")
    buffer.rows[3].underline = (0, 1)
    buffer.replace([Replacement(17, 18, "2")], Mark.ADDED, 5.0)
    buffer.cursors["here"] = buffer.text.index("\n\nx") + 1
    buffer.caret = "here"
    buffer.type("here", "# typed", 5.0)
    console.print(Screen("title", "origin", buffer, ["said"], "measured", 5.1))
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output.getvalue()).splitlines()
    assert [line.rstrip() for line in lines] == [
        f" title{'origin':>53}",
        "   1   def a():",
        "     -     return 1",
        "   2 +     return 2",
        "   3 » # typed",
        "   4 ! x = 2",
        "",
        " ── x",
        " said",
        "",
        "",
        f" measured{'Ctrl-C ends it':>50}",
    ]


@pytest.mark.parametrize(
    ("sample", "region", "instruction"),
    [
        (INVOICES, INVOICE, library.USE_DECIMAL),
        (INVOICES, PAYMENTS, library.LOG_EVERY_STEP),
        (CHECKOUT, TOTAL, library.GUARD_COUPON),
        (BACKUP, WRITE, library.WRAP_ERRORS),
    ],
)
def test_the_replies_fit_the_samples(sample: Sample, region: Region, instruction: str) -> None:
    text = sample.text
    target = region.with_reply(text, instruction)
    assert target != text
    start, end = region.span(text)
    assert target.startswith(text[:start])
    assert target.endswith(text[end:])
    if sample is INVOICES:
        compile(target, "invoices.py", "exec")
    assert max(len(line.expandtabs(4)) for line in (text + target).splitlines()) <= 80 - 7


def test_each_place_of_typing_is_there_once() -> None:
    target = WRITE.with_reply(BACKUP.text, library.WRAP_ERRORS)
    for typing in TYPED:
        assert BACKUP.text.count(typing.line) == target.count(typing.line) == 1
    assert len(with_typing(target, TYPED)) == len(target) + sum(len(typing.text) for typing in TYPED)
