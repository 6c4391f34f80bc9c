from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.core.text import Text, line_ending
from spark_lsp.syntax.facts import facts_of_source
from spark_lsp.syntax.grammar_gaps import readable

OVERLOADS = """\
export const min: {
  /** Data last. */
  <That extends DateTime>(that: That): <Self extends DateTime>(self: Self) => Self | That
  /**
   * Data first.
   */
  <
    Self extends DateTime
  >(self: Self, that: DateTime): Self | DateTime{ending}
  (self: DateTime): Chunk<DateTime> // alone
  <A>(self: A): A
} = order.min
export const after = 1
"""


def read(source: str, grammar_name: str = "typescript") -> str:
    return "".join(readable(grammar_name, Text.of(source).lines))


@pytest.mark.parametrize("ending", ["", ";"])
def test_overloads_without_semicolons_hide_nothing_behind_them(ending: str) -> None:
    facts = facts_of_source("typescript", OVERLOADS.replace("{ending}", ending))
    assert [(symbol.name, symbol.line, symbol.exported) for symbol in facts.symbols if not symbol.container] == [
        ("min", 0, True),
        ("after", 12, True),
    ]


def test_a_call_signature_on_a_line_of_its_own_is_told_from_what_stands_above() -> None:
    assert read("interface A {\n  (b: B): C\n  <D>(e: D): F\n}") == "interface A {\n  (b: B): C\n ;<D>(e: D): F\n}"


@pytest.mark.parametrize(
    "source",
    [
        "pipe(\n  <A>(a: A) => a,\n  <B>(b: B) => b\n)",
        "type F =\n  <A>(a: A) => A",
        "const f = (b: B) =>\n  <A>(a: A) => a",
        "class A\n  extends\n  <B>(c)",
        "interface A {\n  <B>(c: B): B\n}",
        "const small = a\n  < b",
        "a\n<B>(c)",
        "for (const out in outer) { x = y in z, w }",
    ],
)
def test_other_lines_stay_as_they_are(source: str) -> None:
    assert read(source) == source


def test_the_variance_of_a_type_parameter_is_no_type() -> None:
    source = "export interface A<in out B, out C = never,\n  in D\n> extends E<B> {\n  f: C & D\n}\n"
    facts = facts_of_source("typescript", source)
    assert [(symbol.name, symbol.bases) for symbol in facts.symbols] == [("A", ("E",)), ("f", ())]
    assert [reference.name for reference in facts.references] == ["E"]


def test_other_languages_are_read_as_they_are() -> None:
    source = "f(a)\n  <B>(c)\n"
    assert read(source, "python") == source


PIECES = ["  ", "<A>", "<", "in out B", "(a: A)", ": B", "=>", "é", "// x", "\n", "\r\n", "\r"]


@given(st.lists(st.sampled_from(PIECES)))
def test_every_line_keeps_the_number_of_its_bytes_and_its_ending(pieces: list[str]) -> None:
    lines = Text.of("".join(pieces)).lines
    found = readable("tsx", lines)
    assert [len(line.encode()) for line in found] == [len(line.encode()) for line in lines]
    assert [line_ending(line) for line in found] == [line_ending(line) for line in lines]
