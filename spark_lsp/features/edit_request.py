"""From what the user asked for to what is asked of a model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from spark_lsp.context.edit import edit_context
from spark_lsp.context.region import edit_region
from spark_lsp.core.prompt import PromptFile, tokens_in
from spark_lsp.features.paths import display_path
from spark_lsp.formats.edit_formats import edit_format

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.core.prompt import EditContext, Prompt
    from spark_lsp.core.text import Range, Text
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
    format: EditFormat
    prompt: Prompt
    seconds: float
    """What preparing took."""

    @property
    def tokens(self) -> int:
        """The size of the prompt, estimated."""
        return tokens_in(sum(map(len, self.prompt.texts)))


def prepare_edit(
    session: Session, snapshot: Snapshot, request: EditRequest, endpoint: Endpoint, clock: Callable[[], float]
) -> PreparedEdit:
    """Make the request to a model."""
    started = clock()
    context = edit_context(
        snapshot.text,
        edit_region(snapshot.text, snapshot.syntax, request.range),
        path=display_path(session, request.uri),
        language=snapshot.language_id,
        instruction=request.instruction,
        budget=session.settings.context.tokens,
    )
    configured = session.settings.endpoints.get(endpoint.name)
    wanted = request.format or (configured.format.edit if configured else "auto")
    chosen = edit_format(wanted, context.region.text, endpoint.wire)
    prompt = chosen.render(context)
    if endpoint.sends_files:
        prompt = _with_file(prompt, context.path, snapshot.text, endpoint.context_tokens)
    return PreparedEdit(context, chosen, prompt, clock() - started)


def _with_file(prompt: Prompt, path: str, text: Text, tokens: int) -> Prompt:
    """The prompt with the whole file, if the model can take in both; the code around the region is there anyway."""
    if tokens_in(sum(map(len, (*prompt.texts, *text.lines)))) > tokens:
        return prompt
    return replace(prompt, files=(PromptFile(path, str(text)),))
