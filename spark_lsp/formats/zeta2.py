"""The format `zeta2`: Zed's second edit prediction model, a tuned Seed-Coder (https://huggingface.co/zed-industries/zeta-2).

Fill in the middle, the suffix first. The code to be rewritten stands in the prefix like one side of a merge conflict;
the reply is the other side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spark_lsp.core.prompt import TextPrompt
from spark_lsp.formats.edit_window import NO_EDIT, new_window, reply_lines, window_text
from spark_lsp.formats.fim import SEED_TOKENS
from spark_lsp.formats.recent_edits import files_shown, git_diffs

if TYPE_CHECKING:
    from spark_lsp.core.hunks import LineHunk
    from spark_lsp.core.prompt import NextEditContext

CURSOR: Final = "<|user_cursor|>"
_START: Final = "<<<<<<< CURRENT\n"
_SEPARATOR: Final = "=======\n"
_END: Final = ">>>>>>> UPDATED"
FILE: Final = "<filename>"
_NOTHING: Final = "NO_EDITS"
TOKENS: Final = (*SEED_TOKENS, FILE, CURSOR, _START, _SEPARATOR, f"{_END}\n")
STOPS: Final = (_END, "<[end▁of▁sentence]>")
_MOST_EVENTS: Final = 6


def render(context: NextEditContext) -> TextPrompt:
    """The prompt. Other files and the history stand in the prefix too, each section with a blank line behind it."""
    return TextPrompt(f"{front(context)}{_START}{window_text(context, CURSOR)}{_SEPARATOR}<[fim-middle]>")


def front(context: NextEditContext) -> str:
    """Everything up to the window."""
    files = "".join(f"{FILE}{path}\n{text}...\n" for path, text in files_shown(context))
    history = git_diffs(context.history[-_MOST_EVENTS:])
    return "".join(
        (
            "<[fim-suffix]>",
            context.after if context.after.endswith("\n") else f"{context.after}\n",
            "<[fim-prefix]>",
            f"{files}\n" if files else "",
            f"{FILE}edit_history\n{history}\n" if history else "",
            f"{FILE}{context.path}\n{context.before}",
        )
    )


def read(context: NextEditContext, reply: str, *, whole: bool) -> tuple[LineHunk, ...]:
    """The whole new window, without the cursor that the model foresees."""
    text, end, _ = reply.replace(CURSOR, "").partition(_END)
    lines = reply_lines(text)
    if lines and lines[0].strip() == _NOTHING:
        return NO_EDIT
    return new_window(context, lines, whole=whole or bool(end))
