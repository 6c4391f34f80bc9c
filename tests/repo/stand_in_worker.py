"""An index worker for the tests: what a generated file is, and which file crashes the process, is up to the test."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from spark_lsp.repo.extractor import Extractor
from spark_lsp.repo.worker import work
from spark_lsp.syntax.fact_rules import RULES
from spark_lsp.syntax.facts import facts_of_source
from spark_lsp.syntax.grammars import grammar_of, language_of_file

if TYPE_CHECKING:
    from spark_lsp.core.symbols import FileFacts


def grammar_for(path: str) -> str | None:
    grammar = grammar_of(language_of_file(path))
    return grammar.name if grammar is not None and grammar.name in RULES else None


def facts(grammar: str, text: str) -> FileFacts:
    if "CRASH_THE_PARSER" in text:
        os._exit(70)
    if "RAISE_IN_THE_PARSER" in text:
        raise RuntimeError
    if "SLOW_TO_PARSE" in text:
        time.sleep(0.005)
    return facts_of_source(grammar, text)


EXTRACTOR = Extractor("test-1", grammar_for, facts, lambda _, head: "generated" if "@generated" in head else None)

if __name__ == "__main__":
    work(EXTRACTOR)
