"""The template for LSP4IJ: every file against the format as it is documented, and against what the server is.

The format is in `format/`, as JSON schemas of our own; each names its source. A file that LSP4IJ does not know is
skipped by it without a word, and so is a key: here both are failures.
"""

from __future__ import annotations

import hashlib
import json
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator  # type: ignore[import-untyped]

from spark_lsp.settings.model import SETTINGS
from spark_lsp.syntax.grammars import (
    _LANGUAGE_OF_NAME,
    _LANGUAGE_OF_SUFFIX,
    GRAMMARS,
    PLAIN_TEXT,
    grammar_of,
    language_of_file,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "editors" / "jetbrains"
FORMAT = Path(__file__).with_name("format")
KNOWN_FILES = {
    "template.json",
    "settings.json",
    "settings.schema.json",
    "initializationOptions.json",
    "experimental.json",
    "clientSettings.json",
    "workspaceFolderSettings.json",
    "installer.json",
    "README.md",
}
"""What LSP4IJ's LanguageServerTemplateManager reads. There is no icon among them."""


def read(name: str) -> Any:
    return json.loads((TEMPLATE / name).read_text(encoding="utf-8"))


def settings_schema() -> dict[str, Any]:
    """That of `settings.json`: the section that the server asks for, in the draft that IntelliJ reads best."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Settings of spark-lsp",
        "type": "object",
        "properties": {"spark": SETTINGS.schema()},
        "additionalProperties": False,
    }


def test_it_has_the_files_that_the_format_knows_and_no_others() -> None:
    assert {file.name for file in TEMPLATE.iterdir()} == KNOWN_FILES


@pytest.mark.parametrize("name", ["template", "installer", "clientSettings", "workspaceFolderSettings"])
def test_a_file_is_as_the_format_says(name: str) -> None:
    schema = json.loads((FORMAT / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert "github.com/redhat-developer/lsp4ij" in schema["description"]
    Draft202012Validator(schema).validate(read(f"{name}.json"))


def test_nothing_in_the_format_is_open(subtests: pytest.Subtests) -> None:
    """A key that LSP4IJ would skip must be found: every object says which keys it has."""
    for file in sorted(FORMAT.iterdir()):
        for path, schema in _objects(json.loads(file.read_text(encoding="utf-8")), file.stem):
            with subtests.test(path):
                assert "additionalProperties" in schema


def _objects(schema: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield path, schema
        for key, value in schema.items():
            yield from _objects(value, f"{path}/{key}")
    elif isinstance(schema, list):
        for number, value in enumerate(schema):
            yield from _objects(value, f"{path}/{number}")


# What it starts


def test_the_command_starts_the_server_on_every_platform() -> None:
    commands = read("template.json")["programArgs"]
    # LSP4IJ splits at blanks and knows no quotation marks but double ones, which shlex reads as well.
    assert shlex.split(commands["default"]) == ["sh", "-c", "exec spark-lsp --stdio"]
    assert shlex.split(commands["windows"]) == ["spark-lsp", "--stdio"]
    configured = read("installer.json")["properties"]
    assert configured == {"posixCommand": commands["default"], "windowsCommand": commands["windows"]}


def test_the_server_gets_the_environment_with_the_keys_in_it() -> None:
    assert read("template.json")["env"] == {"includeSystemEnvironmentVariables": True, "variables": {}}


def test_whatever_is_installed_is_looked_for_and_configured() -> None:
    """Each way through the installer's tasks that ends well ends with a command for LSP4IJ."""
    ways = list(_ways(read("installer.json")["run"]))
    assert len(ways) == 4
    for way in ways:
        assert any(" install spark-lsp" in step for step in way), way
        assert any("spark-lsp --version" in step for step in way), way
        assert way[-1].startswith("configureServer"), way


def _ways(task: dict[str, Any]) -> Iterator[list[str]]:
    """The steps up to each end of a task that succeeds."""
    ((kind, step),) = task.items()
    name = f"{kind} {step['command']['default']}"
    if "onSuccess" in step:
        yield from ([name, *way] for way in _ways(step["onSuccess"]))
    else:
        yield [name]
    if "onFail" in step:
        yield from ([name, *way] for way in _ways(step["onFail"]))


# The files that it is for


def test_every_file_that_the_server_parses_is_mapped() -> None:
    """To the language that the server would take it for by its name."""
    mapped = dict(_patterns())
    expected = {f"*{suffix}": language for suffix, language in _LANGUAGE_OF_SUFFIX.items()} | _LANGUAGE_OF_NAME
    assert mapped == expected
    assert {grammar.name for language in mapped.values() if (grammar := grammar_of(language))} == set(GRAMMARS)


def _patterns() -> Iterator[tuple[str, str]]:
    for mapping in read("template.json")["fileTypeMappings"]:
        for pattern in mapping["fileType"]["patterns"]:
            yield pattern.lower(), mapping["languageId"]


def test_a_pattern_is_for_files_of_its_language() -> None:
    for pattern, language in _patterns():
        assert language_of_file(pattern.replace("*", "name")) == language != PLAIN_TEXT


def test_languages_of_the_ide_are_mapped_to_languages_of_the_server() -> None:
    """For files whose names say nothing, such as scripts."""
    mappings = {one["language"]: one["languageId"] for one in read("template.json")["languageMappings"]}
    assert set(mappings) >= {"Python", "JAVA"}
    assert set(mappings.values()) <= set(_LANGUAGE_OF_SUFFIX.values())


# The settings


def test_the_schema_of_the_settings_is_the_servers(request: pytest.FixtureRequest) -> None:
    """If not: scripts/test tests/jetbrains --update."""
    text = json.dumps(settings_schema(), indent=2, ensure_ascii=False) + "\n"
    file = TEMPLATE / "settings.schema.json"
    if request.config.getoption("--update"):
        file.write_text(text, encoding="utf-8", newline="\n")
    assert file.read_text(encoding="utf-8") == text
    Draft7Validator.check_schema(settings_schema())


def test_the_settings_leave_everything_to_the_users_file() -> None:
    """What they said would win over `config.toml`, also for somebody who only wanted the template."""
    assert read("settings.json") == {"spark": {}}
    assert read("initializationOptions.json") == {}
    assert read("template.json")["expandConfiguration"] is False
    Draft7Validator(settings_schema()).validate(read("settings.json"))
    assert not Draft7Validator(settings_schema()).is_valid({"spark": {"inline": {"enabled": 1}}})


def test_it_promises_none_of_the_messages_of_our_own() -> None:
    """A template cannot answer `spark/applyEdit`: the server must not send it."""
    assert read("experimental.json") == {}


# The zip


def test_the_zip_is_the_folder_and_always_the_same(tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        command = (sys.executable, ROOT / "scripts" / "package-jetbrains", "--output", tmp_path / name)
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert said == f"{tmp_path / name}\n"
    one, two = (hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("one.zip", "two.zip"))
    assert one == two
    with zipfile.ZipFile(tmp_path / "one.zip") as packed:
        assert packed.testzip() is None
        assert {info.filename for info in packed.infolist()} == {f"spark-lsp/{name}" for name in KNOWN_FILES}
        assert {info.date_time for info in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert packed.read("spark-lsp/template.json").decode() == (TEMPLATE / "template.json").read_text("utf-8")
