"""What the shape of a line of code says, in any language: its indentation, its brackets, and whether a block begins.

Guesses, on purpose: they are made of half a line that a model has just written, where no parser helps.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

TAB_WIDTH: Final = 4
"""Columns that a tab counts for where indentations are compared."""
_CLOSERS: Final = {")": "(", "]": "[", "}": "{"}
_CLOSING: Final = {opening: closing for closing, opening in _CLOSERS.items()}
_QUOTES: Final = "\"'`"
_BLOCK_BEGINS: Final = re.compile(r"(?:[:{(\[]|=>|->|\b(?:do|then|else|begin)|\|[\w, ]*\|)$")
_KEYWORD_BLOCK: Final = re.compile(r"(?:local )?(?:function|def|class|module|if|unless|while|until|for|case|begin)\b")
_VALUE_BEGINS: Final = re.compile(r"(?:[=(\[,:?]|\breturn|\byield)\s*\{$")
_GOES_ON: Final = re.compile(
    r"(?:[,.\\+*/%&|^=<?~-]|\b(?:and|or|not|in|is|return|await|new|typeof|instanceof|as|extends|implements))$"
)
_STARTS_AS_MORE: Final = re.compile(r"(?:\.|\?\.|&&|\|\||\+|\?|:(?!:)|=>|->|and\b|or\b)")
_MIDDLE: Final = re.compile(r"[})\]\s]*(?:else|elif|elsif|except|finally|rescue|ensure|catch|elseif|when)\b")
_KEYWORD_END: Final = re.compile(r"(?:end|fi|done|esac)\b[\s)};,]*$")
_ONLY_CLOSERS: Final = re.compile(r"[)\]}>,;:\s\"'`]*$")
_DEFINITION: Final = re.compile(
    r"""(?:
      (?:(?:export|default|public|private|protected|internal|static|abstract|final|async|pub(?:\([\w:]+\))?|unsafe|const
          |local|override|virtual|sealed|partial|inline|extern)\s+)*
      (?:def|class|function\*?|func|fn|interface|struct|enum|trait|impl|module|namespace|type|mod)\b
      | @\w | \#\[ | (?:public|private|protected|internal)\b
    )""",
    re.VERBOSE,
)
_TOP_LEVEL: Final = re.compile(r"(?:import|from|use|using|package|require|if __name__)\b|#include\b")
_JUMP: Final = re.compile(r"(?:return|raise|throw|break|continue|panic|exit)\b")


def indentation(line: str) -> str:
    """The blanks that a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def width(line: str) -> int:
    """The columns of a line's indentation."""
    return sum(TAB_WIDTH if blank == "\t" else 1 for blank in indentation(line))


def indentation_step(lines: Iterable[str]) -> str:
    """What lines of a document are indented by for one more level: a tab, or some blanks; four for none."""
    before: int | None = None
    steps: dict[int, int] = {}
    for line in lines:
        blanks = indentation(line)
        if blanks == line:
            continue
        if blanks.startswith("\t"):
            return "\t"
        if before is not None and len(blanks) > before and line[len(blanks)] not in "*)]}":
            step = len(blanks) - before
            steps[step] = steps.get(step, 0) + 1
        before = len(blanks)
    likely = {step: count for step, count in steps.items() if step in (2, 3, 4, 8)}
    return " " * max(likely, key=lambda step: likely[step], default=4)


class Brackets:
    """Counts what is open after some lines of code. Strings end with their line, as most do."""

    def __init__(self) -> None:
        self.open: list[str] = []
        """Brackets that nothing has closed, the innermost last."""
        self.closed: list[str] = []
        """Closing brackets for which nothing was open."""
        self.quote = ""
        """The quotation mark of a string that the last line has left open."""

    def feed(self, line: str) -> Brackets:
        """Take one more line, or a part of one. Gives itself."""
        self.quote = ""
        escaped = False
        for character in _without_comment(line):
            if self.quote:
                if escaped:
                    escaped = False
                elif character == "\\":
                    escaped = True
                elif character == self.quote:
                    self.quote = ""
            elif character in _QUOTES:
                self.quote = character
            elif character in "([{":
                self.open.append(character)
            elif character in ")]}":
                if self.open and self.open[-1] == _CLOSERS[character]:
                    self.open.pop()
                else:
                    self.closed.append(character)
        return self

    @property
    def closing(self) -> str:
        """What closes all that is open."""
        return self.quote + "".join(_CLOSING[one] for one in reversed(self.open))

    @property
    def loose(self) -> int:
        """How much does not match."""
        return len(self.open) + len(self.closed) + bool(self.quote)


def before_unmatched(line: str) -> str:
    """A piece of a line up to the first closing bracket or quotation mark that closes nothing in it."""
    for at in range(len(line)):
        if Brackets().feed(line[: at + 1]).closed:
            return line[:at]
    return line


def begins_block(line: str) -> bool:
    """Whether deeper lines are to follow."""
    code = _without_comment(line)
    return _BLOCK_BEGINS.search(code) is not None or _KEYWORD_BLOCK.match(code.lstrip()) is not None


def begins_code(line: str) -> bool:
    """Whether a block of code begins, and not a value that has brackets."""
    code = _without_comment(line)
    return begins_block(line) and not code.endswith(("(", "[")) and _VALUE_BEGINS.search(code) is None


def goes_on(line: str, following: str) -> bool:
    """Whether a line is one statement with the deeper one that follows it."""
    code = _without_comment(line)
    return _GOES_ON.search(code) is not None or _STARTS_AS_MORE.match(following.lstrip()) is not None


def is_middle(line: str) -> bool:
    """Whether a line goes on with what a block before it began, as `else` does."""
    return _MIDDLE.match(line.lstrip()) is not None


def is_end(line: str) -> bool:
    """Whether a line is nothing but the end of blocks: brackets, or a word such as `end`."""
    code = line.strip()
    return bool(code) and (_ONLY_CLOSERS.match(code) is not None or _KEYWORD_END.match(code) is not None)


def is_definition(line: str) -> bool:
    """Whether a function, a class or the like begins with a line, or something that belongs in front of one."""
    return _DEFINITION.match(line.lstrip()) is not None


def is_top_level(line: str) -> bool:
    """Whether a line stands outside of all functions as a rule."""
    return is_definition(line) or _TOP_LEVEL.match(line.lstrip()) is not None


def is_jump(line: str) -> bool:
    """Whether nothing can follow a line in its block."""
    return _JUMP.match(line.lstrip()) is not None


def is_closing(text: str) -> bool:
    """Whether a text is nothing but what closes what stands before it."""
    return _ONLY_CLOSERS.match(text) is not None


def _without_comment(line: str) -> str:
    for mark in ("  # ", "  // "):
        line = line.partition(mark)[0]
    return line.rstrip()
