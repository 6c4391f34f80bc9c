from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from spark_lsp.core.diagnostics import MOST_DIAGNOSTICS, Diagnostic, Diagnostics
from spark_lsp.core.edits import Edit, align
from spark_lsp.core.text import ORIGIN, Position, Range, Text, line_content

TEXT = Text.of("a\nb\nc\nd\n")


def at(line: int, message: str = "wrong", lines: int = 1) -> Diagnostic:
    return Diagnostic(Range(Position(line, 0), Position(line + lines - 1, 1)), message)


def after(known: Diagnostics, edit: Edit, text: Text = TEXT) -> list[int]:
    changed = text.splice(edit.start, edit.end, edit.new)
    return [one.range.start.line for one in known.changed(text, edit, changed).known]


def test_they_move_with_the_lines_and_go_with_a_changed_one() -> None:
    known = Diagnostics((at(0), at(2)))
    assert after(known, Edit(Position(1, 0), Position(1, 0), "x")) == [0, 2]
    assert after(known, Edit(Position(0, 1), Position(0, 1), "\nnew")) == [0, 3]
    assert after(known, Edit(Position(2, 0), Position(2, 0), "new\n")) == [0, 3]
    assert after(known, Edit(Position(1, 0), Position(2, 0), "")) == [0, 1]
    assert after(known, Edit(Position(2, 1), Position(2, 1), "x")) == [0]
    assert after(known, Edit(ORIGIN, TEXT.end, "")) == []
    assert after(Diagnostics((at(0, lines=3),)), Edit(Position(1, 0), Position(1, 0), "x")) == []


def test_what_is_told_of_a_range_takes_the_place_of_what_was_known_of_it() -> None:
    known = Diagnostics().told(Range(ORIGIN, TEXT.end), [at(0), at(2)])
    known = known.told(Range(Position(0, 0), Position(1, 0)), [at(1, "new"), at(1, "new")])
    assert known.known == (at(2), at(1, "new"))
    assert known.told(Range(ORIGIN, TEXT.end), []).known == ()


def test_the_last_ones_stay_and_a_long_message_is_cut() -> None:
    whole = Range(ORIGIN, Position(1_000, 0))
    known = Diagnostics().told(whole, [at(line) for line in range(500)]).known
    assert known == tuple(at(line) for line in range(500 - MOST_DIAGNOSTICS, 500))
    known = Diagnostics(known).told(Range(Position(900, 0), Position(900, 9)), [at(900, "x" * 9_000)]).known
    assert len(known) == MOST_DIAGNOSTICS
    assert len(known[-1].message) == 1_000


lines = some.lists(some.sampled_from(["a\n", "b\r\n", "\n", "cc\r", "é\n"]), max_size=6)


@given(lines, some.lists(some.tuples(some.integers(0, 8), some.integers(0, 3), some.integers(0, 3), lines), max_size=5))
def test_a_diagnostic_stays_on_a_line_that_says_what_it_said(
    source: list[str], edits: list[tuple[int, int, int, list[str]]]
) -> None:
    text = Text.of("".join(source))
    said = [line_content(line) for line in text.lines]
    known = Diagnostics(tuple(at(line, f"{line}") for line in range(len(text.lines))))
    for line, column, more, new in edits:
        start, end = sorted((text.clamp(Position(line, column)), text.clamp(Position(line + more, column))))
        edit = align(text, Edit(start, end, "".join(new)))
        changed = text.splice(edit.start, edit.end, edit.new)
        known, text = known.changed(text, edit, changed), changed
        for one in known.known:
            assert line_content(text.lines[one.range.start.line]) == said[int(one.message)]
