"""What models said would come at the cursor, found again by the text around it.

A suggestion is kept as the text of its line up to the cursor, and what the model adds to that. It serves wherever the
document reads like that: while the user types along, deletes some of it again, undoes, or comes back later. No position
is remembered, so that nothing has to be moved with the document, and nothing can get lost with a client that reports
whole texts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from spark_lsp.core.code_lines import Brackets, indentation
from spark_lsp.core.ghost_text import Hole, shape
from spark_lsp.core.text import Position, line_content

if TYPE_CHECKING:
    from spark_lsp.core.text import Text

MOST_SUGGESTIONS: Final = 64
"""Of one document; the oldest go."""
_LINES_ABOVE: Final = 4
_LINES_BELOW: Final = 2
"""As much around a line as has to read as it did, for it to be taken for the same."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a suggestion was asked for, by the lines there, without their endings."""

    above: tuple[str, ...]
    """The lines right above."""
    before: str
    """The line up to the cursor."""
    rest: str
    """The line behind the cursor."""
    below: tuple[str, ...]
    """The lines right below."""

    @classmethod
    def at(cls, text: Text, position: Position) -> Place:
        """The place at a position of a document."""
        line = line_content(text.lines[position.line])
        return cls(
            _above(text, position.line),
            line[: position.column],
            line[position.column :],
            _below(text, position.line),
        )


@dataclass(slots=True, eq=False)
class Suggestion:
    """What a model says at a place, while it says it and afterwards. Lines end in ``\\n``."""

    place: Place
    most_lines: int
    lead: str = ""
    """What the user has yet to accept before this can be shown: the suggestion that it follows."""
    text: str = ""
    """What comes behind the lead; only ever grows."""
    replaced: int = 0
    """So many code points behind the cursor stand in the text, too."""
    has_line: bool = False
    """The first line of the text is whole."""
    complete: bool = False
    fits: dict[int, str] = field(default_factory=dict)
    """Why it is not to be shown, or "", by how much behind the cursor it replaces."""

    @property
    def whole(self) -> str:
        """All lines, from the start of the place's."""
        return self.place.before + self.lead + self.text


@dataclass(frozen=True, slots=True)
class Match:
    """A suggestion that agrees with a document as it is now."""

    suggestion: Suggestion
    remainder: str
    """What is left of it to be shown at the cursor."""
    replaced: int
    """So many code points behind the cursor stand in that, too."""
    ahead: bool = False
    """The user has typed as much as the model has said so far, or more: it may still agree."""
    early: bool = False
    """What it follows is not all there yet."""


@dataclass(slots=True)
class Suggestions:
    """Those of one document."""

    _all: list[Suggestion] = field(default_factory=list)
    """The newest last."""

    def add(self, suggestion: Suggestion) -> None:
        self._all.append(suggestion)
        del self._all[:-MOST_SUGGESTIONS]

    def remove(self, suggestion: Suggestion) -> None:
        if suggestion in self._all:
            self._all.remove(suggestion)

    def find(self, text: Text, position: Position) -> Match | None:
        """What is known to come at a position: the newest text, else one that may still come, else that none does."""
        second: Match | None = None
        for suggestion in reversed(self._all):
            found = agreement(suggestion, text, position)
            if found is None or found.early:
                continue
            if found.remainder:
                return found
            says_nothing = suggestion.complete and not suggestion.text
            if found.ahead or (says_nothing and (second is None or not second.ahead)):
                second = found
        return second


def agreement(suggestion: Suggestion, text: Text, position: Position) -> Match | None:
    """How a suggestion goes on at a position; None if the document disagrees with it."""
    place = suggestion.place
    if _below(text, position.line) != place.below:
        return None
    whole = suggestion.whole
    # The user may have typed some of its lines: its first is then so many lines up.
    for up in range(min(whole.count("\n"), position.line) + 1):
        first = position.line - up
        if _above(text, first) == place.above:
            found = _agreement(suggestion, whole, _typed(text, first, position), text, position)
            if found is not None:
                return found
    return None


def _agreement(suggestion: Suggestion, whole: str, typed: str, text: Text, position: Position) -> Match | None:
    place = suggestion.place
    start = len(place.before) + len(suggestion.lead)
    blanks, own = indentation(typed), indentation(whole)
    if blanks != own and typed.strip():
        # The editor has indented the line anew. That says nothing about further lines.
        shorter = own + typed[len(blanks) :]
        if "\n" in whole or not whole.startswith(shorter):
            return None
        typed = shorter
    if len(typed) < len(place.before):
        return None
    ahead = typed.startswith(whole) and not suggestion.complete
    if not ahead and not whole.startswith(typed):
        return None
    rest = line_content(text.lines[position.line])[position.column :]
    extra = _closed_by_editor(rest, place.rest, typed[len(place.before) :])
    if extra is None:
        return None
    remainder = whole[len(typed) :]
    if len(typed) < start:
        return Match(suggestion, remainder, suggestion.replaced, early=True)
    if not extra:
        return Match(suggestion, remainder, suggestion.replaced, ahead)
    # What closes stands in the text and in the document: the text is fitted to it.
    shaped = shape(remainder, Hole.at(text, position, suggestion.most_lines), whole=suggestion.complete)
    return Match(suggestion, shaped.text, shaped.replaced, ahead or (not shaped.text and not suggestion.complete))


def _closed_by_editor(rest: str, was: str, typed: str) -> str | None:
    """What editors add behind the cursor while somebody types; None if the line behind it has changed otherwise."""
    if rest == was:
        return ""
    if not rest.endswith(was):
        return None
    extra = rest[: len(rest) - len(was)]
    return extra if Brackets().feed(typed).closing.startswith(extra) else None


def _typed(text: Text, first: int, position: Position) -> str:
    lines = [line_content(line) for line in text.lines[first : position.line]]
    return "\n".join([*lines, text.lines[position.line][: position.column]])


def _above(text: Text, line: int) -> tuple[str, ...]:
    return tuple([line_content(one) for one in text.lines[max(0, line - _LINES_ABOVE) : line]])


def _below(text: Text, line: int) -> tuple[str, ...]:
    return tuple([line_content(one) for one in text.lines[line + 1 : line + 1 + _LINES_BELOW]])
