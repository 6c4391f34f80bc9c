"""What the grammars cannot read of their languages, rewritten for the parser so that it can; nothing moves by that.

TypeScript (tree-sitter-typescript 0.23): a call signature that begins with its type parameters, on a line behind a
member without a semicolon, is taken for type arguments of what stands there, and that error can cost all definitions
behind it. What code that is formatted without semicolons writes for overloads is just that. Such a line gets a
semicolon in place of the last blank in front. The variance of a type parameter, ``in`` or ``out``, becomes blanks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from spark_lsp.core.text import line_content

if TYPE_CHECKING:
    from collections.abc import Sequence

_TYPESCRIPT: Final = frozenset({"typescript", "tsx"})
_SIGNATURE: Final = re.compile(r"[ \t]+(?=<(?:[A-Za-z_$][\w$]*(?:[ \t]*[,>]|[ \t]+extends\b|[ \t]*$)|[ \t]*$))")
"""What stands in front of type parameters that begin a line."""
_COMMENT: Final = re.compile(r"[ \t]*(?://|/?\*|$)")
_LINE_COMMENT: Final = re.compile(r"[ \t]+//.*")
_COMPLETE: Final = re.compile(r"(?:[\w$)\]}\"'`]|(?<!=)>)[ \t]*$")
_UNFINISHED: Final = re.compile(r"\b(?:as|extends|is|keyof|new|readonly|return|satisfies|typeof)[ \t]*$")
_MOST_COMMENT_LINES: Final = 100
_VARIANCE: Final = re.compile(
    r"(?:(?<=[<,])[ \t]*|^[ \t]*)(?:in[ \t]+out|in|out)(?=[ \t]+[A-Za-z_$][\w$]*[ \t]*(?:[,>=]|extends\b|$))"
)


def readable(grammar_name: str, lines: Sequence[str]) -> list[str]:
    """The lines as the parser is to read them. Each has the length and the ending that it had, in any encoding."""
    if grammar_name not in _TYPESCRIPT:
        return list(lines)
    found = list(lines)
    for at, line in enumerate(lines):
        content = line_content(line)
        signature = _SIGNATURE.match(content)
        if signature is not None and _is_behind_member(lines, at):
            end = signature.end()
            found[at] = f"{line[: end - 1]};{line[end:]}"
        elif "in " in content or "out " in content:
            found[at] = _VARIANCE.sub(_blank, content) + line[len(content) :]
    return found


def has_gaps(grammar_name: str, lines: Sequence[str]) -> bool:
    """Whether the lines have something that the grammar cannot read as it stands."""
    return grammar_name in _TYPESCRIPT and readable(grammar_name, lines) != list(lines)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _is_behind_member(lines: Sequence[str], at: int) -> bool:
    """Whether what stands above a line, but for comments, may be the whole of a member."""
    for above in range(at - 1, max(-1, at - 1 - _MOST_COMMENT_LINES), -1):
        content = line_content(lines[above])
        if not _COMMENT.match(content):
            code = _LINE_COMMENT.sub("", content)
            return bool(_COMPLETE.search(code)) and not _UNFINISHED.search(code)
    return False
