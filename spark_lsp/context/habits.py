"""How likely a name is used in a function that is not written yet: as often as in the functions that are like it."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Final

from spark_lsp.context.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from spark_lsp.context.scope import Scope
    from spark_lsp.context.uses import FileUses, Function

_NEAREST: Final = 12
"""Functions on either side that count by their nearness."""
_MOST_ALIKE: Final = 60
_STEP: Final = 200
_NO_EVIDENCE: Final = 2.0
"""The weight of not knowing: a few functions that are a little alike prove nothing."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What is usual in the functions round a place; shares from 0 to 1, by the numbers of names."""

    alike: dict[int, float]
    here: FileUses
    elsewhere: dict[int, float]

    def of(self, name: int) -> float:
        """How likely a name, or a pair of names, is used."""
        return 1 - (1 - 0.9 * self.alike.get(name, 0.0)) * (1 - 0.4 * self.here.share(name)) * (
            1 - 0.4 * self.elsewhere.get(name, 0.0)
        )


def habits(
    scope: Scope, here: FileUses, others: Sequence[tuple[float, FileUses]], near: frozenset[int] = frozenset()
) -> Iterator[Habits | None]:
    """Weigh the functions of a file and of those like it by how much they are like the one at hand.

    Alike is what is called alike and what uses the same names: `near` has the numbers of those in the signature at
    hand and round it. Yields None after every step, and the habits as the last thing.
    """
    weighed: list[tuple[float, Function]] = []
    own = scope.function
    rarity = _rarity(near, here, others)
    yield None
    container = own.container if own is not None else None
    for index, function in enumerate(here.functions):
        if index % _STEP == _STEP - 1:
            yield None
        if function is own or not function.used:
            continue
        distance = abs(index - scope.place)
        weight = 0.3 + 2.0 * _alike(scope, function) + 1.5 * _shared(rarity, function)
        if distance <= _NEAREST:
            weight += 1.5 / (1 + distance)
        if container and function.container == container:
            weight += 0.7
        weighed.append((weight, function))
    for likeness, uses in others:
        yield None
        for index, function in enumerate(uses.functions):
            if index % _STEP == _STEP - 1:
                yield None
            if function.used:
                weight = likeness * (0.3 + 3.0 * _alike(scope, function) + 2.0 * _shared(rarity, function))
                if own is not None and function.name == own.name:
                    weight += likeness * 2
                weighed.append((weight, function))
    yield None
    weighed.sort(key=lambda pair: -pair[0])
    alike = _shares(weighed[:_MOST_ALIKE])
    yield None
    yield Habits(alike, here, _mixed(others))


def _alike(scope: Scope, function: Function) -> float:
    words = words_of(function.name)
    shared = len(words & scope.name_words)
    return shared / len(words | scope.name_words) if shared else 0.0


def _rarity(near: frozenset[int], here: FileUses, others: Sequence[tuple[float, FileUses]]) -> dict[int, float]:
    """What each of the names near by says that others use too; all of them together 1."""
    files = [here, *(uses for _, uses in others)]
    total = sum(len(uses.functions) for uses in files)
    found: dict[int, float] = {}
    for name in near:
        count = sum(uses.counts.get(name, 0) for uses in files)
        if count:
            found[name] = log((1 + total) / count)
    whole = sum(found.values())
    return {name: weight / whole for name, weight in found.items()} if whole else {}


def _shared(rarity: dict[int, float], function: Function) -> float:
    """How much a function uses of the names near by, from 0 to 1."""
    return sum([rarity[name] for name in rarity.keys() & function.used])


def _shares(weighed: Iterable[tuple[float, Function]]) -> dict[int, float]:
    sums: dict[int, float] = {}
    total = _NO_EVIDENCE
    for weight, function in weighed:
        squared = weight * weight
        total += squared
        for name in function.used:
            sums[name] = sums.get(name, 0.0) + squared
    return {name: weight / total for name, weight in sums.items()}


def _mixed(others: Sequence[tuple[float, FileUses]]) -> dict[int, float]:
    sums: dict[int, float] = {}
    total = _NO_EVIDENCE / 4
    for likeness, uses in others:
        total += likeness
        count = max(1, len(uses.functions))
        for name, number in uses.counts.items():
            sums[name] = sums.get(name, 0.0) + likeness * number / count
    return {name: weight / total for name, weight in sums.items()}
