"""What is known of one workspace folder: its index, its graph, and what chooses from them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spark_lsp.context.engine import ContextEngine
from spark_lsp.context.source_cache import SourceCache
from spark_lsp.features.paths import workspace_rules
from spark_lsp.repo.graph import Graph
from spark_lsp.repo.indexer import Indexer
from spark_lsp.settings.files import cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from spark_lsp.repo.indexer import Progress

WORKER_MODULE: Final = "spark_lsp.server.index_worker"
"""What the index's own process runs; by its name, since nothing here may know the rooms above."""


class Repository:
    """One workspace folder. `open_lines` gives the lines of a document that is open, by its path in the graph."""

    def __init__(
        self,
        root: Path,
        exclude: Sequence[str],
        environment: Mapping[str, str],
        *,
        open_lines: Callable[[str], Sequence[str] | None],
        on_progress: Callable[[Progress], None],
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self.graph = Graph(Path(os.path.realpath(root)))
        self.rules = workspace_rules(root, tuple(exclude))
        self.sources = SourceCache(self.graph.root, self._may_be_quoted, open_lines)
        self.engine = ContextEngine(self.graph, self.sources)
        self.indexer = Indexer(
            self.graph,
            WORKER_MODULE,
            exclude=tuple(exclude),
            cache_folder=cache_folder(environment),
            on_progress=on_progress,
            on_change=on_change,
        )

    def relative(self, path: str) -> str | None:
        """A file's path in the graph; None if it is not in this folder."""
        return self.rules.ground.relative(path) or self.rules.ground.relative(os.path.realpath(path))

    def _may_be_quoted(self, path: str) -> bool:
        return self.rules.why_not_indexed(str(self.graph.root / path)) is None
