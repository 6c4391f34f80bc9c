"""What runs in the index's own process: the worker of `repo`, with what `syntax` knows of languages.

Started by its name (`repo.indexer`); it imports nothing of the language server's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from spark_lsp import __version__
from spark_lsp.context.secret_finder import SecretFinder
from spark_lsp.repo.extractor import Extractor
from spark_lsp.repo.worker import work
from spark_lsp.syntax.fact_rules import RULES
from spark_lsp.syntax.facts import facts_of_source
from spark_lsp.syntax.generated import SAYS_SO, looks_generated
from spark_lsp.syntax.grammars import grammar_of, language_of_file

if TYPE_CHECKING:
    from spark_lsp.core.symbols import FileFacts

FACTS_VERSION: Final = 4
"""To be raised with every change that gives other facts for the same file."""


def grammar_for(path: str) -> str | None:
    """The grammar for a file whose facts can be had."""
    grammar = grammar_of(language_of_file(path))
    return grammar.name if grammar is not None and grammar.name in RULES else None


def facts_without_secrets(grammar_name: str, source: str) -> FileFacts:
    """The facts of a file as they may be kept: without comments and imports that hold a secret."""
    facts = facts_of_source(grammar_name, source)
    finder = SecretFinder()
    quoted = [*(symbol.doc for symbol in facts.symbols), *(one.module for one in facts.imports)]
    if not finder.find("\n".join(dict.fromkeys(text for text in quoted if text))):
        return facts
    return replace(
        facts,
        symbols=tuple(replace(symbol, doc="") if finder.find(symbol.doc) else symbol for symbol in facts.symbols),
        imports=tuple(one for one in facts.imports if not finder.find(one.module)),
    )


def not_worth_reading(path: str, head: str) -> str | None:
    """Why a file is left as text. People call what a generator wrote all the same, as much of Go's library is."""
    reason = looks_generated(path, head)
    return None if reason == SAYS_SO else reason


EXTRACTOR: Final = Extractor(f"{__version__}-{FACTS_VERSION}", grammar_for, facts_without_secrets, not_worth_reading)

if __name__ == "__main__":
    work(EXTRACTOR)
