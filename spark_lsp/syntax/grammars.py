"""Which grammar reads which language, and the grammars themselves, loaded when first needed.

Grammars come as one compiled wheel each. A wheel that is missing, or built for another tree-sitter, costs its
language the syntax features and nothing else: `load` says so once in the log and gives None, and the language
is read as plain text.
"""

from __future__ import annotations

import importlib
import logging
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import PurePath
from typing import Final

from tree_sitter import Language, Query, QueryError

logger = logging.getLogger(__name__)

PLAIN_TEXT: Final = "plaintext"


@dataclass(frozen=True, slots=True)
class Grammar:
    """Where a grammar comes from: a function of a wheel's module, and the names of its scope queries."""

    name: str
    module: str
    function: str
    queries: tuple[str, ...]


def _grammar(name: str, *, module: str = "", function: str = "language", queries: tuple[str, ...] = ()) -> Grammar:
    return Grammar(name, f"tree_sitter_{module or name}", function, queries or (name,))


GRAMMARS: Final = {
    grammar.name: grammar
    for grammar in (
        _grammar("bash"),
        _grammar("c"),
        _grammar("cpp", queries=("c", "cpp")),
        _grammar("csharp", module="c_sharp"),
        _grammar("css"),
        _grammar("go"),
        _grammar("html"),
        _grammar("java"),
        _grammar("javascript", queries=("ecmascript", "javascript")),
        _grammar("json"),
        _grammar("lua"),
        _grammar("php", function="language_php"),
        _grammar("python"),
        _grammar("ruby"),
        _grammar("rust"),
        _grammar("toml"),
        _grammar("tsx", module="typescript", function="language_tsx", queries=("ecmascript", "typescript")),
        _grammar("typescript", function="language_typescript", queries=("ecmascript", "typescript")),
        _grammar("yaml"),
    )
}

# The names of the protocol's table, and what Vim, Helix and Emacs call the same languages. A language whose
# grammar would only nearly fit (zsh, SCSS, Vue) is left out: the gate would reject what is right in it.
_GRAMMAR_OF_LANGUAGE: Final = {
    "bash": "bash",
    "c": "c",
    "c-sharp": "csharp",
    "cpp": "cpp",
    "cs": "csharp",
    "csharp": "csharp",
    "css": "css",
    "dockercompose": "yaml",
    "go": "go",
    "html": "html",
    "java": "java",
    "javascript": "javascript",
    "javascriptreact": "javascript",
    "json": "json",
    "jsonc": "json",
    "jsx": "javascript",
    "lua": "lua",
    "php": "php",
    "python": "python",
    "ruby": "ruby",
    "rust": "rust",
    "sh": "bash",
    "shellscript": "bash",
    "toml": "toml",
    "tsx": "tsx",
    "typescript": "typescript",
    "typescript.tsx": "tsx",
    "typescriptreact": "tsx",
    "yaml": "yaml",
}

_LANGUAGE_OF_SUFFIX: Final = {
    suffix: language
    for language, suffixes in (
        ("c", ".c .h"),
        ("cpp", ".c++ .cc .cpp .cxx .h++ .hh .hpp .hxx .inl .ipp .tpp"),
        ("csharp", ".cs .csx"),
        ("css", ".css"),
        ("go", ".go"),
        ("html", ".htm .html"),
        ("java", ".java"),
        ("javascript", ".cjs .js .mjs"),
        ("javascriptreact", ".jsx"),
        ("json", ".geojson .json .webmanifest"),
        ("jsonc", ".code-workspace .jsonc"),
        ("lua", ".lua"),
        ("php", ".php .phtml"),
        ("python", ".py .pyi .pyw"),
        ("ruby", ".gemspec .rake .rb .ru"),
        ("rust", ".rs"),
        ("shellscript", ".bash .sh"),
        ("toml", ".toml"),
        ("typescript", ".cts .mts .ts"),
        ("typescriptreact", ".tsx"),
        ("yaml", ".yaml .yml"),
    )
    for suffix in suffixes.split()
}

_LANGUAGE_OF_NAME: Final = {
    ".bash_profile": "shellscript",
    ".bashrc": "shellscript",
    "cargo.lock": "toml",
    "gemfile": "ruby",
    "pipfile": "toml",
    "poetry.lock": "toml",
    "rakefile": "ruby",
    "uv.lock": "toml",
}


def language_of_file(path: str | PurePath) -> str:
    """The language id that an editor would give a file, by its name; `PLAIN_TEXT` for what has no grammar here."""
    name = PurePath(path).name.lower()
    return _LANGUAGE_OF_NAME.get(name) or _LANGUAGE_OF_SUFFIX.get(PurePath(name).suffix, PLAIN_TEXT)


def grammar_of(language_id: str) -> Grammar | None:
    """The grammar for a language id as clients send it, or None for plain text.

    Vim's compound file types (``yaml.ansible``) count as their first part where the whole is not known.
    """
    known = language_id.lower()
    name = _GRAMMAR_OF_LANGUAGE.get(known) or _GRAMMAR_OF_LANGUAGE.get(known.partition(".")[0])
    return GRAMMARS[name] if name else None


@cache
def load(grammar: Grammar) -> Language | None:
    """The grammar itself, or None if its wheel is missing or does not fit this tree-sitter. Logged once."""
    try:
        module = importlib.import_module(grammar.module)
        return Language(getattr(module, grammar.function)())
    except (ImportError, AttributeError, OSError, TypeError, ValueError) as problem:
        logger.warning("No %s grammar (%s): such files are treated as plain text.", grammar.name, problem)
        return None


@cache
def scope_query(grammar: Grammar) -> Query | None:
    """The compiled scope query of a grammar that loads.

    None, logged once, if this version of the grammar has renamed a node: no scopes, but still a tree.
    """
    language = load(grammar)
    if language is None:
        return None
    folder = resources.files(__package__) / "queries"
    source = "\n".join((folder / f"{name}.scm").read_text(encoding="utf-8") for name in grammar.queries)
    try:
        return Query(language, source)
    except QueryError as problem:
        logger.warning("The %s scope query does not fit the grammar: %s", grammar.name, problem)
        return None
