"""When Python looks for garbage among old objects: while nobody types.

With an index such a look takes 50 ms and more, and by itself Python begins it in the middle of anything, such as a step
of preparing a prompt. So it waits until the client has said nothing for a while, and what is there then is never looked
through again: the next look costs what is new. (What is in use at that moment, refers to itself and is dropped later
stays; next to nothing of ours does.) Young objects are looked through as always, which takes a millisecond or two.
"""

from __future__ import annotations

import asyncio
import gc
from typing import Final

QUIET_SECONDS: Final = 5.0
_LOOKS_PUT_OFF: Final = 1_000
"""Of the young; after so many without a quiet moment, some seven million objects, the old have their turn anyway."""


class Garbage:
    """Decides when to collect, from the start of serving to its end."""

    def __init__(self) -> None:
        self._heard = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._before: tuple[int, int, int] | None = None

    def begin(self) -> None:
        """Collect what starting left, keep the rest for good, and put off all further looks."""
        young, middle, _ = self._before = gc.get_threshold()
        gc.set_threshold(young, middle, _LOOKS_PUT_OFF)
        _collect()

    def heard(self) -> None:
        """The client said something. Costs nothing to speak of."""
        loop = asyncio.get_running_loop()
        self._heard = loop.time()
        if self._timer is None and self._before is not None:
            self._timer = loop.call_later(QUIET_SECONDS, self._look)

    def end(self) -> None:
        """Leave Python as it was."""
        if self._timer is not None:
            self._timer.cancel()
        if self._before is not None:
            gc.set_threshold(*self._before)
        self._timer = self._before = None

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        due = self._heard + QUIET_SECONDS
        if loop.time() < due:
            self._timer = loop.call_at(due, self._look)
            return
        self._timer = None
        _collect()


def _collect() -> None:
    gc.collect()
    gc.freeze()
