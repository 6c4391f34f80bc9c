"""An editor that refuses what is older than its text, and a user who types faster than it answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from spark_lsp.endpoints.transport import EndpointClient
from spark_lsp.features.conveyor import REFUSALS
from support.peer import SETTINGS, Manners, Peer
from support.scripted_endpoint import Answer, ScriptedEndpoint
from support.virtual_time import run

if TYPE_CHECKING:
    from collections.abc import Iterable

OLD = "def first():\n    return 1\n"
NEW = "def first():\n    return 2\n"
BETWEEN_KEYS = 0.02
ONE_WAY = 0.03
"""A batch is made for a text, and refused for another, as long as keys come faster than batches do."""


async def typing_along(manners: Manners, keys: Iterable[str]) -> tuple[Peer, dict[str, Any]]:
    """Type at the end of the file while an edit of its beginning runs; the peer and the edit's result."""
    peer = Peer(manners, endpoints=EndpointClient(ScriptedEndpoint(Answer.text(NEW))))
    await peer.start(SETTINGS)
    peer.open(f"{OLD}# ")
    _, answer = peer.spark_edit("return two", 0, len(OLD))
    for key in keys:
        if answer.done():
            break
        peer.edit(len(peer.text), len(peer.text), key)
        await asyncio.sleep(BETWEEN_KEYS)
    return peer, (await answer)["result"]


def test_whoever_types_faster_than_the_editor_answers_gets_the_edit_at_the_next_pause() -> None:
    async def play() -> None:
        peer, result = await typing_along(Manners(latency=ONE_WAY), keys := "typed " * 50)
        assert (result["status"], result.get("message")) == ("applied", None)
        assert peer.text == f"{NEW}# {keys}"
        assert len(peer.batches) < REFUSALS, "a race that is lost is not run again at once"

    run(play())


def test_a_refusal_alone_is_sent_again_at_once() -> None:
    async def play() -> None:
        peer, result = await typing_along(Manners(latency=ONE_WAY), "abcdef")
        assert (result["status"], len(peer.batches)) == ("applied", 2)
        assert result["timings"]["totalMs"] < 1000 * 9 * ONE_WAY

    run(play())


def test_an_editor_that_always_refuses_is_given_up_in_the_end() -> None:
    async def play() -> None:
        peer, result = await typing_along(Manners(latency=ONE_WAY, read_only=True), "k" * 10_000)
        assert result["status"] == "failed"
        assert result["message"].startswith("The editor refused the edit again and again: ")
        assert len(peer.batches) == REFUSALS + 1
        assert peer.text.startswith(f"{OLD}# kkk")

    run(play())
