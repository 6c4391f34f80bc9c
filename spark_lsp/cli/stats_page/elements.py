"""Elements of HTML and SVG. The standard library's tree writes them, so that all text is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

if TYPE_CHECKING:
    from collections.abc import Mapping


def element(tag: str, attributes: Mapping[str, Any] | None = None, *content: Element | str) -> Element:
    """An element with what is in it. Attributes are strings, or lengths that get two decimals at most."""
    made = Element(tag, {name: _attribute(value) for name, value in (attributes or {}).items()})
    for part in content:
        if isinstance(part, Element):
            made.append(part)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + part
        else:
            made.text = (made.text or "") + part
    return made


def _attribute(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
