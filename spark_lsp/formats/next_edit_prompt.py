"""What the prompts for chat models that look for the next edit have in common."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Final

from spark_lsp.formats.fences import in_fence
from spark_lsp.formats.recent_edits import diff_lines, files_shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spark_lsp.core.prompt import NextEditContext

NOTHING: Final = "NO_EDIT"
"""What a model says that sees nothing to be changed."""
TASK: Final = """\
You foresee the next edit of a programmer. The user shows what was changed a moment ago, and the code around the \
cursor, which a mark stands for. Work out what the programmer is about, and change what follows from it: finish what \
is half done, do in other places what was done in one, and mend what the changes broke. Keep the style of the file. \
Never take back what was just changed, and never change anything for its own sake."""


def surroundings(context: NextEditContext) -> Iterator[str]:
    """What is shown before the code, what changes least first."""
    for path, text in files_shown(context):
        yield f"From {path}:\n{in_fence(text, '')}"
    for one in context.related:
        if one.kind != "file":
            body = f"\n{in_fence(one.text, '')}" if one.is_code else f" {one.text}"
            yield f"{one.heading}{body}"
    yield f"File: {context.path}" + (f" ({context.language})" if context.language else "")


def changed(context: NextEditContext) -> Iterator[str]:
    """The recent edits without anything around them, the latest last."""
    diffs = ((edit.path, diff_lines(edit, 0)) for edit in context.history)
    text = "".join("\n".join((f"--- {path}", f"+++ {path}", *lines, "")) for path, lines in diffs if lines)
    if text:
        yield "Changed a moment ago, the latest last:\n" + in_fence(text, "diff")


def mark_of(context: NextEditContext) -> str:
    """What stands for the cursor: a text that is nowhere in what is shown."""
    texts = texts_of(context)
    marks = (f"<CURSOR{number or ''}>" for number in count())
    return next(mark for mark in marks if not any(mark in text for text in texts))


def texts_of(context: NextEditContext) -> list[str]:
    """Everything in a context that is sent in some format or other. Lines all end."""
    lines = (context.window, context.window_before)
    edits = (part for edit in context.history for part in (edit.above, edit.old, edit.new, edit.below))
    return [
        context.path,
        context.before,
        context.after,
        *("".join(f"{line}\n" for line in part) for part in (*lines, *edits)),
        *(edit.path for edit in context.history),
        *(text for one in context.related for text in (one.heading, one.text)),
    ]
