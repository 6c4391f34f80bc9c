"""What the tests with the fake IDE share."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from support.lsp4ij_editor import Lsp4ijEditor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    import pytest


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def an_ide(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Callable[[Mapping[str, Any]], Awaitable[Lsp4ijEditor]]]:
    """Gives the IDE with those settings: one for the tests of a module, since starting a server takes half a second."""
    async with AsyncExitStack() as stack:
        running: dict[str, Lsp4ijEditor] = {}

        async def get(settings: Mapping[str, Any]) -> Lsp4ijEditor:
            key = repr(settings)
            if key not in running:
                ide = Lsp4ijEditor(tmp_path_factory.mktemp("project"), settings)
                running[key] = await stack.enter_async_context(ide)
            return running[key]

        yield get
