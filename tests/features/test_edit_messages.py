"""What the result of an edit says besides its status: what the user would not see otherwise."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from context.small_workspaces import Workspace
from spark_lsp.endpoints.transport import EndpointClient
from spark_lsp.features.surroundings import STILL_INDEXING
from spark_lsp.server.indexing import Indexing
from support.peer import SETTINGS, Peer
from support.scripted_endpoint import Answer, ScriptedEndpoint
from support.virtual_time import run

IMPORTED = "def rate(country):\n    return 0.2\n"
OLD = "from rates import rate\n\n\ndef tax(price, country):█\n    return price * rate(country)\n"


async def edited(text: str, reply: str) -> dict[str, Any]:
    """The result of an edit of the whole open file."""
    peer = Peer(endpoints=EndpointClient(ScriptedEndpoint(Answer.text(reply))))
    await peer.start(SETTINGS)
    peer.open(text)
    _, answer = peer.spark_edit("change it", 0, len(peer.text))
    result: dict[str, Any] = (await answer)["result"]
    return result


@pytest.mark.parametrize("changed", [True, False])
@pytest.mark.parametrize("indexed", [True, False])
@pytest.mark.parametrize("growing", [True, False])
def test_what_went_out_without_the_repository_says_so(
    *, growing: bool, indexed: bool, changed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"example.py": OLD} | ({"rates.py": IMPORTED} if indexed else {})
    workspace = Workspace(files, "example.py")
    workspace.graph.growing = growing
    monkeypatch.setattr(Indexing, "context_of", lambda *_: (workspace.engine, workspace.path))
    old = str(workspace.text)
    result = run(edited(old, old.replace("price", "net") if changed else old))
    assert result["status"] == ("applied" if changed else "unchanged")
    assert (STILL_INDEXING in result.get("message", "")) is (growing and not indexed)
    if changed and not (growing and not indexed):
        assert "message" not in result


def test_hunks_left_out_and_a_file_that_no_longer_parses_are_both_told() -> None:
    async def play() -> None:
        new = "def one():\n    return 11\n\n\n\ndef two():\n    return (\n"
        peer = Peer(endpoints=EndpointClient(ScriptedEndpoint(Answer.text(new, first=1.0))))
        await peer.start(SETTINGS)
        peer.open("def one():\n    return 1\n\n\n\ndef two():\n    return 2\n")
        _, answer = peer.spark_edit("change it", 0, len(peer.text))
        await asyncio.sleep(0.5)
        at = peer.text.index("1\n")
        peer.edit(at, at + 1, "typed")
        result = (await answer)["result"]
        assert result["status"] == "applied"
        assert peer.text == "def one():\n    return typed\n\n\n\ndef two():\n    return (\n"
        assert result["message"] == (
            "1 hunk left out, because you were typing there. "
            "The file parsed before this edit and does not any more: look it over."
        )

    run(play())
