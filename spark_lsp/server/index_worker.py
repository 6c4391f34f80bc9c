"""What runs in the index's own process: the worker of `repo`, with what `syntax` knows of languages.

Started by its name (`repo.indexer`); it imports nothing of the language server's.
"""

from __future__ import annotations

from typing import Final

from spark_lsp import __version__
from spark_lsp.repo.extractor import Extractor
from spark_lsp.repo.worker import work
from spark_lsp.syntax.fact_rules import RULES
from spark_lsp.syntax.facts import facts_of_source
from spark_lsp.syntax.generated import looks_generated
from spark_lsp.syntax.grammars import grammar_of, language_of_file

FACTS_VERSION: Final = 1
"""To be raised with every change that gives other facts for the same file."""


def grammar_for(path: str) -> str | None:
    """The grammar for a file whose facts can be had."""
    grammar = grammar_of(language_of_file(path))
    return grammar.name if grammar is not None and grammar.name in RULES else None


EXTRACTOR: Final = Extractor(f"{__version__}-{FACTS_VERSION}", grammar_for, facts_of_source, looks_generated)

if __name__ == "__main__":
    work(EXTRACTOR)
