"""From what the user asked for to what is asked of a model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from spark_lsp.context.edit import edit_context, plain_surroundings
from spark_lsp.context.engine import NO_EXTRAS, OpenText
from spark_lsp.context.redaction_of_edit import redacted_edit
from spark_lsp.context.region import edit_region
from spark_lsp.core.prompt import PromptFile, tokens_in
from spark_lsp.endpoints.request import CompletionRequest
from spark_lsp.features.paths import display_path
from spark_lsp.formats.edit_formats import edit_format

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.context.engine import ContextEngine
    from spark_lsp.context.extras import Extras
    from spark_lsp.context.parts import Chosen
    from spark_lsp.context.redaction import Redaction, SecretVault
    from spark_lsp.core.prompt import EditContext, Prompt
    from spark_lsp.core.text import Range
    from spark_lsp.endpoints.request import Endpoint
    from spark_lsp.formats.edit_formats import EditFormat
    from spark_lsp.session import Session, Snapshot


@dataclass(frozen=True, slots=True)
class EditRequest:
    """What the user asked for; None stands for what the settings say."""

    uri: str
    range: Range
    """An empty one means what encloses it in the syntax."""
    instruction: str
    apply: str | None = None
    format: str | None = None
    task: Literal["edit", "deep"] = "edit"
    """Which of the routes it takes: the fast one, or the one for more thought."""


@dataclass(frozen=True, slots=True)
class PreparedEdit:
    """What is asked of a model, and how its reply is to be read."""

    context: EditContext
    """As the document has it, secrets included."""
    format: EditFormat
    prompt: Prompt
    redaction: Redaction
    """What was taken out of the context for the prompt, and how to put it back into the reply."""
    seconds: float
    """What preparing took."""
    chosen: Chosen | None = None
    """What the repository gave, piece by piece, and what was left out; None if it was not asked."""

    @property
    def tokens(self) -> int:
        """The size of the prompt, estimated."""
        return tokens_in(sum(map(len, self.prompt.texts)))

    def request(self, endpoint: Endpoint) -> CompletionRequest:
        """What is asked of an endpoint."""
        return CompletionRequest(self.prompt, endpoint.max_output_tokens)


def prepare_edit(
    session: Session,
    vault: SecretVault,
    snapshot: Snapshot,
    request: EditRequest,
    endpoint: Endpoint,
    clock: Callable[[], float],
    around: tuple[ContextEngine, str] | None = None,
    extras: Extras = NO_EXTRAS,
) -> PreparedEdit:
    """Make the request to a model. `around` chooses what else it gets to see; without, it sees only the file."""
    started = clock()
    context, chosen_parts = _context(session, snapshot, request, around, extras)
    configured = session.settings.endpoints.get(endpoint.name)
    wanted = request.format or (configured.format.edit if configured else "auto")
    chosen = edit_format(wanted, context.region.text, endpoint.wire)
    takes_file = endpoint.sends_files and tokens_in(sum(map(len, snapshot.text.lines))) <= endpoint.context_tokens
    safe = redacted_edit(
        context,
        snapshot.text,
        vault if session.settings.privacy.redact_secrets else None,
        file=str(snapshot.text) if takes_file else None,
    )
    prompt = chosen.render(safe.context)
    if safe.file is not None:
        prompt = _with_file(prompt, PromptFile(safe.context.path, safe.file), endpoint.context_tokens)
    return PreparedEdit(context, chosen, prompt, safe.redaction, clock() - started, chosen_parts)


def _context(
    session: Session,
    snapshot: Snapshot,
    request: EditRequest,
    around: tuple[ContextEngine, str] | None,
    extras: Extras,
) -> tuple[EditContext, Chosen | None]:
    text, budget = snapshot.text, session.settings.context.tokens
    region = edit_region(text, snapshot.syntax, request.range)
    path = display_path(session, request.uri)
    if around is None:
        surroundings = plain_surroundings(text, region, budget)
    else:
        engine, inner = around
        surroundings = engine.for_edit(OpenText(inner, text), region.start, region.end, budget, extras)
    context = edit_context(
        text, region, surroundings, path=path, language=snapshot.language_id, instruction=request.instruction
    )
    return context, surroundings.chosen if around else None


def _with_file(prompt: Prompt, file: PromptFile, tokens: int) -> Prompt:
    """The prompt with the whole file, if the model can take in both; the code around the region is there anyway."""
    if tokens_in(sum(map(len, (*prompt.texts, file.text)))) > tokens:
        return prompt
    return replace(prompt, files=(file,))
