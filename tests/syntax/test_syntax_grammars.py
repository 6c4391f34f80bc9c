from __future__ import annotations

import logging

import pytest
from tree_sitter import Parser

from spark_lsp.syntax import grammars
from spark_lsp.syntax.grammars import GRAMMARS, Grammar, grammar_of, language_of_file, load, scope_query
from syntax.scope_cases import LANGUAGES, scope_cases


@pytest.mark.parametrize("name", GRAMMARS)
def test_every_grammar_loads_with_its_query(name: str) -> None:
    assert load(GRAMMARS[name]) is not None
    assert scope_query(GRAMMARS[name]) is not None


@pytest.mark.parametrize("name", GRAMMARS)
def test_every_grammar_parses_its_cases_without_error(name: str) -> None:
    language = load(GRAMMARS[name])
    assert language is not None
    for case in scope_cases(name):
        root = Parser(language).parse(str(case.text).encode()).root_node
        assert not root.has_error, (case.title, str(root))


def test_every_grammar_has_cases() -> None:
    assert {*GRAMMARS, "plaintext"} == set(LANGUAGES)


@pytest.mark.parametrize(
    ("language_id", "grammar"),
    [
        ("python", "python"),
        ("javascriptreact", "javascript"),
        ("typescript", "typescript"),
        ("typescriptreact", "tsx"),
        ("typescript.tsx", "tsx"),
        ("yaml.ansible", "yaml"),
        ("csharp", "csharp"),
        ("cs", "csharp"),
        ("shellscript", "bash"),
        ("sh", "bash"),
        ("jsonc", "json"),
        ("Python", "python"),
    ],
)
def test_language_ids_of_all_editors(language_id: str, grammar: str) -> None:
    assert grammar_of(language_id) == GRAMMARS[grammar]


@pytest.mark.parametrize("language_id", ["plaintext", "", "markdown", "zsh", "scss", ".", "klingon"])
def test_other_languages_are_plain_text(language_id: str) -> None:
    assert grammar_of(language_id) is None


@pytest.mark.parametrize(
    ("path", "language_id"),
    [
        ("a/b/store.py", "python"),
        ("store.PYI", "python"),
        ("a.b/Store.tsx", "typescriptreact"),
        ("store.h", "c"),
        ("store.tar.json", "json"),
        (".bashrc", "shellscript"),
        ("Rakefile", "ruby"),
        ("notes.txt", "plaintext"),
        (".py", "plaintext"),
        ("Makefile", "plaintext"),
        ("", "plaintext"),
    ],
)
def test_languages_by_file_name(path: str, language_id: str) -> None:
    assert language_of_file(path) == language_id


def test_every_language_that_a_file_can_have_has_a_grammar() -> None:
    languages = {*grammars._LANGUAGE_OF_SUFFIX.values(), *grammars._LANGUAGE_OF_NAME.values()}
    assert [language for language in languages if grammar_of(language) is None] == []


@pytest.mark.parametrize(
    "grammar",
    [
        Grammar("missing", "tree_sitter_that_does_not_exist", "language", ()),
        Grammar("without function", "tree_sitter_python", "language_of_old", ()),
        Grammar("not a grammar", "json", "JSONDecoder", ()),
    ],
    ids=lambda grammar: grammar.name,
)
def test_a_wheel_that_does_not_fit_is_logged_once(grammar: Grammar, caplog: pytest.LogCaptureFixture) -> None:
    load.cache_clear()
    with caplog.at_level(logging.WARNING):
        assert load(grammar) is None
        assert load(grammar) is None
        assert scope_query(grammar) is None
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_query_that_does_not_fit_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    grammar = Grammar("json", "tree_sitter_json", "language", ("python",))
    with caplog.at_level(logging.WARNING):
        assert scope_query(grammar) is None
        assert scope_query(grammar) is None
    assert len(caplog.records) == 1
    scope_query.cache_clear()
