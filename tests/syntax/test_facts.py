from __future__ import annotations

import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.core.symbols import FileFacts
from spark_lsp.syntax import fact_captures
from spark_lsp.syntax.fact_captures import DEFINITIONS
from spark_lsp.syntax.fact_rules import RULES
from spark_lsp.syntax.facts import facts_of_source, facts_query
from spark_lsp.syntax.grammars import GRAMMARS
from syntax.fact_cases import LANGUAGES, expected_path, rendered, source_of


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_facts_of_a_language(language: str, request: pytest.FixtureRequest) -> None:
    got = rendered(facts_of_source(language, source_of(language)))
    if request.config.getoption("--update"):
        expected_path(language).write_text(got, encoding="utf-8")
    assert got == expected_path(language).read_text(encoding="utf-8")


def test_there_is_a_case_for_each_language_with_facts() -> None:
    assert sorted(RULES) == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_queries_fit_the_grammar_and_use_documented_captures(language: str) -> None:
    query = facts_query(GRAMMARS[language])
    assert query is not None
    documented = fact_captures.__doc__ or ""
    names = {query.capture_name(number) for number in range(query.capture_count)}
    assert names & DEFINITIONS
    assert [name for name in names if not name.startswith("_") and f"``@{name}``" not in documented] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_line_endings_and_bytes_make_no_difference(language: str) -> None:
    source = source_of(language)
    expected = facts_of_source(language, source)
    assert facts_of_source(language, source.encode()) == expected
    assert facts_of_source(language, source.encode("utf-8-sig")) == expected
    assert facts_of_source(language, source.replace("\n", "\r\n")) == expected
    if language not in {"c", "cpp"}:  # a directive of the preprocessor ends at a line feed only
        assert facts_of_source(language, source.replace("\n", "\r")) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_facts_are_values_that_a_process_can_send(language: str) -> None:
    facts = facts_of_source(language, source_of(language))
    assert pickle.loads(pickle.dumps(facts)) == facts
    assert facts_of_source(language, source_of(language)) == facts


@pytest.mark.parametrize("language", LANGUAGES)
def test_columns_are_code_points_and_lines_have_the_names(language: str) -> None:
    lines = source_of(language).split("\n")
    for symbol in facts_of_source(language, source_of(language)).symbols:
        assert lines[symbol.line][symbol.column :].lstrip(":@'\"$").startswith(symbol.name)
        assert symbol.start <= symbol.line < symbol.end <= len(lines)
        assert symbol.line < symbol.signature_end <= symbol.end


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_bracket_costs_little(language: str) -> None:
    """Without a closing bracket most symbols are still found, on average over all places where one could be missing."""
    source = source_of(language)
    names = {symbol.name for symbol in facts_of_source(language, source).symbols}
    kept = [
        len(names & {symbol.name for symbol in facts_of_source(language, source[:at] + source[at + 1 :]).symbols})
        for at in (match.start() for match in re.finditer(r"[)\]}]", source))
    ]
    assert sum(kept) >= 0.75 * len(kept) * len(names)


@given(st.sampled_from(LANGUAGES), st.data())
def test_no_text_is_too_broken(language: str, data: st.DataObject) -> None:
    source = source_of(language)
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, len(source)))
    noise = data.draw(st.text(max_size=20))
    facts = facts_of_source(language, source[:start] + noise + source[end:])
    assert facts.language == language
    assert facts == facts_of_source(language, source[:start] + noise + source[end:])


def test_bytes_that_are_no_utf_8_are_read_as_far_as_they_go() -> None:
    facts = facts_of_source("python", b"name = '\xff\xfe'\ndef f(): return g()\n\xc3")
    assert [symbol.name for symbol in facts.symbols] == ["name", "f"]
    assert [reference.name for reference in facts.references if reference.kind == "call"] == ["g"]


def test_what_has_no_grammar_or_no_query_has_no_facts() -> None:
    assert facts_of_source("json", "{}") == FileFacts("json")
    assert facts_of_source("klingon", "x") == FileFacts("klingon")


def test_a_parse_that_takes_too_long_is_given_up() -> None:
    assert facts_of_source("python", "def f(): pass\n" * 200, seconds=0.0) == FileFacts("python")
