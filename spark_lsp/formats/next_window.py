"""The format `window`: a chat model sees the edit window with a mark at the cursor; its reply is the new text of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spark_lsp.core.prompt import Message, Prompt
from spark_lsp.formats.edit_window import NO_EDIT, new_window, window_text
from spark_lsp.formats.fences import in_fence
from spark_lsp.formats.indentation import IndentationRepair
from spark_lsp.formats.next_edit_prompt import NOTHING, TASK, changed, mark_of, surroundings
from spark_lsp.formats.reply import ReplyError, ReplyLines

if TYPE_CHECKING:
    from spark_lsp.core.hunks import LineHunk
    from spark_lsp.core.prompt import NextEditContext

_SYSTEM: Final = f"""\
{TASK} You can change the lines of the edit window only. Reply with the whole new text of the window, without the \
mark, in one fenced code block and without any word before or after it; all lines that stay are there exactly as they \
are. If nothing in the window is to be changed, reply with {NOTHING} alone."""


def render(context: NextEditContext) -> Prompt:
    """The messages. What each keystroke changes comes last, for the sake of providers' caches."""
    parts = [*surroundings(context)]
    if context.after.strip():
        parts.append("Code behind the window:\n" + in_fence(context.after, context.language))
    if context.before.strip():
        parts.append("Code before the window:\n" + in_fence(context.before, context.language))
    parts += changed(context)
    parts.append("The edit window:\n" + in_fence(window_text(context, mark_of(context)), context.language))
    return Prompt((Message("system", _SYSTEM), Message("user", "\n\n".join(parts))))


def read(context: NextEditContext, reply: str, *, whole: bool) -> tuple[LineHunk, ...]:
    """The code in the reply, with its indentation set right; nothing where the reply is not code."""
    code, repair = ReplyLines(context.window, context.language), IndentationRepair(context.window)
    try:
        lines = code.feed(reply.replace(mark_of(context), ""))
        if whole:
            lines += code.finish()
    except ReplyError:
        return NO_EDIT
    lines = [fitting for line in lines for fitting in repair.feed(line)]
    if whole:
        lines += repair.finish()
    if [line.strip() for line in lines if line.strip()] == [NOTHING]:
        return NO_EDIT
    # Of a reply that was cut, half a line is held back already.
    return new_window(context, lines if whole else [*lines, ""], whole=whole)
