"""Whole answers by what was asked, so that the same prompt to the same model gives the same edit within a session.

In memory only, and bounded: they hold the user's code.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spark_lsp.endpoints.request import CompletionRequest, Endpoint

MOST_REPLIES: Final = 256
MOST_CHARACTERS: Final = 4_000_000

_Key = tuple[str, str, str, "CompletionRequest", str]


class ReplyCache:
    """The newest answers; the one that was not used for the longest time goes first."""

    def __init__(self) -> None:
        self._replies: OrderedDict[_Key, str] = OrderedDict()
        self._characters = 0

    def get(self, endpoint: Endpoint, request: CompletionRequest) -> str | None:
        key = _key(endpoint, request)
        reply = self._replies.get(key)
        if reply is not None:
            self._replies.move_to_end(key)
        return reply

    def put(self, endpoint: Endpoint, request: CompletionRequest, reply: str) -> None:
        if len(reply) > MOST_CHARACTERS // 8:
            return
        key = _key(endpoint, request)
        self._characters += len(reply) - len(self._replies.pop(key, ""))
        self._replies[key] = reply
        while len(self._replies) > MOST_REPLIES or self._characters > MOST_CHARACTERS:
            self._characters -= len(self._replies.popitem(last=False)[1])

    def clear(self) -> None:
        self._replies.clear()
        self._characters = 0


def _key(endpoint: Endpoint, request: CompletionRequest) -> _Key:
    """Everything that can change an answer; the settings' extra members too, whose order means nothing."""
    rest = (
        endpoint.temperature,
        endpoint.seed,
        endpoint.max_output_tokens,
        sorted(map(repr, endpoint.extra_body.items())),
    )
    return endpoint.base_url, endpoint.wire, endpoint.model, request, repr(rest)
