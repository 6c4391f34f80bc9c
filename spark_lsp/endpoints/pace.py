"""When to pause between two reads of a fast stream, so that a thousand tokens a second stay cheap.

A read of a socket costs the HTTP library more than 0.1 ms, however little it brings. Where tokens trickle in one by
one, a millisecond apart, waiting a few milliseconds lets one read bring several.
"""

from __future__ import annotations

import asyncio

LONGEST_PAUSE = 0.008  # seconds; half a frame

_SHORTEST_PAUSE = 0.001  # seconds; below, a timer costs as much as the read that it saves
_SHARE_OF_STREAM = 0.05  # of the time since the first token, so that early text, which is waited for, is hardly late
_LONGEST_TURN = 0.004  # seconds of work on bytes that are here already, before other tasks get a turn


class ReadPace:
    """Paces the reads of one stream: `rest`, then read, then `note`. Between `start` and `stop` it may pause.

    A pause follows only on a read that had to wait, and not for long: bytes that are here already are never held back.
    The first read after a pause brings what has gathered meanwhile, so none follows on it or on what came with it.
    """

    __slots__ = ("_after_pause", "_asked", "_loop", "_mark", "_pause", "_started", "_turn")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._started: float | None = None
        self._turn = self._asked = self._loop.time()
        self._mark: asyncio.Handle | None = None  # waits for the loop's next turn
        self._pause = 0.0
        self._after_pause = False

    def start(self) -> None:
        """Take note that the first token is here."""
        self._started = self._loop.time()

    def stop(self) -> None:
        """Take note that nothing more comes that is worth collecting."""
        self._started = None
        self._pause = 0.0

    async def rest(self) -> None:
        """Pause if it pays, or let others have a turn; then get ready for a read."""
        if self._pause:
            await asyncio.sleep(self._pause)
            self._pause = 0.0
            self._after_pause = True
        elif self._loop.time() - self._turn > _LONGEST_TURN:
            await asyncio.sleep(0)
        self._asked = self._loop.time()
        if self._mark is None:
            self._mark = self._loop.call_soon(self._note_turn)

    def note(self) -> None:
        """Take note that a read has ended."""
        if self._mark is not None:
            return  # the loop had no turn: the bytes were here already
        if self._after_pause:
            self._after_pause = False
        elif self._started is not None:
            now = self._loop.time()
            pause = min(LONGEST_PAUSE, (now - self._started) * _SHARE_OF_STREAM)
            if pause >= _SHORTEST_PAUSE and now - self._asked < pause:
                self._pause = pause

    def _note_turn(self) -> None:
        self._mark = None
        self._turn = self._loop.time()
