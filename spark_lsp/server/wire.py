"""The border: LSP's types and ours, and the units that positions are counted in.

LSP counts characters in utf-8, utf-16 or utf-32 units, as the client chose; inside, columns are code points.
Nowhere else are the two converted. What is out of range is clamped as the specification says: a character behind
the end of its line means that end, and so does one inside a line ending; one inside a code point means its start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from spark_lsp.core.edits import Edit
from spark_lsp.core.text import ORIGIN, Position, Range, Text, line_content

if TYPE_CHECKING:
    from spark_lsp.core.edits import Edits

Encoding = types.PositionEncodingKind
NOWHERE = Range(ORIGIN, ORIGIN)
_UTF16_SINGLE_UNIT = 0xFFFF


def to_position(text: Text, position: types.Position, encoding: Encoding | str) -> Position:
    """A position of ours in a text."""
    if position.line >= len(text.lines):
        return text.end
    line = line_content(text.lines[position.line])
    return Position(position.line, _code_points(line, position.character, encoding))


def from_position(text: Text, position: Position, encoding: Encoding | str) -> types.Position:
    """A position of LSP's in a text."""
    line = text.lines[position.line]
    return types.Position(position.line, _units(line[: position.column], encoding))


def to_range(text: Text, span: types.Range, encoding: Encoding | str) -> Range:
    """A range of ours; one that is the wrong way round is turned."""
    start, end = to_position(text, span.start, encoding), to_position(text, span.end, encoding)
    return Range(min(start, end), max(start, end))


def from_range(text: Text, span: Range, encoding: Encoding | str) -> types.Range:
    """A range of LSP's; what lies behind the text is clamped."""
    start, end = text.clamp(span.start), text.clamp(span.end)
    return types.Range(from_position(text, start, encoding), from_position(text, end, encoding))


def to_edit(text: Text, change: types.TextDocumentContentChangeEvent, encoding: Encoding | str) -> Edit:
    """What a client reports; a change without a range is the whole text."""
    if isinstance(change, types.TextDocumentContentChangePartial):
        span = to_range(text, change.range, encoding)
        return Edit(span.start, span.end, change.text)
    return Edit(ORIGIN, text.end, change.text)


def from_edits(text: Text, edits: Edits, encoding: Encoding | str) -> list[types.TextEdit]:
    """Edits as a client takes them."""
    return [types.TextEdit(from_range(text, Range(edit.start, edit.end), encoding), edit.new) for edit in edits]


def _code_points(line: str, units: int, encoding: Encoding | str) -> int:
    """How many code points so many units at a line's beginning are."""
    if units <= 0:
        return 0
    if encoding == Encoding.Utf32 or line.isascii():
        return min(units, len(line))
    for count, character in enumerate(line):
        units -= _width(character, encoding)
        if units < 0:
            return count
    return len(line)


def _units(text: str, encoding: Encoding | str) -> int:
    """How many units some code points are."""
    if encoding == Encoding.Utf32 or text.isascii():
        return len(text)
    return sum(_width(character, encoding) for character in text)


def _width(character: str, encoding: Encoding | str) -> int:
    if encoding == Encoding.Utf8:
        code = ord(character)
        return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code <= _UTF16_SINGLE_UNIT else 4
    return 1 if ord(character) <= _UTF16_SINGLE_UNIT else 2
