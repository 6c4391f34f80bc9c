"""From what was changed in open documents to what may have to be changed in other files of the repository for it.

Only what hangs on a name counts, and only with the graph's word for it: a definition that was renamed, and whose old
name is left in use; and a change at a call or a use that was made twice already, or whose definition was changed, too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias

from spark_lsp.core.edits import Edit
from spark_lsp.core.text import Position, Text, line_ending
from spark_lsp.prediction.engine import candidates
from spark_lsp.prediction.finding import MOST_CHANGES, line_changes
from spark_lsp.prediction.prediction import edits_of
from spark_lsp.prediction.rules import word_rules
from spark_lsp.prediction.words import is_comment, is_in_string, is_name, words_of
from spark_lsp.repo.locations import Location
from spark_lsp.repo.meaning import meaning
from spark_lsp.repo.relations import distance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from spark_lsp.core.edits import Edits
    from spark_lsp.core.history import ChangedLines, EditHistory
    from spark_lsp.prediction.finding import LineChange
    from spark_lsp.prediction.rules import WordRule
    from spark_lsp.repo.graph import Graph
    from spark_lsp.repo.meaning import Meaning
    from spark_lsp.repo.renamed import Form

SURE: Final = 0.95
"""What the graph says of a name that was left behind, from 0 to 1."""
ENOUGH: Final = 0.2
"""As likely has to be by the lines what is done again where the graph says that the name is of the same thing."""
_SHORTEST_NAME: Final = 3
_MOST_SORTED: Final = 1_000
_MOST_FILES: Final = 60
"""That use a name, the nearest, and are looked at."""
_MOST_USES: Final = 50
"""In a file."""
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
    """What was done to some uses of a name is to be done to others."""

    source: ChangedFile
    name: str
    meaning: Meaning
    """What the name is of: where it is of something else, nothing is to be done."""
    examples: tuple[LineChange, ...]


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
    alike: dict[tuple[tuple[str, ...], tuple[str, ...]], list[LineChange]] = {}
    for _, change, rule in rules:
        alike.setdefault((rule.removed, rule.added), []).append(change)
    seen = set(renamed)
    for file, change, rule in rules:
        name, examples = _anchor(rule), alike[rule.removed, rule.added]
        of = _meaning(graph, file, change, rule, name) if name and name not in seen else None
        if of is not None and (len(examples) > 1 or _definition_changed(graph, of, changes)):
            seen.add(name)
            # If its definition was changed, too, that is as good as a second example.
            found.append(Repetition(file, name, of, tuple(examples if len(examples) > 1 else examples * 2)))
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
    files = graph.files_referencing(spread.name)[:_MOST_SORTED]
    for path in sorted(files, key=lambda path: distance(path, near))[:_MOST_FILES]:
        table = graph.table(path)
        if path == near or table is None or number is None:
            continue
        lines: dict[int, set[Form]] = {}
        known: dict[str, bool] = {}
        for index in islice(table.references_to(number), _MOST_USES):
            use = table.reference(index)
            if use.qualifier not in known:
                known[use.qualifier] = meaning(graph, path, use) == spread.meaning
                yield None
            if known[use.qualifier]:
                lines[use.line] = set()
        if lines:
            yield path, lines


def edits_in(spread: Spread, text: Text, lines: dict[int, set[Form]]) -> Iterator[tuple[Edits, float]]:
    """What is to be changed in a file with these lines, and how sure that is; one place at a time, from the top."""
    if isinstance(spread, Renaming):
        for line in sorted(lines):
            if line < len(text.lines) and (edits := _renamed_in(spread, text.lines[line], line, lines[line])):
                yield edits, SURE
        return
    # Only the lines in question are looked at, so that the largest file takes a moment.
    numbers, seen = _lines_around(text, lines)
    for one in candidates(seen, spread.examples, "elsewhere", least=ENOUGH):
        places = numbers[one.line : one.end]
        if None not in places and not lines.keys().isdisjoint(places):
            first = numbers[one.line] or 0
            yield edits_of(text, replace(one, line=first, end=first + len(places))), one.confidence


def _lines_around(text: Text, lines: Iterable[int]) -> tuple[list[int | None], list[str]]:
    """The lines of a text with those beside them, and their numbers. Where some are left out, an empty one."""
    near = sorted({at for line in lines for at in range(line - 1, line + 2) if 0 <= at < len(text.lines)})
    numbers: list[int | None] = []
    seen: list[str] = []
    for at in near:
        if numbers and numbers[-1] != at - 1:
            numbers.append(None)
            seen.append(line_ending(text.lines[at - 1]))
        numbers.append(at)
        seen.append(text.lines[at])
    return numbers, seen


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


def _meaning(graph: Graph, file: ChangedFile, change: LineChange, rule: WordRule, name: str) -> Meaning | None:
    """What the name is of at an example, which may have another name in its place by now."""
    uses = graph.references(file.path, change.line, change.end)
    use = next((one for one in uses if one.name == name or one.name in rule.added), None)
    return meaning(graph, file.path, replace(use, name=name)) if use is not None else None


def _definition_changed(graph: Graph, of: Meaning, changes: dict[str, list[LineChange]]) -> bool:
    """The signature of a definition was changed."""
    (path, name), table = of, graph.table(of[0])
    if table is None or path not in changes:
        return False
    symbols = (table.symbol(index) for index in table.named(name.rpartition(".")[2]))
    return any(
        one.line < symbol.signature_end and symbol.line < max(one.end, one.line + 1)
        for symbol in symbols
        if symbol.qualified_name == name
        for one in changes[path]
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
