"""The report of `spark-lsp stats --json`: the values of `ledger.report` under camelCase names."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from spark_lsp.ledger.report import Report


def as_json(report: Report, ledger: Path) -> str:
    """The report as JSON with a newline at its end. Percentiles are in milliseconds, cost in USD; null is unknown."""
    return f"{json.dumps({'ledger': str(ledger), **_table(report)}, indent=2)}\n"


def _value(value: object) -> Any:
    if is_dataclass(value):
        return _table(value)
    if isinstance(value, tuple):
        return [_value(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return round(value, 9)
    return value  # a number, text, None, or amounts by names from outside, which stay as they are


def _table(value: Any) -> Mapping[str, Any]:
    return {_camel_case(field.name): _value(getattr(value, field.name)) for field in fields(value)}


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
