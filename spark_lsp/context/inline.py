"""The context of a suggestion at the cursor, and the same without the secrets in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from spark_lsp.context.redaction import Passage, Redaction, lines_above
from spark_lsp.context.window import window
from spark_lsp.core.prompt import CHARACTERS_PER_TOKEN, InlineContext
from spark_lsp.core.text import extent

if TYPE_CHECKING:
    from spark_lsp.context.engine import Surroundings
    from spark_lsp.context.redaction import SecretVault
    from spark_lsp.core.text import Position, Text


def inline_context(
    text: Text, position: Position, surroundings: Surroundings | int, *, path: str, language: str
) -> InlineContext:
    """Gather what a prompt needs: from what an engine has chosen, or so many tokens of the file alone."""
    if isinstance(surroundings, int):
        around = window(text, position, position, surroundings * CHARACTERS_PER_TOKEN, ())
        return InlineContext(path, language, _plain(around.before), _plain(around.after))
    return InlineContext(path, language, _plain(surroundings.before), _plain(surroundings.after), surroundings.related)


def redacted_inline(
    context: InlineContext, text: Text, position: Position, vault: SecretVault | None
) -> tuple[InlineContext, Redaction]:
    """Take the secrets out of what a suggestion would send; without a vault, nothing is taken out.

    `text` is the document: what a line is may be told by those above it that are not sent.
    """
    if vault is None:
        return context, Redaction(())
    first = position.line - extent(context.before).line
    passages = (
        Passage("path", context.path),
        Passage("above", lines_above(text, first), sent=False),
        Passage("before", context.before, first, follows=True),
        Passage("after", context.after, position.line, follows=True),
        *(Passage(one.kind, one.text) for one in context.related),
    )
    redaction = vault.redact(passages)
    if not redaction.secrets:
        return context, redaction
    path, _, before, after, *others = redaction.texts
    related = tuple(replace(one, text=text) for one, text in zip(context.related, others, strict=True))
    return replace(context, path=path, before=before, after=after, related=related), redaction


def _plain(text: str) -> str:
    """A text with the one line ending that models know."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
