from __future__ import annotations

import asyncio
import gc

import pytest

from spark_lsp.server import garbage
from spark_lsp.server.garbage import QUIET_SECONDS, Garbage
from support.virtual_time import run


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When it was collected."""
    times: list[float] = []
    monkeypatch.setattr(garbage, "_collect", lambda: times.append(asyncio.get_running_loop().time()))
    return times


def test_old_objects_are_looked_through_once_when_the_client_is_quiet(collected: list[float]) -> None:
    async def scenario() -> None:
        before, one = gc.get_threshold(), Garbage()
        one.heard()
        one.begin()
        assert gc.get_threshold()[:2] == before[:2]
        assert gc.get_threshold()[2] > before[2]
        for _ in range(20):
            one.heard()
            await asyncio.sleep(QUIET_SECONDS - 1)
        assert collected == [0.0]
        last = asyncio.get_running_loop().time() - (QUIET_SECONDS - 1)
        await asyncio.sleep(1_000)
        assert collected == [0.0, last + QUIET_SECONDS]
        one.heard()
        one.end()
        await asyncio.sleep(1_000)
        assert len(collected) == 2
        assert gc.get_threshold() == before

    run(scenario())
