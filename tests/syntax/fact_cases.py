"""The cases in ``facts/``: NAME.source, in the language whose grammar has that name, and NAME.facts, what it says.

A line of NAME.facts is a symbol (where, what, its name; lines; bases, types, doc), an import, or the references of one
line. Lines and columns count from 0. ``pytest --update`` writes what came out.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spark_lsp.core.symbols import FileFacts, Import, Reference, Symbol

FOLDER = Path(__file__).parent / "facts"
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.source"))


def source_of(language: str) -> str:
    return (FOLDER / f"{language}.source").read_text(encoding="utf-8")


def expected_path(language: str) -> Path:
    return FOLDER / f"{language}.facts"


def rendered(facts: FileFacts) -> str:
    """All of the facts, one line each."""
    head = [f"package {facts.package}"] if facts.package else []
    head += [f"default {facts.default_export}"] if facts.default_export else []
    uses = [
        f"{line}: " + " ".join(_use(one) for one in group)
        for line, group in groupby(facts.references, lambda reference: reference.line)
    ]
    sections = [head, [*map(_symbol, facts.symbols)], [*map(_import, facts.imports)], uses]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _symbol(symbol: Symbol) -> str:
    body = f"{symbol.start}-{symbol.signature_end}-{symbol.end}"
    said = f"{symbol.line}:{symbol.column} {symbol.kind} {symbol.qualified_name} {body}"
    said += "" if symbol.exported else " hidden"
    said += f" bases({', '.join(symbol.bases)})" if symbol.bases else ""
    said += f" types({', '.join(symbol.types)})" if symbol.types else ""
    return said + (f" doc: {symbol.doc}" if symbol.doc else "")


def _import(one: Import) -> str:
    said = f"{one.line}: import {one.module!r}"
    said += f" {one.name}" if one.name else ""
    said += f" as {one.alias}" if one.alias else ""
    return said + (" handed on" if one.exported else "")


def _use(reference: Reference) -> str:
    mark = {"call": "()", "type": "!", "name": ""}[reference.kind]
    return (f"{reference.qualifier}|" if reference.qualifier else "") + reference.name + mark
