"""Messages between the server and its worker processes, over pipes: a JSON object, and bytes that it is about."""

from __future__ import annotations

import json
import struct
from typing import IO, Any, Final, NamedTuple

HEAD: Final = struct.Struct("<II")
"""The lengths of the object and of the bytes."""


class Frame(NamedTuple):
    """One message."""

    head: dict[str, Any]
    body: bytes = b""


def pack(frame: Frame) -> bytes:
    """A message as it goes through a pipe."""
    head = json.dumps(frame.head).encode()
    return HEAD.pack(len(head), len(frame.body)) + head + frame.body


def read_frame(pipe: IO[bytes]) -> Frame | None:
    """The next message; None at the end of the pipe, wherever that is."""
    lengths = _exactly(pipe, HEAD.size)
    if lengths is None:
        return None
    head_length, body_length = HEAD.unpack(lengths)
    head, body = _exactly(pipe, head_length), _exactly(pipe, body_length)
    return None if head is None or body is None else Frame(json.loads(head), body)


def _exactly(pipe: IO[bytes], count: int) -> bytes | None:
    parts = []
    while count:
        part = pipe.read(count)
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
