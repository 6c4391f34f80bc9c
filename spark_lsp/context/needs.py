"""What the code at hand is likely to need: every definition that it can reach, with a probability.

The probabilities come from a few pieces of evidence, each of which is right by itself now and then, put together as if
they had nothing to do with each other: 1 - (1 - a)(1 - b). They were set by thought and checked on repositories in
several languages (`tests/bench/bench_context.py`); nothing in here knows of any of these.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from spark_lsp.context.exports import key_of
from spark_lsp.context.neighbours import is_test
from spark_lsp.context.uses import pair
from spark_lsp.context.words import words_of
from spark_lsp.repo.locations import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spark_lsp.context.exports import Definition, Key
    from spark_lsp.context.habits import Habits
    from spark_lsp.context.popularity import Popularity
    from spark_lsp.context.reach import Candidate, Reach
    from spark_lsp.context.scope import Scope
    from spark_lsp.context.uses import FileUses
    from spark_lsp.core.symbols import Symbol

MOST_NEEDS: Final = 400

_PRIOR: Final = {"name": 0.05, "module": 0.002, "package": 0.002, "near": 0.001, "use": 0.01, "member": 0.01}
_UNUSED_IMPORT: Final = 0.95
_OF_SIGNATURE: Final = 0.6
_MENTIONED: Final = 0.5
_UNUSED_MODULE: Final = 6.0
"""How much more is needed of a module that is imported and used nowhere yet, and how much that can make of words."""
_MOST_OF_WORDS: Final = 2.0
_UNUSUAL_MODULE: Final = 0.5
"""For what lies behind a module that functions like this one do not use."""
_NAME_WORDS: Final = 0.45
_NEAR_WORDS: Final = 0.08
_OTHER_THINGS: Final = 0.4
"""The weight of a member's name meaning something that is not in the workspace, or not known to be at hand."""
_OTHER_MODULE: Final = 0.3
"""For a use of the same name behind another one."""
_USED_NOWHERE: Final = 0.4
"""For what no other file uses: hardly what this one needs."""
_USED_NOWHERE_YET: Final = 0.3
_NOT_IMPORTED: Final = 0.4
_POPULAR: Final = 0.1
_RETURNED: Final = 0.5
_SAME_METHOD: Final = 0.3
_AT_HAND: Final = 0.9
_MOST_CLASSES: Final = 40
_LEAST_PLAY: Final = 0.05
_STEP: Final = 100


@dataclass(frozen=True, slots=True)
class Need:
    """A definition that may be needed, how likely, and the strongest reason."""

    location: Location
    score: float
    why: str


@dataclass(slots=True)
class _Evidence:
    """What speaks for one definition."""

    score: float = 0.0
    why: str = ""
    strongest: float = 0.0

    def add(self, likelihood: float, why: str) -> None:
        self.score = 1 - (1 - self.score) * (1 - min(likelihood, 0.99))
        if likelihood > self.strongest:
            self.strongest, self.why = likelihood, why


