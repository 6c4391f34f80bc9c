"""Lines of files that a prompt may quote: of open documents, and of files that were read and kept for a while."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from spark_lsp.core.text import Text
from spark_lsp.repo.sources import decode, is_binary, read_content

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

MOST_CHARACTERS: Final = 6_000_000
_LARGEST: Final = 1_000_000
"""Code points of a file that is quoted."""


@dataclass(slots=True)
class SourceCache:
    """Reads files of a workspace folder, if they may be read, and forgets those not asked for the longest time."""

    root: Path
    allowed: Callable[[str], bool]
    """Whether a file may be read and sent; asked every time that it is read."""
    open_lines: Callable[[str], Sequence[str] | None] = lambda _: None
    """The lines of a document that is open."""
    _known: dict[str, Sequence[str]] = field(default_factory=dict)
    _sizes: dict[str, int] = field(default_factory=dict)
    _total: int = 0

    def lines(self, path: str) -> Sequence[str] | None:
        """What is known of a file without reading it."""
        is_open = self.open_lines(path)
        return is_open if is_open is not None else self._known.get(path)

    def load(self, path: str) -> None:
        """Read a file, unless it is known. Takes under a millisecond for most."""
        if path in self._known:
            self._known[path] = self._known.pop(path)
            return
        if self.open_lines(path) is not None:
            return
        lines: Sequence[str] = ()
        content = read_content(self.root, path, time.time_ns()) if self.allowed(path) else None
        if content is not None and len(content.content) <= _LARGEST and not is_binary(content.content):
            lines = Text.of(decode(content.content)).lines
        self._known[path] = lines
        self._sizes[path] = sum(map(len, lines)) + 100 * len(lines)
        self._total += self._sizes[path]
        while self._total > MOST_CHARACTERS and len(self._known) > 1:
            self.forget(next(iter(self._known)))

    def forget(self, path: str) -> None:
        """A file has changed, or gone."""
        if self._known.pop(path, None) is not None:
            self._total -= self._sizes.pop(path)
