"""The text of a reply up to the first of some stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class TextUntilStop:
    """Hands on text that comes in any chunks, up to the first stop; a stop that is cut in two is found as well.

    No stop may be inside of another.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = stops
        self._held = ""
        self._ended = False

    @property
    def ended(self) -> bool:
        """A stop was met: nothing that comes later counts."""
        return self._ended

    def feed(self, text: str) -> str:
        """What this much more adds; the end of it is held back for as long as it may be the beginning of a stop."""
        if self._ended:
            return ""
        text = self._held + text
        places = [place for stop in self._stops if (place := text.find(stop)) >= 0]
        if places:
            self._ended = True
            self._held = ""
            return text[: min(places)]
        kept = len(text) - self._may_be_a_stop(text)
        self._held = text[kept:]
        return text[:kept]

    def finish(self) -> str:
        """What was held back, once nothing more comes."""
        rest, self._held = self._held, ""
        return rest

    def _may_be_a_stop(self, text: str) -> int:
        """Code points at the end of a text that a stop may begin with."""
        longest = max(map(len, self._stops), default=1) - 1
        ends = (text[-size:] for size in range(min(longest, len(text)), 0, -1))
        return next((len(end) for end in ends if any(stop.startswith(end) for stop in self._stops)), 0)
