"""Keeping and reverting the hunks of an edit, and cancelling one that runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from spark_lsp.core.delivery import HunkState
from spark_lsp.features.conveyor import Conveyor

if TYPE_CHECKING:
    from spark_lsp.core.delivery import Hunk
    from spark_lsp.features.services import Services
    from spark_lsp.session import ActiveEdit

REVERT_SECONDS = 15.0


def reviewable(edit: ActiveEdit) -> list[Hunk]:
    """The hunks that can be kept or reverted, from top to bottom; none while the edit runs."""
    if not edit.done:
        return []
    return sorted((hunk for hunk in edit.delivery.hunks if hunk.revertible), key=lambda hunk: hunk.range.start)


def keep(services: Services, edit_id: str, number: int | None) -> None:
    """Keep one hunk, or all of an edit: it can not be reverted any more."""
    edit = services.session.edits.get(edit_id)
    if edit is None:
        return
    for hunk in _chosen(edit, number):
        hunk.state = HunkState.BUILT_ON
    _close_if_done(services, edit)
    services.editor.hunks_changed()


async def revert(services: Services, edit_id: str, number: int | None) -> None:
    """Take one hunk back, or all of an edit, as far as the user has not changed them since.

    Raises `EditorFailure` if the client does not do it.
    """
    edit = services.session.edits.get(edit_id)
    if edit is None:
        return
    if not edit.done:
        cancel(services, edit_id)
        return
    conveyor = Conveyor(services.editor, edit.document, edit.delivery, f"Revert: {edit.label}")
    edit.document.on_change.append(conveyor.wake)
    edit.delivery.take_back(_chosen(edit, number))
    try:
        async with asyncio.timeout(REVERT_SECONDS):
            while await conveyor.carry(last=True):
                pass
    finally:
        edit.document.on_change.remove(conveyor.wake)
    _close_if_done(services, edit)
    services.editor.hunks_changed()


def cancel(services: Services, edit_id: str | None) -> None:
    """Cancel one running edit, or all of them."""
    for edit in tuple(services.session.edits.values()):
        if edit_id in (None, edit.edit_id):
            edit.cancel()


def _chosen(edit: ActiveEdit, number: int | None) -> list[Hunk]:
    return [hunk for hunk in reviewable(edit) if number in (None, hunk.number)]


def _close_if_done(services: Services, edit: ActiveEdit) -> None:
    if not reviewable(edit):
        services.session.forget(edit)
