"""What the prompts of all formats for instructed edits have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.formats.fences import fence_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spark_lsp.core.prompt import EditContext


def surroundings(context: EditContext) -> Iterator[str]:
    """The file's name and the code around the region, each in a fence of its own."""
    yield f"File: {context.path}" + (f" ({context.language})" if context.language else "")
    if context.before.strip():
        yield "Code before the region:\n" + _fenced(context, context.before)
    if context.after.strip():
        yield "Code after the region:\n" + _fenced(context, context.after)


def fenced_region(context: EditContext) -> str:
    """The region in a fence that its own text cannot close."""
    return "The region:\n" + _fenced(context, str(context.region.text))


def _fenced(context: EditContext, text: str) -> str:
    marks = fence_for((text,))
    newline = "" if text.endswith("\n") else "\n"
    return f"{marks}{context.language}\n{text}{newline}{marks}"
