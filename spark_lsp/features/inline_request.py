"""From a place in a document to what is asked of a model for a suggestion there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from spark_lsp.context.engine import NO_EXTRAS, OpenText
from spark_lsp.context.inline import inline_context, redacted_inline
from spark_lsp.core.prompt import TextPrompt
from spark_lsp.features.paths import display_path
from spark_lsp.features.prepared_suggestion import TOKENS_OF_A_TALKER, PreparedSuggestion
from spark_lsp.formats.inline_formats import can_hold, inline_format

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.context.engine import ContextEngine
    from spark_lsp.context.extras import Extras
    from spark_lsp.context.redaction import SecretVault
    from spark_lsp.core.prompt import InlineContext
    from spark_lsp.core.text import Position
    from spark_lsp.endpoints.request import Endpoint
    from spark_lsp.formats.inline_formats import InlineFormat
    from spark_lsp.session import Session, Snapshot

_TOKENS_A_LINE: Final = 24


PreparedInline: TypeAlias = "PreparedSuggestion[InlineContext, InlineFormat]"
"""Its context is as it is sent: without secrets."""


def prepare_inline(
    session: Session,
    vault: SecretVault,
    snapshot: Snapshot,
    position: Position,
    endpoint: Endpoint,
    clock: Callable[[], float],
    around: tuple[ContextEngine, str] | None = None,
    extras: Extras = NO_EXTRAS,
) -> PreparedInline | None:
    """Make the request for a suggestion; None if the text holds what the model would take for orders."""
    started = clock()
    settings = session.settings
    budget = settings.context.inline_tokens
    path, text, chosen = display_path(session, snapshot.uri), snapshot.text, None
    if around is None:
        context = inline_context(text, position, budget, path=path, language=snapshot.language_id)
    else:
        engine, inner = around
        surroundings = engine.for_cursor(OpenText(inner, text), position, budget, extras)
        chosen = surroundings.chosen
        context = inline_context(text, position, surroundings, path=path, language=snapshot.language_id)
    configured = settings.endpoints.get(endpoint.name)
    wanted = configured.format.inline if configured else "auto"
    chosen_format = inline_format(wanted, endpoint.wire, endpoint.model)
    vault_in_use = vault if settings.privacy.redact_secrets else None
    context, redaction = redacted_inline(context, text, position, vault_in_use)
    if not can_hold(chosen_format, context):
        return None
    prompt = chosen_format.render(context)
    most = settings.inline.max_lines * _TOKENS_A_LINE
    if not isinstance(prompt, TextPrompt):
        most = max(most, TOKENS_OF_A_TALKER)
    return PreparedSuggestion(context, chosen_format, prompt, most, redaction, clock() - started, chosen)
