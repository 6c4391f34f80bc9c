"""The lenses above the hunks of an edit: keep and revert, in any editor that shows code lenses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spark_lsp.features.review import reviewable

if TYPE_CHECKING:
    from spark_lsp.core.text import Position
    from spark_lsp.session import Session


@dataclass(frozen=True, slots=True)
class Lens:
    """A command at a line."""

    position: Position
    title: str
    command: str
    edit_id: str
    hunk: int | None
    """None for all of the edit's hunks."""


def code_lenses(session: Session, uri: str) -> list[Lens]:
    """Keep and revert for every hunk of the last edit; for more than one, for all of them above the first."""
    edit = session.last_edit(uri)
    hunks = reviewable(edit) if edit else []
    if edit is None or not hunks:
        return []
    lenses: list[Lens] = []
    if len(hunks) > 1:
        top = hunks[0].range.start
        lenses += [
            Lens(top, f"Keep all {len(hunks)}", "spark.keep", edit.edit_id, None),
            Lens(top, "Revert all", "spark.revert", edit.edit_id, None),
        ]
    for hunk in hunks:
        change = f"+{hunk.added} −{hunk.removed}"
        lenses += [
            Lens(hunk.range.start, f"Keep ({change})", "spark.keep", edit.edit_id, hunk.number),
            Lens(hunk.range.start, "Revert", "spark.revert", edit.edit_id, hunk.number),
        ]
    return lenses
