"""From a place in a document to what is asked of a model for the next edit there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from spark_lsp.context.engine import NO_EXTRAS, OpenText
from spark_lsp.context.extras import RecentEdits
from spark_lsp.context.next_edit import next_edit_context, with_path
from spark_lsp.context.next_edit_window import EditWindow, edit_window
from spark_lsp.context.redaction_of_next_edit import redacted_next_edit
from spark_lsp.core.prompt import CHARACTERS_PER_TOKEN, TextPrompt, tokens_in
from spark_lsp.core.text import Position
from spark_lsp.features.paths import display_path
from spark_lsp.features.prepared_suggestion import TOKENS_OF_A_TALKER, PreparedSuggestion
from spark_lsp.formats.next_edit_formats import can_hold, next_edit_format

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.context.engine import ContextEngine
    from spark_lsp.context.extras import Extras
    from spark_lsp.context.redaction import SecretVault
    from spark_lsp.core.prompt import NextEditContext
    from spark_lsp.core.text import Text
    from spark_lsp.endpoints.request import Endpoint
    from spark_lsp.formats.next_edit_formats import NextEditFormat
    from spark_lsp.session import Session, Snapshot

_LEAST_TOKENS: Final = 512


PreparedNextEdit: TypeAlias = "PreparedSuggestion[NextEditContext, NextEditFormat]"
"""Its context is as the document is; what is sent has no secrets in it."""


def prepare_next_edit(
    session: Session,
    vault: SecretVault,
    snapshot: Snapshot,
    position: Position,
    endpoint: Endpoint,
    clock: Callable[[], float],
    around: tuple[ContextEngine, str] | None = None,
    extras: Extras = NO_EXTRAS,
) -> PreparedNextEdit | str:
    """Make the request for the next edit; the reason in a sentence if there is none to be made."""
    started = clock()
    settings = session.settings
    configured = settings.endpoints.get(endpoint.name)
    wanted = configured.format.next_edit if configured else "auto"
    chosen_format = next_edit_format(wanted, endpoint.wire, endpoint.model)
    if chosen_format is None:
        return "The model is not known to foresee edits: set format.nextEdit of its endpoint if it does."
    text, path = snapshot.text, display_path(session, snapshot.uri)
    position = text.clamp(position)
    window = edit_window(text, snapshot.syntax, position, chosen_format.window)
    if window is None:
        return "The lines at the cursor are too long."
    budget = settings.context.inline_tokens
    surroundings = None
    if around is not None:
        engine, inner = around
        start, end = (_start_of(text, line) for line in (window.lines.start, window.lines.stop))
        surroundings = engine.for_edit(OpenText(inner, text), start, end, budget, extras)
    elif window.shown is None:
        window = _with_code_around(text, window, budget * CHARACTERS_PER_TOKEN)
    recent = with_path(extras.recent or (RecentEdits(path, text, snapshot.history),), path)
    context = next_edit_context(text, position, window, recent, surroundings, path=path, language=snapshot.language_id)
    vault_in_use = vault if settings.privacy.redact_secrets else None
    safe, redaction = redacted_next_edit(context, {one.path: one.text for one in recent}, vault_in_use)
    if not can_hold(chosen_format, safe):
        return "The file holds control tokens of the model's format."
    prompt = chosen_format.render(safe)
    most = max(_LEAST_TOKENS, 2 * tokens_in(sum(map(len, context.window))))
    if not isinstance(prompt, TextPrompt):
        most += TOKENS_OF_A_TALKER
    chosen = None if surroundings is None else surroundings.chosen
    return PreparedSuggestion(context, chosen_format, prompt, most, redaction, clock() - started, chosen)


def _start_of(text: Text, line: int) -> Position:
    return Position(line, 0) if line < len(text.lines) else text.end


def _with_code_around(text: Text, window: EditWindow, characters: int) -> EditWindow:
    """The window with the lines above and below it that there is room for, half of it on each side."""
    first, end = window.lines.start, window.lines.stop
    left = characters // 2
    while first > 0 and (left := left - len(text.lines[first - 1])) >= 0:
        first -= 1
    left = characters // 2
    while end < len(text.lines) and (left := left - len(text.lines[end])) >= 0:
        end += 1
    return EditWindow(window.lines, range(first, end))
