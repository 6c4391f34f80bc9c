"""Servers that several tests of a module share: starting one takes a second."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest_asyncio
from support.stdio_editor import Abilities, StdioEditor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    import pytest


class Editors:
    """Starts an editor with its server when it is first asked for, and stops all of them at the end of the module."""

    def __init__(self, folder: Path, stack: AsyncExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._editors: dict[str, StdioEditor] = {}

    async def get(
        self, name: str, settings: Mapping[str, Any], abilities: Abilities | None = None, **options: Any
    ) -> StdioEditor:
        """The editor of that name; the rest counts when it is started."""
        if name not in self._editors:
            folder = self._folder / name
            folder.mkdir()
            editor = StdioEditor(folder, settings, abilities, **options)
            self._editors[name] = await self._stack.enter_async_context(editor)
        return self._editors[name]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def editors(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editors]:
    async with AsyncExitStack() as stack:
        yield Editors(tmp_path_factory.mktemp("editors"), stack)
