"""The kinds of values that settings have: each checks, builds and dumps a value, and describes itself as JSON schema.

A value passes through three forms: *raw* is what came in and may be anything; *clean* is the same shape with only
what holds (no nulls, no unknown keys, no wrong types), so that layers of it can be merged; *built* is what `Settings`
holds. Checking and the schema stand side by side here because they must agree.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, Protocol

from spark_lsp.settings.problem import dotted
from spark_lsp.settings.scalars import REFUSED, Scalar, is_number, is_unicode
from spark_lsp.settings.tree import KeyPath, Tree, grow, leaves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spark_lsp.settings.problem import Report

_DEEPEST_JSON = 32


class Kind(Protocol):
    def check(self, raw: object, path: KeyPath, report: Report) -> object:
        """The clean value, or REFUSED after the report heard why. Never raises. Null does not get here."""

    def build(self, clean: Any) -> Any:
        """What `Settings` holds for a clean value."""

    def dump(self, built: Any) -> object:
        """The raw value that gives this built one."""

    def schema(self) -> dict[str, Any]:
        """The JSON schema of the raw values that hold, null not counted."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a field of a settings dataclass is; stands in the field's metadata under "setting"."""

    kind: Kind
    description: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One field of a settings dataclass, by its inner and its outer name."""

    name: str
    key: str
    setting: Setting
    default: Any


@cache
def rows(table: type) -> Mapping[str, Row]:
    """The settings of a dataclass by their outer, camelCase names, in order."""
    defaults = table()
    found = {}
    for field in dataclasses.fields(table):
        if setting := field.metadata.get("setting"):
            key = re.sub(r"_([a-z])", lambda match: match[1].upper(), field.name)
            found[key] = Row(field.name, key, setting, getattr(defaults, field.name))
    return found


@dataclass(frozen=True, slots=True)
class Table:
    """A table of settings, built as the dataclass that lists them."""

    table: type

    def check(self, raw: object, path: KeyPath, report: Report) -> object:
        if not isinstance(raw, Mapping):
            report.expected(path, "a table of settings", raw)
            return REFUSED
        known = rows(self.table)
        clean = {}
        for key, value in _named(raw, path, report):
            if key not in known:
                report.misspelt((*path, key), "there is no such setting", key, known)
            elif value is not None:
                clean[key] = known[key].setting.kind.check(value, (*path, key), report)
        # An empty table says nothing, as null does.
        return {key: value for key, value in _without_refused(clean).items() if value != {}}

    def build(self, clean: Any) -> Any:
        known = rows(self.table)
        values = {known[key].name: known[key].setting.kind.build(value) for key, value in clean.items()}
        return self.table(**values)

    def dump(self, built: Any) -> dict[str, object]:
        values = {key: (getattr(built, row.name), row.setting.kind) for key, row in rows(self.table).items()}
        return {key: None if value is None else kind.dump(value) for key, (value, kind) in values.items()}

    def schema(self) -> dict[str, Any]:
        properties = {key: _described(row) for key, row in rows(self.table).items()}
        return {"type": "object", "properties": properties, "additionalProperties": False}


@dataclass(frozen=True, slots=True)
class PartialTable:
    """A table of settings that knows which of them are given, in its dataclass's field `given`.

    It needs one of some keys. They may come from different layers, so that `check` does not ask for them.
    """

    table: Table
    needs_one_of: tuple[str, ...]

    def check(self, raw: object, path: KeyPath, report: Report) -> object:
        return self.table.check(raw, path, report)

    def lacks(self, clean: Tree) -> str:
        """What a table needs and has not, in words, or ""."""
        return "" if any(key in clean for key in self.needs_one_of) else " or ".join(self.needs_one_of)

    def build(self, clean: Any) -> Any:
        given = frozenset(dotted(path) for path, _ in leaves(clean))
        return dataclasses.replace(self.table.build(clean), given=given)

    def dump(self, built: Any) -> dict[str, object]:
        """Only what is given or differs from the default, so that what is left out stays so."""
        defaults = dict(leaves(self.table.dump(self.table.table())))
        return grow(
            (path, value)
            for path, value in leaves(self.table.dump(built))
            if dotted(path) in built.given or path not in defaults or value != defaults[path]
        )

    def schema(self) -> dict[str, Any]:
        # Null is as good as leaving a key out, so "required" alone would not do.
        set_and_not_null = [
            {"required": [key], "properties": {key: {"not": {"type": "null"}}}} for key in self.needs_one_of
        ]
        return {**self.table.schema(), "anyOf": set_and_not_null}


@dataclass(frozen=True, slots=True)
class Alternatives:
    """A table of settings for which one word may stand: each word is short for a whole table."""

    table: Table
    words: Mapping[str, Tree]

    def check(self, raw: object, path: KeyPath, report: Report) -> object:
        if isinstance(raw, Mapping):
            return self.table.check(raw, path, report)
        if not isinstance(raw, str):
            report.expected(path, f"a name or a table with {', '.join(rows(self.table.table))}", raw)
        elif raw not in self.words:
            report.misspelt(path, f"expected one of {', '.join(self.words)}", raw, self.words)
        else:
            return self.words[raw]
        return REFUSED

    def build(self, clean: Any) -> Any:
        return self.table.build(clean)

    def dump(self, built: Any) -> object:
        return self.table.dump(built)

    def word(self, built: Any) -> str | None:
        """The word for a table, if there is one."""
        dumped = self.dump(built)
        return next((word for word, table in self.words.items() if table == dumped), None)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"enum": list(self.words)}, self.table.schema()]}


@dataclass(frozen=True, slots=True)
class MapOf:
    """Values of one kind by names that the user chooses, built as a dictionary."""

    expected: str
    name: Scalar
    value: Kind

    def check(self, raw: object, path: KeyPath, report: Report) -> object:
        if not isinstance(raw, Mapping):
            report.expected(path, self.expected, raw)
            return REFUSED
        clean = {}
        for name, value in _named(raw, path, report):
            if self.name.test(name) is REFUSED:
                report.add((*path, name), f"expected {self.name.expected} for a key")
            elif value is not None:
                clean[name] = self.value.check(value, (*path, name), report)
        return _without_refused(clean)

    def build(self, clean: Any) -> Any:
        return {name: self.value.build(value) for name, value in clean.items()}

    def dump(self, built: Any) -> object:
        return {name: self.value.dump(value) for name, value in built.items()}

    def schema(self) -> dict[str, Any]:
        values = _or_null(self.value.schema())
        return {"type": "object", "propertyNames": self.name.schema(), "additionalProperties": values}


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of single values, built as a tuple."""

    expected: str
    item: Scalar
    minimum: int
    maximum: int
    bad_item: Literal["is left out", "spoils the list"]

    def check(self, raw: object, path: KeyPath, report: Report) -> object:
        if not isinstance(raw, (list, tuple)):
            report.expected(path, self.expected, raw)
            return REFUSED
        if not self.minimum <= len(raw) <= self.maximum:
            report.add(path, f"expected {self.expected}, {self.minimum} to {self.maximum} of them")
            return REFUSED
        clean = [self.item.check(item, (*path, str(index)), report) for index, item in enumerate(raw)]
        if self.bad_item == "spoils the list" and REFUSED in clean:
            return REFUSED
        return [item for item in clean if item is not REFUSED]

    def build(self, clean: Any) -> Any:
        return tuple(clean)

    def dump(self, built: Any) -> object:
        return list(built)

    def schema(self) -> dict[str, Any]:
        length = {"minItems": self.minimum, "maxItems": self.maximum}
        return {"type": "array", "items": self.item.schema(), **length}


