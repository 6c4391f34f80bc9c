"""What is special about the wire `responses-ws`, against the simulator: sockets that are refused, old or prepared."""

from __future__ import annotations

import pytest

from endpoints.conformance_cases import ask, fails, gives_the_text
from endpoints.conformance_servers import Served, Serving, simulated
from spark_lsp.endpoints.errors import EndpointError, KeyRefused, RateLimited, Unavailable
from spark_lsp.endpoints.sockets import socket_pool
from spark_lsp.simulator.record import WEB_SOCKET
from spark_lsp.simulator.reply import ScriptedReply

WIRE = "responses-ws"
TEXT = "good morning"


def test_a_server_without_sockets_is_asked_over_http() -> None:
    async def test(it: Served) -> None:
        for _ in range(2):
            await gives_the_text(it.client, it.endpoint, it.expecting(text=TEXT))
        assert [record.method for record in it.simulator.requests] == ["GET", "POST", "POST"]

    simulated(WIRE, Serving(ScriptedReply(reply=TEXT, upgrade=426)), test)


@pytest.mark.parametrize(("status", "failure"), [(401, KeyRefused), (429, RateLimited), (500, Unavailable)])
def test_a_connection_that_is_refused(status: int, failure: type[EndpointError]) -> None:
    async def test(it: Served) -> None:
        error = await fails(it.client, it.endpoint, it.expecting(failure=failure, text=""))
        if status == 429:
            assert getattr(error, "retry_after", None) == 7

    simulated(WIRE, Serving(ScriptedReply(reply="no", upgrade=status, headers={"retry-after": "7"})), test)


def test_a_connection_that_got_too_old_is_replaced() -> None:
    async def test(it: Served) -> None:
        it.simulator._socket_age = 0
        await it.client.warm(it.endpoint)
        it.simulator._socket_age = 3600
        await gives_the_text(it.client, it.endpoint, it.expecting(text=TEXT))
        assert [record.method for record in it.simulator.requests] == ["GET", WEB_SOCKET, "GET", WEB_SOCKET]

    simulated(WIRE, Serving(ScriptedReply(reply=TEXT)), test)


def test_where_every_connection_is_too_old() -> None:
    async def test(it: Served) -> None:
        it.simulator._socket_age = 0
        await fails(it.client, it.endpoint, it.expecting(words="connection limit reached", text=""))

    simulated(WIRE, Serving(ScriptedReply(reply=TEXT)), test)


def test_an_answer_goes_on_from_what_was_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_pool, "PREPARE_AFTER", 0)

    async def test(it: Served) -> None:
        await gives_the_text(it.client, it.endpoint, it.expecting(text=TEXT))
        await it.simulator.until_asked(2)
        prepared = it.simulator.requests[-1]
        assert (prepared.body["generate"], prepared.body["input"]) == (False, [])
        # However soon that is, the next answer comes all the same.
        await gives_the_text(it.client, it.endpoint, it.expecting(text=TEXT))
        assert prepared.ended.is_set()

    simulated(WIRE, Serving(ScriptedReply(reply=TEXT)), test)


def test_an_answer_that_failed_is_nothing_to_go_on_from() -> None:
    async def test(it: Served) -> None:
        for _ in range(3):
            assert (await ask(it.client, it.endpoint)).text == TEXT[:4]

    simulated(WIRE, Serving(ScriptedReply(reply=TEXT, fault="error-event", after=4)), test)
