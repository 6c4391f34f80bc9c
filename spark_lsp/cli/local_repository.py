"""The repository that a file is in, as a server would know it, for commands that do their work from the shell."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spark_lsp.cli.local_session import is_workspace
from spark_lsp.features.repository import Repository

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractContextManager

    from spark_lsp.cli.local_session import OpenFile
    from spark_lsp.context.engine import ContextEngine

_WORKER: Final = "spark_lsp.server.index_worker"
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
        _WORKER,
        open_lines=lambda _: None,
        on_progress=lambda _: None,
    )
    try:
        with _progress(), suppress(TimeoutError):
            async with asyncio.timeout(longest_wait):
                repository.indexer.start()
                await repository.indexer.settled()
        path = repository.relative(str(opened.file.path))
        yield None if path is None else (repository.engine, path)
    finally:
        await repository.indexer.aclose()


def _progress() -> AbstractContextManager[object]:
    """A sign of life on stderr, if that is a terminal."""
    if not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console  # noqa: PLC0415 (only where somebody looks on)

    return Console(stderr=True).status("Looking through the repository …")
