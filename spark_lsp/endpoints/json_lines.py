"""Splits a stream of bytes into JSON lines: one JSON value a line, as Ollama streams them.

Format: https://github.com/ndjson/ndjson-spec. JSON on one line has no line feed inside, so that its end is found
without reading it; empty lines say nothing.
"""

from __future__ import annotations

from spark_lsp.endpoints.server_sent_events import MAX_EVENT_BYTES

_NO_PART_OF_JSON = b"\xef\xbb\xbf \t\r"  # a byte order mark, which may stand at the very beginning, and white space


class JsonLines:
    """An incremental splitter: the same bytes give the same lines, wherever they are cut.

    `overflowed` turns true with a line of more than MAX_EVENT_BYTES; from then on nothing is taken.
    """

    __slots__ = ("_line", "overflowed")

    def __init__(self) -> None:
        self.overflowed = False
        self._line = bytearray()  # the line that has not ended yet

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes; return each line that they complete, without what ends it."""
        if self.overflowed:
            return []
        lines: list[bytes] = []
        *ended, rest = data.split(b"\n")
        for piece in ended:
            self._line += piece
            if self._too_long():
                return lines
            if line := bytes(self._line).strip(_NO_PART_OF_JSON):
                lines.append(line)
            self._line.clear()
        self._line += rest
        self._too_long()
        return lines

    def close(self) -> list[bytes]:
        """Return the last line, if the stream ended without the line feed behind it."""
        line = bytes(self._line).strip(_NO_PART_OF_JSON)
        self._line.clear()
        return [line] if line and not self.overflowed else []

    def _too_long(self) -> bool:
        self.overflowed = len(self._line) > MAX_EVENT_BYTES
        return self.overflowed
