"""A sign of life on stderr while a command waits, where somebody looks on."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from rich.status import Status


def waiting(what: str) -> AbstractContextManager[Status | None]:
    """Show what is waited for as long as the block lasts; nothing, and None, if stderr is no terminal."""
    if not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console  # noqa: PLC0415 (only where it is seen)

    return Console(stderr=True).status(what)
