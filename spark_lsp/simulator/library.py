"""The replies that the simulator knows by itself, for the demo. The first whose `when` occurs in the request counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spark_lsp.simulator.reply import ScriptedReply

LIBRARY: tuple[ScriptedReply, ...] = ()
