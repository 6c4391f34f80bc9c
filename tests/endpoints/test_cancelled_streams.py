"""Whatever makes the reader of a stream leave closes it at once."""

from __future__ import annotations

import asyncio

import pytest

from endpoints.scripted_http import FINISH, REQUEST, ScriptedBody, ScriptedTransport, Step, an_endpoint, chunk, read
from spark_lsp.endpoints.transport import EndpointClient
from support.virtual_time import run


async def _cancelled(transport: ScriptedTransport, *times: float) -> None:
    task = asyncio.create_task(read(transport))
    for when in times:
        await asyncio.sleep(when - asyncio.get_running_loop().time())
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("steps", [[1000.0], [chunk("a"), 1000.0], [chunk("a"), FINISH, 0.8, 1000.0]])
def test_a_cancel_closes_the_stream_at_once(steps: list[Step]) -> None:
    transport = ScriptedTransport(steps)
    run(_cancelled(transport, 0.25))
    assert transport.bodies[0].closed_at == 0.25


def test_a_cancel_before_the_headers() -> None:
    transport = ScriptedTransport(before=[1000.0])
    run(_cancelled(transport, 0.25))
    assert transport.cancelled_at == 0.25


class _SlowlyClosed(ScriptedBody):
    async def aclose(self) -> None:
        await asyncio.sleep(0.1)
        await super().aclose()


def test_a_second_cancel_does_not_keep_the_stream_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("endpoints.scripted_http.ScriptedBody", _SlowlyClosed)

    async def cancel_twice() -> ScriptedBody:
        transport = ScriptedTransport([chunk("a"), 1000.0])
        await _cancelled(transport, 0.25, 0.3)
        await asyncio.sleep(1)
        return transport.bodies[0]

    assert run(cancel_twice()).closed_at == pytest.approx(0.35)


def test_leaving_the_block_closes_the_stream_at_once() -> None:
    async def leave() -> float | None:
        transport = ScriptedTransport([chunk("a"), 5.0, chunk("b")])
        async with EndpointClient(transport).stream(an_endpoint(), REQUEST) as batches:
            async for _ in batches:
                break
        return transport.bodies[0].closed_at

    assert run(leave()) == 0


@pytest.mark.parametrize("before", [0.0, 1000.0], ids=["in mid-answer", "before the headers"])
def test_a_spare_connection_takes_the_place_of_a_closed_one(before: float) -> None:
    async def cancel() -> list[str]:
        transport = ScriptedTransport([chunk("a"), 1000.0], before=[before])
        client = EndpointClient(transport)

        async def ask() -> None:
            async with client.stream(an_endpoint(), REQUEST) as batches:
                async for _ in batches:
                    pass

        asking = asyncio.create_task(ask())
        await asyncio.sleep(0.25)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        transport.before = []
        await asyncio.sleep(0.01)
        await client.aclose()
        return [request.method for request in transport.requests]

    assert run(cancel()) == ["POST", "HEAD"]
