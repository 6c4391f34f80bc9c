"""Splits a stream of bytes into server-sent events.

Format: the HTML standard, "Server-sent events", section 9.2.6. It works on bytes, because text decoders and
`str.splitlines` take U+2028 and others for line ends, which stand unescaped inside JSON strings.
Only the data of an event is of interest: wires tell events apart by their JSON.
"""

from __future__ import annotations

MAX_EVENT_BYTES = 8 * 1024 * 1024

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class ServerSentEvents:
    """An incremental splitter: the same bytes give the same events, wherever they are cut.

    `overflowed` turns true with an event of more than MAX_EVENT_BYTES; from then on nothing is taken.
    """

    __slots__ = ("_after_carriage_return", "_data", "_data_size", "_line", "_start", "overflowed")

    def __init__(self) -> None:
        self.overflowed = False
        self._start: bytes | None = b""  # the first bytes, as long as they may still become a byte order mark
        self._after_carriage_return = False  # a line feed that comes next belongs to it
        self._line = bytearray()  # the line that has not ended yet
        self._data: list[bytes] = []  # the data lines of the event that has not ended yet
        self._data_size = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes; return the data of each event that they complete."""
        if self.overflowed:
            return []
        if self._start is not None:
            data = self._start + data
            if len(data) < len(_BYTE_ORDER_MARK) and _BYTE_ORDER_MARK.startswith(data):
                self._start = data
                return []
            self._start = None
            data = data.removeprefix(_BYTE_ORDER_MARK)
        if not data:
            return []
        if self._after_carriage_return:
            data = data.removeprefix(b"\n")
            self._after_carriage_return = False
        events: list[bytes] = []
        for piece in data.splitlines(keepends=True):  # of bytes: only \n, \r\n and \r end a line
            self._line += piece
            if self._data_size + len(self._line) > MAX_EVENT_BYTES:
                self.overflowed = True
                break
            if piece.endswith((b"\n", b"\r")):
                line = bytes(self._line).rstrip(b"\r\n")
                self._line.clear()
                self._take_line(line, events)
        self._after_carriage_return = data.endswith(b"\r")
        return events

    def close(self) -> list[bytes]:
        """Return the last event, if the stream ended without the blank line after it.

        The standard drops such an event, since it may have been cut; here the reader of its data can tell.
        """
        events: list[bytes] = []
        if self.overflowed:
            return events
        self._take_line(bytes(self._start or b"") + bytes(self._line), events)
        self._take_line(b"", events)
        self._line.clear()
        self._start = None
        return events

    def _take_line(self, line: bytes, events: list[bytes]) -> None:
        if not line:
            if self._data:
                events.append(b"\n".join(self._data))
                self._data.clear()
                self._data_size = 0
            return
        name, _, value = line.partition(b":")
        if name == b"data":  # event, id, retry and comments carry nothing that a wire needs
            value = value.removeprefix(b" ")
            self._data.append(value)
            self._data_size += len(value) + 1