@dataclass(slots=True)
class Needs:
    """Weighs what a file can reach for one scope of it."""

    reach: Reach
    scope: Scope
    habits: Habits
    uses: FileUses
    popularity: Popularity
    _types: set[str] = field(default_factory=set)
    _waiting: float = 0.0
    """How likely something is needed because nobody uses it yet."""
    _namesakes: dict[str, float] = field(default_factory=dict)
    """How many of the candidates have a name, by how far they are at hand: what is known of it may be of any."""
    _modules: dict[frozenset[str], float] = field(default_factory=dict)
    """How far what lies behind modules is at hand, by what they are called here."""

    def steps(self) -> Iterator[list[Need] | None]:
        """Yields None after every step, and the needs, the likeliest first, as the last thing."""
        found: dict[Key, _Evidence] = {}
        types = self.scope.symbol.types if self.scope.symbol is not None else ()
        self._types = {_last(name) for name in types}
        yield from self._own_classes()
        candidates = self.reach.candidates
        yield None
        waiting = 0
        namesakes = self._namesakes
        for count, candidate in enumerate(list(candidates.values())):
            if candidate.way not in ("member", "name"):
                name = candidate.definition.name
                namesakes[name] = namesakes.get(name, 0.0) + min(1.0, self._at_hand(candidate))
            waiting += candidate.way in ("package", "near", "member") and self._waits(candidate.definition)
            if count % (4 * _STEP) == 0:
                yield None
        self._waiting = _USED_NOWHERE_YET / (1 + waiting / 4)
        for count, (key, candidate) in enumerate(list(candidates.items())):
            if candidate.way != "member":
                found[key] = self._weigh(candidate)
            if count % _STEP == 0:
                yield None
        for _ in range(2):
            yield from self._weigh_members(found)
        best = sorted(found.items(), key=lambda item: (-item[1].score, item[0]))[:MOST_NEEDS]
        yield None
        needs: list[Need] = []
        for count, (key, evidence) in enumerate(best):
            location = candidates[key].definition.location(self.reach.graph)
            if location is not None and evidence.score > 0:
                needs.append(Need(location, evidence.score, evidence.why))
            if count % _STEP == 0:
                yield None
        yield needs

    def _own_classes(self) -> Iterator[None]:
        """What the classes of the file inherit can be used in them."""
        graph, path = self.reach.graph, self.reach.path
        if self.scope.holder is not None:
            self.reach.add_class(Location(path, self.scope.holder), ("self", "this"))
            yield
        table = graph.table(path)
        for index in (table.classes() if table is not None else [])[:_MOST_CLASSES]:
            symbol = table.symbol(index) if table is not None else None
            if symbol is not None and symbol.bases:
                self.reach.add_class(Location(path, symbol), (symbol.name,))
                yield
        symbol = self.scope.symbol
        for name in symbol.types[:12] if symbol is not None else ():
            qualifier, _, last = name.replace("::", ".").rpartition(".")
            for location in graph.resolve(path, last, qualifier, symbol.line if symbol is not None else None)[:2]:
                if location.symbol.kind in ("class", "interface"):
                    self.reach.add_class(location, (last,))
            yield

    def _weigh(self, candidate: Candidate) -> _Evidence:
        evidence = _Evidence()
        way = candidate.way
        evidence.add(_PRIOR[way], f"reached by {way}")
        factor = self._at_hand(candidate)
        alike = max(1.0, self._namesakes.get(candidate.definition.name, 0.0) / min(1.0, factor))
        find = self.reach.graph.names.find
        numbers = [number for name in candidate.names if (number := find(name)) is not None]
        if candidate.imported and not any(number in self.uses.everywhere for number in numbers):
            evidence.add(_UNUSED_IMPORT, "imported and not used yet")
        if numbers and (usual := self._usual(candidate, numbers, alike)):
            evidence.add(_NOT_IMPORTED * usual if way == "near" else usual, "used in functions like this one")
        if way in ("module", "package"):
            popular = factor * self.popularity.of(candidate.definition.name) / alike
            evidence.add(_POPULAR * popular, "used in many files")
        if way in ("package", "near") and self._waits(candidate.definition):
            evidence.add(factor * self._waiting, "used nowhere yet")
        # Of several that are called so, those behind modules that are not named near by are hardly meant.
        is_behind_other = way == "module" and not candidate.imported and not candidate.modules & self.scope.near_names
        meant = 1 / alike if is_behind_other else 1.0
        if candidate.names & self._types:
            evidence.add(meant * _OF_SIGNATURE, "in the signature")
        elif candidate.names & self.scope.near_names:
            evidence.add(meant * _MENTIONED, "named near by")
        self._add_words(evidence, candidate.definition, min(factor, _MOST_OF_WORDS))
        return evidence

    def _at_hand(self, candidate: Candidate) -> float:
        """How far what is known of a name alone goes for a candidate, by the way to it: 1 for what needs no module.

        Behind a module: more if the module is usual or waits for its use.
        """
        if candidate.way != "module":
            return _NOT_IMPORTED if candidate.way == "near" else 1.0
        key = frozenset(candidate.modules)
        known = self._modules.get(key)
        if known is None:
            find = self.reach.graph.names.find
            numbers = [number for name in key if (number := find(name)) is not None]
            likely = max((self.habits.of(number) for number in numbers), default=0.0)
            known = _UNUSUAL_MODULE + (1 - _UNUSUAL_MODULE) * min(1.0, 2 * likely)
            if not any(number in self.uses.everywhere for number in numbers):
                known = _UNUSED_MODULE
            self._modules[key] = known
        return known

    def _waits(self, definition: Definition) -> bool:
        """Whether something is there for whoever works on the package, and nobody uses it yet."""
        if definition.kind not in ("function", "method") or definition.name.startswith("__"):
            return False
        return not self.popularity.is_used(definition.name) and not is_test(definition.path)

    def _usual(self, candidate: Candidate, numbers: list[int], alike: float) -> float:
        """How usual the use of a definition is, in the way in which this file can use it."""
        find, of = self.reach.graph.names.find, self.habits.of
        by_name = max(map(of, numbers))
        if not by_name:
            return 0.0
        before = [found for name in candidate.modules if (found := find(name)) is not None]
        if candidate.imported or not before:
            nothing = find("")
            before.append(nothing if nothing is not None else -1)
        exact = max(of(pair(number, qualifier)) for number in numbers for qualifier in before)
        return max(exact, _OTHER_MODULE * by_name / alike)

    def _add_words(self, evidence: _Evidence, definition: Definition, factor: float) -> None:
        words = words_of(definition.name)
        shared, near = words & self.scope.name_words, words & self.scope.near_words
        if not shared and not near:
            return
        if not self.popularity.is_used_elsewhere(definition.name, definition.path, self.reach.path):
            factor *= _USED_NOWHERE
        rarity = self.popularity.rarity
        whole = sum(map(rarity, words))
        if shared:
            of_own = sum(map(rarity, shared)) / sum(map(rarity, self.scope.name_words))
            covered = sum(map(rarity, shared)) / whole
            evidence.add(factor * _NAME_WORDS * covered * (0.4 + 0.6 * of_own), "called like it")
        else:
            evidence.add(factor * _NEAR_WORDS * sum(map(rarity, near)) / whole, "the words occur near by")

    def _weigh_members(self, found: dict[Key, _Evidence]) -> Iterator[None]:
        """Members need two things: that their name is used, and that it is their class that is meant."""
        reach = self.reach
        plays = self._plays(found)
        yield
        for key in sorted(plays, key=lambda key: (-plays[key], key))[:_MOST_CLASSES]:
            candidate = reach.candidates.get(key)
            if key not in reach.members_of and candidate is not None:
                location = candidate.definition.location(reach.graph)
                if location is not None:
                    reach.add_class(location, candidate.names)
                    yield
        play_of: dict[Key, float] = {}
        for holder, play in plays.items():
            for member in reach.members_of.get(holder, ()):
                play_of[member] = max(play_of.get(member, 0.0), play)
        by_name: dict[str, float] = {}
        for key, play in play_of.items():
            by_name[key[2]] = by_name.get(key[2], _OTHER_THINGS) + play
        yield
        inherited = set(reach.members_of.get(_own_key(self.scope, reach.path), ()))
        for count, (key, play) in enumerate(play_of.items()):
            candidate = reach.candidates.get(key)
            if candidate is None or candidate.way != "member":
                continue
            found[key] = self._weigh_member(
                candidate.definition, play, play / by_name[key[2]], is_inherited=key in inherited
            )
            if count % _STEP == 0:
                yield

    def _weigh_member(self, definition: Definition, play: float, share: float, *, is_inherited: bool) -> _Evidence:
        evidence = _Evidence()
        number = self.reach.graph.names.find(definition.name)
        if number is not None:
            usual = self.habits.of(number) * min(1.0, share * (1 + _OTHER_THINGS))
            evidence.add(usual, "used in functions like this one")
        prior = (
            _PRIOR["member"] * play * (4 if play >= _AT_HAND else 1) * (0.2 if definition.name.startswith("_") else 1)
        )
        evidence.add(prior, "a member of what is at hand")
        if play >= _AT_HAND and self._waits(definition):
            evidence.add(play * self._waiting, "used nowhere yet")
        if is_inherited and definition.name == self.scope.name:
            evidence.add(_SAME_METHOD, "what it overrides")
        if definition.name in self.scope.near_names:
            evidence.add(_MENTIONED * play, "named near by")
        self._add_words(evidence, definition, min(1.0, play * 1.5))
        return evidence

    def _plays(self, found: dict[Key, _Evidence]) -> dict[Key, float]:
        """How likely values of a class are at hand."""
        reach = self.reach
        plays: dict[Key, float] = {}
        own = _own_key(self.scope, reach.path)
        for key in reach.members_of:
            if key[0] == reach.path:
                plays[key] = 0.95 if key == own else 0.3
        likely = sorted(
            ((evidence.score, key) for key, evidence in found.items() if evidence.score > _LEAST_PLAY), reverse=True
        )
        for score, key in likely[: 4 * _MOST_CLASSES]:
            definition = reach.candidates[key].definition
            if definition.is_class:
                plays[key] = max(plays.get(key, 0.0), score)
        for name in self._types:
            for key in reach.classes_named.get(name, ()):
                plays[key] = max(plays.get(key, 0.0), 0.95)
        for score, key in likely[:_MOST_CLASSES]:
            definition = reach.candidates[key].definition
            if not definition.is_class:
                location = definition.location(reach.graph)
                if location is not None:
                    self._add_returned(plays, location.symbol, score)
        return plays

    def _add_returned(self, plays: dict[Key, float], symbol: Symbol, score: float) -> None:
        """What a function gives or takes is likely to be at hand where it is called."""
        for name in symbol.types[-4:]:
            for key in self.reach.classes_named.get(_last(name), ()):
                plays[key] = max(plays.get(key, 0.0), _RETURNED * score)


def _last(name: str) -> str:
    return name.replace("::", ".").rpartition(".")[2]


def _own_key(scope: Scope, path: str) -> Key:
    holder = scope.holder
    return key_of(Location(path, holder)) if holder is not None else ("", "", "", False)
