"""The client's end of the Language Server Protocol: JSON-RPC with a server that runs as a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

START_SECONDS: Final = 60.0
"""How long a server may take to answer for the first time, on a machine that is busy with other things."""
STOP_SECONDS: Final = 3.0
_METHOD_NOT_FOUND: Final = -32601
_LONGEST_LINE: Final = 200


class ServerFailure(Exception):
    """The server does not do what it should; the message is one sentence for the user."""


class LanguageClient:
    """One server process and the connection to it. `stop` must be awaited, whatever happened.

    `handlers` answer the server's requests, and take its notifications, by method: at once, in the order in which
    they come, with the parameters.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self.handlers: dict[str, Callable[[Any], Any]] = {}
        self._process = process
        self._to_server, self._from_server = process.stdin, process.stdout
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._last_words = ""
        self._failure: ServerFailure | None = None
        self._listening = asyncio.create_task(self._listen(process.stderr))
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, environment: Mapping[str, str]) -> LanguageClient:
        """Start a server. Raises `ServerFailure`."""
        pipe = asyncio.subprocess.PIPE
        # Ctrl-C goes to all processes of a terminal's group: the server is ended by us, in order, and not by it.
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.CREATE_NEW_PROCESS_GROUP
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "spark_lsp", "--stdio",
                stdin=pipe, stdout=pipe, stderr=pipe, env=dict(environment),
                start_new_session=True, creationflags=flags,
            )  # fmt: skip
        except OSError as error:
            raise ServerFailure(f"The server cannot be started: {error.strerror}.") from None
        return cls(process)

    async def request(self, method: str, params: Any = None) -> Any:
        """Ask the server and wait for its answer. Raises `ServerFailure`."""
        return await self.start_request(method, params)[1]

    def start_request(self, method: str, params: Any = None) -> tuple[int, asyncio.Future[Any]]:
        """Ask the server: the number of the request, by which it can be cancelled, and its answer to come."""
        number = len(self._answers) + 1
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        if self._failure is not None:
            answer.set_exception(self._failure)
        else:
            self._send({"id": number, "method": method, "params": params})
        return number, answer

    def notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    async def end(self) -> ServerFailure:
        """Wait until the connection has ended, and say why."""
        await asyncio.wait([self._reading])
        assert self._failure is not None
        return self._failure

    async def stop(self) -> None:
        """End the server: politely, then by force. Never raises."""
        process = self._process
        try:
            with suppress(ServerFailure, TimeoutError):
                async with asyncio.timeout(STOP_SECONDS):
                    await self.request("shutdown")
                    self.notify("exit", None)
                    self._to_server.close()
                    await process.wait()
        finally:
            if process.returncode is None:
                _kill(process)
            await process.wait()
            for task in (self._reading, self._listening):
                task.cancel()
            await asyncio.wait([self._reading, self._listening])
            for answer in self._answers.values():
                if answer.done() and not answer.cancelled():
                    answer.exception()  # looked at, so that nothing complains that nobody did

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        # A server that is gone is noticed by the one who reads.
        with suppress(OSError, RuntimeError):
            self._to_server.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    async def _read(self) -> None:
        """Take messages until there are no more; then whoever still waits is told."""
        failure = ServerFailure("The server was stopped.")
        try:
            while True:
                self._take(json.loads(await self._message()))
        except (asyncio.IncompleteReadError, ConnectionError):
            failure = await self._gone()
        except (LookupError, TypeError, ValueError) as error:
            failure = ServerFailure(f"The server sent something that cannot be understood: {error!r}.")
        finally:
            self._failure = failure
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(self._failure)

    async def _message(self) -> bytes:
        size = 0
        while (line := await self._from_server.readuntil(b"\n")).strip():
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                size = int(value)
        return await self._from_server.readexactly(size)

    def _take(self, message: dict[str, Any]) -> None:
        method = message.get("method")
        if method is None:
            answer = self._answers[message["id"]]
            if answer.done():
                return
            if "error" in message:
                answer.set_exception(ServerFailure(f"The server answered with an error: {message['error']['message']}"))
            else:
                answer.set_result(message.get("result"))
            return
        handler = self.handlers.get(method)
        if "id" not in message:
            if handler:
                handler(message.get("params"))
        elif handler is None:
            error = {"code": _METHOD_NOT_FOUND, "message": f"{method} is not supported"}
            self._send({"id": message["id"], "error": error})
        else:
            self._send({"id": message["id"], "result": handler(message.get("params"))})

    async def _gone(self) -> ServerFailure:
        status = await self._process.wait()
        await asyncio.wait([self._listening], timeout=1.0)
        said = f": {self._last_words}" if self._last_words else "."
        return ServerFailure(f"The server ended unexpectedly (status {status}){said}")

    async def _listen(self, errors: asyncio.StreamReader) -> None:
        """Keep the last line that the server logs, in case that it is its last."""
        with suppress(ValueError):
            while line := await errors.readline():
                words = line.decode("utf-8", "replace").strip()
                self._last_words = words[:_LONGEST_LINE] or self._last_words


def _kill(process: asyncio.subprocess.Process) -> None:
    """Kill a server, and where it is known what it has started itself, that too."""
    with suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
