"""What every feature is given."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from spark_lsp.context.redaction import SecretVault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from spark_lsp.endpoints.catalog import EndpointCatalog
    from spark_lsp.endpoints.model_client import ModelClient
    from spark_lsp.features.bookkeeping import Bookkeeping
    from spark_lsp.features.editor import Editor
    from spark_lsp.features.status import Activity
    from spark_lsp.features.surroundings import ContextOf
    from spark_lsp.session import Session


@dataclass(frozen=True, slots=True)
class Services:
    """The state, the editor and the models. One for the life of the server."""

    session: Session
    editor: Editor
    models: ModelClient
    activity: Activity
    catalog: EndpointCatalog
    book: Bookkeeping
    vault: SecretVault = field(default_factory=SecretVault)
    context_of: ContextOf = lambda _: None
    settle_text: Callable[[str], Awaitable[None]] = lambda _: asyncio.sleep(0)
    """Awaited before the context of a document is looked for, so that what was just typed counts: some milliseconds."""
