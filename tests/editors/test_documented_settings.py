"""Every block of settings in the editors' documentation is what its language allows, and what the server takes."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from tree_sitter import Parser

from spark_lsp.settings.schema import settings_schema
from spark_lsp.syntax.grammars import grammar_of, load
from support.batch_emacs import emacs
from support.editor_setting import README, section, snippets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EDITORS = README.parent
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
PARSED_BY_US = {"lua": "lua", "rust": "rust", "sh": "shellscript", "bash": "shellscript"}


def blocks() -> Iterator[tuple[str, str, str]]:
    for file in (README, EDITORS / "jetbrains" / "README.md"):
        for number, (language, text) in enumerate(BLOCK.findall(file.read_text(encoding="utf-8"))):
            yield f"{file.parent.name}-{number}-{language}", language, text


@pytest.mark.parametrize(("language", "text"), [pytest.param(*rest, id=name) for name, *rest in blocks()])
def test_a_block_is_what_its_language_allows(language: str, text: str, tmp_path: Path) -> None:
    match language:
        case "toml":
            tomllib.loads(text)
        case "json":
            json.loads(text)
        case "elisp":
            check_elisp(text, tmp_path)
        case _ if language in PARSED_BY_US:
            assert has_no_error(text, PARSED_BY_US[language])
        case _:
            pytest.fail(f"nobody checks blocks of {language!r}")


def has_no_error(text: str, language: str) -> bool:
    grammar = grammar_of(language)
    loaded = load(grammar) if grammar else None
    assert loaded is not None, language
    return not Parser(loaded).parse(text.encode()).root_node.has_error


def check_elisp(text: str, folder: Path) -> None:
    """Emacs compiles it without a complaint but for what its packages would bring."""
    program, reason = emacs()
    if reason:
        pytest.skip(reason)
    file = folder / "init.el"
    file.write_text(text, encoding="utf-8")
    compile_it = f'(progn (setq native-comp-jit-compilation nil) (byte-compile-file "{file}"))'
    done = subprocess.run(
        [program, "--batch", "-Q", "--eval", "(check-parens)", "--eval", compile_it],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "Error" not in done.stderr, done.stderr


# The settings in them


def test_helix_starts_the_server_for_a_language() -> None:
    (text,) = snippets(section("Helix"), "toml")
    settings = tomllib.loads(text)
    assert settings["language-server"]["spark-lsp"]["command"] == "spark-lsp"
    assert all("spark-lsp" in language["language-servers"] for language in settings["language"])


def test_zed_has_an_extension_with_the_server_that_its_settings_name() -> None:
    """The keys are those of zed.dev/docs/extensions/languages and of zed.dev/docs/configuring-languages."""
    extension, package = (tomllib.loads(text) for text in snippets(section("Zed"), "toml"))
    assert extension.keys() >= {"id", "name", "version", "schema_version", "authors", "description"}
    assert list(extension["language_servers"]) == ["spark-lsp"]
    assert package["lib"]["crate-type"] == ["cdylib"]
    assert "zed_extension_api" in package["dependencies"]
    (settings,) = (json.loads(text) for text in snippets(section("Zed"), "json"))
    assert set(settings["languages"]) <= set(extension["language_servers"]["spark-lsp"]["languages"])
    check_settings(settings["lsp"]["spark-lsp"]["initialization_options"])


def test_sublime_text_has_a_client() -> None:
    """The keys are those of lsp.sublimetext.io/client_configuration."""
    (text,) = snippets(section("Sublime Text"), "json")
    (client,) = json.loads(text)["clients"].values()
    assert client.keys() == {"enabled", "command", "selector", "initializationOptions"}
    assert client["command"] == ["spark-lsp"]
    check_settings(client["initializationOptions"])


def check_settings(settings: Any) -> None:
    Draft202012Validator(settings_schema()).validate(settings)
    unknown = settings.keys() - settings_schema()["properties"].keys()
    assert not unknown


def test_what_the_overview_links_to_is_there() -> None:
    text = README.read_text(encoding="utf-8")
    titles = re.findall("^#+ (.*)$", text, re.MULTILINE)
    headings = {re.sub(r"[^\w\- ]", "", title).lower().replace(" ", "-") for title in titles}
    for target in re.findall(r"\]\((#[^)]*)\)", text):
        assert target.removeprefix("#") in headings, target
