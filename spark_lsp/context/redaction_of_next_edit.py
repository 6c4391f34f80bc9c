"""The context of the next edit without the secrets in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from spark_lsp.context.redaction import Passage, Redaction, lines_above
from spark_lsp.core.text import extent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from spark_lsp.context.redaction import SecretVault
    from spark_lsp.core.prompt import NextEditContext, RecentEdit
    from spark_lsp.core.text import Text


def redacted_next_edit(
    context: NextEditContext, texts: Mapping[str, Text], vault: SecretVault | None
) -> tuple[NextEditContext, Redaction]:
    """Take the secrets out of what a request for the next edit would send; without a vault, nothing is taken out.

    `texts` are the documents by their paths, this one and those of the recent edits: what a line is may be told by
    those above it that are not sent.
    """
    if vault is None:
        return context, Redaction(())
    first = context.first_line - len(context.lines_before)
    above = _above(texts.get(context.path), first)
    cursor, code = context.cursor, _joined(context.window)
    at = sum(len(line) + 1 for line in context.window[: cursor.line]) + cursor.column
    passages = (
        Passage("path", context.path),
        Passage("above", above, sent=False),
        Passage("before", context.before, first, follows=True),
        # In two, so that the cursor stays where it is among what is taken out.
        Passage("window", code[:at], context.first_line, follows=True),
        Passage("window", code[at:], context.first_line + cursor.line, follows=True),
        Passage("after", context.after, context.first_line + len(context.window), follows=True),
        Passage("above", above + context.before, sent=False),
        Passage("window before", _joined(context.window_before), context.first_line, follows=True),
        *(passage for edit in context.history for passage in _of_edit(edit, texts.get(edit.path))),
        *(Passage(one.kind, one.text) for one in context.related),
    )
    redaction = vault.redact(passages)
    if not redaction.secrets:
        return context, redaction
    safe = iter(redaction.texts)
    path, _, before, head, tail, after, _, window_before = (next(safe) for _ in range(8))
    history = tuple(_redacted(edit, safe) for edit in context.history)
    return (
        replace(
            context,
            path=path,
            before=before,
            window=_lines(head + tail),
            cursor=extent(head),
            after=after,
            window_before=_lines(window_before),
            history=history,
            related=tuple(replace(one, text=text) for one, text in zip(context.related, safe, strict=True)),
        ),
        redaction,
    )


def _of_edit(edit: RecentEdit, text: Text | None) -> Iterator[Passage]:
    """Both sides of a change, each behind the lines that are above it."""
    start = edit.line - len(edit.above)
    unseen, above = _above(text, start), _joined(edit.above)
    yield Passage("above", unseen, sent=False)
    yield Passage("recent edit", above, start, follows=True)
    yield Passage("recent edit", _joined(edit.old), edit.line, follows=True)
    yield Passage("recent edit", _joined(edit.below), edit.line + len(edit.old), follows=True)
    yield Passage("above", unseen + above, sent=False)
    yield Passage("recent edit", _joined(edit.new), edit.line, follows=True)


def _redacted(edit: RecentEdit, texts: Iterator[str]) -> RecentEdit:
    _, above, old, below, _, new = (next(texts) for _ in range(6))
    return replace(edit, above=_lines(above), old=_lines(old), below=_lines(below), new=_lines(new))


def _above(text: Text | None, line: int) -> str:
    """What stands right above a line and goes along with nobody."""
    return "" if text is None else lines_above(text, line)


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _lines(text: str) -> tuple[str, ...]:
    """The reverse: secrets are pieces of lines, so that lines stay lines."""
    return tuple(text.removesuffix("\n").split("\n")) if text else ()
