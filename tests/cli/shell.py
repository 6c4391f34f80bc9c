"""What tests of commands need: an endpoint in a thread, as the commands run event loops of their own."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from spark_lsp.simulator.reply import ScriptedReply

SECONDS = 60
"""Longer than anything takes that does not hang."""


@contextmanager
def endpoint(*replies: ScriptedReply, tps: float = 0, ttft_ms: float = 0) -> Iterator[Simulator]:
    """A simulator that serves until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def done(coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(SECONDS)

    simulator = Simulator(Script(replies), tps=tps, ttft_ms=ttft_ms)
    try:
        done(simulator.__aenter__())
        try:
            yield simulator
        finally:
            done(simulator.__aexit__(None, None, None))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(SECONDS)
        loop.close()


def configure(file: Path, base_url: str, more: str = "") -> None:
    """Write a user's settings with one endpoint."""
    file.write_text(f'[endpoints.here]\nbaseUrl = "{base_url}"\nmodel = "scripted"\n{more}', encoding="utf-8")


def chat_requests(simulator: Simulator) -> list[Any]:
    """The bodies of the requests for answers."""
    return [request.body for request in simulator.requests if request.method == "POST"]
