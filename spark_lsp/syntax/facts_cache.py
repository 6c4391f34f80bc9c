"""The facts of an open document, kept up to date by reading again only what an edit changed.

The lines of the text are divided into parts of some thirty lines, each with its facts. Parts meet only between
siblings of the tree that nothing else spans but nodes which can be read in parts (`Rules.containers`: a class, a
namespace), and never between a definition and the comment above it. After an edit the parts that it touches, and those
whose syntax it changed, are stale and are read again; all others only move. A part remembers what is open behind it.
Where that is not what it was, the next part is stale too.

Nothing here parses. A document's owner hands over the snapshot of a tree that has caught up (`take`) and then has the
cache work for some milliseconds at a time (`advance`). What is asked in between is answered from what is there.

The facts are those that `facts_of` gives for the whole text; a test compares them after thousands of random edits. With
10,000 lines of Python a key costs 0.3 to 0.6 ms, most of it in the part that is read again. A function is always read
as a whole: a key in one of a thousand lines costs 10 ms.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from spark_lsp.core.symbols import FileFacts
from spark_lsp.syntax.fact_captures import capture
from spark_lsp.syntax.fact_rules import RULES
from spark_lsp.syntax.fact_sweep import Sweep
from spark_lsp.syntax.fact_values import Facts, Open, Source
from spark_lsp.syntax.facts import assemble, facts_query
from spark_lsp.syntax.offsets import byte_length
from spark_lsp.syntax.part_borders import Borders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tree_sitter import Node, Query

    from spark_lsp.core.symbols import Reference
    from spark_lsp.core.text import Text
    from spark_lsp.syntax.fact_rules import Rules
    from spark_lsp.syntax.offsets import Point
    from spark_lsp.syntax.tree import SyntaxSnapshot

_PART: Final = 32  # lines, at least, where syntax allows it
_BLOCK: Final = 512  # lines that are compared at a time
_Signature = tuple[tuple[object, ...], ...]


@dataclass(slots=True)
class _Part:
    """Some lines. Without facts it is stale."""

    rows: int
    facts: Facts | None = None
    base: int = 0
    """The line that it began at when it was read: the facts count from the same place as that."""
    before: _Signature = ()
    """What was open in front of it when it was read."""
    after: list[tuple[Open, int]] = field(default_factory=list)
    """What is open behind it, and how deep in the tree the node of each is."""
    ends: dict[int, int] = field(default_factory=dict)
    """Where those of its symbols end that are still open behind it, in lines from its start."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """The snapshot that the facts are of."""

    snapshot: SyntaxSnapshot
    query: Query
    rules: Rules
    root: Node
    borders: Borders

    @property
    def text(self) -> Text:
        return self.snapshot.text

    def byte(self, row: int) -> int:
        assert self.snapshot.offsets is not None
        return self.snapshot.offsets.line_start(self.text, row)

    def point(self, row: int) -> Point:
        lines = self.text.lines
        return (row, 0) if row < len(lines) else (len(lines) - 1, byte_length(lines[-1]))


class FactsCache:
    """The facts of one document, from its opening to its closing. Used from one thread only."""

    __slots__ = ("_facts", "_parts", "_taken")

    def __init__(self) -> None:
        self._taken: _Taken | None = None
        self._parts: list[_Part] = []
        self._facts: FileFacts | None = None

    def take(self, snapshot: SyntaxSnapshot) -> None:
        """Go over to a newer text. Does nothing while its tree has not caught up."""
        if not snapshot.current or (self._taken is not None and self._taken.text is snapshot.text):
            if snapshot.grammar is None or snapshot.offsets is None:
                self._forget()
            return
        taken = _taken(snapshot)
        old, self._taken, self._facts = self._taken, taken, None
        if taken is None:
            self._forget()
        elif old is None:
            self._parts = [_Part(len(taken.text.lines))]
        else:
            self._mark_stale(old, taken)

    def advance(self, clock: Callable[[], float], seconds: float) -> bool:
        """Read stale parts for about so many seconds of a clock: True when there is nothing more to do."""
        stop_at = clock() + seconds
        while not self.current:
            self._read_on()
            if clock() >= stop_at:
                break
        return self.current

    @property
    def current(self) -> bool:
        """The facts are those of the text that was taken last."""
        return all(part.facts is not None for part in self._parts)

    def facts(self) -> FileFacts:
        """All that is known. Putting the parts together takes some milliseconds for 10,000 lines, once."""
        if self._facts is None:
            taken = self._taken
            if taken is None or taken.snapshot.grammar is None:
                return FileFacts("")
            placed = (self._placed(part, start) for part, start in self._starts())
            self._facts = assemble(taken.snapshot.grammar.name, taken.rules, (one for one in placed if one is not None))
        return self._facts

    def references(self, first: int, end: int) -> list[Reference]:
        """The references in the lines [first, end), without putting together the rest."""
        found: list[Reference] = []
        for part, start in self._starts():
            if start < end and start + part.rows > first:
                placed = self._placed(part, start)
                if placed is not None:
                    found += [reference for reference in placed.references if first <= reference.line < end]
        return found

    def _forget(self) -> None:
        self._taken, self._facts = None, None
        self._parts = []

    def _starts(self) -> Iterable[tuple[_Part, int]]:
        start = 0
        for part in self._parts:
            yield part, start
            start += part.rows

    def _mark_stale(self, old: _Taken, new: _Taken) -> None:
        first, old_end, new_end = _changed_lines(old.text.lines, new.text.lines)
        assert old.snapshot.tree is not None
        assert new.snapshot.tree is not None
        moved = old.snapshot.tree.copy()
        moved.edit(
            old.byte(first),
            old.byte(old_end),
            new.byte(new_end),
            old.point(first),
            old.point(old_end),
            new.point(new_end),
        )
        shift = new_end - old_end
        last = new_end
        for changed in moved.changed_ranges(new.snapshot.tree):
            first, last = min(first, changed.start_point[0]), max(last, changed.end_point[0] + 1)
        last -= shift  # a line of the old text from here on
        touched = [
            number
            for number, (part, start) in enumerate(self._starts())
            if start <= last and start + part.rows >= first
        ]
        self._merge(touched[0], touched[-1], shift)

    def _merge(self, first: int, last: int, shift: int = 0) -> None:
        """Make one stale part of some."""
        rows = sum(part.rows for part in self._parts[first : last + 1]) + shift
        self._parts[first : last + 1] = [_Part(rows)] if rows else []

    def _read_on(self) -> None:
        """Read about one part's worth of the first stale part."""
        assert self._taken is not None
        taken = self._taken
        number = next(number for number, part in enumerate(self._parts) if part.facts is None)
        start = sum(part.rows for part in self._parts[:number])
        stop = start + self._parts[number].rows
        byte = taken.byte(start)
        outer = self._outer(number, start, byte)
        if outer is None:
            self._merge(number - 1, number)
            return
        if stop < len(taken.text.lines) and taken.borders.chain(stop, taken.byte(stop)) is None:
            self._merge(number, number + 1)
            return
        border = taken.borders.following(start + _PART, stop, taken.byte(min(start + _PART, stop)))
        end = stop if border is None else border
        part = self._read(taken, start, end, (byte, taken.byte(end)), outer)
        if end < stop:
            self._parts[number : number + 1] = [part, _Part(stop - end)]
            return
        self._parts[number] = part
        if number + 1 < len(self._parts):
            following = self._parts[number + 1]
            if following.facts is not None and following.before != _signature(opened for opened, _ in part.after):
                following.facts = None

    def _outer(self, number: int, start: int, byte: int) -> list[Open] | None:
        """What is open in front of a part, as it is now; None if that is no place for parts to meet any more."""
        assert self._taken is not None
        if number == 0:
            return []
        chain = self._taken.borders.chain(start, byte)
        after = self._parts[number - 1].after
        if chain is None or any(depth >= len(chain) for _, depth in after):
            return None
        outer: list[Open] = []
        for opened, depth in after:
            node = chain[depth]
            outer.append(
                Open(
                    opened.role,
                    node.end_byte,
                    opened.path,
                    outer[-1] if outer else None,
                    node.start_byte,
                    name=opened.name,
                    in_function=opened.in_function,
                    exported=opened.exported,
                    locals=opened.locals,
                    section=opened.section,
                )
            )
        ends = [_end_row(chain[depth]) for opened, depth in after if opened.name]
        return outer if self._set_ends(number, start, ends) else None

    def _set_ends(self, number: int, row: int, ends: list[int]) -> bool:
        """Let the symbols around a line, outermost first, end where they end now."""
        around = [
            (part, start, index)
            for (part, start), _ in zip(self._starts(), range(number), strict=False)
            for index, end in part.ends.items()
            if start + end > row
        ]
        if len(around) != len(ends):
            return False
        for (part, start, index), end in zip(around, ends, strict=True):
            part.ends[index] = end - start
        return True

    def _read(self, taken: _Taken, start: int, end: int, within: tuple[int, int], outer: list[Open]) -> _Part:
        source = Source.of(taken.text.lines[start:end], within[0])
        sweep = Sweep(taken.rules, source, capture(taken.query, taken.root, source.text, within), outer)
        facts = sweep.run()
        part = _Part(end - start, facts, start, _signature(outer))
        if end == len(taken.text.lines):
            return part
        chain = taken.borders.chain(end, within[1]) or []
        depths = {(node.start_byte, node.end_byte): depth for depth, node in enumerate(chain)}
        for opened, index in sweep.still_open(within[1]):
            depth = depths.get((opened.start, opened.end))
            if depth is not None:
                part.after.append((opened, depth))
                if index >= 0:
                    part.ends[index] = facts.symbols[index].end - start
        return part

    def _placed(self, part: _Part, start: int) -> Facts | None:
        """The facts of a part with the lines where they are now."""
        facts = part.facts
        if facts is None:
            return None
        shift = start - part.base
        if shift:
            facts = Facts(
                tuple(
                    replace(
                        symbol,
                        line=symbol.line + shift,
                        start=symbol.start + shift,
                        end=symbol.end + shift,
                        signature_end=symbol.signature_end + shift,
                    )
                    for symbol in facts.symbols
                ),
                tuple(replace(one, line=one.line + shift) for one in facts.imports),
                tuple(replace(one, line=one.line + shift) for one in facts.references),
                facts.exports,
                facts.export_list,
                facts.default_export,
                facts.package,
            )
        symbols = facts.symbols
        if any(symbols[index].end != start + end for index, end in part.ends.items()):
            symbols = tuple(
                replace(symbol, end=start + part.ends[index]) if index in part.ends else symbol
                for index, symbol in enumerate(symbols)
            )
            facts = replace(facts, symbols=symbols)
        part.facts, part.base = facts, start
        return facts


