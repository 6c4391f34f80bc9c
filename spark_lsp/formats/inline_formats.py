"""The formats for a suggestion at the cursor, by name, and which one suits an endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

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
    name: str, render: Callable[[InlineContext], TextPrompt], stops: tuple[str, ...], tokens: tuple[str, ...] = ()
) -> InlineFormat:
    def parser(context: InlineContext) -> TextUntilStop:
        del context
        return TextUntilStop(stops)

    return InlineFormat(name, render, stops, tokens or stops, parser)


HOLE = InlineFormat("hole", hole.render, (), (), hole.HoleParser)
QWEN = _fim("fim-qwen", fim.qwen, fim.QWEN_TOKENS)
INLINE_FORMATS = {one.name: one for one in (HOLE, QWEN)}


def inline_format(wanted: str, wire: str, model: str) -> InlineFormat:
    """The format of that name; for "auto" the one that suits the wire and what the model is called."""
    if wanted in INLINE_FORMATS:
        return INLINE_FORMATS[wanted]
    return QWEN if wire in ("completions", "ollama") and "qwen" in model.lower() else HOLE


def can_hold(chosen: InlineFormat, context: InlineContext) -> bool:
    """Whether nothing in a context would be taken for one of the format's control tokens."""
    texts = [context.path, context.before, context.after]
    texts += [text for one in context.related for text in (one.heading, one.text)]
    return not any(token in text for token in chosen.control_tokens for text in texts)
