"""Fields of the dataclasses that hold settings, and the kinds that several of them share."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Final, TypeVar

from spark_lsp.settings.kinds import Setting
from spark_lsp.settings.scalars import integer, number, positive_number, text

if TYPE_CHECKING:
    from spark_lsp.settings.kinds import Kind

Value = TypeVar("Value")

_ONE_DAY: Final = 86_400
_MOST_TOKENS: Final = 100_000_000


def about(kind: Kind, description: str, unit: str = "") -> dict[str, Setting]:
    """The metadata of a field that is a setting."""
    return {"setting": Setting(kind, description, unit)}


def setting(default: Value, kind: Kind, description: str, unit: str = "") -> Value:
    """A field that is a setting with an immutable default."""
    return field(default=default, metadata=about(kind, description, unit))


def token_count() -> Kind:
    return integer(1, _MOST_TOKENS)


def seconds() -> Kind:
    return positive_number(_ONE_DAY)


def dollars() -> Kind:
    return number(1_000_000)


def path(minimum: int = 1) -> Kind:
    return text("a path", r"^[!-~]*$", minimum=minimum)


def member() -> Kind:
    return text("a dotted path into JSON, such as usage.units", r"^[^\s.]+(\.[^\s.]+)*$")
