"""Reads a file for the index, once the rules have allowed its path."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.repo.walk import LARGEST_FILE, Found

if TYPE_CHECKING:
    from pathlib import Path

HEAD_LENGTH: Final = 8192
"""Bytes at the beginning of a file that tell whether it is binary or generated."""

_FLAGS: Final = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_UNSURE_NS: Final = 2_000_000_000
"""A file that was changed this short a time ago may change again without its time telling."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a file held, and the file as it was then."""

    found: Found
    content: bytes


def read_content(root: Path, path: str, now_ns: int) -> Content | None:
    """A file's content; None if it is gone, no file any more, or too large. Follows no link and waits for no pipe."""
    try:
        handle = os.open(root / path, _FLAGS)
    except (OSError, ValueError):
        return None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_FILE:
            return None
        with os.fdopen(handle, "rb", closefd=False) as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError:
        return None
    finally:
        os.close(handle)
    if len(content) > LARGEST_FILE:
        return None
    is_sure = status.st_size == len(content) and now_ns - status.st_mtime_ns > _UNSURE_NS
    return Content(Found(path, len(content), status.st_mtime_ns if is_sure else 0), content)


def is_binary(content: bytes) -> bool:
    """Whether a file is no text, by its beginning."""
    return b"\0" in content[:HEAD_LENGTH]


def decode(content: bytes) -> str:
    """A file as text. What is no UTF-8 is replaced, code point by code point, which keeps the lines."""
    return content.decode("utf-8-sig", "replace")


def hash_of(content: bytes, kind: str) -> str:
    """What a file's facts are kept under: the same for the same content that is read in the same way."""
    return hashlib.blake2b(content, digest_size=16, person=kind.encode()[:16]).hexdigest()
