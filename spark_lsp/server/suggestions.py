"""Suggestions at the cursor as the two messages that show them: ghost text, or an item of a completion."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from lsprotocol import types

from spark_lsp.core.code_lines import before_unmatched
from spark_lsp.core.text import Range
from spark_lsp.server import wire

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from spark_lsp.core.text import Text
    from spark_lsp.features.inline_state import InlineItem
    from spark_lsp.server.server import SparkServer

T = TypeVar("T")


def inline_completion(
    server: SparkServer, params: types.InlineCompletionParams, *, automatic: bool
) -> types.InlineCompletionList | Awaitable[types.InlineCompletionList]:
    """Ghost text for a client that can show it."""

    def shown(items: list[InlineItem], text: Text) -> types.InlineCompletionList:
        return types.InlineCompletionList([_inline_item(server, item, text) for item in items])

    return _answered(server, params, shown, types.InlineCompletionList([]), automatic=automatic)


def completion(
    server: SparkServer, params: types.CompletionParams
) -> types.CompletionList | Awaitable[types.CompletionList | None] | None:
    """The same as a single item, for a client that shows no ghost text, if the user asks for it."""
    context = params.context
    if context is not None and context.trigger_kind is not types.CompletionTriggerKind.Invoked:
        return None

    def listed(items: list[InlineItem], text: Text) -> types.CompletionList | None:
        return types.CompletionList(False, [_completion_item(server, item, text) for item in items]) if items else None

    return _answered(server, params, listed, None, automatic=False)


def _answered(
    server: SparkServer,
    params: types.InlineCompletionParams | types.CompletionParams,
    answer: Callable[[list[InlineItem], Text], T],
    nothing: T,
    *,
    automatic: bool,
) -> T | Awaitable[T]:
    uri = params.text_document.uri
    document = server.session.documents.get(uri)
    if document is None:
        return nothing
    text = document.text
    position = wire.to_position(text, params.position, server.client.encoding)
    found = server.inline.suggest(uri, position, automatic=automatic)
    if isinstance(found, list):
        return answer(found, text)

    async def later() -> T:
        return answer(await found, text)

    return later()


def _inline_item(server: SparkServer, item: InlineItem, text: Text) -> types.InlineCompletionItem:
    new = _cut_for(server, item, text)
    end = item.end if server.client.replaces_behind_cursor else item.start
    span = wire.from_range(text, Range(item.start, end), server.client.encoding)
    return types.InlineCompletionItem(new, range=span, command=_accepted(item))


def _completion_item(server: SparkServer, item: InlineItem, text: Text) -> types.CompletionItem:
    span = wire.from_range(text, Range(item.start, item.end), server.client.encoding)
    label = next((line.strip() for line in item.text.splitlines() if line.strip()), item.text.strip())
    return types.CompletionItem(
        label,
        kind=types.CompletionItemKind.Text,
        detail="Spark",
        documentation=item.text,
        filter_text=text.lines[item.start.line][: item.start.column].lstrip() or label,
        insert_text_format=types.InsertTextFormat.PlainText,
        insert_text_mode=types.InsertTextMode.AsIs,
        text_edit=types.TextEdit(span, item.text),
        command=_accepted(item),
    )


def _cut_for(server: SparkServer, item: InlineItem, text: Text) -> str:
    """The text for a client that leaves what is behind the cursor: as far as it goes without replacing that."""
    if item.start == item.end or server.client.replaces_behind_cursor:
        return item.text
    behind = text.slice(item.start, item.end).strip()
    if not behind:
        return item.text
    line = item.text.partition("\n")[0].rstrip("\r")
    return line.removesuffix(behind) if line.endswith(behind) else before_unmatched(line)


def _accepted(item: InlineItem) -> types.Command:
    return types.Command("Spark: accepted", "spark.accepted", arguments=[{"id": item.item_id}])
