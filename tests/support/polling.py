"""Waiting for what only shows when one looks: other processes, files that they write, a screen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")
_EACH = 0.05


async def poll(look: Callable[[], Awaitable[T]], is_so: Callable[[T], object], within: float) -> T:
    """Look until it is so, and return what was seen. Raises TimeoutError after so many seconds."""
    async with asyncio.timeout(within):
        while not is_so(seen := await look()):  # noqa: ASYNC110 (nobody tells)
            await asyncio.sleep(_EACH)
    return seen


async def poll_for(condition: Callable[[], object], within: float) -> None:
    """Look until it is so. Raises TimeoutError after so many seconds."""

    async def look() -> object:
        return condition()

    await poll(look, bool, within)
