"""Graphs of small source trees that a test writes down, made in this process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from repo.stand_in_worker import grammar_for
from spark_lsp.repo.file_table import encode
from spark_lsp.repo.graph import Graph
from spark_lsp.repo.manifests import is_manifest, pack_manifest, read_manifest
from spark_lsp.syntax.facts import facts_of_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from spark_lsp.repo.locations import Location, Use


def facts_bytes(path: str, text: str) -> bytes:
    if is_manifest(path):
        manifest = read_manifest(path, text)
        return b"" if manifest is None else pack_manifest(manifest)
    grammar = grammar_for(path)
    return b"" if grammar is None else encode(facts_of_source(grammar, text))


def graph_of(files: Mapping[str, str]) -> Graph:
    graph = Graph(Path("/project"))
    for path, text in files.items():
        graph.put(path, "0", facts_bytes(path, text))
    return graph


def named(locations: Iterable[Location]) -> list[str]:
    """Locations as path:qualified name, and files as their paths."""
    return [f"{one.path}:{one.symbol.qualified_name}" if not one.is_file else one.path for one in locations]


def users(uses: Iterable[Use]) -> list[str]:
    return [f"{use.path}:{use.user.qualified_name if use.user else ''}" + ("" if use.certain else "?") for use in uses]
