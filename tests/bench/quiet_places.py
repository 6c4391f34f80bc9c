"""Places in real code, and texts of a model, where no ghost text should be shown: what is typed, what the model says.

All of them are made from holes in true files that parse, so that nothing but the reason itself keeps the server quiet.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.parsers import root_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tree_sitter import Node

    from bench.holes import Place

_BROKEN = ("compute(first second", "= = 2", "compute(1]", "if for while")
_ASSIGNED = re.compile(r"^[ \t]+[\w.]+ = (?=[A-Za-z_]\w*)", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_]{5,}")


@dataclass(frozen=True)
class Quiet:
    """Changes (start, end, new) that lead to the place, the first text, and the model's answer there."""

    name: str
    language: str
    text: str
    changes: tuple[tuple[int, int, str], ...]
    answer: str


def in_a_word(place: Place, choose: random.Random) -> Quiet | None:
    words = [match for match in _WORD.finditer(place.text, place.cursor - 400, place.end) if "_" not in match[0]]
    if not words:
        return None
    word = choose.choice(words)
    cursor = word.start() + choose.randint(2, len(word[0]) - 2)
    return _typed_before(place, place.text, cursor, "_value(1)")


def before_code(place: Place, choose: random.Random) -> Quiet | None:
    assigned = list(_ASSIGNED.finditer(place.text))
    if not assigned:
        return None
    return _typed_before(place, place.text, choose.choice(assigned).end(), "compute(1)")


def after_a_deletion(place: Place, choose: random.Random) -> Quiet | None:
    del choose
    if place.kind != "line":
        return None
    return Quiet(place.name, place.language, place.text, ((place.cursor, place.end, ""),), "compute(1)")


def in_a_comment(place: Place, choose: random.Random) -> Quiet | None:
    return _at_the_end_of(place, choose, "comment", 0)


def in_a_string(place: Place, choose: random.Random) -> Quiet | None:
    return _at_the_end_of(place, choose, "string", 1)


def repeating(place: Place, choose: random.Random) -> Quiet | None:
    """On a new line, the model says what follows it."""
    if place.kind != "block":
        return None
    lines = place.missing.split("\n")
    return _on_new_line(place, "\n".join(lines[: choose.randint(2, 4)]))


def breaking(place: Place, choose: random.Random) -> Quiet | None:
    return None if place.kind != "block" else _on_new_line(place, choose.choice(_BROKEN))


def undoing(place: Place, choose: random.Random) -> Quiet | None:
    """The rest of a line was deleted and is begun anew, and the model says the old rest."""
    del choose
    rest = place.missing
    if place.kind != "line" or len(rest) < 6 or rest[0] == " ":
        return None
    changes = ((place.cursor, place.end, ""), (place.cursor, place.cursor, rest[0]))
    return Quiet(place.name, place.language, place.text, changes, rest[1:])


def fitting(place: Place, choose: random.Random) -> Quiet | None:
    """The other way round, to see that the server is not quiet everywhere: the truth at the end of a line."""
    del choose
    if place.kind != "line":
        return None
    text = place.text[: place.typed_from] + place.after
    return Quiet(
        place.name,
        place.language,
        text,
        ((place.typed_from, place.typed_from, place.last_typed),),
        place.missing,
    )


def _on_new_line(place: Place, answer: str) -> Quiet:
    start = place.typed_from
    return Quiet(place.name, place.language, place.text, ((start, start, place.last_typed),), answer)


def _typed_before(place: Place, text: str, cursor: int, answer: str) -> Quiet:
    """The last character before a cursor is typed."""
    changes = ((cursor - 1, cursor - 1, text[cursor - 1]),)
    return Quiet(place.name, place.language, text[: cursor - 1] + text[cursor:], changes, answer)


def _at_the_end_of(place: Place, choose: random.Random, kind: str, quotes: int) -> Quiet | None:
    root = root_of(place.language, place.text)
    nodes = [node for node in _nodes(root, kind) if node.end_byte - node.start_byte > 8]
    nodes = [node for node in nodes if node.start_point.row == node.end_point.row]
    if not nodes:
        return None
    cursor = choose.choice(nodes).end_byte - quotes
    if not place.text[cursor - 1].isalpha():
        return None
    return _typed_before(place, place.text, cursor, " and something more")


def _nodes(node: Node, kind: str) -> Iterator[Node]:
    if node.type == kind:
        yield node
        return
    for child in node.children:
        yield from _nodes(child, kind)


KINDS: dict[str, Callable[[Place, random.Random], Quiet | None]] = {
    "in a word": in_a_word,
    "before code that it does not fit": before_code,
    "after a deletion": after_a_deletion,
    "in a comment, switched off": in_a_comment,
    "in a string, switched off": in_a_string,
    "repeats the following lines": repeating,
    "breaks the file": breaking,
    "undoes a deletion": undoing,
}


def made_of(places: Sequence[Place], kind: str, most: int) -> list[Quiet]:
    """Up to so many places of a kind, the same ones every time."""
    choose = random.Random(kind)
    make = KINDS.get(kind, fitting)
    found = [made for place in places if (made := make(place, choose)) is not None]
    choose.shuffle(found)
    return found[:most]
