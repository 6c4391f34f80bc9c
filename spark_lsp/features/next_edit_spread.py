"""From what was changed in open documents to what may have to be changed in other files of the repository for it.

Only what hangs on a name counts, and only with the graph's word for it: a definition that was renamed, and whose old
name is left in use; and a change at a call or a use that was made twice already, or whose definition was changed, too.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from spark_lsp.core.edits import Edit
from spark_lsp.core.text import Position, Text, line_ending
from spark_lsp.prediction.engine import MOST_CHANGES, line_changes
from spark_lsp.prediction.prediction import edits_of, predicted_elsewhere
from spark_lsp.prediction.rules import word_rules
from spark_lsp.prediction.words import is_comment, is_in_string, is_name, words_of
from spark_lsp.repo.locations import Location
from spark_lsp.repo.relations import likeness

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from spark_lsp.core.edits import Edits
    from spark_lsp.core.history import ChangedLines, EditHistory
    from spark_lsp.prediction.engine import LineChange
    from spark_lsp.prediction.rules import WordRule
    from spark_lsp.repo.graph import Graph
    from spark_lsp.repo.renamed import Form

SURE: Final = 0.95
"""What the graph says of a name, from 0 to 1."""
_SHORTEST_NAME: Final = 3
_MOST_USED: Final = 60
"""Files that use a name: one that is used in more says nothing."""
_QUALIFIERS: Final = (".", "::", "->", "?.", "!.")


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """An open document of the repository in which something was changed."""

    path: str
    """In the graph."""
    text: Text
    history: EditHistory

    @property
    def changes(self) -> list[LineChange]:
        """The newest, the last one last."""
        return line_changes(self.text.lines, self.history.hunks)[-MOST_CHANGES:]


@dataclass(frozen=True, slots=True)
class Renaming:
    """A definition was given another name."""

    source: ChangedFile
    place: Location
    """Where it is, by its new name."""
    old: str


@dataclass(frozen=True, slots=True)
class Repetition:
    """What was done to some uses of a name is to be done to others, as the examples in a document have it."""

    source: ChangedFile
    name: str


Spread: TypeAlias = Renaming | Repetition


def spreads(graph: Graph, files: Sequence[ChangedFile]) -> list[Spread]:
    """What may have to go on elsewhere. The graph knows the files as they are."""
    changes = {file.path: file.changes for file in files}
    found: list[Spread] = []
    rules = [(file, one, rule) for file in files for one in changes[file.path] for rule in word_rules(one.old, one.new)]
    renamed: set[str] = set()
    for file, change, rule in rules:
        place = _renamed(graph, file, change, rule)
        if place is not None and rule.removed[0] not in renamed:
            renamed.add(rule.removed[0])
            found.append(Renaming(file, place, rule.removed[0]))
    counts = Counter((rule.removed, rule.added) for _, _, rule in rules)
    for file, _, rule in rules:
        name = _anchor(rule)
        if name and name not in renamed and not any(isinstance(one, Repetition) and one.name == name for one in found):
            is_meant = counts[rule.removed, rule.added] > 1 or _definition_changed(graph, name, changes)
            if is_meant and len(graph.files_referencing(name)) <= _MOST_USED:
                found.append(Repetition(file, name))
    return found


def still_holds(spread: Spread, text: Text, hunks: Iterable[ChangedLines]) -> bool:
    """The document that a change was made in has it still."""
    there = {(hunk.old, text.lines[hunk.line : hunk.end]) for hunk in hunks}
    source = spread.source
    return all((hunk.old, source.text.lines[hunk.line : hunk.end]) in there for hunk in source.history.hunks)


def places_of(graph: Graph, spread: Spread) -> Iterator[tuple[str, dict[int, set[Form]]] | None]:
    """The files where it may go on, the nearest first, with the lines where it does. Yields None after every step."""
    if isinstance(spread, Renaming):
        for uses in graph.old_uses(spread.place, spread.old):
            yield None if uses is None else (uses.path, uses.forms)
        return
    near = spread.source.path
    number = graph.names.find(spread.name)
    for path in sorted(graph.files_referencing(spread.name), key=lambda path: (-likeness(path, near), path)):
        table = graph.table(path)
        if path == near or table is None or number is None:
            continue
        yield None
        lines = [table.reference(index).line for index in table.references_to(number)]
        yield path, {line: set() for line in lines}


def edits_in(spread: Spread, text: Text, lines: dict[int, set[Form]]) -> Iterator[tuple[Edits, float]]:
    """What is to be changed in a file with these lines, and how sure that is; one place at a time, from the top."""
    if isinstance(spread, Renaming):
        for line in sorted(lines):
            if line < len(text.lines) and (edits := _renamed_in(spread, text.lines[line], line, lines[line])):
                yield edits, SURE
        return
    # Only the lines in question are looked at, so that the largest file takes a moment.
    near = {at for line in lines for at in range(line - 1, line + 2)}
    seen = Text(tuple(line if at in near else line_ending(line) for at, line in enumerate(text.lines)))
    found = predicted_elsewhere(
        seen,
        spread.source.text,
        spread.source.history,
        lambda one: not any(spread.name in _names(line) for line in seen.lines[one.line : one.end]),
    )
    if found is not None:
        yield edits_of(text, found), found.confidence


def _renamed(graph: Graph, file: ChangedFile, change: LineChange, rule: WordRule) -> Location | None:
    """The definition that a change has renamed."""
    if len(rule.removed) != 1 or len(rule.added) != 1 or len(change.old) != len(change.new):
        return None
    (old,), (new,), table = rule.removed, rule.added, graph.table(file.path)
    if not is_name(old) or not is_name(new) or len(old) < _SHORTEST_NAME or table is None:
        return None
    places = (Location(file.path, table.symbol(index)) for index in table.named(new))
    return next((place for place in places if change.line <= place.symbol.line < change.end), None)


def _anchor(rule: WordRule) -> str:
    """The name that every place must have: that of a call, or the longest one that goes."""
    if rule.callee:
        return rule.callee[0]
    names = [word for word in rule.removed if is_name(word) and len(word) > _SHORTEST_NAME]
    return max(names, key=len, default="")


def _definition_changed(graph: Graph, name: str, changes: dict[str, list[LineChange]]) -> bool:
    """There is one definition of a name, and its signature was changed."""
    places = graph.definitions(name, limit=2)
    if len(places) != 1:
        return False
    symbol = places[0].symbol
    return any(
        one.line < symbol.signature_end and symbol.line < max(one.end, one.line + 1)
        for one in changes.get(places[0].path, [])
    )


def _renamed_in(renaming: Renaming, line: str, number: int, forms: set[Form]) -> Edits:
    """The old name by the new one, wherever a line uses it in one of these forms."""
    if is_comment(line):
        return ()
    edits: list[Edit] = []
    before = ""
    for word in words_of(line):
        form: Form = "qualified" if before.endswith(_QUALIFIERS) else "plain"
        if word.text == renaming.old and ("import" in forms or form in forms) and not is_in_string(line, word.start):
            new = renaming.place.symbol.name
            edits.append(Edit(Position(number, word.start), Position(number, word.end), new))
        before = word.text
    return tuple(edits)


def _names(line: str) -> Iterator[str]:
    return (word.text for word in words_of(line))
