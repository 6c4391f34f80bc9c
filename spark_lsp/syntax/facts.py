"""What a file defines, imports and uses, from its syntax tree: the facts that the repository's graph is made of.

The queries in ``queries/facts/`` find the nodes (`fact_captures` says what their captures mean), `fact_sweep` makes
facts of them, and `assemble` those of a whole file. A grammar without a query gives no facts and no error, and a file
with syntax errors the facts of what could be read.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from tree_sitter import Query, QueryError

from spark_lsp.core.symbols import FileFacts, Symbol
from spark_lsp.core.text import Text
from spark_lsp.syntax.fact_captures import capture
from spark_lsp.syntax.fact_rules import RULES, Rules
from spark_lsp.syntax.fact_sweep import Sweep
from spark_lsp.syntax.fact_values import Facts, Source
from spark_lsp.syntax.grammar_gaps import readable
from spark_lsp.syntax.grammars import GRAMMARS, Grammar, load
from spark_lsp.syntax.parse import Parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Tree

logger = logging.getLogger(__name__)

PARSE_SECONDS: Final = 2.0
_BYTE_ORDER_MARK: Final = "\ufeff"
_VALUES: Final = frozenset({"variable", "constant", "field"})


@cache
def facts_query(grammar: Grammar) -> Query | None:
    """The compiled facts query of a grammar; None if it has none, or, logged once, if it does not fit."""
    rules, language = RULES.get(grammar.name), load(grammar)
    if rules is None or language is None:
        return None
    folder = resources.files(__package__) / "queries" / "facts"
    try:
        return Query(
            language, "\n".join((folder / f"{name}.scm").read_text(encoding="utf-8") for name in rules.queries)
        )
    except QueryError as problem:
        logger.warning("The %s facts query does not fit the grammar: %s", grammar.name, problem)
        return None


def facts_of(grammar: Grammar, tree: Tree, text: Text) -> FileFacts:
    """The facts of a text, from the tree of that very text. Takes about 15 microseconds a line."""
    query, rules = facts_query(grammar), RULES.get(grammar.name)
    if query is None or rules is None:
        return FileFacts(grammar.name)
    source = Source.of(text.lines)
    return assemble(grammar.name, rules, [Sweep(rules, source, capture(query, tree.root_node, source.text)).run()])


def facts_of_source(grammar_name: str, source: bytes | str, seconds: float = PARSE_SECONDS) -> FileFacts:
    """Parse and read one file, for a process that has nothing else to do. Never raises for what is in it.

    No facts for a grammar that is not there, and for a file that takes longer than so many seconds to parse.
    """
    grammar = GRAMMARS.get(grammar_name)
    query = None if grammar is None else facts_query(grammar)
    language = None if grammar is None else load(grammar)
    if grammar is None or query is None or language is None:
        return FileFacts(grammar_name)
    content = source.decode("utf-8", "replace") if isinstance(source, bytes) else source
    text = Text.of(content.removeprefix(_BYTE_ORDER_MARK))
    stop_at = time.monotonic() + seconds
    parsed = Text(tuple(readable(grammar_name, text.lines)))
    tree = Parse(language, parsed, None).run(lambda: time.monotonic() >= stop_at)
    return FileFacts(grammar_name) if tree is None else facts_of(grammar, tree, text)


def assemble(grammar_name: str, rules: Rules, parts: Iterable[Facts]) -> FileFacts:
    """The facts of a file from those of its parts, in order."""
    parts = tuple(parts)
    exports = frozenset[str]().union(*(part.exports for part in parts))
    lists = [part.export_list for part in parts if part.export_list is not None]
    listed = frozenset[str]().union(*lists) if lists else None
    imports = [one for part in parts for one in part.imports]
    exports |= {one.name for one in imports if one.name and not one.module and one.exported}
    handed_on = exports if listed is None else exports | listed
    imports = [replace(one, exported=True) if one.local_name in handed_on else one for one in imports]
    symbols = [symbol for part in parts for symbol in part.symbols]
    script = rules.scripts and not (exports or imports or any(s.exported for s in symbols if not s.container))
    return FileFacts(
        grammar_name,
        tuple(_once(symbols, exports, listed, script=script)),
        tuple(imports),
        tuple(reference for part in parts for reference in part.references),
        next((part.package for part in parts if part.package), ""),
        next((part.default_export for part in reversed(parts) if part.default_export), ""),
    )


def _once(
    symbols: Iterable[Symbol], exports: frozenset[str], listed: frozenset[str] | None, *, script: bool
) -> Iterable[Symbol]:
    """Each variable where it is first set, and everything exported that the file says is."""
    seen: set[tuple[str, str]] = set()
    for symbol in symbols:
        if symbol.kind in _VALUES:
            if (symbol.container, symbol.name) in seen:
                continue
            seen.add((symbol.container, symbol.name))
        exported = symbol.exported
        if not symbol.container:
            exported = script or exported or symbol.name in exports if listed is None else symbol.name in listed
        yield symbol if exported == symbol.exported else replace(symbol, exported=exported)
