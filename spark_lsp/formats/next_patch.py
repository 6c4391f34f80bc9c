"""The format `patch`: a chat model sees numbered lines; its reply is patches: `file:line`, then `-` and `+` lines.

What a patch removes must stand in the code that was shown, at the line that it names or nowhere else: a model's line
numbers are a hint, its quotations are not. If any patch of this file does not fit, none is taken, since they may belong
together. Patches of other files are passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from spark_lsp.core.hunks import LineHunk
from spark_lsp.core.prompt import Message, Prompt
from spark_lsp.formats.edit_window import NO_EDIT, marked_lines, reply_lines
from spark_lsp.formats.fences import in_fence
from spark_lsp.formats.next_edit_prompt import NOTHING, TASK, changed, mark_of, surroundings
from spark_lsp.formats.unified_diff import is_same_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spark_lsp.core.prompt import NextEditContext

_SYSTEM: Final = f"""\
{TASK} Reply with patches, one for each place to be changed, and without any other word. A patch is a line with the \
file's path, a colon and the number of the first line that goes, then each line that goes with a - before it, then \
each line that comes with a + before it, all with the indentation that they have in the file and without their \
numbers. To insert lines, remove the line above them and add it again. If nothing is to be changed, reply with \
{NOTHING} alone. An example:

src/shop.py:41
-    return price
+    return price * count"""
_HEADER: Final = re.compile(r"(.+):(\d+)$")


@dataclass(slots=True)
class _Patch:
    path: str
    line: int
    """As the model says, from 0."""
    old: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)


def render(context: NextEditContext) -> Prompt:
    """The messages. Lines are numbered from 0, as the models know it that were trained on such patches."""
    lines = (*context.lines_before, *marked_lines(context, mark_of(context)), *context.lines_after)
    first = context.first_line - len(context.lines_before)
    numbered = "".join(f"{number}| {line}\n" for number, line in enumerate(lines, first))
    parts = [*surroundings(context), *changed(context), "The code:\n" + in_fence(numbered, "")]
    return Prompt((Message("system", _SYSTEM), Message("user", "\n\n".join(parts))))


def read(context: NextEditContext, reply: str, *, whole: bool) -> tuple[LineHunk, ...]:
    """The patches of this file. Of a reply that was cut, the last one is left out."""
    patches = list(_patches(reply.replace(mark_of(context), "")))
    if not whole:
        patches = patches[:-1]
    hunks: list[LineHunk] = []
    for patch in patches:
        if not is_same_file(patch.path, context.path) or patch.old == patch.new:
            continue
        start = _place(context, patch)
        if start is None:
            return NO_EDIT
        hunks.append(LineHunk(start, start + len(patch.old), tuple(patch.new)))
    hunks.sort(key=lambda hunk: (hunk.start, hunk.end))
    if any(one.end > other.start or one.start == other.start for one, other in pairwise(hunks)):
        return NO_EDIT
    return tuple(hunks)


def _patches(reply: str) -> Iterator[_Patch]:
    patch: _Patch | None = None
    for line in reply_lines(reply):
        if patch is not None and line[:1] == "-" and not patch.new:
            patch.old.append(line[1:])
        elif patch is not None and line[:1] == "+":
            patch.new.append(line[1:])
        else:
            if patch is not None and (patch.old or patch.new):
                yield patch
            header = _HEADER.match(line.strip())
            patch = _Patch(header[1], int(header[2])) if header is not None else None
    if patch is not None:
        yield patch


def _place(context: NextEditContext, patch: _Patch) -> int | None:
    """The line of the document at which a patch fits: where it says, else the only place that its lines stand at."""
    lines = (*context.lines_before, *context.window, *context.lines_after)
    first = context.first_line - len(context.lines_before)
    said, size = patch.line - first, len(patch.old)
    if not patch.old:
        return patch.line if 0 <= said <= len(lines) else None
    bare = [line.rstrip() for line in patch.old], [line.rstrip() for line in lines]
    for wanted, here in ((patch.old, list(lines)), bare):
        places = [at for at in range(len(lines) - size + 1) if here[at : at + size] == wanted]
        if said in places:
            return patch.line
        if places:
            return first + places[0] if len(places) == 1 else None
    return None
