"""docs/settings.md tells of every setting what the code says, and its examples hold."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from spark_lsp.settings.files import USER_FILE_VARIABLE, WORKSPACE_FILE_NAME
from spark_lsp.settings.kinds import Alternatives, MapOf, PartialTable, Table, rows
from spark_lsp.settings.layers import NOT_FOR_A_WORKSPACE, Source, parse
from spark_lsp.settings.model import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spark_lsp.settings.kinds import Kind, Row

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```(toml|json)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def table_rows(table: Table, prefix: str = "") -> Iterator[str]:
    """The row of every setting as the page should have it."""
    for key, row in rows(table.table).items():
        match row.setting.kind:
            case Table():
                yield from table_rows(row.setting.kind, f"{prefix}{key}.")
            case MapOf(value=PartialTable(table=inner)):
                yield from table_rows(inner, f"{prefix}{key}.NAME.")
            case Alternatives(table=inner):
                yield table_row(f"{prefix}{key}", row)
                yield from table_rows(inner, f"{prefix}{key}.")
            case _:
                yield table_row(f"{prefix}{key}", row)


def table_row(key: str, row: Row) -> str:
    cells = (f"`{key}`", kind_of(row.setting.kind), default_of(row), row.setting.description, row.setting.unit)
    return f"| {' | '.join(cells)} |"


def kind_of(kind: Kind) -> str:
    schema = kind.schema()
    if isinstance(kind, Alternatives):
        return "a word or a table"
    if words := schema.get("enum"):
        return ", ".join(f"`{word}`" for word in words)
    if schema["type"] in ("integer", "number"):
        least = f"from {schema['minimum']}" if "minimum" in schema else f"above {schema['exclusiveMinimum']}"
        most = "" if schema["maximum"] > 2**50 else f" to {schema['maximum']}"
        return f"{schema['type']} {least}{most}"
    return {"boolean": "true or false", "string": "string", "array": "list of strings", "object": "table"}[
        schema["type"]
    ]


def default_of(row: Row) -> str:
    if row.default is None:
        return "none"
    default = row.setting.kind.word(row.default) if isinstance(row.setting.kind, Alternatives) else row.default
    return f"`{json.dumps(default)}`"


@pytest.mark.parametrize("row", list(table_rows(SETTINGS)))
def test_every_setting_has_its_row(row: str) -> None:
    assert row in PAGE.splitlines(), f"docs/settings.md should have this row:\n{row}"


def test_no_row_is_of_a_setting_that_is_gone() -> None:
    known = set(table_rows(SETTINGS))
    assert [line for line in PAGE.splitlines() if line.startswith("| `") and line not in known] == []


def test_the_layers_and_what_a_workspace_may_not_set_are_named() -> None:
    for word in (*Source, *NOT_FOR_A_WORKSPACE, USER_FILE_VARIABLE, WORKSPACE_FILE_NAME):
        assert word in PAGE


@pytest.mark.parametrize(("language", "example"), EXAMPLES)
def test_examples_hold(language: str, example: str) -> None:
    raw = tomllib.loads(example) if language == "toml" else json.loads(example)
    settings, problems = parse(raw)
    assert problems == []
    assert settings != parse({})[0]


def test_examples_come_in_both_languages() -> None:
    parsed = [
        parse(tomllib.loads(example) if language == "toml" else json.loads(example))[0]
        for language, example in EXAMPLES
    ]
    assert len(parsed) >= 4
    pairs = [settings for settings in parsed if parsed.count(settings) == 2]
    assert len(pairs) >= 4
