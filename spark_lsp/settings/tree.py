"""Trees of plain values: nested mappings with string keys, as JSON and TOML have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

KeyPath: TypeAlias = tuple[str, ...]
"""The keys from the top of a tree down to one of its values."""

Tree: TypeAlias = Mapping[str, object]


def leaves(tree: Tree, path: KeyPath = ()) -> Iterator[tuple[KeyPath, object]]:
    """Every value that is not itself a mapping, and every empty mapping, in order."""
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


def grow(found: Iterator[tuple[KeyPath, object]]) -> dict[str, object]:
    """The tree that has these leaves. None of them may lie under another."""
    tree: dict[str, object] = {}
    for path, value in found:
        place = tree
        for key in path[:-1]:
            place = place.setdefault(key, {})  # type: ignore[assignment]
        place[path[-1]] = value
    return tree


def merge(under: Tree, over: Tree) -> dict[str, object]:
    """Two trees as one: mappings key by key, all else replaced by what lies over it."""
    merged = dict(under)
    for key, value in over.items():
        beneath = merged.get(key)
        if isinstance(value, Mapping) and isinstance(beneath, Mapping):
            merged[key] = merge(beneath, value)
        else:
            merged[key] = value
    return merged
