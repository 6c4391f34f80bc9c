"""The replies that the simulator knows by itself, for the demo. The first whose `when` occurs in the request counts.

Each is the new text of one definition in the demo's sample files, as a model would write it: whole, in a fence.
"""

from __future__ import annotations

from importlib import resources
from typing import Final

from spark_lsp.simulator.reply import ScriptedReply

USE_DECIMAL: Final = "Use Decimal for every amount, not float."
GUARD_COUPON: Final = "'coupon' is possibly 'undefined'."
WRAP_ERRORS: Final = "Say in every error what failed, and wrap the cause."
LOG_EVERY_STEP: Final = "Log every step."

_FILES: Final = {
    USE_DECIMAL: "use-decimal.txt",
    GUARD_COUPON: "guard-coupon.txt",
    WRAP_ERRORS: "wrap-errors.txt",
    LOG_EVERY_STEP: "log-every-step.txt",
}


def _library() -> tuple[ScriptedReply, ...]:
    folder = resources.files(__package__) / "replies"
    return tuple(
        ScriptedReply(when=instruction, reply=(folder / name).read_text(encoding="utf-8"))
        for instruction, name in _FILES.items()
    )


LIBRARY: Final = _library()
