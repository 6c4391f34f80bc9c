"""An editor in the same process whose user replaces texts, and has next edits shown to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spark_lsp.endpoints.transport import EndpointClient
from support.answering_endpoint import AnsweringEndpoint
from support.peer import SETTINGS, Manners, Peer, offset_of, position_of

if TYPE_CHECKING:
    import asyncio


class NextEditPeer(Peer):
    """An editor whose user replaces texts and asks for what comes next."""

    def replace(self, old: str, new: str) -> None:
        start = self.text.index(old)
        self.edit(start, start + len(old), new)
        self.at = position_of(self.text, start, self.manners.encoding)

    def start_asking(self) -> tuple[int, asyncio.Future[Any]]:
        document = {"uri": self.uri, "version": self.version}
        params = {"textDocument": document, "position": self.at}
        return self.start_request("textDocument/copilotInlineEdit", params)

    async def ask(self) -> dict[str, Any] | None:
        edits = (await self.start_asking()[1])["result"]["edits"]
        return edits[0] if edits else None

    def with_edit(self, edit: dict[str, Any]) -> str:
        start, end = self.span_of(edit)
        new: str = edit["text"]
        return self.text[:start] + new + self.text[end:]

    def span_of(self, edit: dict[str, Any]) -> tuple[int, int]:
        encoding = self.manners.encoding
        return (
            offset_of(self.text, edit["range"]["start"], encoding),
            offset_of(self.text, edit["range"]["end"], encoding),
        )

    async def accept(self, edit: dict[str, Any]) -> None:
        self.edit(*self.span_of(edit), edit["text"])
        await self.command(edit["command"]["command"], edit["command"]["arguments"][0])

    async def next_edit(self) -> dict[str, Any] | None:
        argument = {"textDocument": {"uri": self.uri}, "position": self.at}
        result: dict[str, Any] | None = (await self.command("spark.nextEdit", argument))["result"]
        return result


async def peer(text: str, *, settings: dict[str, Any] | None = None, **more: Any) -> NextEditPeer:
    """An editor with a document."""
    manners = Manners(**more.pop("manners", {}))
    endpoint = more.pop("endpoint", None) or AnsweringEndpoint(lambda _: "")
    found = NextEditPeer(manners, endpoints=EndpointClient(endpoint))
    await found.start(SETTINGS | (settings or {}))
    found.open(text, **more)
    return found
