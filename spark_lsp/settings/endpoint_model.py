"""The settings of one endpoint: where a model answers, how to speak to it, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from spark_lsp.settings.fields import about, dollars, member, path, seconds, setting, token_count
from spark_lsp.settings.kinds import Alternatives, JsonObject, ListOf, MapOf, PartialTable, Table
from spark_lsp.settings.scalars import boolean, choice, integer, number, text

if TYPE_CHECKING:
    from collections.abc import Mapping

WIRES: Final = (
    "chat",
    "responses",
    "responses-ws",
    "completions",
    "anthropic",
    "mistral-fim",
    "llama-infill",
    "ollama",
    "inception-edit",
    "jobs",
)

FORMATS: Final = {
    "edit": ("rewrite", "search-replace", "diff"),
    "inline": (
        "hole",
        "suffix",
        "fim-qwen",
        "fim-starcoder",
        "fim-codestral",
        "fim-deepseek",
        "fim-codellama",
        "fim-codegemma",
        "fim-seed",
        "fim-granite",
        "fim-glm",
    ),
    "nextEdit": ("window", "zeta1", "zeta2", "sweep", "mercury", "instinct", "patch"),
}
"""The prompt formats that can be forced, by what they are for. No name is in two lists."""

_ALL_AUTO: Final = dict.fromkeys(FORMATS, "auto")
_FORMAT_WORDS: Final = {
    "auto": _ALL_AUTO,
    **{name: {**_ALL_AUTO, task: name} for task, names in FORMATS.items() for name in names},
}

# No credentials before the host: a key or a password never stands in a file.
_BASE_URL: Final = r"^[Hh][Tt][Tt][Pp][Ss]?://(\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]+)(:[0-9]{1,5})?([/?#]\S*)?$"

# The name of a variable, and nothing that looks like the key itself: a known prefix, or a long run of letters and
# digits. (A key with a dash in it, as most have, is no name anyway.)
_VARIABLE: Final = r"^(?!g?sk_)(?!.*(?=[A-Za-z]*[0-9])[A-Za-z0-9]{20})[A-Za-z_][A-Za-z0-9_]*$"
_HEADER_NAME: Final = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"
_HEADER_VALUE: Final = r"^([!-~]([\t -~]*[!-~])?)?$"


@dataclass(frozen=True, slots=True)
class FormatSettings:
    """The prompt format by task; "auto" follows from the wire and the model."""

    edit: str = setting("auto", choice(("auto", *FORMATS["edit"])), "The format for an instruction.")
    inline: str = setting("auto", choice(("auto", *FORMATS["inline"])), "The format at the cursor.")
    next_edit: str = setting("auto", choice(("auto", *FORMATS["nextEdit"])), "The format for the next edit.")


@dataclass(frozen=True, slots=True)
class TimeoutSettings:
    """How long to wait for an endpoint, in seconds."""

    connect: float = setting(2, seconds(), "For the connection.", "seconds")
    first_token: float = setting(15, seconds(), "From the request to the first token.", "seconds")
    stall: float = setting(10, seconds(), "Between two tokens.", "seconds")
    total: float = setting(120, seconds(), "For the whole answer.", "seconds")


_PRICE_UNIT: Final = "USD per million tokens"


@dataclass(frozen=True, slots=True)
class PriceSettings:
    """What tokens cost, in USD per million."""

    input: float = setting(0, dollars(), "What input costs.", _PRICE_UNIT)
    cached_input: float = setting(0, dollars(), "What input from the provider's cache costs.", _PRICE_UNIT)
    output: float = setting(0, dollars(), "What output costs.", _PRICE_UNIT)


@dataclass(frozen=True, slots=True)
class JobSettings:
    """The wire `jobs`: how a job is submitted, asked for and called off.

    A path is put behind baseUrl; one that begins with "/" behind its host. `{job_id}` in it is the job's id. A field is
    a dotted path into the JSON of the answer.
    """

    kind: str = setting(
        "openai-background",
        choice(("openai-background", "http")),
        "openai-background (OpenAI's responses with background: true) or http (any server; the other keys say how).",
    )
    submit_path: str = setting("/v2/chat/completions/spark", path(), "Where a job is POSTed.")
    poll_path: str = setting("/v2/jobs/{job_id}", path(), "Where a job is asked for, by GET.")
    cancel_path: str = setting(
        "/v2/jobs/{job_id}/cancel", path(minimum=0), "Where a job is called off, by POST; empty for nowhere."
    )
    context_field: str = setting(
        "repository_context",
        text("the name of a member", minimum=0),
        "What the manifest of files is called in the body.",
    )
    id_field: str = setting("job_id", member(), "Where the id is in the answer to the submission.")
    status_field: str = setting("status", member(), "Where the state of the job is.")
    result_field: str = setting("result.diff", member(), "Where the diff is.")
    error_field: str = setting("error.message", member(), "Where the reason of a failure is.")
    status_map: Mapping[str, str] = field(
        default_factory=dict,
        metadata=about(
            MapOf(
                "a table of strings",
                text("a state as the server calls it"),
                choice(("queued", "running", "succeeded", "failed", "cancelled")),
            ),
            "What the server's states mean, where it has words of its own: "
            "queued, running, succeeded, failed or cancelled.",
        ),
    )
    unit_field: str | None = setting(None, member(), "Where the cost in the provider's own units is, if anywhere.")
    unit_name: str = setting("units", text("a name"), "What such a unit is called.")
    usd_per_unit: float = setting(0, dollars(), "What one such unit costs, if you know.", "USD")


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """One endpoint. In `Settings` it has a preset or a base URL.

    What is not in `given` may be filled by a preset: see `layers.fill_left_out`.
    """

    preset: str | None = setting(
        None, text("a preset's name"), "The name of a preset, which fills what is left out here."
    )
    base_url: str | None = setting(
        None,
        text("an http:// or https:// URL without a user name or password", _BASE_URL),
        "Where the API is, up to and including its version, such as http://127.0.0.1:8000/v1. "
        "Needed where there is no preset.",
    )
    model: str | None = setting(None, text("a model's name"), "The model's name, as the endpoint knows it.")
    wire: str = setting("chat", choice(WIRES), "How the endpoint is spoken to.")
    format: FormatSettings = field(
        default_factory=FormatSettings,
        metadata=about(
            Alternatives(Table(FormatSettings), _FORMAT_WORDS),
            'The prompt format: "auto" (by task, wire and model), the name of one, which forces it for its task, '
            "or a table by task.",
        ),
    )
    api_key_env: str | None = setting(
        None,
        text(
            "the name of an environment variable, never the key itself (letters, digits and underscores)",
            _VARIABLE,
            maximum=128,
        ),
        "The name of the environment variable that holds the API key. Never the key itself.",
    )
    api_key_command: tuple[str, ...] | None = setting(
        None,
        ListOf("a command as a list of strings", text("a string", minimum=0), 1, 100, "spoils the list"),
        "A program and its arguments; the first line that it prints is the API key. It is run without a shell, "
        "and only if the variable in apiKeyEnv, should there be one, is not set.",
    )
    headers: Mapping[str, str] = field(
        default_factory=dict,
        metadata=about(
            MapOf(
                "a table of strings",
                text("the name of a header", _HEADER_NAME),
                text("the text of a header (ASCII, one line)", _HEADER_VALUE, minimum=0),
            ),
            "Headers to send along.",
        ),
    )
    extra_body: Mapping[str, Any] = field(
        default_factory=dict, metadata=about(JsonObject(), "Members to add to the body of every request.")
    )
    temperature: float = setting(0, number(100), "The sampling temperature.")
    seed: int = setting(0, integer(-1), "The sampling seed. Some servers take -1 for a random one.")
    max_output_tokens: int = setting(4096, token_count(), "The longest answer to ask for.", "tokens")
    context_tokens: int = setting(128_000, token_count(), "What the model can take in, the answer included.", "tokens")
    timeouts: TimeoutSettings = field(
        default_factory=TimeoutSettings, metadata=about(Table(TimeoutSettings), "How long to wait.")
    )
    price: PriceSettings = field(
        default_factory=PriceSettings, metadata=about(Table(PriceSettings), "What tokens cost.")
    )
    hedge: bool = setting(
        False,
        boolean(),
        "Whether to ask a second time when the first token is later than it nearly always is (p95), and to take "
        "whichever answer comes first. Costs up to twice the tokens.",
    )
    jobs: JobSettings = field(
        default_factory=JobSettings, metadata=about(Table(JobSettings), "How the wire jobs speaks.")
    )
    given: frozenset[str] = frozenset()
    """The dotted keys of this endpoint that were set, such as "timeouts.firstToken"."""


ENDPOINT: Final = PartialTable(Table(EndpointSettings), ("preset", "baseUrl"))
