"""Text as an editor of its own counts it: lines, positions in units of an encoding. No code of the server's."""

from __future__ import annotations

import re

_AFTER_A_LINE = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")

Position = dict[str, int]
Range = dict[str, Position]


def units(text: str, encoding: str) -> int:
    match encoding:
        case "utf-8":
            return len(text.encode("utf-8", "surrogatepass"))
        case "utf-16":
            return len(text.encode("utf-16-le", "surrogatepass")) // 2
        case "utf-32":
            return len(text)
    raise ValueError(encoding)


def lines_of(text: str) -> list[str]:
    """The lines with their endings; the last one has none and may be empty."""
    return _AFTER_A_LINE.split(text)


def position_at(text: str, offset: int, encoding: str) -> Position:
    *before, line = lines_of(text[:offset])
    return {"line": len(before), "character": units(line, encoding)}


def offset_at(text: str, position: Position, encoding: str) -> tuple[int, bool]:
    """The offset of a position, and whether it is one that the text has; others are clamped."""
    lines = lines_of(text)
    if not 0 <= position["line"] < len(lines):
        return len(text), False
    start = sum(map(len, lines[: position["line"]]))
    line = lines[position["line"]].rstrip("\r\n")
    left, count = position["character"], 0
    while left > 0 and count < len(line):
        left -= units(line[count], encoding)
        count += left >= 0
    return start + count, left == 0


def range_at(text: str, start: int, end: int, encoding: str) -> Range:
    return {"start": position_at(text, start, encoding), "end": position_at(text, end, encoding)}
