"""What was suggested and not wanted, remembered from session to session without a word of it.

A line of the file for each: a hash of the file's path, the line and the text. Lines are only added, so that several
windows can share the file; one that cannot be read is skipped, and a file that has grown long is cut when it is opened.
They are written some seconds after a refusal, so that a server that is killed has remembered nearly all of them.
Whatever goes wrong with the file, the session remembers for itself.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

logger = logging.getLogger(__name__)

MOST_REFUSALS: Final = 4000
SECONDS_BEFORE_SAVING: Final = 5.0
_FILE: Final = "refusals.txt"
_DIGEST_BYTES: Final = 16
_LARGEST_FILE: Final = 1_000_000


class Refusals:
    """One for a session. Without a folder, nothing is kept."""

    def __init__(self, folder: Path | None, seconds_before_saving: float = SECONDS_BEFORE_SAVING) -> None:
        self._seconds_before_saving = seconds_before_saving
        self._saving: threading.Timer | None = None
        self._swapping = threading.Lock()
        self._path = folder / _FILE if folder is not None else None
        self._known: dict[str, None] | None = None
        self._new: list[str] = []

    def add(self, path: str, line: str, text: str) -> None:
        """The user does not want this text there. `line` is what stands before it."""
        digest = _digest(path, line, text)
        if digest in self._loaded():
            return
        self._loaded()[digest] = None
        with self._swapping:
            self._new.append(digest)
            # In a thread: a disk may be slow, and the loop waits for none.
            if self._path is not None and self._saving is None:
                self._saving = threading.Timer(self._seconds_before_saving, self.save)
                self._saving.daemon = True
                self._saving.start()

    def __contains__(self, refused: tuple[str, str, str]) -> bool:
        return _digest(*refused) in self._loaded()

    def save(self) -> None:
        """Write down what is new. May be called from any thread."""
        with self._swapping:
            new, self._new = self._new, []
            if self._saving is not None:
                self._saving.cancel()
                self._saving = None
        if self._path is None or not new:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="ascii") as file:
                file.write("".join(f"{digest}\n" for digest in new))
        except OSError as error:
            logger.warning("What was refused cannot be remembered: %s.", error.strerror)

    def _loaded(self) -> dict[str, None]:
        if self._known is None:
            self._known = dict.fromkeys(self._read())
        return self._known

    def _read(self) -> list[str]:
        if self._path is None:
            return []
        try:
            if self._path.stat().st_size > _LARGEST_FILE:
                return []
            lines = self._path.read_text(encoding="ascii", errors="replace").splitlines()
        except OSError:
            return []
        digests = [line for line in lines if len(line) == 2 * _DIGEST_BYTES]
        if len(lines) > MOST_REFUSALS:
            digests = digests[-MOST_REFUSALS // 2 :]
            shorter = self._path.with_name(f"{_FILE}.{os.getpid()}")
            with suppress(OSError):
                shorter.write_text("".join(f"{digest}\n" for digest in digests), encoding="ascii")
                shorter.replace(self._path)
        return digests


def _digest(path: str, line: str, text: str) -> str:
    parts = "\0".join((path, line.strip(), " ".join(text.split())))
    return hashlib.blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).hexdigest()
