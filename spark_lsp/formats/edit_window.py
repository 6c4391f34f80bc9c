"""The edit window in prompts, and what a reply makes of it: what all families of next-edit models have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.core.diff import changes
from spark_lsp.core.hunks import HunkMaker, LineHunk
from spark_lsp.formats.fences import fence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spark_lsp.core.prompt import NextEditContext

NO_EDIT: tuple[LineHunk, ...] = ()


def marked_lines(context: NextEditContext, mark: str) -> list[str]:
    """The window's lines with a mark where the cursor is."""
    lines = list(context.window)
    at = context.cursor
    lines[at.line] = lines[at.line][: at.column] + mark + lines[at.line][at.column :]
    return lines


def window_text(context: NextEditContext, mark: str) -> str:
    """The window with a mark where the cursor is, as whole lines."""
    return "\n".join(marked_lines(context, mark)) + "\n"


def reply_lines(text: str) -> list[str]:
    """A text as lines without their endings; a line feed at its end begins no other."""
    return text.removesuffix("\n").split("\n") if text else []


def new_window(context: NextEditContext, lines: Sequence[str], *, whole: bool) -> tuple[LineHunk, ...]:
    """The hunks, in the document's lines, that make the window what a reply says it should be.

    Nothing is a reply of nothing. Blank lines at the end are those of the window, since models do not count them. Of a
    reply that was cut, `whole` is false: its last line may be half a line, and what it does not tell of stays.
    """
    lines = list(lines) if whole else list(lines[:-1])
    if not any(line.strip() for line in lines):
        return NO_EDIT
    if whole:
        lines = [*_without_end(lines), *context.window[len(_without_end(context.window)) :]]
        found = [
            LineHunk(one.old_start, one.old_end, tuple(lines[one.new_start : one.new_end]))
            for one in changes(context.window, lines)
        ]
    else:
        maker = HunkMaker(context.window)
        fed = (maker.feed(line) for line in lines)
        found = [
            LineHunk(hunk.start + one.old_start, hunk.start + one.old_end, hunk.new[one.new_start : one.new_end])
            for hunk in fed
            if hunk is not None
            for one in changes(context.window[hunk.start : hunk.end], hunk.new)
        ]
    first = context.first_line
    return tuple(LineHunk(first + one.start, first + one.end, one.new) for one in found)


def takes_back(context: NextEditContext, hunks: Sequence[LineHunk]) -> bool:
    """Whether hunks undo one of the recent edits of the file: they make its lines what they were before it."""
    first = context.first_line - len(context.lines_before)
    lines = (*context.lines_before, *context.window, *context.lines_after)
    for edit in context.history:
        start, end = edit.line, edit.line + len(edit.new)
        if edit.path != context.path or start < first or end > first + len(lines):
            continue
        near = [hunk for hunk in hunks if hunk.start <= end and start <= hunk.end]
        if not near:
            continue
        low, high = min([start, *(hunk.start for hunk in near)]), max([end, *(hunk.end for hunk in near)])
        undone = (*lines[low - first : start - first], *edit.old, *lines[end - first : high - first])
        done: list[str] = []
        at = low
        for hunk in near:
            done += (*lines[at - first : hunk.start - first], *hunk.new)
            at = hunk.end
        done += lines[at - first : high - first]
        if tuple(done) == undone:
            return True
    return False


def _without_end(lines: Sequence[str]) -> list[str]:
    """Lines without the blank ones at their end."""
    kept = list(lines)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


def without_fence(context: NextEditContext, lines: Sequence[str]) -> list[str]:
    """Lines out of the fence that they are in, unless the window itself begins with it."""
    opening = fence(lines[0]) if lines else None
    if opening is None or lines[0] == context.window[0]:
        return list(lines)
    kept = _without_end(lines[1:])
    closing = fence(kept[-1]) if kept else None
    return kept[:-1] if closing is not None and closing.closes(opening) else list(lines[1:])
