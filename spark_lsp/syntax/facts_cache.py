"""The facts of an open document, kept up to date by reading again only what an edit changed.

The lines of the text are divided into parts of some thirty lines, each with its facts. Parts meet only between
siblings of the tree that nothing else spans but nodes which can be read in parts (`Rules.containers`: a class, a
namespace), and never between a definition and the comment above it. After an edit the parts that it touches, and those
whose syntax it changed, are stale and are read again; all others only move. A part remembers what is open behind it.
Where that is not what it was, the next part is stale too.

Nothing here parses. A document's owner hands over the snapshot of a tree that has caught up (`take`) and then has the
cache work for some milliseconds at a time (`advance`, and `place` before all facts are asked for).

The facts are those that `facts_of` gives for the whole text; a test compares them after thousands of random edits. With
10,000 lines of Python a key costs 0.3 to 0.6 ms, most of it in the part that is read again. A function is always read
as a whole, which cannot be interrupted. So one of more than `LARGEST_PART` lines is not read at all, nor is what cannot
be divided because of an error in the syntax: until another text is taken, the cache is `stuck`.
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

    from spark_lsp.core.text import Text
    from spark_lsp.syntax.fact_rules import Rules
    from spark_lsp.syntax.offsets import Point
    from spark_lsp.syntax.tree import SyntaxSnapshot

LARGEST_PART: Final = 500
"""Lines; reading these takes 8 to 10 ms. In one of forty Python files there is more that cannot be divided, in one of
seven of Go, in one of four C headers."""
MOST_LINES: Final = 12_000
"""Of a text: with more, what is not divided, such as putting parts together, takes more than some milliseconds."""

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

    __slots__ = ("_parts", "_taken", "stuck")

    def __init__(self) -> None:
        self._taken: _Taken | None = None
        self._parts: list[_Part] = []
        self.stuck = False
        """What is to be read next cannot be read in small steps."""

    def take(self, snapshot: SyntaxSnapshot) -> None:
        """Go over to a newer text. Does nothing while its tree has not caught up."""
        if snapshot.grammar is None or len(snapshot.text.lines) > MOST_LINES:
            self._forget()
        if not snapshot.current or snapshot.text is self.text or len(snapshot.text.lines) > MOST_LINES:
            return
        taken = _taken(snapshot)
        old, self._taken, self.stuck = self._taken, taken, False
        if taken is None:
            self._forget()
        elif old is None:
            self._parts = [_Part(len(taken.text.lines))]
        else:
            self._mark_stale(old, taken)

    def advance(self, clock: Callable[[], float], seconds: float) -> bool:
        """Read stale parts for about so many seconds of a clock: True when there is nothing more to do."""
        stop_at = clock() + seconds
        while not (self.stuck or self.current):
            self._read_on()
            if clock() >= stop_at:
                break
        return self.stuck or self.current

    def place(self, clock: Callable[[], float], seconds: float) -> bool:
        """Give facts the lines where they are now, for about so many seconds: True when all have them."""
        stop_at = clock() + seconds
        for part, start in self._starts():
            was_elsewhere = self._place(part, start)
            if was_elsewhere and clock() >= stop_at:
                return False
        return True

    @property
    def text(self) -> Text | None:
        """The text that was taken last; None if there is none, or nothing that can be known of it."""
        return None if self._taken is None else self._taken.text

    @property
    def current(self) -> bool:
        """The facts are those of the text that was taken last."""
        return all(part.facts is not None for part in self._parts)

    def facts(self) -> FileFacts:
        """All that is known, put together: 2 to 3 ms for 10,000 lines once everything is placed."""
        taken = self._taken
        if taken is None or taken.snapshot.grammar is None:
            return FileFacts("")
        for part, start in self._starts():
            self._place(part, start)
        known = (part.facts for part in self._parts if part.facts is not None)
        return assemble(taken.snapshot.grammar.name, taken.rules, known)

    def _forget(self) -> None:
        self._taken, self.stuck = None, False
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
        if end - start > LARGEST_PART:
            self.stuck = True
            return
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

    def _place(self, part: _Part, start: int) -> bool:
        """Give the facts of a part the lines where they are now. False if they have them."""
        facts = part.facts
        if facts is None:
            return False
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
        is_new = facts is not part.facts
        part.facts, part.base = facts, start
        return is_new


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
