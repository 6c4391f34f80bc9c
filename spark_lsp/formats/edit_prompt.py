"""What the prompts of all formats for instructed edits have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.formats.fences import in_fence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spark_lsp.core.prompt import EditContext


def surroundings(context: EditContext) -> Iterator[str]:
    """What goes round the region, what changes least first: so that the front of two prompts is the same."""
    yield f"File: {context.path}" + (f" ({context.language})" if context.language else "")
    for one in context.related:
        if one.is_code:
            # Code from several files and diffs are in no language that could be named.
            yield f"{one.heading}\n{in_fence(one.text, '')}"
        else:
            yield f"{one.heading} {one.text}" if one.heading else one.text
    if context.after.strip():
        yield "Code after the region:\n" + _fenced(context, context.after)
    if context.before.strip():
        yield "Code before the region:\n" + _fenced(context, context.before)


def fenced_region(context: EditContext) -> str:
    """The region in a fence that its own text cannot close."""
    return "The region:\n" + _fenced(context, str(context.region.text))


def _fenced(context: EditContext, text: str) -> str:
    return in_fence(text, context.language)
