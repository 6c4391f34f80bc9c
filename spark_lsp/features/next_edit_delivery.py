"""The next edit brought into the document for a client that does not do so itself, and before the user's eyes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from spark_lsp.core.delivery import Delivery
from spark_lsp.core.refine import smallest
from spark_lsp.core.text import Range
from spark_lsp.features.conveyor import Conveyor, EditorFailure
from spark_lsp.features.edit_result import EditResult, Timings, hunk_reports
from spark_lsp.features.editor import Batch

if TYPE_CHECKING:
    from spark_lsp.core.text import Position
    from spark_lsp.features.next_edit import NextEdits
    from spark_lsp.features.services import Services
    from spark_lsp.features.shown_edit import ShownEdit
    from spark_lsp.session import ActiveEdit

LABEL: Final = "Spark: next edit"
NO_ANSWER: Final = "The editor did not answer when asked to apply the edit: try again."
APPLY_SECONDS: Final = 15.0
OPEN_SECONDS: Final = 2.0
"""So long a client may take to open a file that it is asked to show."""


async def apply_next_edit(services: Services, next_edits: NextEdits, uri: str, position: Position) -> EditResult | None:
    """Apply the next edit and show it; None if nothing comes next."""
    shown = next_edits.suggest(uri, position, is_asked=True) or await next_edits.ask(uri, position)
    if shown is None:
        return None
    started = asyncio.get_running_loop().time()
    document = services.session.documents.get(shown.next_edit.uri)
    if document is None and services.editor.can_show:
        start = shown.edits[0].start
        services.editor.show(shown.next_edit.uri, Range(start, start), shown.text)
        document = await next_edits.until_open(shown.next_edit.uri, OPEN_SECONDS)
    if not next_edits.fits(shown):
        return EditResult(shown.item_id, "rejected", "The file has changed meanwhile: ask for the next edit again.")
    if document is None:
        return await _apply_to_file(services, next_edits, shown, started)
    delivery = Delivery(document.text, services.editor.misread)
    edit = services.session.begin_edit(document, delivery, LABEL)
    conveyor = Conveyor(services.editor, document, delivery, LABEL)
    for one in shown.edits:
        small = smallest(document.text, one)
        removed, added = (
            one.end.line - one.start.line + bool(one.end.column),
            one.new.count("\n") + bool(one.end.column),
        )
        delivery.add(small, removed, added)
    clock = asyncio.get_running_loop().time
    document.on_change.append(conveyor.wake)
    try:
        async with asyncio.timeout(APPLY_SECONDS):
            while await conveyor.carry(last=True):
                pass
    except (EditorFailure, TimeoutError) as failure:
        message = str(failure) or NO_ANSWER
        return EditResult(edit.edit_id, "failed", message, hunk_reports(delivery))
    finally:
        document.on_change.remove(conveyor.wake)
        edit.done = True
    return _result(services, next_edits, edit, shown, Timings(total=clock() - started))


async def _apply_to_file(services: Services, next_edits: NextEdits, shown: ShownEdit, started: float) -> EditResult:
    """Have a client apply it to a file that it does not open for us. What it says is all that is known of it."""
    clock = asyncio.get_running_loop().time
    batch = Batch(shown.next_edit.uri, None, shown.text, shown.edits, LABEL, first=True, last=True)
    try:
        async with asyncio.timeout(APPLY_SECONDS):
            applied = await services.editor.apply(batch)
    except TimeoutError:
        return EditResult(shown.item_id, "failed", NO_ANSWER)
    timings = Timings(total=clock() - started)
    if not applied:
        return EditResult(shown.item_id, "rejected", "The editor did not apply the edit: open the file, and try again.")
    next_edits.accepted(shown.item_id)
    return EditResult(shown.item_id, "applied", timings=timings)


def _result(
    services: Services, next_edits: NextEdits, edit: ActiveEdit, shown: ShownEdit, timings: Timings
) -> EditResult:
    reports = hunk_reports(edit.delivery)
    if reports:
        next_edits.accepted(shown.item_id)
        start = reports[0].range.start
        services.editor.show(edit.document.uri, Range(start, start))
        next_edits.walk_on(edit.document.uri, start)
    else:
        services.session.forget(edit)
    services.editor.hunks_changed()
    return EditResult(edit.edit_id, "applied" if reports else "rejected", None, reports, timings=timings)
