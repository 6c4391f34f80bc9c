"""Chooses what a model gets to see round the code at hand, within a budget.

Two halves. `prepare` finds out what a place in a document needs: small steps, for the moments between keystrokes.
`for_cursor` and `for_edit` only pick from what was prepared, which takes well under a millisecond: right after a key
they make do with what was known before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from spark_lsp.context.definitions import definition_items, definition_parts
from spark_lsp.context.examples import example_items
from spark_lsp.context.exports import Exports
from spark_lsp.context.extras import Extras, diagnostic_parts, manifest_part, recent_edit_parts
from spark_lsp.context.outlook import Outlook, UsesCache
from spark_lsp.context.packing import pack
from spark_lsp.context.parts import Chosen, LeftOut, Part
from spark_lsp.context.popularity import Popularity
from spark_lsp.context.related import heading_of, related_code
from spark_lsp.context.skeleton import skeleton_part
from spark_lsp.context.window import Window, window
from spark_lsp.core.prompt import CHARACTERS_PER_TOKEN, RelatedCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spark_lsp.context.needs import Need
    from spark_lsp.context.packing import Item, Packed
    from spark_lsp.context.snippets import LoadingSources
    from spark_lsp.core.text import Position, Text
    from spark_lsp.repo.graph import Graph

LOCAL_SHARE_AT_CURSOR: Final = 0.5
LOCAL_SHARE: Final = 0.25
"""Of the budget, for the code around the place, if there is something else to show."""
SKELETON_SHARE: Final = 0.06
RECENT_SHARE: Final = 0.08
DIAGNOSTICS_SHARE: Final = 0.05
MANIFEST_SHARE: Final = 0.03
HEADINGS: Final = 460
"""Code points for what the format says between the parts, but for the file's path."""
_STEPS_OF_BUDGET: Final = 16
_MOST_LEFT_OUT: Final = 50
_MOST_BUDGETS: Final = 4
_MOST_DOCUMENTS: Final = 32
NO_EXTRAS: Final = Extras()


