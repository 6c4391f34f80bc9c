"""The context of the next edit: the window, what is around it, and what was changed last."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from spark_lsp.context.related import related_code
from spark_lsp.core.prompt import NextEditContext, RecentEdit, RelatedCode
from spark_lsp.core.text import Position, line_content

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from spark_lsp.context.engine import Surroundings
    from spark_lsp.context.extras import RecentEdits
    from spark_lsp.context.next_edit_window import EditWindow
    from spark_lsp.context.parts import Chosen
    from spark_lsp.core.history import ChangedLines
    from spark_lsp.core.text import Text

MOST_EDITS: Final = 6
_MOST_CHARACTERS: Final = 3000
"""Of the recent edits together, some 1,000 tokens. Older ones are left out first."""
_LONGEST_LINE: Final = 400
"""A change with a longer line is data: it tells a model nothing."""
_AROUND: Final = 3
"""Lines that are shown around a change."""


def next_edit_context(
    text: Text,
    position: Position,
    window: EditWindow,
    recent: Sequence[RecentEdits],
    surroundings: Surroundings | None,
    *,
    path: str,
    language: str,
) -> NextEditContext:
    """Gather what a prompt needs. The document's own recent edits are the last of them, under its own path.

    Code around the window comes from the surroundings, if there are any and the window does not say what goes with it.
    """
    lines = window.lines
    if window.shown is None and surroundings is not None:
        before, after = _plain(surroundings.before), _plain(surroundings.after)
    else:
        shown = window.shown or lines
        before, after = _joined(text, shown.start, lines.start), _joined(text, lines.stop, shown.stop)
    own = recent[-1].history.hunks if recent else ()
    return NextEditContext(
        path=path,
        language=language,
        window=_contents(text, lines.start, lines.stop),
        first_line=lines.start,
        cursor=Position(position.line - lines.start, position.column),
        before=before,
        after=after,
        history=recent_edits(recent),
        window_before=_window_before(text, lines, own[-1] if own else None),
        related=() if surroundings is None else _related(surroundings.chosen),
    )


def recent_edits(recent: Iterable[RecentEdits]) -> tuple[RecentEdit, ...]:
    """The last changes that a model gets to see, the latest last: as many as have room."""
    found: list[RecentEdit] = []
    room = _MOST_CHARACTERS
    for one in reversed(tuple(recent)):
        for hunk in reversed(one.history.hunks):
            edit = _recent_edit(one.path, one.text, hunk)
            shown = (*edit.above, *edit.old, *edit.new, *edit.below)
            if max(map(len, shown), default=0) > _LONGEST_LINE:
                continue
            room -= sum(map(len, shown))
            if room < 0 or len(found) == MOST_EDITS:
                return tuple(reversed(found))
            found.append(edit)
    return tuple(reversed(found))


def _recent_edit(path: str, text: Text, hunk: ChangedLines) -> RecentEdit:
    return RecentEdit(
        path,
        hunk.line,
        tuple(map(line_content, hunk.old)),
        _contents(text, hunk.line, hunk.end),
        _contents(text, max(0, hunk.line - _AROUND), hunk.line),
        _contents(text, hunk.end, hunk.end + _AROUND),
    )


def _window_before(text: Text, lines: range, hunk: ChangedLines | None) -> tuple[str, ...]:
    """The window without the last change, should that reach into it."""
    if hunk is None or hunk.line >= lines.stop or hunk.end < lines.start:
        return _contents(text, lines.start, lines.stop)
    head = _contents(text, lines.start, max(lines.start, hunk.line))
    return (*head, *map(line_content, hunk.old), *_contents(text, max(hunk.end, lines.start), lines.stop))


def _related(chosen: Chosen) -> tuple[RelatedCode, ...]:
    """What was chosen, each excerpt of another file under its path; recent edits are told of elsewhere."""
    files = tuple(RelatedCode("file", part.path, part.text) for part in chosen.of("definition", "caller", "sibling"))
    others = [one for one in related_code(chosen) if one.kind not in ("definitions", "recent edit")]
    manifest = tuple(one for one in others if one.kind == "manifest")
    return (*manifest, *files, *(one for one in others if one.kind != "manifest"))


def _contents(text: Text, first: int, end: int) -> tuple[str, ...]:
    return tuple(map(line_content, text.lines[first:end]))


def _joined(text: Text, first: int, end: int) -> str:
    """Lines as one text, in which all end alike; the empty line at the end of a document is none."""
    lines = _contents(text, first, end)
    if end >= len(text.lines) and lines and not lines[-1]:
        lines = lines[:-1]
    return "".join(f"{line}\n" for line in lines)


def _plain(code: str) -> str:
    """A text with the one line ending that models know."""
    return code.replace("\r\n", "\n").replace("\r", "\n") if "\r" in code else code


def with_path(recent: Sequence[RecentEdits], path: str) -> tuple[RecentEdits, ...]:
    """Recent edits with those of the document at hand, the last, under the path that the prompt has for it."""
    return (*recent[:-1], *(replace(one, path=path) for one in recent[-1:]))
