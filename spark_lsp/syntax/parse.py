"""One parse of one text that can be paused and taken up again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tree_sitter import Parser

from spark_lsp.syntax.offsets import encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Language, Point, Tree

    from spark_lsp.core.text import Text

LONE_RETURN: Final = re.compile(r"\r(?!\n)")
_CHUNK: Final = 8192  # code points that are encoded at a time
_LARGEST_WINDOW: Final = 2048  # bytes
# tree-sitter 0.26.1 never lets go of what a read callback returns. So it gets the same few buffers again and again,
# each of a size of its own. It reads from the last one only. From 4 bytes on the sizes can be far apart: where a
# window cuts a character in two, tree-sitter asks again from the start of that character.
_WINDOWS: Final = tuple((size, bytearray(size)) for size in (_LARGEST_WINDOW, 256, 32, 4, 3, 2, 1))


class LineReader:
    """tree-sitter's way to read a text: a window at a time, so that nobody joins a big file. In one thread only.

    tree-sitter ends a row only at ``\\n``. A lone ``\\r`` is handed to it as ``\\n``, which has as many bytes:
    so its rows are our lines, and a grammar sees a line ending where the user does.
    """

    __slots__ = ("_chunk", "_complete", "_lines", "_start")

    def __init__(self, text: Text) -> None:
        self._lines = text.lines
        self._start = 0  # of the chunk, in bytes from the start of the text
        self._chunk = b""
        self._complete = False  # nothing comes after the chunk

    def __call__(self, offset: int, point: Point) -> bytes | bytearray:
        """Some bytes from here on, valid until the next call; none at the end of the text."""
        at = offset - self._start
        if not (0 <= at <= len(self._chunk) - (0 if self._complete else _LARGEST_WINDOW)):
            row, at = point
            self._start = offset - at
            self._encode(row, at + _CHUNK)
        for size, window in _WINDOWS:
            if size <= len(self._chunk) - at:
                window[:] = self._chunk[at : at + size]
                return window
        return b""

    def _encode(self, row: int, size: int) -> None:
        """Make the lines from a row on the chunk: so many bytes at least, if there are."""
        end = row
        while size > 0 and end < len(self._lines):
            size -= len(self._lines[end])
            end += 1
        chunk = "".join(self._lines[row:end])
        self._chunk = encode(LONE_RETURN.sub("\n", chunk) if "\r" in chunk else chunk)
        self._complete = end == len(self._lines)


class Parse:
    """A parse of a text, from scratch or over the edited tree of an earlier text.

    tree-sitter asks every hundred steps, some 20 microseconds apart, whether to go on. When told to stop it keeps
    its state in the parser and goes on from there when asked again: pausing loses nothing. The parse works on its
    own copy of the old tree (copies share their nodes and cost nothing), so that one may be edited meanwhile.

    `in_error` turns true when no way to read the text is left that is free of errors. That is never true of a text
    without errors, and often known long before the parse is done: recovering from an error can cost as much as a
    parse from scratch.
    """

    __slots__ = ("_old_tree", "_parser", "_reader", "in_error")

    def __init__(self, language: Language, text: Text, old_tree: Tree | None) -> None:
        self.in_error = False
        self._parser = Parser(language)
        self._reader = LineReader(text)
        self._old_tree = None if old_tree is None else old_tree.copy()

    def run(self, stop: Callable[[], bool]) -> Tree | None:
        """Parse on until it is done or told to stop: the tree, or None if there is more to do."""
        paused = False

        def progress(_offset: int, has_error: bool) -> bool:
            nonlocal paused
            self.in_error = self.in_error or has_error
            paused = stop()
            return paused

        try:
            if self._old_tree is None:  # the binding takes no None here, whatever its types say
                return self._parser.parse(self._reader, progress_callback=progress)
            return self._parser.parse(self._reader, self._old_tree, progress_callback=progress)
        except ValueError:
            if not paused:
                raise
            return None
