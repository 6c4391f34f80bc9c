"""What is known of one open file for its prompts, kept up to date in small steps between the keystrokes."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from spark_lsp.context.habits import habits
from spark_lsp.context.lines_moved import LinesMoved, lines_moved
from spark_lsp.context.needs import Need, Needs
from spark_lsp.context.neighbours import neighbours
from spark_lsp.context.reach import Reach
from spark_lsp.context.scope import Scope, scope_at
from spark_lsp.context.skeleton import Outline
from spark_lsp.context.uses import FileUses, file_uses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spark_lsp.context.exports import Exports
    from spark_lsp.context.popularity import Popularity
    from spark_lsp.core.text import Position, Text
    from spark_lsp.repo.file_table import FileTable
    from spark_lsp.repo.graph import Graph

_MOST_SCOPES: Final = 16
_MOST_FILES: Final = 96

ScopeKey: TypeAlias = "tuple[str, str, frozenset[str]]"


@dataclass(slots=True)
class UsesCache:
    """What functions of files use, for as long as the files stay as they are; of the last files that were asked for."""

    graph: Graph
    _known: dict[str, tuple[FileTable, FileUses]] = field(default_factory=dict)

    def of(self, path: str, table: FileTable) -> Iterator[FileUses | None]:
        """Yields None after every step, and what the functions of the file use as the last thing."""
        known = self._known.pop(path, None)
        if known is None or known[0] is not table:
            for step in file_uses(table):
                if step is None:
                    yield None
                else:
                    known = (table, step)
        if known is not None:
            self._known[path] = known
            if len(self._known) > _MOST_FILES:
                del self._known[next(iter(self._known))]
            yield known[1]


@dataclass(slots=True)
class Outlook:
    """One file's share of what is known."""

    graph: Graph
    path: str
    exports: Exports
    uses_of: UsesCache
    popularity: Popularity
    _table: FileTable | None = None
    _base: Text | None = None
    outline: Outline = field(default_factory=Outline)
    _compared: tuple[Text, LinesMoved] | None = None
    _renewal: Iterator[None] | None = None
    _uses: FileUses | None = None
    _reach: Reach | None = None
    _others: list[tuple[float, FileUses]] = field(default_factory=list)
    _needs: dict[ScopeKey, list[Need]] = field(default_factory=dict)
    _last: list[Need] = field(default_factory=list)

    def meet(self, text: Text) -> None:
        """Take note of a text of the file. The first one seen with new facts is taken for the one that they are of."""
        table = self.graph.table(self.path)
        if table is not self._table or self._base is None:
            self._table, self._base = table, text
            self._uses = self._renewal = self._compared = None
            self.outline = Outline.of(table)

    def refresh(self) -> None:
        """What is known of other files may be wrong by now: it is found out anew, and serves until then."""
        self._uses = self._renewal = None

    def moved(self, text: Text) -> LinesMoved:
        """Where the lines of the facts' text are in another one."""
        if self._compared is None or self._compared[0] is not text:
            self._compared = (text, lines_moved(self._base or text, text))
        return self._compared[1]

    def borders(self, text: Text) -> Sequence[int]:
        """The lines on which definitions begin."""
        moved = self.moved(text)
        starts = self.outline.starts
        if moved.same_above == moved.before or not starts:
            return starts
        above, below = bisect_left(starts, moved.same_above), bisect_left(starts, moved.before - moved.same_below)
        delta = moved.after - moved.before
        return (
            [*starts[:above], *[line + delta for line in starts[below:]]]
            if delta
            else (*starts[:above], *starts[below:])
        )

    def scope(self, text: Text, position: Position) -> Scope | None:
        """What is around a position."""
        uses = self._uses
        if self._table is None or uses is None:
            return None
        return scope_at(self._table, uses, self.moved(text), text, position)

    def needs(self, text: Text, position: Position) -> list[Need]:
        """What is known to be needed at a position; of what was prepared last, if nothing was for this place."""
        scope = self.scope(text, position)
        return self._last if scope is None else self._needs.get(self._key(scope), self._last)

    def prepare(self, text: Text, position: Position) -> Iterator[None]:
        """Work out what is needed at a position. Who stops in between goes on where it was the next time."""
        self.meet(text)
        if self._table is None:
            return
        if self._uses is None:
            if self._renewal is None:
                self._renewal = self._renew(self._table)
            for _ in self._renewal:
                yield
            self._renewal = None
        scope = self.scope(text, position)
        if scope is None or self._reach is None or self._uses is None:
            return
        key = self._key(scope)
        if key not in self._needs:
            needs: list[Need] = []
            find = self.graph.names.find
            near = frozenset(number for name in scope.near_names if (number := find(name)) is not None)
            for usual in habits(scope, self._uses, self._others, near):
                yield
                if usual is not None:
                    weighed = Needs(self._reach, scope, usual, self._uses, self.popularity)
                    for step in weighed.steps():
                        yield
                        needs = step or needs
            self._needs[key] = needs
            while len(self._needs) > _MOST_SCOPES:
                del self._needs[next(iter(self._needs))]
        self._last = self._needs.get(key, self._last)

    def _renew(self, table: FileTable) -> Iterator[None]:
        """Find out about the file as a whole. Takes effect when it is done."""
        yield from self.popularity.learn()
        own: FileUses | None = None
        for step in self.uses_of.of(self.path, table):
            yield
            own = step
        reach = Reach(self.graph, self.path, self.exports)
        yield from reach.steps()
        others: list[tuple[float, FileUses]] = []
        for near in neighbours(self.graph, self.path):
            yield
            for one in near or ():
                table_there = self.graph.table(one.path)
                for step in self.uses_of.of(one.path, table_there) if table_there is not None else ():
                    yield
                    if step is not None:
                        others.append((one.likeness, step))
        self._uses, self._reach, self._others = own, reach, others
        self._needs.clear()

    def _key(self, scope: Scope) -> ScopeKey:
        holder = scope.holder.qualified_name if scope.holder else ""
        name = scope.symbol.qualified_name if scope.symbol else f"{' '.join(sorted(scope.name_words))}:{scope.place}"
        known = self._reach.classes_named if self._reach is not None else {}
        return name, holder, frozenset(scope.near_names & known.keys())
