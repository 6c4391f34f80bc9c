"""The next edit brought into the document for a client that does not do so itself, and before the user's eyes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from spark_lsp.core.delivery import Delivery
from spark_lsp.core.refine import smallest
from spark_lsp.core.text import Range
from spark_lsp.features.conveyor import Conveyor, EditorFailure
from spark_lsp.features.edit_result import EditResult, Timings, hunk_reports

if TYPE_CHECKING:
    from spark_lsp.core.text import Position
    from spark_lsp.features.next_edit import NextEdits
    from spark_lsp.features.services import Services
    from spark_lsp.features.shown_edit import ShownEdit
    from spark_lsp.session import ActiveEdit

LABEL: Final = "Spark: next edit"
APPLY_SECONDS: Final = 15.0


async def apply_next_edit(services: Services, next_edits: NextEdits, uri: str, position: Position) -> EditResult | None:
    """Apply the next edit and show it; None if nothing comes next."""
    shown = next_edits.suggest(uri, position, is_asked=True) or await next_edits.ask(uri, position)
    document = services.session.documents.get(shown.next_edit.uri) if shown is not None else None
    if shown is None or document is None:
        return None
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
    started = clock()
    document.on_change.append(conveyor.wake)
    try:
        async with asyncio.timeout(APPLY_SECONDS):
            while await conveyor.carry(last=True):
                pass
    except (EditorFailure, TimeoutError) as failure:
        message = str(failure) or "The editor did not answer when asked to apply the edit: try again."
        return EditResult(edit.edit_id, "failed", message, hunk_reports(delivery))
    finally:
        document.on_change.remove(conveyor.wake)
        edit.done = True
    return _result(services, next_edits, edit, shown, Timings(total=clock() - started))


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
