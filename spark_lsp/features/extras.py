"""What the session knows beyond a document: recent edits, of other documents too, and what the tools complain of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spark_lsp.context.engine import NO_EXTRAS
from spark_lsp.context.extras import Extras, RecentEdits
from spark_lsp.features.paths import exclusion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spark_lsp.context.engine import ContextEngine
    from spark_lsp.features.services import Services
    from spark_lsp.session import Document, Snapshot

MOST_OTHERS: Final = 4
"""Other documents whose edits are shown."""


def extras_for(services: Services, snapshot: Snapshot) -> Extras:
    """The extras for a document's prompt; none without an index, which says where the document is.

    The document at hand comes last, before it the others of its workspace folder by when they were changed. Of those
    only what the index has, so nothing that is ignored, denied, or not known yet to be neither.
    """
    around = services.context_of(snapshot.uri)
    if around is None:
        return NO_EXTRAS
    engine, path = around
    own = RecentEdits(path, snapshot.text, snapshot.history)
    others: list[RecentEdits] = []
    changed = [document for document in services.session.documents.values() if document.history.hunks]
    for document in sorted(changed, key=lambda document: -document.turn):
        if len(others) >= MOST_OTHERS:
            break
        if document.uri != snapshot.uri:
            others.extend(_edits(services, document, engine))
    return Extras((*reversed(others), own), snapshot.diagnostics.known)


def _edits(services: Services, document: Document, engine: ContextEngine) -> Iterator[RecentEdits]:
    """The edits of another document, if they may be quoted."""
    there = services.context_of(document.uri)
    if there is None or there[0] is not engine or there[1] not in engine.graph.hashes:
        return
    if exclusion(services.session, document.uri) is None:
        yield RecentEdits(there[1], document.text, document.history)
