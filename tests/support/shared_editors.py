"""Editors that several tests of a module share: starting a server takes half a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from support.stdio_editor import StdioEditor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AsyncExitStack
    from pathlib import Path

    from support.editor_abilities import Abilities


class Editors:
    """Starts an editor with its server when it is first asked for; all of them are stopped with the stack."""

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
            folder.mkdir(exist_ok=True)
            editor = StdioEditor(folder, settings, abilities, **options)
            self._editors[name] = await self._stack.enter_async_context(editor)
        return self._editors[name]
