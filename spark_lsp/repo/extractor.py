"""What the index needs to know of languages. This room knows none: whoever starts the worker hands it over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.core.symbols import FileFacts


@dataclass(frozen=True, slots=True)
class Extractor:
    """How facts are had from a file. The functions may be called in any process that has imported their module."""

    version: str
    """Changes whenever the facts of the same file would: what an older one has written is not used."""
    grammar_of: Callable[[str], str | None]
    """The name of the grammar for a file's path, if facts can be had from such files."""
    facts: Callable[[str, str], FileFacts]
    """The facts of a grammar's source text."""
    generated: Callable[[str, str], str | None]
    """Why a file looks made by a program, by its path and how it begins; None if it does not."""
