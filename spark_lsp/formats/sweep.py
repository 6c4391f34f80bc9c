"""The format `sweep`: Sweep's open next-edit models, tuned Qwen2.5-Coder (https://huggingface.co/sweepai).

Everything is a file of its own: other files, recent changes, the window before the last of them, the window as it is.
The reply is the window as it will be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spark_lsp.core.prompt import TextPrompt
from spark_lsp.formats.edit_window import new_window, reply_lines
from spark_lsp.formats.fim import QWEN_TOKENS
from spark_lsp.formats.recent_edits import files_shown, sides

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spark_lsp.core.hunks import LineHunk
    from spark_lsp.core.prompt import NextEditContext

_FILE: Final = "<|file_sep|>"
STOPS: Final = (_FILE, "</s>", "<|endoftext|>")
TOKENS: Final = tuple(dict.fromkeys((*STOPS, *QWEN_TOKENS)))
_MOST_CHANGES: Final = 3
_MOST_LINES: Final = 40
"""Of one side of a change. Of more, those in the middle are left out."""


def render(context: NextEditContext) -> TextPrompt:
    """The prompt, which ends where the rewritten window begins."""
    files = (*_files(context), (f"updated/{context.path}", ""))
    return TextPrompt("".join(f"{_FILE}{path}\n{text}" for path, text in files))


def _files(context: NextEditContext) -> Iterator[tuple[str, str]]:
    yield from files_shown(context)
    changes = ((edit.path, *sides(edit)) for edit in context.history)
    for path, old, new in [change for change in changes if change[1] or change[2]][-_MOST_CHANGES:]:
        yield f"{path}.diff", f"original:\n{_shortened(old)}updated:\n{_shortened(new)}"
    yield f"original/{context.path}", _text(context.window_before)
    yield f"current/{context.path}", _text(context.window)


def _shortened(lines: Sequence[str]) -> str:
    if len(lines) > _MOST_LINES:
        head = _MOST_LINES // 2
        lines = (*lines[:head], "...", *lines[len(lines) - (_MOST_LINES - head - 1) :])
    return _text(lines)


def _text(lines: Sequence[str]) -> str:
    """Lines that all end; of none, there is an empty one."""
    return "\n".join(lines) + "\n"


def read(context: NextEditContext, reply: str, *, whole: bool) -> tuple[LineHunk, ...]:
    """The whole new window."""
    return new_window(context, reply_lines(reply), whole=whole)
