"""The next edit as ghost text: where the text tells one that only adds something at the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.core.edits import Edit, apply
from spark_lsp.core.suggestions import Place, Suggestion
from spark_lsp.core.text import Position, Text, line_content

if TYPE_CHECKING:
    from spark_lsp.core.edits import Edits
    from spark_lsp.features.next_edit import NextEdits
    from spark_lsp.session import Document


def foretold(next_edits: NextEdits, document: Document, position: Position) -> Suggestion | None:
    """What comes next at the cursor, as a suggestion that is complete; None if that is somewhere else, or nothing."""
    hunks = document.history.hunks
    if not hunks or any(hunk.line <= position.line < hunk.end for hunk in hunks):
        return None  # what was just typed is an example, and never a place: most keys need not look further
    found = next_edits.find_here(document.uri, position)
    if found is None:
        return None
    text, replaced = added_at(document.text, found.edits, position)
    if not text.strip():
        return None
    place = Place.at(document.text, position)
    return Suggestion(place, 1, text=text, replaced=replaced, has_line=True, complete=True)


def added_at(text: Text, edits: Edits, position: Position) -> tuple[str, int]:
    """What edits add to a line at a position, and how many code points behind it stand in that, too.

    Nothing if they do anything else: ghost text cannot show that.
    """
    line = position.line
    if any(edit.start.line != line or edit.end.line != line or "\n" in edit.new or "\r" in edit.new for edit in edits):
        return "", 0
    start = Position(line, 0)
    content = line_content(text.lines[line])
    inside = tuple(Edit(edit.start - start, edit.end - start, edit.new) for edit in edits)
    new = str(apply(Text.of(content), inside))
    rest = content[position.column :]
    if not new.startswith(content[: position.column]):
        return "", 0
    added = new[position.column :]
    while rest and added and rest[-1] == added[-1]:
        rest, added = rest[:-1], added[:-1]
    left = iter(added)
    return (added, len(rest)) if all(character in left for character in rest) else ("", 0)
