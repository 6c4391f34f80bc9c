"""The format `instinct`: Continue's Instinct, a tuned Qwen2.5-Coder (https://huggingface.co/continuedev/instinct).

What the user says is to the letter what the model was trained on. The reply is the new text of the region, bare.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spark_lsp.core.prompt import Message, Prompt
from spark_lsp.formats.edit_window import marked_lines, new_window, reply_lines, without_fence
from spark_lsp.formats.fim import QWEN_TOKENS
from spark_lsp.formats.recent_edits import diff_lines, files_shown
from spark_lsp.formats.zeta1 import CURSOR, REGION_END, REGION_START, between_markers

if TYPE_CHECKING:
    from spark_lsp.core.hunks import LineHunk
    from spark_lsp.core.prompt import NextEditContext

TOKENS: Final = (CURSOR, REGION_START, REGION_END, "<|context_file|>", "<|snippet|>", *QWEN_TOKENS)

_SYSTEM: Final = f"""\
You are Instinct, and you predict the next edit of a developer. In the user excerpt, rewrite what is between \
{REGION_START} and {REGION_END} as the developer would change it next, given the latest edits, which come newest \
first, the code around it and the cursor at {CURSOR}. Follow the style of the code, never undo the last change, and \
repeat nothing that stands outside of the region. Reply with the new code of the region alone, without any marker."""
_ASKED: Final = (
    "Reference the user excerpt, user edits, and the snippets to understand the developer's intent. Update the "
    "editable region of the user excerpt by predicting and completing the changes they would have made next. This may "
    "be a deletion, addition, or modification of code."
)


def render(context: NextEditContext) -> Prompt:
    """The messages. The newest edit comes first."""
    snippets = "\n".join(
        f"<|context_file|>: {path}\n<|snippet|>\n{text.removesuffix(chr(10))}" for path, text in files_shown(context)
    )
    found = ((edit.path, diff_lines(edit)) for edit in reversed(context.history))
    edits = [f'User edited file "{path}"\n\n```diff\n' + "\n".join(lines) + "\n```" for path, lines in found if lines]
    excerpt = (
        *context.lines_before,
        REGION_START,
        *marked_lines(context, CURSOR),
        REGION_END,
        *context.lines_after,
    )
    said = (
        _ASKED,
        f"### Context:\n{snippets}",
        "### User Edits:",
        "\n".join(edits),
        f"### User Excerpt:\n{context.path}",
        "\n".join(excerpt) + "```\n### Response:",
    )
    return Prompt((Message("system", _SYSTEM), Message("user", "\n\n".join(said))))


def read(context: NextEditContext, reply: str, *, whole: bool) -> tuple[LineHunk, ...]:
    """The new region, without markers and fences should there be some."""
    text, ended = between_markers(reply)
    return new_window(context, without_fence(context, reply_lines(text)), whole=whole or ended)
