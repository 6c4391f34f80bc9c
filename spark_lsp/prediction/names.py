"""What a line does with a name in it, told from the words around it in most languages alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from spark_lsp.prediction.words import is_name, is_value

if TYPE_CHECKING:
    from collections.abc import Sequence

_BINDS: Final = {"let", "const", "var", "local", "val", "mut"}
_DEFINES: Final = {*_BINDS, "def", "function", "fn", "func", "class", "type", "struct", "interface", "enum", "trait"}
_IMPORTS: Final = {"import", "from", "use", "require", "package", "using", "include"}
_ASSIGNS: Final = {"=", ":="}

Role = Literal["imports", "defines", "declares", "assigns", "uses"]
"""`defines` says what the whole file may use, `declares` and `assigns` what a block may."""


def role(left: Sequence[str], right: Sequence[str]) -> Role:
    """What a line does with what stands between some words; the first of them is the border of the line."""
    if (len(left) > 1 and left[1] in _IMPORTS) or "require" in left[-3:]:
        return "imports"
    if left[-1] in _DEFINES - _BINDS:
        return "defines"
    if is_member(left):
        return "uses"
    if any(word in _DEFINES for word in left) and not any(word in _ASSIGNS for word in left):
        return "declares"
    if "(" in left and is_name(left[-1]) and right[0] in (",", ")"):
        return "declares"
    return "assigns" if _is_assigned(left, right) else "uses"


def is_member(left: Sequence[str]) -> bool:
    """The name behind these words is looked up in something."""
    return left[-1] in (".", "->", "?.")


def _is_assigned(left: Sequence[str], right: Sequence[str]) -> bool:
    """It is one of the names in front of an assignment."""
    if not all(is_value(word) or word == "," for word in left[1:]):
        return False
    return next((word for word in right if not is_value(word) and word not in (",", ":")), "") in _ASSIGNS


def opens_its_scope(left: Sequence[str]) -> bool:
    """The name is valid in the block that its line opens, not in the one that it is in: it is a parameter."""
    return "(" in left
