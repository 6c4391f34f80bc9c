"""How long to wait before a job is asked for again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_WAIT: Final = 0.5
GROWTH: Final = 1.6
LONGEST_WAIT: Final = 10.0
LEAST_WAIT: Final = 0.1
"""For a server that wants to be asked at once, again and again."""
SPREAD: Final = 0.2
"""By which part a wait may be shorter or longer, so that many jobs do not ask at the same time."""


class PollPace:
    """Waits that grow from half a second to ten, unless the server says how long. `random` gives 0 to 1."""

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._next = FIRST_WAIT

    def wait(self, asked: float | None) -> float:
        """The seconds until the next poll; `asked` is what the server wants."""
        wait = self._next * (1 + SPREAD * (2 * self._random() - 1))
        self._next = min(self._next * GROWTH, LONGEST_WAIT)
        return min(wait, LONGEST_WAIT) if asked is None else max(asked, LEAST_WAIT)
