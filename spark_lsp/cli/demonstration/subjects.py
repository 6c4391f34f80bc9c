"""What the acts are about: the definitions that are edited, what the replies make of them, and what the user types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from spark_lsp.simulator.library import LIBRARY


@dataclass(frozen=True, slots=True)
class Region:
    """A definition in a sample, by its first and its last line, and by a place in it that is in no inner one."""

    what: str
    first: str
    place: str
    last: str

    def span(self, text: str) -> tuple[int, int]:
        """Its offsets."""
        start = text.index(self.first)
        return start, text.index(self.last, start) + len(self.last)

    def with_reply(self, text: str, instruction: str) -> str:
        """The text with the scripted reply in the place of the definition."""
        start, end = self.span(text)
        reply = next(reply.reply for reply in LIBRARY if reply.when == instruction)
        body = reply.split("\n", 1)[1].rpartition("```")[0]
        return text[:start] + body + text[end:]


INVOICE: Final = Region("class", "@dataclass\nclass Invoice:", "class Invoice", '{due}  {state}"\n')
PAYMENTS: Final = Region("function", "def book_payments(", "def book_payments", "    return booked\n")
TOTAL: Final = Region(
    "function", "/** What the customer pays", "export function totalOf", "gross: taxed + tax, notes };\n}\n"
)
WRITE: Final = Region("function", "// Write copies everything", "func Write", "\treturn result, nil\n}\n")


@dataclass(frozen=True, slots=True)
class Typing:
    """What the user types while an edit runs, and at the end of which line."""

    where: str
    line: str
    text: str


TYPED: Final = (
    Typing("above", "\tLinks bool // keep symbolic links as links\n", "\n\tQuiet bool // say nothing"),
    Typing("inside", "\tarchive := tar.NewWriter(packed)\n", "\n\tdefer archive.Close()"),
    Typing("below", "// Describe says in one line what a backup came to.\n", "\n// It is meant for the log."),
)


def with_typing(text: str, typed: tuple[Typing, ...]) -> str:
    """A text with what was typed, as far as the lines are in it."""
    for typing in typed:
        text = text.replace(typing.line, f"{typing.line[:-1]}{typing.text}\n")
    return text
