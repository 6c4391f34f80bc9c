"""The formats for a suggestion at the cursor, by name, and which one suits an endpoint.

Wires that converse get `hole`. Wires that put prefix and suffix together themselves get them apart, `suffix`. Where the
server only continues a text, the model's name says which fill-in-the-middle it was trained on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from spark_lsp.formats import fim, hole
from spark_lsp.formats.stops import TextUntilStop

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.core.prompt import InlineContext, Prompt, TextPrompt


class InlineParser(Protocol):
    """Finds the text to insert in a reply, in any chunking."""

    @property
    def ended(self) -> bool:
        """A stop was met: nothing that comes later counts, and the stream can be closed."""
        ...

    def feed(self, text: str) -> str:
        """What this much more of the reply adds to the text for the hole.

        What may be the beginning of a stop or of a fence is held back.
        """
        ...

    def finish(self) -> str:
        """The rest, once the model has ended its reply."""
        ...


@dataclass(frozen=True, slots=True)
class InlineFormat:
    """How a suggestion is asked for and how the reply is read."""

    name: str
    render: Callable[[InlineContext], Prompt | TextPrompt]
    stops: tuple[str, ...]
    """Where the text ends, the most important first. Most wires take four; the parser minds them all."""
    control_tokens: tuple[str, ...]
    """A context that holds one of them is never sent in this format: the model would take it for an order."""
    parser: Callable[[InlineContext], InlineParser]


def _fim(
    name: str,
    render: Callable[[InlineContext], TextPrompt],
    control_tokens: tuple[str, ...] = (),
    stops: tuple[str, ...] | None = None,
) -> InlineFormat:
    """A format whose reply is the text as it is, up to a stop: a control token, unless it says otherwise."""
    where = control_tokens if stops is None else stops

    def parser(context: InlineContext) -> TextUntilStop:
        del context
        return TextUntilStop(where)

    return InlineFormat(name, render, where, control_tokens, parser)


_NEXT_FILE: Final = "\n" + fim.CODESTRAL_FILE

HOLE: Final = InlineFormat("hole", hole.render, (), (), hole.HoleParser)
QWEN: Final = _fim("fim-qwen", fim.qwen, fim.QWEN_TOKENS)
STARCODER: Final = _fim("fim-starcoder", fim.starcoder, fim.STARCODER_TOKENS)
CODESTRAL: Final = _fim("fim-codestral", fim.codestral, fim.CODESTRAL_TOKENS, (_NEXT_FILE, *fim.CODESTRAL_TOKENS))
DEEPSEEK: Final = _fim("fim-deepseek", fim.DEEPSEEK, fim.DEEPSEEK_TOKENS)
CODELLAMA: Final = _fim("fim-codellama", fim.CODELLAMA, fim.CODELLAMA_TOKENS)
CODEGEMMA: Final = _fim("fim-codegemma", fim.CODEGEMMA, fim.CODEGEMMA_TOKENS)
SEED: Final = _fim("fim-seed", fim.seed, fim.SEED_TOKENS)
GRANITE: Final = _fim("fim-granite", fim.GRANITE, fim.GRANITE_TOKENS)
GRANITE_3: Final = _fim("fim-granite", fim.GRANITE_3, fim.GRANITE_3_TOKENS)
GLM: Final = _fim("fim-glm", fim.GLM, fim.GLM_TOKENS)
CODEGEEX: Final = _fim("fim-glm", fim.codegeex, fim.GLM_TOKENS)

_FAMILIES: Final = (
    (r"codestral", CODESTRAL),
    (r"starcoder|stable-?code|codeqwen", STARCODER),
    (r"qwen.*coder", QWEN),
    (r"deepseek.*coder", DEEPSEEK),
    (r"code-?llama", CODELLAMA),
    (r"code-?gemma", CODEGEMMA),
    (r"seed[-_]?coder", SEED),
    (r"granite[-_:]?4", GRANITE),
    (r"granite", GRANITE_3),
    (r"codegeex", CODEGEEX),
    (r"glm", GLM),
)
"""What the name of a model of each family has in it; the first that fits counts."""

_SUFFIX: Final = _fim("suffix", fim.apart)
_SUFFIX_BY_WIRE: Final = {
    "mistral-fim": _fim("suffix", fim.codestral_apart, stops=(_NEXT_FILE,)),
    # llama-server takes no control token out of the text that it is sent.
    "llama-infill": _fim("suffix", fim.apart_with_files),
    # Ollama does, and which ones depends on the model.
    "ollama": _fim("suffix", fim.apart, tuple(dict.fromkeys(t for _, f in _FAMILIES for t in f.control_tokens)), ()),
}
_HAVE_THEIR_OWN: Final = ("mistral-fim", "llama-infill")
_CONTINUE_A_TEXT: Final = ("completions", "ollama")


def inline_format(wanted: str, wire: str, model: str) -> InlineFormat:
    """The format of that name; for "auto" the one that suits the wire and what the model is called.

    A model that no family is known by gets prefix and suffix apart over `completions`, since there is no other way to
    tell it of both. Over `ollama` it gets `hole`: most models there converse, and Ollama refuses a suffix for all whose
    template has no place for it.
    """
    family = next((one for pattern, one in _FAMILIES if re.search(pattern, model.lower())), None)
    if wanted == "auto":
        if wire in _CONTINUE_A_TEXT and family is not None:
            return family
        wanted = "suffix" if wire in _HAVE_THEIR_OWN or wire == "completions" else "hole"
    if wanted == "suffix":
        return _SUFFIX_BY_WIRE.get(wire, _SUFFIX)
    if family is not None and family.name == wanted:
        return family  # as this model of the family has it
    return INLINE_FORMATS[wanted]


def can_hold(chosen: InlineFormat, context: InlineContext) -> bool:
    """Whether nothing in a context would be taken for one of the format's control tokens."""
    texts = [context.path, context.before, context.after]
    texts += [text for one in context.related for text in (one.heading, one.text)]
    return not any(token in text for token in chosen.control_tokens for text in texts)


INLINE_FORMATS: Final = {
    one.name: one
    for one in (*(HOLE, _SUFFIX, QWEN, STARCODER, CODESTRAL, DEEPSEEK, CODELLAMA, CODEGEMMA, SEED, GRANITE, GLM),)
}
