"""What is asked, and of whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spark_lsp.settings.endpoint_model import JobSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spark_lsp.core.prompt import Prompt, TextPrompt


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """A conversation or a text to be continued by the model.

    `max_output_tokens` is what this task needs; the endpoint's own limit caps it.
    """

    prompt: Prompt | TextPrompt
    max_output_tokens: int
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait, in seconds.

    `connect` holds for a TCP connection and once more for its TLS handshake. `first_token` runs from the start of the
    request until the model's first token, of text or of reasoning; headers and comments are none. `stall` is the
    longest wait for the next token after that. `total` runs from the start to the end.
    """

    connect: float = 2.0
    first_token: float = 15.0
    stall: float = 10.0
    total: float = 120.0


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens; `unit` is USD for one of the provider's own units, should it charge such."""

    input: float = 0.0
    cached_input: float = 0.0
    output: float = 0.0
    unit: float = 0.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model answers, and how to speak to it. `name` is its key in the settings.

    `base_url` is what stands before the wire's own path, such as ``http://127.0.0.1:8000/v1``. `api_key_source` names
    where the key comes from ("the variable MY_KEY"), for messages; with a source but no key, the source gave none.
    `headers` and the top-level keys of `extra_body` override what the wire sends; a None in `extra_body` leaves that
    key out. A `temperature` or `seed` of None is not sent.
    """

    name: str
    base_url: str
    model: str
    wire: str = "chat"
    api_key: str | None = field(default=None, repr=False)
    api_key_source: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # may hold secrets too
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    temperature: float | None = 0
    seed: int | None = 0
    max_output_tokens: int = 4096
    context_tokens: int = 128_000
    timeouts: Timeouts = field(default_factory=Timeouts)
    price: Price = field(default_factory=Price)
    hedge: bool = False
    """Ask once more when the first token is late, and take what comes first."""
    jobs: JobSettings = field(default_factory=JobSettings)
    """How jobs are submitted and asked for, on the wire `jobs`."""

    @property
    def sends_files(self) -> bool:
        """Whether the files of a prompt go along."""
        return self.wire == "jobs" and self.jobs.kind == "http"
