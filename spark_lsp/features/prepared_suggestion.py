"""What a model is asked for a suggestion, whether at the cursor or for the next edit, and how to read its reply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from spark_lsp.core.prompt import tokens_in
from spark_lsp.endpoints.request import CompletionRequest

if TYPE_CHECKING:
    from spark_lsp.context.parts import Chosen
    from spark_lsp.context.redaction import Redaction
    from spark_lsp.core.prompt import Prompt, TextPrompt
    from spark_lsp.endpoints.request import Endpoint

_STOPS_OF_A_WIRE: Final = 4
"""Most take no more."""
TOKENS_OF_A_TALKER: Final = 1024
"""What a chat model may need besides: it may think first."""


class SuggestionFormat(Protocol):
    """As much of a format as is needed to ask in it."""

    @property
    def name(self) -> str: ...

    @property
    def stops(self) -> tuple[str, ...]: ...


C = TypeVar("C")
F = TypeVar("F", bound=SuggestionFormat)


@dataclass(frozen=True, slots=True)
class PreparedSuggestion(Generic[C, F]):
    """One request, before it is sent. Its kind follows from its context and its format."""

    context: C
    format: F
    prompt: Prompt | TextPrompt
    """Without secrets."""
    most_tokens: int
    """Of the answer."""
    redaction: Redaction
    seconds: float
    """What preparing took."""
    chosen: Chosen | None
    """What the repository gave, piece by piece, and what was left out; None if it was not asked."""

    @property
    def tokens(self) -> int:
        """The size of the prompt, estimated."""
        return tokens_in(sum(map(len, self.prompt.texts)))

    def request(self, endpoint: Endpoint) -> CompletionRequest:
        """What is asked of an endpoint; its own limit of tokens counts, too."""
        most = min(self.most_tokens, endpoint.max_output_tokens)
        return CompletionRequest(self.prompt, most, self.format.stops[:_STOPS_OF_A_WIRE])
