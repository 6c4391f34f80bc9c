"""The format `mercury`: Inception's Mercury Edit (https://docs.inceptionlabs.ai, edit completions).

One message of tagged sections. The reply is the new text of the section to edit in a fence, or `None`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spark_lsp.core.prompt import Message, Prompt
from spark_lsp.formats.edit_window import NO_EDIT, new_window, reply_lines, window_text, without_fence
from spark_lsp.formats.recent_edits import files_shown, git_diffs

if TYPE_CHECKING:
    from spark_lsp.core.hunks import LineHunk
    from spark_lsp.core.prompt import NextEditContext

_CURSOR: Final = "<|cursor|>"
_SNIPPETS, _SNIPPET = "recently_viewed_code_snippets", "recently_viewed_code_snippet"
_CODE, _EDIT, _HISTORY = "current_file_content", "code_to_edit", "edit_diff_history"
TOKENS: Final = (
    _CURSOR,
    *(f"<|{slash}{name}|>" for name in (_SNIPPETS, _SNIPPET, _CODE, _EDIT, _HISTORY) for slash in ("", "/")),
)
_NOTHING: Final = "None"


def render(context: NextEditContext) -> Prompt:
    """The one message. Sections with nothing in them are there all the same."""
    snippets = "".join(
        _section(_SNIPPET, f"code_snippet_file_path: {path}\n{text}") for path, text in files_shown(context)
    )
    after = context.after if not context.after or context.after.endswith("\n") else f"{context.after}\n"
    code = f"{context.before}{_section(_EDIT, window_text(context, _CURSOR))}{after}"
    sections = (
        _section(_SNIPPETS, snippets or "\n"),
        _section(_CODE, f"current_file_path: {context.path}\n{code}"),
        _section(_HISTORY, git_diffs(context.history) or "\n"),
    )
    return Prompt((Message("user", "\n".join(sections)),))


def _section(name: str, text: str) -> str:
    return f"<|{name}|>\n{text}<|/{name}|>\n"


def read(context: NextEditContext, reply: str, *, whole: bool) -> tuple[LineHunk, ...]:
    """What is in the fence, and between the section's tags should it repeat them."""
    lines = without_fence(context, reply_lines(reply.strip("\r\n").replace(_CURSOR, "")))
    if [line.strip() for line in lines] == [_NOTHING]:
        return NO_EDIT
    if lines and lines[0].strip() == f"<|{_EDIT}|>":
        del lines[0]
    if lines and lines[-1].strip() == f"<|/{_EDIT}|>":
        del lines[-1]
    return new_window(context, lines, whole=whole)
