"""A real llama-server on a free loopback port, with one of the tiny models, and what it tells about itself."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import time
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

from support.server_process import DEADLINE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from support.llama_cache import LlamaCache

Model: TypeAlias = Literal["tiny-script", "tiny-random"]

SLOTS = 2
"""Answers at a time; further requests wait."""
BASE_PATHS = {"llama-infill": ""}
"""What stands before a wire's own path, where it is not `/v1`."""
_LISTENING = r"listening on http://127\.0\.0\.1:(\d+)"
_POLL = 0.02  # seconds


class LlamaServer:
    """Runs from the start of the block to its end, when it is killed. Its log stays in `folder`."""

    def __init__(self, cache: LlamaCache, model: Model, context: int, folder: Path, *options: str) -> None:
        """`context` is the tokens of each slot, and `options` are added to the command line."""
        self.model = model
        self.log = folder / f"{model}.log"
        self._command = (
            *(str(cache.program), "-m", str(cache.models / f"{model}.gguf"), "--alias", model),
            *("--host", "127.0.0.1", "--port", "0", "-c", str(context * SLOTS), "-np", str(SLOTS)),
            *("-t", "1", "-tb", "1", "--offline", "--no-warmup", "--metrics", *options),
        )

    def __enter__(self) -> Self:
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            self.port = self._listening()
            self._until(lambda: self._ask("GET", "/health")[0] == 200)
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def base_url(self, wire: str) -> str:
        return self.root + BASE_PATHS.get(wire, "/v1")

    def busy_slots(self) -> int:
        """How many answers it is at."""
        return sum(slot["is_processing"] for slot in json.loads(self._get("/slots")))

    def until_busy(self, slots: int) -> None:
        """Wait until it is at so many answers."""
        self._until(lambda: self.busy_slots() == slots)

    def said(self, since: int = 0) -> str:
        """Its log from a position on; the positions are those of `log.stat().st_size`."""
        return self.log.read_bytes()[since:].decode(errors="replace")

    def until_said(self, pattern: str, since: int) -> re.Match[str]:
        """Wait until a line of the log matches. Unlike a look at the slots, this does not disturb the server.

        Whatever answer it sends puts off by a second its look at whether those who wait for theirs are still there.
        """
        self._until(lambda: re.search(pattern, self.said(since)))
        found = re.search(pattern, self.said(since))
        assert found is not None
        return found

    def tokens_made(self) -> int:
        """Output tokens of all finished answers so far."""
        found = re.search(rb"^llamacpp:tokens_predicted_total (\d+)", self._get("/metrics"), re.MULTILINE)
        assert found is not None
        return int(found[1])

    def post(self, path: str, body: Any) -> tuple[int, bytes]:
        """Status and body of the answer to a request that is nothing of ours, byte for byte."""
        return self._ask("POST", path, json.dumps(body))

    def _get(self, path: str) -> bytes:
        status, body = self._ask("GET", path)
        assert status == 200, body
        return body

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        try:
            connection.request(method, path, body, {"content-type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def _listening(self) -> int:
        """Wait for the port that it has taken."""
        return int(self.until_said(_LISTENING, 0)[1])

    def _until(self, condition: Callable[[], object]) -> None:
        """Look again and again. Nothing is measured by it."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert self._process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(_POLL)