def _taken(snapshot: SyntaxSnapshot) -> _Taken | None:
    grammar, tree = snapshot.grammar, snapshot.tree
    if grammar is None or tree is None or snapshot.offsets is None:
        return None
    query, rules = facts_query(grammar), RULES.get(grammar.name)
    if query is None or rules is None:
        return None
    root = tree.root_node
    return _Taken(snapshot, query, rules, root, Borders(snapshot.text, root, rules.containers))


def _signature(opened: Iterable[Open]) -> _Signature:
    """All of what is open around a part that its facts depend on."""
    return tuple(
        (one.role, one.path, one.in_function, one.exported, one.section, frozenset(one.locals or ())) for one in opened
    )


def _end_row(node: Node) -> int:
    start, end = node.start_point, node.end_point
    return end[0] if end[1] == 0 and end[0] > start[0] else end[0] + 1


def _changed_lines(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[int, int, int]:
    """[first, old_end) became [first, new_end); the lines before and behind are the same."""
    shorter = min(len(old), len(new))
    first = 0
    while first < shorter and old[first : first + _BLOCK] == new[first : first + _BLOCK]:
        first += _BLOCK
    first = min(first, shorter)
    while first < shorter and old[first] == new[first]:
        first += 1
    same = 0
    most = shorter - first
    while (
        same + _BLOCK <= most
        and old[len(old) - same - _BLOCK : len(old) - same] == (new[len(new) - same - _BLOCK : len(new) - same])
    ):
        same += _BLOCK
    while same < most and old[-same - 1] == new[-same - 1]:
        same += 1
    return first, len(old) - same, len(new) - same
