"""What a model is told, as values: the context that a feature gathered and the messages made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from spark_lsp.core.text import Position, Text


@dataclass(frozen=True, slots=True)
class Region:
    """The text that an edit may change, and where it begins in its document."""

    text: Text
    start: Position
    """Where the region's text begins; everything inside is relative to it."""

    @property
    def end(self) -> Position:
        return self.start + self.text.end


@dataclass(frozen=True, slots=True)
class RelatedCode:
    """Something else that the model gets to see: what it is, in words, and the text."""

    kind: str
    """What it is. "file": code of one file, and the heading is its path."""
    heading: str
    text: str
    is_code: bool = True
    """In a fence of its own; else it is said in words."""


@dataclass(frozen=True, slots=True)
class EditContext:
    """Everything a prompt for an instructed edit is made of."""

    path: str
    """The file as the user would name it: relative to the workspace, with forward slashes."""
    language: str
    """The LSP language id; empty if unknown."""
    instruction: str
    region: Region
    line_ending: str
    """What ends the document's lines, for new ones."""
    before: str
    """Code that stands before the region, cut to budget."""
    after: str
    """Code that stands behind the region, cut to budget."""
    ends_document: bool = False
    """Nothing stands behind the region."""
    related: tuple[RelatedCode, ...] = ()
    """What is shown before the code around the region; what changes least comes first."""


@dataclass(frozen=True, slots=True)
class InlineContext:
    """Everything a prompt for a suggestion at the cursor is made of. All texts end lines with line feeds alone."""

    path: str
    """The file as the user would name it: relative to the workspace, with forward slashes."""
    language: str
    """The LSP language id; empty if unknown."""
    before: str
    """Code up to the cursor, cut to budget."""
    after: str
    """Code behind the cursor, cut to budget."""
    related: tuple[RelatedCode, ...] = ()
    """What is shown before the code at the cursor; what changes least comes first."""


@dataclass(frozen=True, slots=True)
class RecentEdit:
    """A change that was made a moment ago: some lines of a file became others. No line has its ending here."""

    path: str
    line: int
    """Where the new lines begin in the file as it is, from 0."""
    old: tuple[str, ...]
    new: tuple[str, ...]
    above: tuple[str, ...] = ()
    """The few lines right before them, which are the same before and after the change."""
    below: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NextEditContext:
    """Everything a prompt for the next edit is made of. All texts end lines with line feeds alone.

    The model may change the lines of the window. `before` and `after` are whole lines and meet it.
    """

    path: str
    """The file as the user would name it: relative to the workspace, with forward slashes."""
    language: str
    """The LSP language id; empty if unknown."""
    window: tuple[str, ...]
    """The lines that may be changed, without their endings; at least the cursor's."""
    first_line: int
    """The window's first line in the document, from 0."""
    cursor: Position
    """Inside of the window: its line counts from the window's first."""
    before: str = ""
    """Code right before the window, cut to budget."""
    after: str = ""
    """Code right behind the window, cut to budget."""
    history: tuple[RecentEdit, ...] = ()
    """What was changed last, here and in other files, the latest last."""
    window_before: tuple[str, ...] = ()
    """The window as it was before the last change of this file."""
    related: tuple[RelatedCode, ...] = ()
    """What else is shown; what changes least comes first."""

    @property
    def lines_before(self) -> tuple[str, ...]:
        """The lines of `before`."""
        return tuple(self.before.removesuffix("\n").split("\n")) if self.before else ()

    @property
    def lines_after(self) -> tuple[str, ...]:
        """The lines of `after`."""
        return tuple(self.after.removesuffix("\n").split("\n")) if self.after else ()


@dataclass(frozen=True, slots=True)
class WindowSize:
    """How large an edit window a format was made for. Bytes are those of UTF-8."""

    above: int
    """Lines over the cursor's that are always in it, if there are so many bytes for them."""
    below: int
    grown: int | None = None
    """It grows to what encloses it in the syntax, up to so many bytes. None: it does not."""
    filled: bool = False
    """And then line by line for as long as there is room."""
    around: int = 0
    """Bytes of code that are shown around it, chosen in the same way."""
    around_lines: int = 0
    """Or lines of code that are shown above and below the cursor. With neither, the context's budget says how much."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation with a chat model."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class PromptFile:
    """Code of a file that goes along."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent to a chat model."""

    messages: tuple[Message, ...]
    files: tuple[PromptFile, ...] = ()
    """For wires that send files beside the messages. Whoever makes a prompt for another wire leaves them out, since
    `texts` counts them."""

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything in it that is sent."""
        return (*(message.content for message in self.messages), *(file.text for file in self.files))


@dataclass(frozen=True, slots=True)
class TextPrompt:
    """A text that a model is to continue."""

    prefix: str
    suffix: str | None = None
    """What stands behind the hole that is to be filled; None if there is no hole, or if the prefix says it all."""
    files: tuple[PromptFile, ...] = ()
    """For wires that take them apart from the text."""

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything in it that is sent."""
        return (self.prefix, self.suffix or "", *(file.text for file in self.files))


CHARACTERS_PER_TOKEN = 4
"""The estimate by which budgets in tokens are kept: code points a token."""


def tokens_in(characters: int) -> int:
    """Tokens in so many code points, by the one estimate that all budgets use."""
    return -(-characters // CHARACTERS_PER_TOKEN)
