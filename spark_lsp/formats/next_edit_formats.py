"""The formats for the next edit, by name, and which one suits an endpoint.

Models that were made for next edits are told by their names, or by the wire that only they are behind; any other model
that converses is asked for the new text of the edit window.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from spark_lsp.core.prompt import WindowSize
from spark_lsp.formats import instinct, mercury, next_patch, next_window, sweep, zeta1, zeta2, zeta2_markers
from spark_lsp.formats.edit_window import NO_EDIT, takes_back
from spark_lsp.formats.next_edit_prompt import texts_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.core.hunks import LineHunk
    from spark_lsp.core.prompt import NextEditContext, Prompt, TextPrompt


class Read(Protocol):
    """What a reply says, as hunks of the document's lines in their order; none for "no edit"."""

    def __call__(self, context: NextEditContext, reply: str, *, whole: bool) -> tuple[LineHunk, ...]:
        """`whole` is false for a reply that was cut."""
        ...


@dataclass(frozen=True, slots=True)
class NextEditFormat:
    """How the next edit is asked for and how the reply is read."""

    name: str
    render: Callable[[NextEditContext], Prompt | TextPrompt]
    read: Read
    stops: tuple[str, ...]
    """Where the text ends, the most important first. Most wires take four, some none: whoever reads minds them."""
    control_tokens: tuple[str, ...]
    """A context that holds one of them is never sent in this format: the model would take it for an order."""
    window: WindowSize
    """How much of a document the model may change, and sees around that."""


_BYTES_PER_TOKEN: Final = 3
"""As those who trained the models of the zeta family and Mercury counted."""


def _tokens(editable: int, around: int) -> WindowSize:
    return WindowSize(0, 0, grown=editable * _BYTES_PER_TOKEN, filled=True, around=around * _BYTES_PER_TOKEN)


_CHAT_WINDOW: Final = WindowSize(2, 5, grown=3000)
_INSTINCT_WINDOW: Final = WindowSize(1, 5, around_lines=25)

WINDOW: Final = NextEditFormat("window", next_window.render, next_window.read, (), (), _CHAT_WINDOW)
ZETA_1: Final = NextEditFormat("zeta1", zeta1.render, zeta1.read, zeta1.STOPS, zeta1.TOKENS, _tokens(350, 150))
ZETA_2: Final = NextEditFormat("zeta2", zeta2.render, zeta2.read, zeta2.STOPS, zeta2.TOKENS, _tokens(350, 150))
ZETA_2_1: Final = NextEditFormat(
    "zeta2", zeta2_markers.render, zeta2_markers.read, zeta2_markers.STOPS, zeta2_markers.TOKENS, _tokens(350, 150)
)
SWEEP: Final = NextEditFormat("sweep", sweep.render, sweep.read, sweep.STOPS, sweep.TOKENS, WindowSize(10, 10))
MERCURY: Final = NextEditFormat("mercury", mercury.render, mercury.read, (), mercury.TOKENS, _tokens(150, 350))
INSTINCT: Final = NextEditFormat("instinct", instinct.render, instinct.read, (), instinct.TOKENS, _INSTINCT_WINDOW)
PATCH: Final = NextEditFormat("patch", next_patch.render, next_patch.read, (), (), _CHAT_WINDOW)

NEXT_EDIT_FORMATS: Final = {one.name: one for one in (WINDOW, ZETA_1, ZETA_2, SWEEP, MERCURY, INSTINCT, PATCH)}

_FAMILIES: Final = (
    (r"zeta[-_. ]?2[-_.]1", ZETA_2_1),
    (r"zeta[-_. ]?2", ZETA_2),
    (r"\bzeta", ZETA_1),
    (r"sweep", SWEEP),
    (r"instinct", INSTINCT),
    (r"mercury[-_ ]?edit", MERCURY),
)
"""What the name of a model of each family has in it; the first that fits counts."""

_NOT_FOR_EDITS: Final = frozenset({"mistral-fim", "llama-infill", "completions", "jobs"})
"""Wires that only fill holes, that only continue a text, or that nobody waits for at each key."""


def next_edit_format(wanted: str, wire: str, model: str) -> NextEditFormat | None:
    """The format of that name; for "auto" the one that suits the wire and what the model is called.

    None if nothing of the sort can be asked there: a model that is not known to foresee edits, over a wire where it
    does not converse.
    """
    family = next((one for pattern, one in _FAMILIES if re.search(pattern, model.lower())), None)
    if wanted != "auto":
        # As this model of the family has it.
        return family if family is not None and family.name == wanted else NEXT_EDIT_FORMATS[wanted]
    if wire == "inception-edit":
        return MERCURY
    return family or (None if wire in _NOT_FOR_EDITS else WINDOW)


def can_hold(chosen: NextEditFormat, context: NextEditContext) -> bool:
    """Whether nothing in a context would be taken for one of the format's control tokens."""
    texts = texts_of(context)
    return not any(token in text for token in chosen.control_tokens for text in texts)


def read_reply(chosen: NextEditFormat, context: NextEditContext, reply: str, *, whole: bool) -> tuple[LineHunk, ...]:
    """The hunks of a reply up to the first stop, in the document's lines; none if there is nothing to suggest.

    Nothing is to be suggested if control tokens have leaked into the new lines, and if something would be undone that
    the user has just done.
    """
    hunks = chosen.read(context, reply.replace("\r\n", "\n").replace("\r", "\n"), whole=whole)
    new = "".join(f"{line}\n" for hunk in hunks for line in hunk.new)
    if any(token in new for token in chosen.control_tokens) or takes_back(context, hunks):
        return NO_EDIT
    return hunks
