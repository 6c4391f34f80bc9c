"""The format `zeta1`: Zed's first edit prediction model, a tuned Qwen2.5-Coder (https://huggingface.co/zed-industries/zeta).

The prompt is to the letter what the model was trained on, its instruction included. The reply is the new text of the
editable region, perhaps between the region's markers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spark_lsp.core.prompt import TextPrompt
from spark_lsp.formats.edit_window import marked_lines, new_window, reply_lines
from spark_lsp.formats.fim import QWEN_TOKENS
from spark_lsp.formats.recent_edits import diff_lines

if TYPE_CHECKING:
    from spark_lsp.core.hunks import LineHunk
    from spark_lsp.core.prompt import NextEditContext

CURSOR: Final = "<|user_cursor_is_here|>"
REGION_START: Final = "<|editable_region_start|>"
REGION_END: Final = "<|editable_region_end|>"
_START_OF_FILE: Final = "<|start_of_file|>"
TOKENS: Final = (CURSOR, _START_OF_FILE, REGION_START, REGION_END, *QWEN_TOKENS)
STOPS: Final = (REGION_END, "<|endoftext|>")

_INSTRUCTION: Final = (
    "You are a code completion assistant and your task is to analyze user edits and then rewrite an excerpt that the "
    "user provides, suggesting the appropriate edits within the excerpt, taking into account the cursor location."
)
_MOST_EVENTS: Final = 6


def render(context: NextEditContext) -> TextPrompt:
    """The prompt. The events come oldest first."""
    found = ((edit.path, diff_lines(edit)) for edit in context.history[-_MOST_EVENTS:])
    events = [f"User edited {path}:\n```diff\n" + "\n".join(lines) + "\n```" for path, lines in found if lines]
    before, after = context.before, context.after.removesuffix("\n")
    starts_file = context.first_line == len(context.lines_before)
    excerpt = (
        f"```{context.path}\n",
        f"{_START_OF_FILE}\n" if starts_file else "",
        f"{before}{REGION_START}\n",
        "\n".join(marked_lines(context, CURSOR)),
        f"\n{REGION_END}",
        f"\n{after}" if after else "",
        "\n```",
    )
    sections = (
        f"### Instruction:\n{_INSTRUCTION}",
        "### User Edits:",
        "\n\n".join(events),
        "### User Excerpt:",
        "".join(excerpt),
        "### Response:\n",
    )
    return TextPrompt("\n\n".join(sections))


def read(context: NextEditContext, reply: str, *, whole: bool) -> tuple[LineHunk, ...]:
    """What is between the markers, or all of it."""
    text, ended = between_markers(reply)
    return new_window(context, reply_lines(text), whole=whole or ended)


def between_markers(reply: str) -> tuple[str, bool]:
    """The new text of the region, and whether its end was marked."""
    text = reply.replace(CURSOR, "")
    if (start := text.find(REGION_START)) >= 0:
        text = text[start + len(REGION_START) :].removeprefix("\n")
    text, end, _ = text.partition(REGION_END)
    return text, bool(end)
