"""Fill in the middle: a text of control tokens and code, as models were trained on it.

What goes along comes first: as files where a family was trained on several, else as comments before the code. Each
`TOKENS` has the family's control tokens, those first that a reply is most likely to go on with where it should end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spark_lsp.core.prompt import PromptFile, TextPrompt
from spark_lsp.formats.line_comments import commented

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.core.prompt import InlineContext

_REPOSITORY: Final = "project"
"""What a repository is called: its real name would tell something, and nothing about the code."""

QWEN_TOKENS: Final = (
    *("<|endoftext|>", "<|file_sep|>", "<|repo_name|>", "<|fim_pad|>", "<|fim_prefix|>", "<|fim_suffix|>"),
    *("<|fim_middle|>", "<|im_start|>", "<|im_end|>"),
)
STARCODER_TOKENS: Final = (
    *("<|endoftext|>", "<file_sep>", "<repo_name>", "<fim_pad>", "<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
    *("<reponame>", "<filename>"),
)
CODESTRAL_TOKENS: Final = ("[PREFIX]", "[SUFFIX]", "[MIDDLE]", "[INST]", "[/INST]", "<s>", "</s>")
DEEPSEEK_TOKENS: Final = (
    *("<｜end▁of▁sentence｜>", "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
    *("<｜begin▁of▁sentence｜>", "<|EOT|>"),
)
CODELLAMA_TOKENS: Final = ("<EOT>", "<PRE>", "<SUF>", "<MID>", "<s>", "</s>")
CODEGEMMA_TOKENS: Final = (
    *("<|file_separator|>", "<eos>", "<end_of_turn>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    *("<start_of_turn>", "<bos>"),
)
SEED_TOKENS: Final = (
    *("<[end▁of▁sentence]>", "<[fim-suffix]>", "<[fim-prefix]>", "<[fim-middle]>", "<[PAD▁TOKEN]>"),
    *("<[SEP▁TOKEN]>", "<[begin▁of▁sentence]>"),
)
GRANITE_TOKENS: Final = (
    *("<|end_of_text|>", "<|fim_pad|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    *("<|start_of_role|>", "<|end_of_role|>"),
)
GRANITE_3_TOKENS: Final = (
    *("<|end_of_text|>", "<|endoftext|>", "<filename>", "<reponame>", "<fim_pad>", "<fim_prefix>", "<fim_suffix>"),
    *("<fim_middle>", "<|start_of_role|>", "<|end_of_role|>"),
)
GLM_TOKENS: Final = (
    *("<|user|>", "<|endoftext|>", "<|code_prefix|>", "<|code_suffix|>", "<|code_middle|>", "<|observation|>"),
    *("<|assistant|>", "<|system|>"),
)

CODESTRAL_FILE: Final = "+++++ "
"""What a file begins with for Codestral, before its path."""


def qwen(context: InlineContext) -> TextPrompt:
    """Qwen2.5-Coder and later: https://github.com/QwenLM/Qwen2.5-Coder (file level and repository level)."""
    text = f"<|fim_prefix|>{_front(context)}{context.before}<|fim_suffix|>{context.after}<|fim_middle|>"
    if files := files_of(context):
        shown = "".join(f"<|file_sep|>{file.path}\n{_ended(file.text)}" for file in files)
        text = f"<|repo_name|>{_REPOSITORY}\n{shown}<|file_sep|>{context.path}\n{text}"
    return TextPrompt(text)


def starcoder(context: InlineContext) -> TextPrompt:
    """StarCoder2: https://arxiv.org/abs/2402.19173. Its predecessor has the same tokens, but for files."""
    text = f"<fim_prefix>{_front(context)}{context.before}<fim_suffix>{context.after}<fim_middle>"
    if files := files_of(context):
        shown = "".join(f"<file_sep>{file.path}\n{_ended(file.text)}" for file in files)
        text = f"<repo_name>{_REPOSITORY}{shown}<file_sep>{text}"
    return TextPrompt(text)


def codestral(context: InlineContext) -> TextPrompt:
    """Codestral, served without Mistral's own interface: https://docs.mistral.ai/capabilities/code_generation."""
    return TextPrompt(f"[SUFFIX]{context.after}[PREFIX]{_codestral_prefix(context)}")


def codestral_apart(context: InlineContext) -> TextPrompt:
    """The same for Mistral's own interface, which puts the tokens in."""
    return TextPrompt(_codestral_prefix(context), context.after)


def apart(context: InlineContext) -> TextPrompt:
    """For servers that put the tokens round prefix and suffix themselves, and know of no files."""
    return TextPrompt(_prefix(context), context.after)


def apart_with_files(context: InlineContext) -> TextPrompt:
    """For servers that put files in their place as well."""
    return TextPrompt(_front(context) + context.before, context.after, tuple(files_of(context)))


def single_file(before: str, between: str, behind: str) -> Callable[[InlineContext], TextPrompt]:
    """A family that takes the prefix, then the suffix, and knows of no other files."""

    def render(context: InlineContext) -> TextPrompt:
        return TextPrompt(f"{before}{_prefix(context)}{between}{context.after}{behind}")

    return render


DEEPSEEK: Final = single_file("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>")
"""DeepSeek-Coder: https://github.com/deepseek-ai/DeepSeek-Coder."""
CODELLAMA: Final = single_file("<PRE> ", " <SUF>", " <MID>")
"""Code Llama: https://github.com/meta-llama/codellama."""
CODEGEMMA: Final = single_file("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")
"""CodeGemma: https://ai.google.dev/gemma/docs/codegemma/prompt-structure."""
GRANITE: Final = CODEGEMMA
"""Granite 4, which calls the tokens the same."""
GRANITE_3: Final = single_file("<fim_prefix>", "<fim_suffix>", "<fim_middle>")
"""Granite Code and Granite 3: https://github.com/ibm-granite/granite-code-models."""
GLM: Final = single_file("<|code_prefix|>", "<|code_suffix|>", "<|code_middle|>")
"""GLM 4.5 and later."""


def seed(context: InlineContext) -> TextPrompt:
    """Seed-Coder, which takes the suffix first: https://arxiv.org/abs/2506.03524."""
    return TextPrompt(f"<[fim-suffix]>{context.after}<[fim-prefix]>{_prefix(context)}<[fim-middle]>")


def codegeex(context: InlineContext) -> TextPrompt:
    """CodeGeeX4, in turns of a conversation: https://github.com/THUDM/CodeGeeX4 (infilling guideline)."""
    about = f"###PATH:{context.path}\n###LANGUAGE:{context.language}\n###MODE:BLOCK\n"
    code = f"<|code_suffix|>{context.after}<|code_prefix|>{_prefix(context)}<|code_middle|>"
    return TextPrompt(f"<|user|>\n{about}{code}<|assistant|>\n")


def files_of(context: InlineContext) -> list[PromptFile]:
    """What goes along and is code of one file."""
    return [PromptFile(one.heading, one.text) for one in context.related if one.kind == "file"]


def _front(context: InlineContext) -> str:
    """What goes along and is no file, as comments."""
    return commented((one for one in context.related if one.kind != "file"), context.language)


def _prefix(context: InlineContext) -> str:
    """The code up to the cursor, and before it all that goes along."""
    return commented(context.related, context.language) + context.before


def _codestral_prefix(context: InlineContext) -> str:
    shown = "".join(f"{CODESTRAL_FILE}{file.path}\n{_ended(file.text)}\n" for file in files_of(context))
    this = f"{CODESTRAL_FILE}{context.path}\n" if shown else ""
    return f"{shown}{this}{_front(context)}{context.before}"


def _ended(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"
