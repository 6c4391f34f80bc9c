"""The repository that a file is in, as a server would know it, for commands that do their work from the shell."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spark_lsp.cli.local_session import is_workspace
from spark_lsp.cli.waiting import waiting
from spark_lsp.features.repository import Repository

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from spark_lsp.cli.local_session import OpenFile
    from spark_lsp.context.engine import ContextEngine

FOR_AN_EDIT: Final = 5.0
FOR_A_LOOK: Final = 60.0
"""Seconds to wait for an index. Only the first one of a large repository takes more than one, and what was done of it
is kept for the next time."""


@asynccontextmanager
async def repository_around(opened: OpenFile, longest_wait: float) -> AsyncIterator[tuple[ContextEngine, str] | None]:
    """What chooses the context for a file, and its path there; None for a file in no repository."""
    settings = opened.session.settings
    root = Path(opened.session.workspace_folders[0])
    if not (settings.context.repository and is_workspace(root)):
        yield None
        return
    repository = Repository(
        root,
        settings.privacy.exclude,
        os.environ,
        open_lines=lambda _: None,
        on_progress=lambda _: None,
    )
    try:
        with waiting("Looking through the repository …"), suppress(TimeoutError):
            async with asyncio.timeout(longest_wait):
                repository.indexer.start()
                await repository.indexer.settled()
        path = repository.relative(str(opened.file.path))
        yield None if path is None else (repository.engine, path)
    finally:
        await repository.indexer.aclose()
