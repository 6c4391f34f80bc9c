"""An endpoint that answers at once, in a process of its own: every chat request gets one line, streamed in one go.

It keeps connections alive, counts the chat requests (GET /count), and prints its base URL when it is ready. The line is
another one each time, `resolve_17(items)`, so that nobody can know it from before.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys

_LENGTH = re.compile(rb"(?i)content-length: *(\d+)")


class InstantEndpoint(asyncio.Protocol):
    """One connection."""

    count = 0
    """Chat requests on all connections."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n") + 4) > 3:
            head = self._received[:end]
            length = _LENGTH.search(head)
            size = end + (int(length[1]) if length else 0)
            if len(self._received) < size:
                return
            self._received = self._received[size:]
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        if head.startswith(b"GET /count"):
            body = b"%d" % InstantEndpoint.count
            self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
        elif head.startswith(b"POST"):
            InstantEndpoint.count += 1
            self._transport.write(_reply(f"resolve_{InstantEndpoint.count}(items)"))
        else:
            self._transport.write(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")


def _reply(text: str) -> bytes:
    pieces = [text[start : start + 4] for start in range(0, len(text), 4)]
    events: list[object] = [
        {"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]} for piece in pieces
    ]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    events.append({"choices": [], "usage": {"prompt_tokens": 1500, "completion_tokens": len(pieces)}})
    body = b"".join(b"data: %b\n\n" % json.dumps(event).encode() for event in events) + b"data: [DONE]\n\n"
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    return head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(InstantEndpoint, "127.0.0.1", 0)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