@dataclass(frozen=True, slots=True)
class OpenText:
    """A document at one moment. `path` is relative to the graph's root, with slashes."""

    path: str
    text: Text


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What goes round the code between two positions of a document."""

    chosen: Chosen
    """All of it with its sources and reasons, and what was left out."""
    related: tuple[RelatedCode, ...]
    """What is shown before the code around the place, for `EditContext`."""
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class _Choice:
    """Definitions chosen for some room."""

    room: int
    packed: Packed
    parts: tuple[Part, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(slots=True)
class _Pick:
    """What a document needs, and what was chosen of it last, by the budget as a whole."""

    needs: list[Need]
    items: list[Item]
    choices: dict[int, _Choice] = field(default_factory=dict)


@dataclass(slots=True)
class ContextEngine:
    """For one workspace folder. Belongs to the event loop's thread."""

    graph: Graph
    sources: LoadingSources
    _outlooks: dict[str, Outlook] = field(default_factory=dict, init=False)
    _picks: dict[str, _Pick] = field(default_factory=dict, init=False)
    _exports: Exports = field(init=False)
    _uses: UsesCache = field(init=False)
    _popularity: Popularity = field(init=False)

    def __post_init__(self) -> None:
        self._exports = Exports(self.graph)
        self._uses = UsesCache(self.graph)
        self._popularity = Popularity(self.graph)

    def prepare(self, document: OpenText, position: Position) -> Iterator[None]:
        """Find out what is needed at a position. Each step takes a millisecond or so; stop after any of them."""
        outlook = self._outlook(document.path)
        yield from outlook.prepare(document.text, position)
        needs = outlook.needs(document.text, position)
        pick = self._picks.get(document.path)
        if pick is None or pick.needs is not needs:
            items: list[Item] = []
            for step in definition_items(self.graph, needs, self.sources):
                if step is None:
                    yield
                else:
                    items = step
            scope = outlook.scope(document.text, position)
            if scope is not None:
                for step in example_items(self.graph, document.path, scope, self.sources):
                    if step is None:
                        yield
                    else:
                        items += step
            choices: dict[int, _Choice] = {}
            for budget, choice in pick.choices.items() if pick is not None else ():
                choices[budget] = _choose(items, choice.room, choice)
                yield
            self._picks[document.path] = _Pick(needs, items, choices)

    def for_cursor(
        self, document: OpenText, position: Position, tokens: int, extras: Extras = NO_EXTRAS
    ) -> Surroundings:
        """What goes round a cursor, in so many tokens. What is just about to be written lives on what is near it."""
        return self._around(document, position, position, tokens, extras, LOCAL_SHARE_AT_CURSOR)

    def for_edit(
        self, document: OpenText, start: Position, end: Position, tokens: int, extras: Extras = NO_EXTRAS
    ) -> Surroundings:
        """What goes round the code in [start, end), in so many tokens. Never reads a file and never waits."""
        return self._around(document, start, end, tokens, extras, LOCAL_SHARE)

    def _around(
        self, document: OpenText, start: Position, end: Position, tokens: int, extras: Extras, local_share: float
    ) -> Surroundings:
        path = document.path
        budget = max(0, tokens * CHARACTERS_PER_TOKEN - HEADINGS - len(path))
        outlook = self._outlook(path)
        outlook.meet(document.text)
        pick = self._picks.get(path)
        has_more = pick is not None and any(item.renderings for item in pick.items)
        parts: list[Part] = []
        manifest = manifest_part(self.graph, path, int(budget * MANIFEST_SHARE))
        left = budget - (len(manifest.text) if manifest is not None else 0)
        reported = diagnostic_parts(path, extras.diagnostics, start.line, end.line + 1, int(budget * DIAGNOSTICS_SHARE))
        left -= sum(len(part.text) for part in reported)
        moved, borders = outlook.moved(document.text), outlook.borders(document.text)
        most = int(budget * (local_share if has_more else 1 - RECENT_SHARE))
        around = window(document.text, start, end, min(left, most), borders)
        left -= len(around.before) + len(around.after)
        visible = (path, around.first, around.end)
        recent = recent_edit_parts(extras.recent, min(left, int(budget * RECENT_SHARE)), visible)
        left -= sum(len(part.text) for part in recent)
        room = min(left, int(budget * SKELETON_SHARE)) if has_more else left
        skeleton = skeleton_part(outlook.outline, moved, path, document.text, around, room)
        left -= len(skeleton.text) if skeleton is not None else 0
        if manifest is not None:
            parts.append(manifest)
        left_out: tuple[LeftOut, ...] = ()
        if pick is not None and has_more:
            choice = _choice(pick, left, budget)
            parts += choice.parts
            left_out = choice.left_out
        if skeleton is not None:
            parts.append(skeleton)
        parts += (*recent, *reported, *_local_parts(path, around, start, end))
        chosen = Chosen(tuple(parts), left_out)
        return Surroundings(chosen, related_code(chosen), around.before, around.after)

    def refresh(self) -> None:
        """Files of the workspace have changed, or are indexed only now. The next `prepare` sees to it."""
        for outlook in self._outlooks.values():
            outlook.refresh()

    def forget(self, path: str) -> None:
        """A document was closed."""
        self._outlooks.pop(path, None)
        self._picks.pop(path, None)

    def _outlook(self, path: str) -> Outlook:
        found = self._outlooks.pop(path, None)
        if found is None:
            found = Outlook(self.graph, path, self._exports, self._uses, self._popularity)
        self._outlooks[path] = found
        if len(self._outlooks) > _MOST_DOCUMENTS:
            self.forget(next(iter(self._outlooks)))
        return found


def _choice(pick: _Pick, left: int, budget: int) -> _Choice:
    """Choose definitions, unless the choice before will do: what is typed must not change it on each key."""
    step = max(1, budget // _STEPS_OF_BUDGET)
    room = left // step * step
    before = pick.choices.get(budget)
    if before is None or before.room != room:
        before = pick.choices[budget] = _choose(pick.items, room, before)
        while len(pick.choices) > _MOST_BUDGETS:
            del pick.choices[next(iter(pick.choices))]
    return before


def _choose(items: Sequence[Item], room: int, before: _Choice | None) -> _Choice:
    keys = [item.key for item in before.packed.sizes] if before is not None else []
    packed = pack(items, room, lambda path: len(heading_of(path)), keys)
    unshown = (item for item in items if not item.renderings)
    left = sorted((*packed.left, *unshown), key=lambda item: -item.score)[:_MOST_LEFT_OUT]
    left_out = tuple(LeftOut(item.path, item.line, item.name, item.score, _reason(item)) for item in left)
    return _Choice(room, packed, tuple(definition_parts(packed)), left_out)


def _reason(item: Item) -> Literal["budget", "unreadable", "changed"]:
    if item.renderings:
        return "budget"
    return "changed" if item.why == "changed" else "unreadable"


def _local_parts(path: str, around: Window, start: Position, end: Position) -> tuple[Part, ...]:
    return (
        Part("after", path, end.line, around.end, around.after, 1.0, "follows"),
        Part("before", path, around.first, start.line + 1, around.before, 1.0, "comes before"),
    )
