"""Keeps keys that people press while they look on off the screen, and away from the shell afterwards."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def unheard_keys() -> Iterator[None]:
    """Show nothing of what is typed, where the terminal can be told so. Ctrl-C works as ever."""
    if sys.platform != "win32" and sys.stdin is not None and sys.stdin.isatty():
        import termios  # noqa: PLC0415 (not on Windows)

        terminal = sys.stdin.fileno()
        before = termios.tcgetattr(terminal)
        quiet = termios.tcgetattr(terminal)
        quiet[3] &= ~termios.ECHO
        termios.tcsetattr(terminal, termios.TCSADRAIN, quiet)
        try:
            yield
        finally:
            termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
    else:
        yield
