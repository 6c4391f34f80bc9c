"""The wires by the name that the setting `wire` gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.endpoints.wires.chat import ChatWire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spark_lsp.endpoints.wire import Wire

WIRES: Mapping[str, Wire] = {"chat": ChatWire()}
