"""Fill in the middle: a text of control tokens and code, as models were trained on it.

The texts are those of each family's own documentation. What goes along comes first: as files where a family was
trained on several, else as comments before the code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spark_lsp.core.prompt import PromptFile, RelatedCode, TextPrompt
from spark_lsp.formats.line_comments import commented

if TYPE_CHECKING:
    from spark_lsp.core.prompt import InlineContext

_REPOSITORY: Final = "project"
"""What a repository is called: its real name would tell something, and nothing about the code."""

QWEN_TOKENS: Final = (
    *("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>"),
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
)


def qwen(context: InlineContext) -> TextPrompt:
    """Qwen2.5-Coder and later: https://github.com/QwenLM/Qwen2.5-Coder (file level and repository level)."""
    files, front = _files_and_comments(context)
    text = f"<|fim_prefix|>{front}{context.before}<|fim_suffix|>{context.after}<|fim_middle|>"
    if files:
        shown = "".join(f"<|file_sep|>{file.path}\n{_ended(file.text)}" for file in files)
        text = f"<|repo_name|>{_REPOSITORY}\n{shown}<|file_sep|>{context.path}\n{text}"
    return TextPrompt(text)


def _files_and_comments(context: InlineContext) -> tuple[list[PromptFile], str]:
    """What goes along as files, and as comments before the code."""
    files = [PromptFile(one.heading, one.text) for one in context.related if one.kind == "file"]
    rest: list[RelatedCode] = [one for one in context.related if one.kind != "file"]
    return files, commented(rest, context.language)


def _ended(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"
