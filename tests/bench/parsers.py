"""tree-sitter's parsers, used directly: a benchmark that asked the product about syntax would share its mistakes."""

from __future__ import annotations

from functools import cache

import tree_sitter_go
import tree_sitter_java
import tree_sitter_javascript
import tree_sitter_lua
import tree_sitter_python
import tree_sitter_rust
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

_GRAMMARS = {
    "go": tree_sitter_go.language,
    "java": tree_sitter_java.language,
    "javascript": tree_sitter_javascript.language,
    "lua": tree_sitter_lua.language,
    "python": tree_sitter_python.language,
    "rust": tree_sitter_rust.language,
    "typescript": tree_sitter_typescript.language_typescript,
}
LANGUAGES = tuple(_GRAMMARS)
"""LSP language ids."""


@cache
def _parser(language: str) -> Parser:
    return Parser(Language(_GRAMMARS[language]()))


def root_of(language: str, text: str) -> Node:
    return _parser(language).parse(text.encode()).root_node


def parses(language: str, text: str) -> bool:
    return not root_of(language, text).has_error
