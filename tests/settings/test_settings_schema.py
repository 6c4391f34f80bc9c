"""The JSON schema and the parser say the same, since both follow from the same fields."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import (  # type: ignore[import-untyped]
    Draft202012Validator,
    ValidationError,
    validators,
)

from spark_lsp.settings.layers import dump, parse
from spark_lsp.settings.model import Settings
from spark_lsp.settings.schema import settings_schema, settings_schema_text

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = settings_schema()
DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.schema.json"


def _whole_pattern(_: object, pattern: str, instance: object, __: object) -> Iterator[ValidationError]:
    """As JavaScript reads it: in Python, $ matches before a final line ending too."""
    if isinstance(instance, str) and not re.fullmatch(pattern, instance):
        yield ValidationError("does not match")


Validator = validators.extend(Draft202012Validator, {"pattern": _whole_pattern})
VALIDATOR = Validator(SCHEMA)

strings = st.text(max_size=8) | st.sampled_from(
    [
        "http://127.0.0.1:8000/v1",
        "https://[::1]/",
        "ftp://x",
        "MY_KEY",
        "sk-a",
        "X-Name",
        "a b",
        "two\nlines",
        "MY_KEY\n",
    ]
)
numbers = st.integers(-3, 300) | st.floats(-3, 300) | st.sampled_from([24.0, 10**9, 2**53, -1])
junk = st.recursive(
    st.none() | st.booleans() | numbers | strings,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(strings, inner, max_size=3),
    max_leaves=5,
)


def valid(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """What a schema allows, as far as it uses the words that ours does."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema.get("type", [])
    if isinstance(kinds, list):
        return st.one_of(
            [valid({**schema, "type": kind}) for kind in kinds] + [valid(choice) for choice in schema.get("anyOf", ())]
        )
    match kinds:
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(schema["minimum"], schema["maximum"])
        case "number":
            least = schema.get("minimum", 0)
            return st.floats(least, schema["maximum"], exclude_min="exclusiveMinimum" in schema)
        case "string":
            return strings.filter(Validator(schema).is_valid)
        case "array":
            return st.lists(valid(schema["items"]), min_size=schema["minItems"], max_size=4)
    return valid_object(schema)


def valid_object(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    properties = {key: valid(value) for key, value in schema.get("properties", {}).items()}
    if not properties:
        names = valid(schema.get("propertyNames", {"type": "string"}))
        additional = schema["additionalProperties"]
        return st.dictionaries(names, junk if additional is True else valid(additional), max_size=3)
    some = st.fixed_dictionaries({}, optional=properties)
    if needed := [choice["required"][0] for choice in schema.get("anyOf", ())]:
        one = st.sampled_from(needed).flatmap(
            lambda key: st.fixed_dictionaries({key: properties[key].filter(lambda value: value is not None)})
        )
        return st.builds(lambda given_values, chosen: {**given_values, **chosen}, some, one)
    return some


@st.composite
def nearly_valid(draw: st.DrawFn) -> object:
    """A valid object with something else put into it somewhere."""
    raw: Any = copy.deepcopy(draw(valid(SCHEMA)))
    place = raw
    while place and draw(st.booleans()):
        key = draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict):
            break
        place = place[key]
    key = draw(st.sampled_from([*place, *SCHEMA["properties"], "model", "maxLines", "edit"]) | strings)
    place[key] = draw(junk)
    return raw


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert list(SCHEMA["properties"]) == list(dump(Settings()))


def test_the_one_in_the_documentation_is_current() -> None:
    """If not: spark-lsp config schema > docs/settings.schema.json."""
    assert DOCUMENT.read_text(encoding="utf-8") == settings_schema_text()


def test_every_setting_is_described_and_its_default_is_valid() -> None:
    settings = list(_settings(SCHEMA))
    assert len(settings) > 40
    for key, schema in settings:
        assert schema["description"].endswith("."), key
        if "default" in schema:
            assert Validator(schema).is_valid(schema["default"]), key
        else:
            assert "properties" in schema, key  # the defaults of a table are those of its settings


def _settings(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for key, value in schema.get("properties", {}).items():
        if "description" in value:
            yield f"{path}{key}", value
        yield from _settings(value, f"{path}{key}.")
    for inner in (schema.get("additionalProperties"), *schema.get("anyOf", ())):
        if isinstance(inner, dict):
            yield from _settings(inner, f"{path}*.")


def test_patterns_are_anchored() -> None:
    """Or else Python, which matches the whole here, and an editor, which searches, would not agree."""
    patterns = re.findall(r'"pattern": "(.*)"', settings_schema_text())
    assert patterns
    assert all(pattern.startswith("^") and pattern.endswith("$") for pattern in patterns)


@given(valid(SCHEMA))
def test_what_the_schema_allows_has_no_problems(raw: object) -> None:
    assert VALIDATOR.is_valid(raw)
    assert parse(raw)[1] == []


@given(nearly_valid() | junk)
def test_schema_and_parser_agree(raw: object) -> None:
    if raw is not None:  # the schema is of what stands somewhere; the parser takes nothing for an answer too
        assert VALIDATOR.is_valid(raw) == (not parse(raw)[1])


@given(valid(SCHEMA))
def test_settings_survive_a_round_trip(raw: object) -> None:
    settings, _ = parse(raw)
    dumped = dump(settings)
    assert VALIDATOR.is_valid(dumped)
    assert parse(dumped) == (settings, [])
