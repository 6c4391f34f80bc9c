"""The files of a workspace that may be indexed, found by their paths alone: no file's content is looked at here.

Links are never followed: what a link in the workspace leads to is found under its own name, and the rest is not ours.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from spark_lsp.repo.rules import (
    CACHE_TAG,
    IGNORE_FILES,
    NEVER_SOURCE,
    Ground,
    Levels,
    ignored,
    read_level,
    spark_verdict,
    with_level,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from spark_lsp.repo.exclude import Exclusions

LARGEST_FILE: Final = 1_000_000
"""Bytes of a file that is still indexed."""

_DEEPEST: Final = 100
_REPARSE_POINT: Final = 0x400
"""Windows: FILE_ATTRIBUTE_REPARSE_POINT, which junctions have as well as links."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a workspace is looked at."""

    files: int = 50_000
    bytes: int = 400_000_000
    entries: int = 2_000_000
    """What folders hold, indexed or not."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file for the index. What changes when it does: its size in bytes, and its time in nanoseconds."""

    path: str
    """Relative to the root, with slashes."""
    size: int
    mtime_ns: int


@dataclass(slots=True)
class Walk:
    """A walk through a workspace. `found` may be asked for once."""

    ground: Ground
    exclusions: Exclusions
    wanted: Callable[[str], bool]
    """Whether the index has a use for a file of such a path."""
    limits: Limits = Limits()
    stopped: str | None = None
    """Why the walk ended before its time: a sentence."""
    _files: int = field(default=0, init=False)
    _bytes: int = field(default=0, init=False)
    _entries: int = field(default=0, init=False)

    def found(self) -> Iterator[Found]:
        """The files, folder by folder in the order of their names."""
        levels = self.ground.levels_above()
        if any(ignored(levels, self.ground.prefix[: base + 1]) for base in self._borders()):
            # The whole workspace is ignored: who opens it all the same wants it, but for what must not be sent.
            if any(spark_verdict(levels, self.ground.prefix[: base + 1]) for base in self._borders()):
                return
            levels = tuple(level for level in levels if level.spark is not None or level.unreadable)
        folders: list[tuple[str, Levels]] = [("", levels)]
        while folders and self.stopped is None:
            inner, levels = folders.pop()
            entries = self._entries_of(inner)
            names = {entry.name for entry in entries}
            if inner and CACHE_TAG in names:
                continue
            if not names.isdisjoint(IGNORE_FILES):
                prefix = self.ground.prefix + inner
                levels = with_level(levels, read_level(self.ground.root / inner, len(prefix)))
            deeper = []
            for entry in entries:
                path = f"{inner}{entry.name}"
                kind = _kind(entry)
                if kind == "folder":
                    if not self._is_passed_by(entry.name, path, levels):
                        deeper.append((f"{path}/", levels))
                elif kind == "file" and (file := self._file(entry, path, levels)):
                    yield file
            folders.extend(reversed(deeper))

    def _borders(self) -> list[int]:
        return [index for index, character in enumerate(self.ground.prefix) if character == "/"]

    def _entries_of(self, inner: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self.ground.root / inner) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            return []
        self._entries += len(entries)
        if self._entries > self.limits.entries:
            self.stopped = f"The workspace has more than {self.limits.entries:,} files and folders: some are left out."
        return entries

    def _is_passed_by(self, name: str, path: str, levels: Levels) -> bool:
        if name in NEVER_SOURCE or path.count("/") > _DEEPEST or not _is_plain(name):
            return True
        return ignored(levels, f"{self.ground.prefix}{path}/") is not None

    def _file(self, entry: os.DirEntry[str], path: str, levels: Levels) -> Found | None:
        if self.stopped or not self.wanted(path) or not _is_plain(entry.name):
            return None
        if ignored(levels, self.ground.prefix + path) or self.exclusions.reason(path, str(self.ground.root)):
            return None
        try:
            found = entry.stat(follow_symlinks=False)
        except OSError:
            return None
        if found.st_size > LARGEST_FILE:
            return None
        if self._files >= self.limits.files:
            self.stopped = f"The workspace has more than {self.limits.files:,} source files: some are left out."
            return None
        if self._bytes + found.st_size > self.limits.bytes:
            self.stopped = (
                f"The workspace has more than {self.limits.bytes // 1_000_000:,} MB of source: the rest is not indexed."
            )
            return None
        self._files += 1
        self._bytes += found.st_size
        return Found(path, found.st_size, found.st_mtime_ns)


def look_at(root: Path, path: str) -> Found | None:
    """A single file that the rules allow, as the walk would find it; None if it is gone, a link, or too large."""
    try:
        found = os.lstat(root / path)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST_FILE or not _is_plain(path):
        return None
    return Found(path, found.st_size, found.st_mtime_ns)


def _kind(entry: os.DirEntry[str]) -> str:
    try:
        if entry.is_symlink():
            return "link"
        if entry.is_dir(follow_symlinks=False):
            attributes = getattr(entry.stat(follow_symlinks=False), "st_file_attributes", 0) if os.name == "nt" else 0
            return "link" if attributes & _REPARSE_POINT else "folder"
        return "file" if entry.is_file(follow_symlinks=False) else "other"
    except OSError:
        return "other"


def _is_plain(name: str) -> bool:
    """Whether a name is text, and on one line: others cannot be kept, and no editor sends them."""
    return name.isprintable()