@dataclass(frozen=True, slots=True)
class JsonObject:
    """Any JSON object, passed on as it is. Null inside is a value here."""

    def check(self, raw: object, path: KeyPath, report: Report) -> object:
        if not isinstance(raw, Mapping):
            report.expected(path, "a table", raw)
            return REFUSED
        return _without_refused(
            {name: _json(value, (*path, name), report) for name, value in _named(raw, path, report)}
        )

    def build(self, clean: Any) -> Any:
        return dict(clean)

    def dump(self, built: Any) -> object:
        return dict(built)

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": True}


def _json(raw: object, path: KeyPath, report: Report) -> object:
    """A copy of a JSON value, or REFUSED where JSON cannot say it (a date, NaN) or nobody should (depth)."""
    if len(path) > _DEEPEST_JSON:
        report.add(path[:4], f"expected tables at most {_DEEPEST_JSON} deep")
        return REFUSED
    if isinstance(raw, Mapping):
        values = {name: _json(value, (*path, name), report) for name, value in _named(raw, path, report)}
        return REFUSED if REFUSED in values.values() else values
    if isinstance(raw, (list, tuple)):
        items = [_json(item, (*path, str(index)), report) for index, item in enumerate(raw)]
        return REFUSED if REFUSED in items else items
    if raw is None or isinstance(raw, bool) or (isinstance(raw, str) and is_unicode(raw)):
        return raw
    if is_number(raw) and (math.isfinite(raw) if isinstance(raw, float) else -(2**64) < raw < 2**64):
        return raw
    report.expected(path, "a value that JSON can say", raw)
    return REFUSED


def _named(raw: Mapping[Any, object], path: KeyPath, report: Report) -> Iterator[tuple[str, object]]:
    """The items of a mapping whose keys are good strings; the report hears of the others."""
    for name, value in raw.items():
        if isinstance(name, str) and is_unicode(name):
            yield name, value
        else:
            report.add(path, "expected a string for every key")


def _without_refused(clean: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in clean.items() if value is not REFUSED}


def _described(row: Row) -> dict[str, Any]:
    """The schema of one setting, with what a reader wants to know about it."""
    kind, unit = row.setting.kind, row.setting.unit
    schema = _or_null(kind.schema())
    schema["description"] = f"{row.setting.description} Unit: {unit}." if unit else row.setting.description
    if isinstance(kind, Alternatives):
        schema["default"] = kind.word(row.default)
    elif not isinstance(kind, Table):  # the default of a table is that of each of its settings
        schema["default"] = None if row.default is None else kind.dump(row.default)
    return schema


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema that null satisfies too: everywhere, null is as good as leaving the key out."""
    if "type" in schema and "anyOf" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        return {**schema, "enum": [*schema["enum"], None]}
    return {"anyOf": [schema, {"type": "null"}]}
