"""How common names and the words in them are in a workspace."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import log, sqrt
from typing import TYPE_CHECKING, Final

from spark_lsp.context.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spark_lsp.repo.graph import Graph

_FEWEST_FILES: Final = 20
_LONGEST_LIST: Final = 8
_MOST_NAMES: Final = 50_000
_STEP: Final = 400


@dataclass(slots=True)
class Popularity:
    """Counts, remembered as they are asked for; good enough for as long as the number of files is about the same."""

    graph: Graph
    _shares: dict[str, float] = field(default_factory=dict)
    _users: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    """The files that use a name, or None if these are many."""
    _words: dict[str, float] = field(default_factory=dict)
    _files: int = 0
    _learned: int = 0

    def of(self, name: str) -> float:
        """The square root of the share of the files that use a name."""
        self._look(name)
        return self._shares[name]

    def is_used_elsewhere(self, name: str, *paths: str) -> bool:
        """Whether a file uses a name that is none of some."""
        self._look(name)
        users = self._users[name]
        return users is None or any(user not in paths for user in users)

    def is_used(self, name: str) -> bool:
        """Whether any file uses a name."""
        self._look(name)
        return self._users[name] != ()

    def rarity(self, word: str) -> float:
        """What a word in a name says, from 0.2 for one in many names to 1."""
        return self._words.get(word, 1.0)

    def learn(self) -> Iterator[None]:
        """Count the words in the names there are, if many are new; a step at a time."""
        texts = self.graph.names.texts
        if len(texts) < 1.2 * self._learned + 100:
            return
        self._learned = len(texts)
        counts: dict[str, int] = {}
        for start in range(0, len(texts), _STEP):
            for name in texts[start : start + _STEP]:
                if name.isidentifier():
                    for word in words_of(name):
                        counts[word] = counts.get(word, 0) + 1
            yield
        most = log(1 + max(counts.values(), default=1))
        self._words = {word: 1 - 0.8 * log(count) / most for word, count in counts.items() if count > 1}

    def _look(self, name: str) -> None:
        count = len(self.graph.hashes)
        if abs(count - self._files) > count // 20 or len(self._shares) > _MOST_NAMES:
            self._files = count
            self._shares.clear()
            self._users.clear()
        if name not in self._shares:
            users = self.graph.files_referencing(name)
            self._shares[name] = sqrt(min(1.0, len(users) / max(_FEWEST_FILES, count)))
            self._users[name] = tuple(users) if len(users) <= _LONGEST_LIST else None
