"""A repository's graph for the benchmarks of contexts, made in this process from what the index would find."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from spark_lsp.context.engine import ContextEngine
from spark_lsp.context.source_cache import SourceCache
from spark_lsp.repo.exclude import Exclusions
from spark_lsp.repo.file_table import encode
from spark_lsp.repo.graph import Graph
from spark_lsp.repo.manifests import is_manifest, pack_manifest, read_manifest
from spark_lsp.repo.rules import Ground
from spark_lsp.repo.sources import HEAD_LENGTH, decode, is_binary, read_content
from spark_lsp.repo.walk import Limits, Walk
from spark_lsp.server.index_worker import EXTRACTOR

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from spark_lsp.core.text import Text


@dataclass
class Repository:
    """The files of a folder, their graph, and an engine that works on it."""

    root: Path
    most_lines: int | None = None
    texts: dict[str, str] = field(default_factory=dict)
    open_documents: dict[str, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.graph = Graph(self.root)
        self.lines = 0
        walk = Walk(Ground(self.root), Exclusions.of(())[0], self._is_wanted, Limits())
        for found in walk.found():
            read = read_content(self.root, found.path, time.time_ns())
            if read is None or is_binary(read.content):
                continue
            text = decode(read.content)
            if is_manifest(found.path):
                manifest = read_manifest(found.path, text)
                self.graph.put(found.path, "", b"" if manifest is None else pack_manifest(manifest))
            elif not EXTRACTOR.generated(found.path, text[:HEAD_LENGTH]):
                self.texts[found.path] = text
                self.graph.put(found.path, "", self.facts(found.path, text))
                self.lines += text.count("\n")
            if self.most_lines is not None and self.lines >= self.most_lines:
                break

    @staticmethod
    def _is_wanted(path: str) -> bool:
        return is_manifest(path) or EXTRACTOR.grammar_of(path) is not None

    @staticmethod
    def facts(path: str, text: str) -> bytes:
        grammar = EXTRACTOR.grammar_of(path)
        return b"" if grammar is None else encode(EXTRACTOR.facts(grammar, text))

    def open(self, path: str, text: Text) -> None:
        """A document is open with a text of its own, and the index has looked at it."""
        self.open_documents[path] = text.lines
        self.graph.put_text(path, self.facts(path, str(text)))

    def close(self, path: str) -> None:
        self.open_documents.pop(path, None)
        self.graph.forget_text(path)
        self.engine.forget(path)

    @cached_property
    def engine(self) -> ContextEngine:
        return ContextEngine(self.graph, SourceCache(self.root, lambda _: True, self.open_documents.get))

    def line(self, path: str, number: int) -> str:
        """A line of a file as it is on the disk, without white space around it."""
        text = self.texts.get(path)
        if text is None:
            text = self.texts[path] = (self.root / path).read_bytes().decode("utf-8", "replace")
        return text.split("\n")[number].strip()
