"""A text file that is read once and maybe written back, to the byte what it was but for the edit.

Only UTF-8 is text here, with or without a byte order mark: whatever else it might be would have to be guessed, and
a wrong guess would destroy the file. Everything that can go wrong is a `FileProblem`.
"""

from __future__ import annotations

import codecs
import os
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LARGEST_FILE: Final = 4 * 1024 * 1024
"""Bytes. What is larger is data and no code, and many times of what any model can take in."""
_BOM: Final = codecs.BOM_UTF8.decode()


class FileProblem(Exception):
    """A file that cannot be used; the message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file as it was when it was read."""

    name: str
    """As the user gave it."""
    path: Path
    """Absolute, with symbolic links as they are."""
    content: bytes
    text: str
    """Without the byte order mark, with all line endings as they are."""
    byte_order_mark: str
    """The mark, or an empty string."""


def read_text_file(name: str) -> TextFile:
    """Read a file. Raises `FileProblem`."""
    path = Path(os.path.abspath(name))  # noqa: PTH100 (Path.absolute keeps "..", Path.resolve follows links)
    content = _read(name, path)
    if b"\0" in content:
        raise FileProblem(f"{name} is a binary file, or text in UTF-16: only text in UTF-8 can be edited.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileProblem(f"{name} is not UTF-8 (see line {line}): convert it to UTF-8 first.") from None
    mark = _BOM if text.startswith(_BOM) else ""
    return TextFile(name, path, content, text.removeprefix(mark), mark)


def write_text_file(file: TextFile, text: str) -> None:
    """Put a new text in the place of the one that was read, in one step, with the file's mode.

    Raises `FileProblem`; then the file is as it was.
    """
    try:
        content = (file.byte_order_mark + text).encode()
    except UnicodeEncodeError:
        raise FileProblem(f"The new text has half a character in it, so {file.name} was not written.") from None
    # A link stays a link: what it leads to is replaced.
    target = Path(os.path.realpath(file.path))
    if not os.access(target, os.W_OK):
        raise FileProblem(f"{file.name} is read-only, so it was not written.")
    try:
        _replace(file, target, content)
    except OSError as error:
        raise FileProblem(f"{file.name} was not written: {error.strerror}.") from None


def _read(name: str, path: Path) -> bytes:
    try:
        # Opening a pipe would wait for a writer: look first.
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise FileProblem(f"{name} is a folder: name a file.")
        if not stat.S_ISREG(status.st_mode):
            raise FileProblem(f"{name} is not a file.")
        with path.open("rb") as opened:
            content = opened.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise FileProblem(f"There is no file {name}.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name is none"
        raise FileProblem(f"{name} cannot be read: {reason}.") from None
    if len(content) > LARGEST_FILE:
        raise FileProblem(f"{name} is larger than {LARGEST_FILE // 1024 // 1024} MiB: too large for an edit.")
    return content


def _replace(file: TextFile, target: Path, content: bytes) -> None:
    status = target.stat()
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.", suffix=".spark")
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        if hasattr(os, "chown"):
            # Whoever may not give files away keeps this one. It takes mode bits away, so it comes before those.
            with suppress(OSError):
                os.chown(temporary, status.st_uid, status.st_gid)
        os.chmod(temporary, stat.S_IMODE(status.st_mode))  # noqa: PTH101 (beside its siblings)
        # As late as can be: what was saved since the reading must not be lost.
        _check_unchanged(file, target)
        os.replace(temporary, target)  # noqa: PTH105
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108
        raise


def _check_unchanged(file: TextFile, target: Path) -> None:
    if target.read_bytes() != file.content:
        raise FileProblem(f"{file.name} has changed since it was read, so it was not written: try again.")
