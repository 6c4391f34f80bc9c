"""What is done for suggestions before anybody asks: what follows the one that is read, and what prompts will need."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from spark_lsp.core.suggestions import Suggestion, agreement
from spark_lsp.core.text import extent
from spark_lsp.features.inline_run import InlineRun
from spark_lsp.features.inline_state import ending_at
from spark_lsp.features.speculation import is_worth_asking
from spark_lsp.features.surroundings import look_around

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.core.text import Position
    from spark_lsp.features.inline_state import Ask, CursorState
    from spark_lsp.features.inline_verdicts import Shown
    from spark_lsp.features.services import Services
    from spark_lsp.features.speculation import Acceptance

SECONDS_BEFORE_PREPARING: Final = 0.02
SECONDS_OF_REST: Final = 0.004
"""What the next prompt needs is found out once the request is on its way, and between what comes of it."""


def look_ahead(
    services: Services,
    state: CursorState,
    ask: Ask,
    shown: Shown,
    acceptance: Acceptance,
    told: Callable[[InlineRun], None],
) -> None:
    """Have a model say what follows a suggestion that the user seems to be reading."""
    document, suggestion = state.document, shown.suggestion
    if state.shown is not shown or not document.open or document.text is not ask.text or not suggestion.complete:
        return
    if state.next_run is not None and not state.next_run.over:
        return
    if not is_worth_asking(services, shown.endpoint, acceptance):
        return
    found = agreement(suggestion, ask.text, ask.position)
    if found is None or not found.remainder or found.replaced:
        return
    new = found.remainder.replace("\n", ending_at(ask.text, ask.position))
    after = ask.text.splice(ask.position, ask.position, new)
    follows = Suggestion(suggestion.place, suggestion.most_lines, lead=suggestion.lead + suggestion.text)
    state.suggestions.add(follows)
    position = ask.position + extent(new)
    state.next_run = InlineRun(services, document.snapshot(), after, position, follows, told, automatic=True)


def prepare_soon(services: Services, state: CursorState, position: Position) -> None:
    """Find out what a place needs, so that the next prompt has it."""
    around = services.context_of(state.document.uri)
    if around is None or (state.preparing is not None and not state.preparing.done()):
        return
    text = state.document.text

    async def prepare() -> None:
        await asyncio.sleep(SECONDS_BEFORE_PREPARING)
        await look_around(around, text, position, rest=SECONDS_OF_REST)

    state.preparing = asyncio.get_running_loop().create_task(prepare())
