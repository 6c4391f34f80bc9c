"""The settings, all of them: what they are called, what they may be, their defaults and what they mean.

The parser, the JSON schema and the page docs/settings.md all follow from the fields here. Outside, names are camelCase;
inside, snake_case. Mappings are built as plain dictionaries: never change one in place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from spark_lsp.settings.kinds import (
    Alternatives,
    JsonObject,
    Kind,
    ListOf,
    MapOf,
    PartialTable,
    Setting,
    Table,
)
from spark_lsp.settings.scalars import boolean, choice, integer, number, positive_number, text

if TYPE_CHECKING:
    from collections.abc import Mapping

Value = TypeVar("Value")

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
    "edit": ("rewrite", "search-replace"),
    "inline": (
        "hole",
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

LOG_LEVELS: Final = ("debug", "info", "warning", "error")

_ALL_AUTO: Final = dict.fromkeys(FORMATS, "auto")
_FORMAT_WORDS: Final = {
    "auto": _ALL_AUTO,
    **{name: {**_ALL_AUTO, task: name} for task, names in FORMATS.items() for name in names},
}

_ONE_DAY: Final = 86_400
_MOST_TOKENS: Final = 100_000_000

# No credentials before the host: a key or a password never stands in a file.
_BASE_URL: Final = r"^[Hh][Tt][Tt][Pp][Ss]?://(\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]+)(:[0-9]{1,5})?([/?#]\S*)?$"

# The name of a variable, and nothing that looks like the key itself: a known prefix, or a long run of letters and
# digits. (A key with a dash in it, as most have, is no name anyway.)
_VARIABLE: Final = r"^(?!g?sk_)(?!.*(?=[A-Za-z]*[0-9])[A-Za-z0-9]{20})[A-Za-z_][A-Za-z0-9_]*$"
_HEADER_NAME: Final = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"
_HEADER_VALUE: Final = r"^([!-~]([\t -~]*[!-~])?)?$"


def _about(kind: Kind, description: str, unit: str = "") -> dict[str, Setting]:
    """The metadata of a field that is a setting."""
    return {"setting": Setting(kind, description, unit)}


def _setting(default: Value, kind: Kind, description: str, unit: str = "") -> Value:
    """A field that is a setting with an immutable default."""
    return field(default=default, metadata=_about(kind, description, unit))


def _tokens() -> Kind:
    return integer(1, _MOST_TOKENS)


def _seconds() -> Kind:
    return positive_number(_ONE_DAY)


def _dollars() -> Kind:
    return number(1_000_000)


@dataclass(frozen=True, slots=True)
class FormatSettings:
    """The prompt format by task; "auto" follows from the wire and the model."""

    edit: str = _setting("auto", choice(("auto", *FORMATS["edit"])), "The format for an instruction.")
    inline: str = _setting("auto", choice(("auto", *FORMATS["inline"])), "The format at the cursor.")
    next_edit: str = _setting("auto", choice(("auto", *FORMATS["nextEdit"])), "The format for the next edit.")


@dataclass(frozen=True, slots=True)
class TimeoutSettings:
    """How long to wait for an endpoint, in seconds."""

    connect: float = _setting(2, _seconds(), "For the connection.", "seconds")
    first_token: float = _setting(15, _seconds(), "From the request to the first token.", "seconds")
    stall: float = _setting(10, _seconds(), "Between two tokens.", "seconds")
    total: float = _setting(120, _seconds(), "For the whole answer.", "seconds")


_PRICE_UNIT: Final = "USD per million tokens"


@dataclass(frozen=True, slots=True)
class PriceSettings:
    """What tokens cost, in USD per million."""

    input: float = _setting(0, _dollars(), "What input costs.", _PRICE_UNIT)
    cached_input: float = _setting(0, _dollars(), "What input from the provider's cache costs.", _PRICE_UNIT)
    output: float = _setting(0, _dollars(), "What output costs.", _PRICE_UNIT)


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """One endpoint. In `Settings` it has a preset or a base URL.

    What is not in `given` may be filled by a preset: see `layers.fill_left_out`.
    """

    preset: str | None = _setting(
        None, text("a preset's name"), "The name of a preset, which fills what is left out here."
    )
    base_url: str | None = _setting(
        None,
        text("an http:// or https:// URL without a user name or password", _BASE_URL),
        "Where the API is, up to and including its version, such as http://127.0.0.1:8000/v1. "
        "Needed where there is no preset.",
    )
    model: str | None = _setting(None, text("a model's name"), "The model's name, as the endpoint knows it.")
    wire: str = _setting("chat", choice(WIRES), "How the endpoint is spoken to.")
    format: FormatSettings = field(
        default_factory=FormatSettings,
        metadata=_about(
            Alternatives(Table(FormatSettings), _FORMAT_WORDS),
            'The prompt format: "auto" (by task, wire and model), the name of one, which forces it for its task, '
            "or a table by task.",
        ),
    )
    api_key_env: str | None = _setting(
        None,
        text(
            "the name of an environment variable, never the key itself (letters, digits and underscores)",
            _VARIABLE,
            maximum=128,
        ),
        "The name of the environment variable that holds the API key. Never the key itself.",
    )
    api_key_command: tuple[str, ...] | None = _setting(
        None,
        ListOf("a command as a list of strings", text("a string", minimum=0), 1, 100, "spoils the list"),
        "A program and its arguments; the first line that it prints is the API key. It is run without a shell, "
        "and only if the variable in apiKeyEnv, should there be one, is not set.",
    )
    headers: Mapping[str, str] = field(
        default_factory=dict,
        metadata=_about(
            MapOf(
                "a table of strings",
                text("the name of a header", _HEADER_NAME),
                text("the text of a header (ASCII, one line)", _HEADER_VALUE, minimum=0),
            ),
            "Headers to send along.",
        ),
    )
    extra_body: Mapping[str, Any] = field(
        default_factory=dict, metadata=_about(JsonObject(), "Members to add to the body of every request.")
    )
    temperature: float = _setting(0, number(100), "The sampling temperature.")
    seed: int = _setting(0, integer(-1), "The sampling seed. Some servers take -1 for a random one.")
    max_output_tokens: int = _setting(4096, _tokens(), "The longest answer to ask for.", "tokens")
    context_tokens: int = _setting(128_000, _tokens(), "What the model can take in, the answer included.", "tokens")
    timeouts: TimeoutSettings = field(
        default_factory=TimeoutSettings, metadata=_about(Table(TimeoutSettings), "How long to wait.")
    )
    price: PriceSettings = field(
        default_factory=PriceSettings, metadata=_about(Table(PriceSettings), "What tokens cost.")
    )
    given: frozenset[str] = frozenset()
    """The dotted keys of this endpoint that were set, such as "timeouts.firstToken"."""


ENDPOINT: Final = PartialTable(Table(EndpointSettings), ("preset", "baseUrl"))


def _route(task: str) -> str | None:
    kind = text("the name of an endpoint")
    return _setting(None, kind, f"The endpoint for {task}. Default: what endpoint says.")


@dataclass(frozen=True, slots=True)
class RouteSettings:
    """The endpoint by task, named as in `Settings.endpoint`; None is that one."""

    inline: str | None = _route("suggestions at the cursor")
    next_edit: str | None = _route("next edits")
    edit: str | None = _route("edits on instruction")
    deep: str | None = _route("edits that need more thought than speed")


@dataclass(frozen=True, slots=True)
class InlineSettings:
    """Suggestions at the cursor."""

    enabled: bool = _setting(True, boolean(), "Whether to suggest text at the cursor.")
    max_lines: int = _setting(24, integer(1, 1000), "The longest suggestion.", "lines")


@dataclass(frozen=True, slots=True)
class NextEditSettings:
    """Next edits."""

    enabled: bool = _setting(True, boolean(), "Whether to suggest next edits.")
    offline: bool = _setting(
        True,
        boolean(),
        "Whether to derive next edits from the last ones without a model, before a model is asked.",
    )


@dataclass(frozen=True, slots=True)
class EditSettings:
    """Edits on instruction."""

    apply: str = _setting(
        "stream",
        choice(("stream", "once", "preview")),
        "When an edit is applied: stream (hunk by hunk as the answer comes in), once (at its end) "
        "or preview (when you say so).",
    )
    on_cancel: str = _setting(
        "revert",
        choice(("revert", "keep")),
        "What happens on cancel to the hunks that were applied already: revert or keep.",
    )
    syntax_gate: str = _setting(
        "warn",
        choice(("reject", "warn", "off")),
        "What happens to an edit that breaks a file that parsed: reject, warn or off. "
        "Automatic suggestions that would break it are never shown.",
    )


@dataclass(frozen=True, slots=True)
class ContextSettings:
    """Budgets for what goes round the code at hand."""

    tokens: int = _setting(4000, _tokens(), "The most to send round the code at hand.", "tokens")
    inline_tokens: int = _setting(
        1500, _tokens(), "The same for suggestions at the cursor, where it costs speed most.", "tokens"
    )
    repository: bool = _setting(True, boolean(), "Whether to look for definitions in other files of the repository.")


@dataclass(frozen=True, slots=True)
class PrivacySettings:
    """What must not leave the machine."""

    redact_secrets: bool = _setting(
        True, boolean(), "Whether secrets in the code are replaced before it is sent and put back in the answer."
    )
    exclude: tuple[str, ...] = _setting(
        (),
        ListOf("a list of gitignore patterns", text("a gitignore pattern"), 0, 1000, "is left out"),
        "Gitignore patterns of files that are never read for a prompt or sent, besides those that never are anyway.",
    )


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """What may be used up; None is no limit."""

    tokens_per_minute: int | None = _setting(
        None, _tokens(), "The most that goes to and fro in a minute. Default: no limit.", "tokens per minute"
    )
    usd_per_day: float | None = _setting(
        None, _dollars(), "The most that may be spent in a day. Default: no limit.", "USD per day"
    )


@dataclass(frozen=True, slots=True)
class LogSettings:
    """The log."""

    level: str = _setting("info", choice(LOG_LEVELS), "How much is logged.")
    prompts: bool = _setting(False, boolean(), "Whether prompts and answers, that is your code, go into the log.")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. A setting that nobody set has its default."""

    endpoint: str = _setting(
        "auto",
        text("the name of an endpoint"),
        'The endpoint to use: a key of endpoints, the name of a preset, "offline", or "auto" (the first preset whose '
        "key is in the environment, else a local server that answers, else offline).",
    )
    endpoints: Mapping[str, EndpointSettings] = field(
        default_factory=dict,
        metadata=_about(
            MapOf("a table of endpoints", text("a name"), ENDPOINT),
            "Endpoints of your own by names of your choice, each with a preset or a baseUrl.",
        ),
    )
    routes: RouteSettings = field(
        default_factory=RouteSettings, metadata=_about(Table(RouteSettings), "Endpoints by task.")
    )
    inline: InlineSettings = field(
        default_factory=InlineSettings, metadata=_about(Table(InlineSettings), "Suggestions at the cursor.")
    )
    next_edit: NextEditSettings = field(
        default_factory=NextEditSettings, metadata=_about(Table(NextEditSettings), "Next edits.")
    )
    edit: EditSettings = field(
        default_factory=EditSettings, metadata=_about(Table(EditSettings), "Edits on instruction.")
    )
    context: ContextSettings = field(
        default_factory=ContextSettings, metadata=_about(Table(ContextSettings), "What the model gets to see.")
    )
    privacy: PrivacySettings = field(
        default_factory=PrivacySettings, metadata=_about(Table(PrivacySettings), "What must stay here.")
    )
    limits: LimitSettings = field(
        default_factory=LimitSettings, metadata=_about(Table(LimitSettings), "What may be used up.")
    )
    log: LogSettings = field(default_factory=LogSettings, metadata=_about(Table(LogSettings), "The log."))


SETTINGS: Final = Table(Settings)
