"""The cases in ``scopes/``: sources with a cursor ``<|>`` and, in front of each line, whether the scope has it.

``> `` marks the lines of the enclosing scope, ``| `` those of the paragraph where no scope encloses the cursor. The
first line of a case is ``-- its title --``, a blank line ends it. One file a language id.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from spark_lsp.core.text import Position, Text

FOLDER = Path(__file__).parent / "scopes"
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.txt"))


@dataclass(frozen=True, slots=True)
class ScopeCase:
    title: str
    text: Text
    cursor: Position
    first: int
    last: int
    is_paragraph: bool


def scope_cases(language_id: str) -> list[ScopeCase]:
    source = (FOLDER / f"{language_id}.txt").read_text(encoding="utf-8")
    parts = re.split(r"^-- (.*) --\n", source, flags=re.MULTILINE)[1:]
    return [_case(title, body) for title, body in zip(parts[::2], parts[1::2], strict=True)]


def _case(title: str, body: str) -> ScopeCase:
    marked = body.removesuffix("\n").split("\n")
    if marked[-1] == "":
        marked.pop()
    lines = [line[2:] for line in marked]
    inside = [number for number, line in enumerate(marked) if line[:1] in (">", "|")]
    row = next(number for number, line in enumerate(lines) if "<|>" in line)
    cursor = Position(row, lines[row].index("<|>"))
    lines[row] = lines[row].replace("<|>", "")
    assert inside == list(range(inside[0], inside[-1] + 1)), title
    text = Text.of("".join(line + "\n" for line in lines))
    return ScopeCase(title, text, cursor, inside[0], inside[-1], marked[inside[0]].startswith("|"))
