"""The format `hole`: a chat model sees the code with a mark at the cursor; its reply is the text to insert there."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from spark_lsp.core.prompt import InlineContext, Message, Prompt
from spark_lsp.formats.fences import in_fence
from spark_lsp.formats.hole_reply import HoleLines
from spark_lsp.formats.repetition import NewLines
from spark_lsp.formats.reply import LineSplitter

if TYPE_CHECKING:
    from collections.abc import Iterator

_SYSTEM = """\
You complete code while the user types. The user gives you a file in two parts: the code behind the cursor, then the \
code before it, which ends with a mark where the cursor is. Write what belongs at the mark, in the style of the file: \
finish the statement or the block that the user is writing, and nothing that is there already, neither before nor \
behind the mark. Where a new line is needed first, begin with it, and indent lines as they stand in the file. Reply \
with that text alone in one fenced code block, without any word before or after it. If nothing belongs there, reply \
with an empty block."""


def render(context: InlineContext) -> Prompt:
    """The messages for a suggestion. What each keystroke changes comes last, for the sake of providers' caches."""
    user = "\n\n".join(_parts(context))
    return Prompt((Message("system", _SYSTEM), Message("user", user)))


def mark_of(context: InlineContext) -> str:
    """What stands for the cursor: a text that is nowhere in the context."""
    texts = (context.before, context.after, *(one.text for one in context.related))
    marks = (f"<CURSOR{number or ''}>" for number in count())
    return next(mark for mark in marks if not any(mark in text for text in texts))


def _parts(context: InlineContext) -> Iterator[str]:
    for one in context.related:
        heading = f"From {one.heading}:" if one.kind == "file" else one.heading
        if one.is_code:
            yield f"{heading}\n{in_fence(one.text, '')}"
        else:
            yield f"{heading} {one.text}" if heading else one.text
    yield f"File: {context.path}" + (f" ({context.language})" if context.language else "")
    if context.after.strip():
        yield "Code behind the cursor:\n" + in_fence(context.after, context.language)
    yield "Code before the cursor:\n" + in_fence(context.before + mark_of(context), context.language)


class HoleParser:
    """Finds the text to insert in a reply, in any chunking, and gives it line by line."""

    def __init__(self, context: InlineContext) -> None:
        self._mark = mark_of(context)
        self._splitter = LineSplitter()
        self._code = HoleLines(context)
        self._new = NewLines(context.before)
        self._begun = False

    @property
    def ended(self) -> bool:
        """The block was closed: nothing that comes later counts, and the stream can be closed."""
        return self._code.ended

    def feed(self, text: str) -> str:
        """What this much more of the reply adds to the text for the hole."""
        return self._text(self._new_lines(self._splitter.feed(text)))

    def finish(self) -> str:
        """The rest, once the model has ended its reply."""
        lines = self._new_lines(self._splitter.finish())
        lines += [new for line in self._code.finish() for new in self._new.feed(line)]
        return self._text(lines + self._new.finish())

    def _new_lines(self, lines: list[str]) -> list[str]:
        code = [line for whole in lines for line in self._code.feed(whole.replace(self._mark, ""))]
        return [new for line in code for new in self._new.feed(line)]

    def _text(self, lines: list[str]) -> str:
        """Lines with the line feeds between them: none stands at the end of the reply's last line."""
        if not lines:
            return ""
        text = ("\n" if self._begun else "") + "\n".join(lines)
        self._begun = True
        return text
