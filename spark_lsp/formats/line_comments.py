"""Text as comments of a programming language, for prompts that are nothing but code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spark_lsp.core.prompt import RelatedCode

_LANGUAGES_BY_MARKS: Final = {
    ("//", ""): "c cpp cuda-cpp csharp dart fsharp glsl go groovy java javascript javascriptreact jsonc kotlin less "
    "objective-c objective-cpp pascal php proto rust scala scss solidity swift typescript typescriptreact v zig",
    ("#", ""): "cmake coffeescript crystal dockerfile elixir fish gdscript graphql hcl julia make makefile nim nix "
    "perl perl6 powershell properties python r ruby sh shellscript bash zsh starlark tcl terraform toml yaml",
    ("--", ""): "ada elm haskell lua plsql sql vhdl",
    (";", ""): "asm clojure commonlisp emacs-lisp fennel ini lisp racket scheme",
    ("%", ""): "bibtex erlang latex matlab prolog tex",
    ("'", ""): "vb",
    ('"', ""): "vim viml",
    ("/*", "*/"): "css",
    ("(*", "*)"): "ocaml",
    ("<!--", "-->"): "handlebars html markdown svelte svg vue xml xsl",
}
_MARKS: Final = {language: marks for marks, names in _LANGUAGES_BY_MARKS.items() for language in names.split()}


def commented(related: Iterable[RelatedCode], language: str) -> str:
    """What goes along as lines of comments, with a blank line behind; nothing where a language has no comments."""
    if language not in _MARKS:
        return ""
    opening, closing = _MARKS[language]
    lines: list[str] = []
    for one in related:
        heading = f"{one.heading}:" if one.kind == "file" else one.heading
        lines += heading.splitlines() + one.text.splitlines()
    return "".join(_comment(line.rstrip(), opening, closing) for line in lines) + "\n" * bool(lines)


def _comment(line: str, opening: str, closing: str) -> str:
    if closing:
        line = line.replace(closing, "")
    return " ".join(part for part in (opening, line, closing) if part) + "\n"
