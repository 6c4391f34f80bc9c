"""The context of an instructed edit without the secrets in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from spark_lsp.context.redaction import Passage, Redaction, lines_above
from spark_lsp.core.prompt import Region
from spark_lsp.core.text import Text, extent

if TYPE_CHECKING:
    from spark_lsp.context.redaction import SecretVault
    from spark_lsp.core.prompt import EditContext


@dataclass(frozen=True, slots=True)
class RedactedEdit:
    """What a prompt may be made of, and how to read the reply to it."""

    context: EditContext
    file: str | None
    """The whole file, if it was given."""
    redaction: Redaction


def redacted_edit(context: EditContext, text: Text, vault: SecretVault | None, *, file: str | None) -> RedactedEdit:
    """Take the secrets out of what an edit would send; without a vault, nothing is taken out.

    `text` is the document: what a line is may be told by those above it that are not sent.
    """
    if vault is None:
        return RedactedEdit(context, file, Redaction(()))
    region = context.region
    first_line = region.start.line - extent(context.before).line
    passages = (
        Passage("path", context.path),
        Passage("instruction", context.instruction),
        Passage("above", lines_above(text, first_line), sent=False),
        Passage("before", context.before, first_line, follows=True),
        Passage("region", str(region.text), region.start.line, follows=True),
        Passage("after", context.after, region.end.line, follows=True),
        Passage("file", file or ""),
        *(Passage(one.kind, one.text) for one in context.related),
    )
    redaction = vault.redact(passages)
    if not redaction.secrets:
        return RedactedEdit(context, file, redaction)
    path, instruction, _, before, code, after, whole, *others = redaction.texts
    context = replace(
        context,
        path=path,
        instruction=instruction,
        before=before,
        region=Region(Text.of(code), region.start),
        after=after,
        related=tuple(replace(one, text=text) for one, text in zip(context.related, others, strict=True)),
    )
    return RedactedEdit(context, None if file is None else whole, redaction)
