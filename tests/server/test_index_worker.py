"""The worker as it is shipped: a real process with the real facts."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from context.planted_secrets import KINDS
from spark_lsp.features.repository import WORKER_MODULE
from spark_lsp.repo.graph import Graph
from spark_lsp.repo.indexer import Indexer
from spark_lsp.server.index_worker import EXTRACTOR

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_shipped_worker_indexes_and_takes_no_code_from_where_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.py").write_text("def written_by_hand(): ...\n")
    (tmp_path / "b.ts").write_text("export class Typed {}\n")
    (tmp_path / "c.min.js").write_text("function minified(){};" * 5000)
    # What a workspace calls like a module of the standard library is never run.
    for name in ("json", "runpy", "threading", "sqlite3", "hashlib"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(3)\n")
    monkeypatch.chdir(tmp_path)

    async def scenario() -> None:
        graph = Graph(tmp_path)
        indexer = Indexer(graph, WORKER_MODULE, cache_folder=tmp_path / "cache")
        indexer.start()
        await asyncio.wait_for(indexer.settled(), 60)
        assert indexer._crashes == 0
        assert graph.definitions("written_by_hand")
        assert graph.definitions("Typed")
        assert not graph.definitions("minified")
        await indexer.aclose()

    asyncio.run(scenario())


def test_facts_are_had_for_every_language_that_has_them() -> None:
    files = (
        "a.py",
        "a.ts",
        "a.tsx",
        "a.js",
        "a.go",
        "a.rs",
        "A.java",
        "a.c",
        "a.cpp",
        "A.cs",
        "a.rb",
        "a.php",
        "a.lua",
    )
    assert all(EXTRACTOR.grammar_of(file) for file in files)
    assert EXTRACTOR.grammar_of("a.md") is None
    assert EXTRACTOR.grammar_of("a.json") is None


def test_no_secret_gets_into_the_facts_that_are_kept() -> None:
    source = random.Random(7)
    secrets = [kind.made(source) for kind in KINDS]
    functions = [f'def function_{number}():\n    """Uses {secret} here."""\n' for number, secret in enumerate(secrets)]
    code = "import harmless\n\n\n" + "\n\n".join([*functions, 'def plain():\n    """Nothing to hide."""\n'])
    facts = EXTRACTOR.facts("python", code)
    assert len(facts.symbols) == len(secrets) + 1
    assert facts.symbols[-1].doc == "Nothing to hide."
    kept = repr(facts)
    assert [secret for secret in secrets if secret in kept] == []
