"""What is read from a client's `initialize`."""

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types

from spark_lsp.server.client import Client
from spark_lsp.server.protocol import converter


def client(capabilities: dict[str, Any], name: str = "test") -> Client:
    params = {"processId": None, "rootUri": None, "capabilities": capabilities, "clientInfo": {"name": name}}
    return Client.of(converter().structure(params, types.InitializeParams))


@pytest.mark.parametrize(
    ("document", "has_it"),
    [
        ({}, False),
        ({"inlineCompletion": {}}, True),
        ({"inlineCompletion": {"dynamicRegistration": True}}, True),
        ({"inlineCompletion": None}, True),  # lsp-mode
    ],
)
def test_ghost_text_is_known_by_the_capability(document: dict[str, Any], has_it: bool) -> None:
    assert client({"textDocument": document}).inline_completion is has_it
    assert client({}).inline_completion is False


@pytest.mark.parametrize(("name", "replaces"), [("Neovim", True), ("IntelliJ IDEA 2026.1", False), ("emacs", False)])
def test_who_replaces_what_is_behind_the_cursor(name: str, replaces: bool) -> None:
    assert client({}, name).replaces_behind_cursor is replaces
