"""A client of the simulator without a socket: the protocol's transport, with the time of every write."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import h11
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.uri import parse_uri

from spark_lsp.simulator.connection import Connection

if TYPE_CHECKING:
    from spark_lsp.simulator.server import Simulator


class FakeSocket:
    def __init__(self) -> None:
        self.options: list[tuple[Any, ...]] = []

    def setsockopt(self, *option: Any) -> None:
        self.options.append(option)


class FakeTransport(asyncio.Transport):
    """Takes what the simulator writes. Times are in seconds on the loop's clock."""

    def __init__(self) -> None:
        super().__init__()
        self.socket = FakeSocket()
        self.writes: list[tuple[float, bytes]] = []
        self.ended: str | None = None
        self.changed = asyncio.Event()
        self.protocol: asyncio.Protocol | None = None

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self.socket if name == "socket" else default

    def is_closing(self) -> bool:
        return self.ended is not None

    def write(self, data: Any) -> None:
        self.writes.append((asyncio.get_running_loop().time(), bytes(data)))
        self.changed.set()

    def close(self) -> None:
        self._end("closed")

    def abort(self) -> None:
        self._end("aborted")

    def _end(self, how: str) -> None:
        if self.ended is None and self.protocol is not None:
            self.ended = how
            self.changed.set()
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)


class SimulatedClient:
    """One connection to a simulator that is not even started."""

    def __init__(self, simulator: Simulator) -> None:
        self.transport = FakeTransport()
        self.connection = Connection(simulator._handle, simulator._connections)
        self.transport.protocol = self.connection
        self.connection.connection_made(self.transport)
        self._http = h11.Connection(h11.CLIENT)
        self._read = 0

    def post(self, body: Any, path: str = "/v1/chat/completions") -> None:
        self.request("POST", path, body if isinstance(body, bytes) else json.dumps(body).encode())

    def request(self, method: str, path: str, body: bytes = b"") -> None:
        headers = [("host", "simulated"), ("content-length", str(len(body)))]
        self._send(h11.Request(method=method, target=path, headers=headers), h11.Data(data=body), h11.EndOfMessage())

    def leave(self) -> None:
        """Close the client's side, as a socket would report it."""
        self.connection.eof_received()
        self.transport.close()

    async def response(self) -> tuple[h11.Response, bytes]:
        """Wait for the next response to end; the body may be cut."""
        response: h11.Response | None = None
        body = b""
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError:
                break
            if event is h11.NEED_DATA:
                while self._read == len(self.transport.writes) and not self.transport.is_closing():
                    await asyncio.wait_for(self.transport.changed.wait(), 60)
                    self.transport.changed.clear()
                self._http.receive_data(b"".join(data for _, data in self.transport.writes[self._read :]))
                self._read = len(self.transport.writes)
            elif isinstance(event, h11.Response):
                response = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif not isinstance(event, h11.InformationalResponse):
                break
        assert response is not None
        if self._http.our_state is self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
        return response, body

    def _send(self, *events: h11.Event) -> None:
        self.connection.data_received(b"".join(self._http.send(event) or b"" for event in events))


def chunks(body: bytes) -> list[Any]:
    """The JSON of each event of a stream."""
    payloads = [event.removeprefix("data: ") for event in body.decode().split("\n\n") if event]
    return [payload if payload == "[DONE]" else json.loads(payload) for payload in payloads]


def text_of(events: list[Any]) -> str:
    deltas = [event["choices"][0]["delta"] for event in events if event != "[DONE]" and event.get("choices")]
    return "".join(delta.get("content") or "" for delta in deltas)


class SimulatedSocket:
    """A WebSocket to a simulator that is not even started."""

    def __init__(self, simulator: Simulator, path: str = "/v1/responses", *, early: Any = None) -> None:
        """Connect; a message that is `early` goes with the request for the WebSocket."""
        self.transport = FakeTransport()
        self.connection = Connection(simulator._handle, simulator._connections)
        self.transport.protocol = self.connection
        self.connection.connection_made(self.transport)
        self._protocol = ClientProtocol(parse_uri(f"ws://simulated{path}"))
        self._request = self._protocol.connect()
        self._protocol.send_request(self._request)
        head = b"".join(self._protocol.data_to_send())
        self._read = 0
        self._frames: list[Any] = []
        if early is not None:
            frame = Frame(Opcode.TEXT, json.dumps(early).encode()).serialize(mask=True)
            head += frame
        self.connection.data_received(head)

    @property
    def open(self) -> bool:
        return self._protocol.state is State.OPEN

    @property
    def close_code(self) -> int | None:
        return self._protocol.close_code

    async def response(self) -> Response:
        """Wait for the answer to the request for the WebSocket."""
        while True:
            for event in await self._events():
                if isinstance(event, Response):
                    return event
                self._frames.append(event)

    def send(self, value: Any) -> None:
        """Send JSON, a text that is none, or bytes."""
        if isinstance(value, bytes):
            self._protocol.send_binary(value)
        else:
            self._protocol.send_text((value if isinstance(value, str) else json.dumps(value)).encode())
        self._flush()

    def send_raw(self, data: bytes) -> None:
        self.connection.data_received(data)

    def close(self) -> None:
        """Begin the closing handshake."""
        self._protocol.send_close(1000)
        self._flush()

    def leave(self) -> None:
        """Close the connection as it stands."""
        self.connection.eof_received()
        self.transport.close()

    async def message(self) -> Any:
        """Wait for the next message, as JSON or as the text that it is. None is the end."""
        while not self._frames:
            events = await self._events()
            if not events:
                return None
            self._frames += events
        frame = self._frames.pop(0)
        if frame.opcode is Opcode.CLOSE:
            await self._events()
            return None
        if frame.opcode is Opcode.PING:
            return "ping"
        text = bytes(frame.data).decode()
        return json.loads(text) if text.startswith('{"') else text

    async def until(self, kind: str) -> list[Any]:
        """Wait for a message of this type; return all up to it."""
        messages: list[Any] = []
        while not messages or messages[-1]["type"] != kind:
            messages.append(await self.message())
        return messages

    async def _events(self) -> list[Any]:
        """Wait for the next writes and what they hold; nothing once the connection is closed."""
        while True:
            while self._read == len(self.transport.writes):
                if self.transport.is_closing():
                    self._protocol.receive_eof()
                    return []
                await asyncio.wait_for(self.transport.changed.wait(), 60)
                self.transport.changed.clear()
            data = b"".join(data for _, data in self.transport.writes[self._read :])
            self._read = len(self.transport.writes)
            self._protocol.receive_data(data)
            events = self._protocol.events_received()
            self._flush()
            if events:
                return events

    def _flush(self) -> None:
        data = b"".join(self._protocol.data_to_send())
        if data:
            self.connection.data_received(data)
